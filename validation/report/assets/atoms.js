// The atoms section: what to show, by which colour, what was picked.
const atomView = { scene: null, holder: null, panel: null, show: "model", colour: null, size: 55, cut: 100, lines: false, index: null };
const COLOURINGS = {
  error: { name: "error of position", has: () => Boolean(errorsOf(state.frame)) },
  alpha: { name: "order α", has: (list) => Boolean(list.columns.alpha) },
  q6: { name: "Q6", has: (list) => Boolean(list.columns.q6) },
  nucleus: { name: "nucleus", has: (list) => Boolean(list.columns.nucleus) },
  element: { name: "element", has: () => true },
};
const RING_SCALE = 1.18;
const sidesShown = () => (atomView.show === "both" ? ["model", "truth"] : [atomView.show]).filter((side) => atoms(state.frame, side));

function errorTop() {
  const found = errorsOf(state.frame);
  return found && found.n ? Math.max(1, quantile(found.size, 0.98)) : 1;
}

function colourOf(side, list) {
  const column = list.columns[atomView.colour];
  switch (atomView.colour) {
    case "error": {
      const error = errorsOf(state.frame).of[side].error, top = errorTop();
      return (i) => (Number.isNaN(error[i]) ? LOST : scaleColour("plasma", error[i] / top));
    }
    case "alpha": return (i) => (Number.isNaN(column[i]) ? GREY : scaleColour("viridis", column[i]));
    case "q6": return (i) => (Number.isNaN(column[i]) ? GREY : scaleColour("viridis", column[i] / 0.575));
    case "nucleus": return (i) => (column[i] >= 0 ? categoryColour(Math.round(column[i])) : GREY);
    default: return (i) => elementColour(list.numbers[i]);
  }
}

function loadScene(keepPlace) {
  const sides = sidesShown(), lists = sides.map((side) => atoms(state.frame, side));
  const n = lists.reduce((sum, list) => sum + list.n, 0);
  const centres = new Float32Array(3 * n), colours = new Float32Array(3 * n), shapes = new Float32Array(2 * n);
  atomView.index = [];
  let k = 0;
  lists.forEach((list, s) => {
    const ring = sides.length > 1 && sides[s] === "truth", colour = ring ? () => themeRgb("--truth") : colourOf(sides[s], list);
    const fixed = ring ? colour() : null;
    for (let i = 0; i < list.n; ++i, ++k) {
      centres.set([list.x[i], list.y[i], list.z[i]], 3 * k);
      colours.set((fixed || colour(i)).map((c) => c / 255), 3 * k);
      shapes.set([1.9 * atomView.size / 100 * (ring ? RING_SCALE : 1), ring ? 1 : 0], 2 * k);
      atomView.index.push([sides[s], i]);
    }
  });
  atomView.scene.load({ n, centres, colours, shapes, lines: errorLines() }, keepPlace);
  markChosen();
  setCut();
}

// From each matched truth atom towards its model atom, ten times too long: errors are invisible at true length.
function errorLines() {
  const found = atomView.lines && errorsOf(state.frame), truth = atoms(state.frame, "truth");
  if (!found || !truth) return new Float32Array();
  const lines = new Float32Array(6 * found.n);
  for (let i = 0; i < found.n; ++i) {
    const t = found.truth[i], p = [truth.x[t], truth.y[t], truth.z[t]];
    lines.set([...p, ...p.map((v, axis) => v + 10 * found.d[axis][i] / 100)], 6 * i);
  }
  return lines;
}

function setCut() {
  const view = atomView.scene.view;
  view.cut = atomView.cut >= 100 ? 1e9 : view.reach * (2 * atomView.cut / 100 - 1);
  atomView.scene.request();
}

function markChosen() {
  const c = state.chosen;
  atomView.scene.view.chosen = c ? atomView.index.findIndex(([side, i]) => side === c.side && i === c.index) : -1;
  atomView.scene.request();
}

function fillPanel() {
  atomView.panel.classList.toggle("of-atom", Boolean(state.chosen));
  atomView.panel.replaceChildren(...describeAtom());
}

function describeAtom() {
  const c = state.chosen;
  if (!c) return [el("h3", {}, "No atom picked"), el("p", { class: "caption" }, "Click an atom, or give its number below. Drag to turn, shift-drag to move, pinch or wheel (after a click) to zoom; arrow keys, +, − and 0 do the same.")];
  const list = atoms(state.frame, c.side), i = c.index, found = errorsOf(state.frame);
  const rows = [["Element", list.symbols[list.numbers[i]] || String(list.numbers[i])]];
  for (const axis of ["x", "y", "z"]) rows.push([axis, show(Number(list[axis][i].toFixed(3)), "Å")]);
  if (found) {
    const of = found.of[c.side], pair = of.pair[i];
    if (pair < 0) rows.push(["Partner", c.side === "truth" ? "none: missed" : "none: spurious"]);
    else {
      rows.push(["Error", show(of.error[i], "pm")]);
      ["x", "y", "z"].forEach((axis, d) => rows.push(["Δ" + axis, show(Number(found.d[d][pair].toFixed(2)), "pm")]));
      rows.push([`In the ${c.side === "truth" ? "model" : "truth"}`, "atom " + of.partner[i]]);
    }
  }
  for (const [name, words] of [["alpha", "α"], ["q4", "Q4"], ["q6", "Q6"]]) if (list.columns[name]) rows.push([words, show(Number(list.columns[name][i].toFixed(4)))]);
  if (list.columns.nucleus) rows.push(["Nucleus", list.columns.nucleus[i] >= 0 ? String(Math.round(list.columns.nucleus[i])) : "none"]);
  return [el("h3", {}, `Atom ${i} of the ${c.side}`), el("dl", {}, rows.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]))];
}

function legend() {
  const list = atoms(state.frame, sidesShown()[0]);
  const swatch = (colour, text) => el("span", {}, el("i", { class: "swatch", style: `background:${css(colour)}` }), text);
  const bar = (scale, low, high) => {
    const canvas = el("canvas", { width: 128, height: 1, "aria-hidden": "true" }), g = canvas.getContext("2d");
    for (let x = 0; x < 128; ++x) { g.fillStyle = css(scaleColour(scale, x / 127)); g.fillRect(x, 0, 1, 1); }
    return [el("span", {}, low), canvas, el("span", {}, high)];
  };
  const parts = [];
  if (atomView.colour === "error") parts.push(...bar("plasma", "0", `${show(Math.round(errorTop()))} pm and more`), swatch(LOST, "no partner"));
  if (atomView.colour === "alpha") parts.push(...bar("viridis", "α 0 (liquid-like)", "1 (fcc)"));
  if (atomView.colour === "q6") parts.push(...bar("viridis", "Q6 0", "0.575 (fcc)"));
  if (atomView.colour === "nucleus") parts.push(swatch(GREY, "in no nucleus"), "one colour per nucleus");
  if (atomView.colour === "element" && list) for (const [z, symbol] of Object.entries(list.symbols)) parts.push(swatch(elementColour(Number(z)), symbol));
  if (atomView.show === "both") parts.push(swatch(themeRgb("--truth"), "ring: truth"));
  return parts;
}

function drawAtoms(box) {
  const have = ["model", "truth"].filter((side) => atoms(state.frame, side));
  const frame = FRAMES[state.frame];
  for (const side of ["truth", "model"]) if (frame[side].missing) box.append(notAssessed(`the ${side}: ` + frame[side].missing));
  if (!have.length) return;
  if (!have.includes(atomView.show) && !(atomView.show === "both" && have.length === 2)) atomView.show = have[0];
  const first = atoms(state.frame, have[0]);
  const able = Object.keys(COLOURINGS).filter((name) => COLOURINGS[name].has(first));
  if (!able.includes(atomView.colour)) atomView.colour = able[0];

  // One view for the whole visit: a browser allows only a few WebGL contexts to a page.
  if (!atomView.scene) {
    atomView.holder = el("div", { class: "scene", tabindex: 0, role: "application", "aria-label": "Atoms in three dimensions. Arrow keys turn, plus and minus zoom, zero resets." });
    atomView.scene = makeScene(atomView.holder, (i) => (i < 0 ? choose(null) : choose(...atomView.index[i])));
    on("theme", () => loadScene(true));
  }
  const panel = el("div", { class: "picked", "aria-live": "polite" }), key = el("div", { class: "legend" });
  const refresh = (keepPlace) => { loadScene(keepPlace); key.replaceChildren(...legend()); };
  const select = (label, options, value, onchange) => el("label", {}, label, el("select", { onchange: (e) => onchange(e.target.value) }, options.map(([v, text]) => el("option", { value: v, selected: v === value }, text))));
  const number = el("input", { type: "number", min: 0, step: 1, "aria-label": "Number of an atom", onchange: (e) => {
    const side = sidesShown()[0], i = Math.round(Number(e.target.value));
    if (i >= 0 && i < atoms(state.frame, side).n) choose(side, i);
  } });
  const sides = [["model", "Model"], ["truth", "Truth"]].filter(([side]) => have.includes(side));
  if (sides.length === 2) sides.push(["both", "Both (truth as rings)"]);
  box.append(
    el("div", { class: "controls" },
      select("Show", sides, atomView.show, (v) => { atomView.show = v; refresh(true); }),
      select("Colour by", able.map((name) => [name, COLOURINGS[name].name]), atomView.colour, (v) => { atomView.colour = v; refresh(true); }),
      errorsOf(state.frame) ? el("label", {}, el("input", { type: "checkbox", checked: atomView.lines, onchange: (e) => { atomView.lines = e.target.checked; refresh(true); } }), "Errors as lines, × 10") : null,
      el("span", {}, "View ", ["x", "y", "z"].map((axis) => [el("button", { type: "button", class: "plain", onclick: () => atomView.scene.look(axis), "aria-label": `Look along ${axis}` }, axis), " "]))),
    el("div", { class: "viewer" },
      el("div", {}, atomView.holder, key),
      el("div", {}, panel, el("div", { class: "controls" }, el("label", {}, "Atom", number)),
        range("Size", 100, atomView.size, (v) => v + " %", (v) => { atomView.size = v; loadScene(true); }),
        range("Depth", 100, atomView.cut, (v) => (v >= 100 ? "all" : v + " %"), (v) => { atomView.cut = v; setCut(); }),
        el("p", { class: "caption" }, "Depth cuts away what lies nearest to you."))),
    traceFacts(frame.trace));
  atomView.panel = panel;
  fillPanel();
  refresh(false);
  atomView.scene.paintNow();
}

function traceFacts(trace) {
  if (trace.missing) return [el("h3", {}, "Tracing"), notAssessed(trace.missing)].reduce((box, node) => (box.append(node), box), el("div"));
  const rejected = isObject(trace.rejected) ? Object.entries(trace.rejected).map(([why, n]) => ["Rejected: " + why.replace(/_/g, " "), n]) : [];
  const box = el("div", {}, el("h3", {}, "Tracing")), peaks = trace.peak_histogram;
  const numbersOfTrace = facts([["Candidates", trace.candidates], ["Accepted", trace.accepted], ["Threshold", trace.threshold], ...rejected.filter((r) => r[1] !== 0)]);
  if (!isObject(peaks)) box.append(numbersOfTrace);
  else {
    // Rejected peaks can outnumber atoms by far; the scale is that of the atoms.
    const most = (counts) => Math.max(...numbers(counts), 0), top = Math.min(Math.max(most(peaks.atoms), most(peaks.others)), 3 * Math.max(1, most(peaks.atoms))) * 1.05;
    box.append(el("div", { class: "columns" }, plot({ title: "How bright the peaks are", key: true, aspect: 0.5, caption: most(peaks.others) > top ? "Counts of rejected peaks run off the top." : "", x: { label: "integrated intensity" }, y: { label: "peaks", range: [0, top] }, rules: isNumber(trace.threshold) ? [{ axis: "x", at: trace.threshold, label: "threshold" }] : [],
    series: [{ kind: "steps", name: "atoms", key: "model", x: numbers(peaks.edges), y: numbers(peaks.atoms) }, { kind: "steps", name: "rejected", key: "third", x: numbers(peaks.edges), y: numbers(peaks.others) }] }), numbersOfTrace));
  }
  if (isObject(trace.classification)) box.append(...classFacts(trace.classification));
  if (isObject(trace.eam_energy)) box.append(facts([["Embedded-atom energy [eV/atom]", isNumber(trace.eam_energy.value) ? trace.eam_energy.value : "not assessed: " + trace.eam_energy.reason]]));
  return box;
}

// Species: how many, how sure, and the histogram the line between them was drawn in.
function classFacts(classes) {
  const species = list(classes.species).filter(isObject), h = isObject(classes.histogram) ? classes.histogram : { edges: [], counts: [] };
  const keys = ["truth", "model", "third", "quiet"];
  const table = facts([...species.map((s) => [String(s.element), s.atoms]), ["Non-atoms", classes.non_atoms], ["Borderline atoms", classes.borderline], ["Expected wrong species", classes.expected_wrong],
    ["Depend on the first threshold", classes.start_dependent], ["Changed by local re-classification", classes.local_changed], ["In the missing wedge", classes.wedge_peaks], ["Given up for want of neighbours", classes.unbonded]].filter((f) => isNumber(f[1])));
  const series = species.map((s, i) => ({ kind: "steps", name: String(s.element), key: keys[i % keys.length], x: numbers(h.edges), y: numbers(list(h.counts)[i]) })).filter((s) => s.x.length > 1 && s.x.length === s.y.length + 1);
  const rules = numbers(classes.crossing_points).map((at) => ({ axis: "x", at, label: "crossing" }));
  return [el("h3", {}, "Species"), series.length ? el("div", { class: "columns" }, plot({ title: "Intensity of the species", key: true, aspect: 0.5, caption: "Integrated intensities, divided by the local gain of the volume.", x: { label: "intensity" }, y: { label: "atoms" }, rules, series }), table) : table];
}

on("chosen", () => {
  if (!atomView.panel) return;
  fillPanel();
  // An atom that was picked elsewhere on the page may be of the side that is not shown.
  if (state.chosen && !sidesShown().includes(state.chosen.side)) {
    atomView.show = atoms(state.frame, "model") && atoms(state.frame, "truth") ? "both" : state.chosen.side;
    redraw("atoms");
    return;
  }
  markChosen();
});
