// Errors, worst atoms, order, nuclei, gradients and the log of the molecular dynamics.
function drawErrors(box) {
  const found = errorsOf(state.frame);
  if (!found) return box.append(notAssessed(FRAMES[state.frame].matches.missing));
  if (!found.n) return box.append(notAssessed("no atom of the model matches one of the truth"));
  const scores = scoresOf(state.frame).atoms || {};
  const rms = (values) => Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);
  const rmsd = rms(found.size), top = Math.max(...found.size) * 1.001;
  // Freedman-Diaconis bins (doi:10.1007/BF01025868), within what a plot can show.
  const iqr = quantile(found.size, 0.75) - quantile(found.size, 0.25);
  const bins = Math.max(8, Math.min(60, Math.ceil(top / (2 * (iqr || top) / Math.cbrt(found.n)))));
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => i * top / bins), counts = new Float64Array(bins);
  for (const e of found.size) counts[Math.min(bins - 1, Math.floor(e / top * bins))] += 1;
  // What errors that are normal and the same along every axis would look like at this RMSD (Maxwell).
  const s = rmsd / Math.sqrt(3), grid = Array.from({ length: 101 }, (_, i) => i * top / 100);
  const maxwell = grid.map((r) => found.n * top / bins * Math.sqrt(2 / Math.PI) * r * r / s ** 3 * Math.exp(-r * r / (2 * s * s)));
  const rules = [{ axis: "x", at: rmsd, label: `${figureWords("atoms.rmsd_pm").label} ${show(rmsd)}` }];
  if (isNumber(scores.limit_rmsd_pm)) rules.push({ axis: "x", at: scores.limit_rmsd_pm, label: `limit ${show(scores.limit_rmsd_pm)}`, row: 1 });
  const curves = FRAMES.map((frame, i) => ({ frame, i, found: errorsOf(i) })).filter((c) => c.found && c.found.n).map(({ frame, i, found: f }) => {
    const sorted = Float64Array.from(f.size).sort(), step = Math.max(1, Math.floor(sorted.length / 300)), x = [0], y = [0];
    for (let k = step - 1; k < sorted.length; k += step) { x.push(sorted[k]); y.push((k + 1) / sorted.length); }
    return { kind: "line", name: frame.name, key: i === state.frame ? "model" : "quiet", x, y };
  }).sort((a, b) => (a.key === "model") - (b.key === "model"));
  curves.forEach((c, k) => { if (c.key === "quiet") { c.unnamed = k > 0; c.legend = "other frames"; } });
  box.append(el("div", { class: "columns" },
    plot({ title: "Histogram", caption: "Dashed: errors of this RMSD if they were normal and alike along all axes (Maxwell).", x: { label: "error [pm]", range: [0, top] }, y: { label: "atoms" }, rules,
      series: [{ kind: "steps", name: "atoms", key: "model", x: edges, y: counts }, { kind: "line", name: "Maxwell", key: "quiet", dash: true, x: grid, y: maxwell }] }),
    plot({ title: "Share of atoms within an error", key: true, caption: `${found.n} matched atoms` + (isNumber(found.cutoff) ? ` within ${show(found.cutoff)} Å.` : "."), x: { label: "error [pm]", range: [0, top] }, y: { label: "share", range: [0, 1.02] }, series: curves })));
  const curve = list(scoresOf(state.frame).cutoff_curve).filter((p) => isObject(p) && isNumber(p.cutoff_a));
  if (curve.length > 1) {
    const x = curve.map((p) => p.cutoff_a), column = (key) => numbers(curve.map((p) => p[key]));
    const used = isNumber(found.cutoff) ? [{ axis: "x", at: found.cutoff, label: "used" }] : [];
    const chance = isNumber(scores.chance_recall) ? [{ axis: "y", at: scores.chance_recall, label: figureWords("atoms.chance_recall").label }] : [];
    box.append(el("h3", {}, "If the matching cutoff were another"), el("div", { class: "columns" },
      plot({ title: "Recall and precision", x: { label: "cutoff [Å]" }, y: { label: "share", range: [0, 1.02] }, rules: [...used, ...chance], series: [{ kind: "line", name: figureWords("atoms.recall").label, key: "truth", x, y: column("recall") }, { kind: "line", name: figureWords("atoms.precision").label, key: "model", x, y: column("precision") }], aspect: 0.5 }),
      plot({ title: "RMSD of the matched", x: { label: "cutoff [Å]" }, y: { label: figureWords("atoms.rmsd_pm").axis }, rules: used, series: [{ kind: "line", name: figureWords("atoms.rmsd_pm").label, key: "model", x, y: column("rmsd_pm") }], aspect: 0.5 })));
  }
  const axes = ["x", "y (tilt axis)", "z (beam)"].map((name, d) => {
    const v = found.d[d], mean = v.reduce((a, b) => a + b, 0) / v.length, size = v.map(Math.abs);
    return [name, show(rms(v)), show(Number(mean.toFixed(3))), show(quantile(size, 0.5)), show(quantile(size, 0.95)), show(Math.max(...size))];
  });
  axes.push(["together", show(rmsd), "", show(quantile(found.size, 0.5)), show(quantile(found.size, 0.95)), show(Math.max(...found.size))]);
  box.append(el("h3", {}, "Per axis [pm]"), table([{ text: "Axis" }, { text: "rms", n: true }, { text: "Mean (shift)", n: true }, { text: "Median size", n: true }, { text: "95 % within", n: true }, { text: "Largest", n: true }], axes));
  drawBreakdown(box, scoresOf(state.frame).breakdown);
}

// By depth below the surface, by local density and, with several elements, by what each atom was taken for.
function drawBreakdown(box, breakdown) {
  if (!isObject(breakdown)) return;
  const interval = (b) => (isNumber(b.high) ? `${show(b.low)} to ${show(b.high)}` : `${show(b.low)} and more`);
  const percent = (part, all) => (isNumber(part) && all > 0 ? fixed(100 * part / all, 1) + " %" : "–");
  const species = list(isObject(breakdown.confusion) ? breakdown.confusion.species : null);
  const bands = (title, of, name) => {
    const rows = list(of).filter(isObject).map((b) => [name(b), show(b.truth), percent(b.matched, b.truth), ...(species.length > 1 ? [percent(b.right_species, b.matched)] : []), isNumber(b.rmsd_pm) ? show(b.rmsd_pm) : "–", ...[0, 1, 2].map((d) => show(list(b.rmsd_axis_pm)[d]))]);
    if (rows.length) box.append(el("h3", {}, title[0]), table([{ text: title[1] }, { text: "Atoms", n: true }, { text: "Recovered", n: true }, ...(species.length > 1 ? [{ text: "Right element", n: true }] : []), { text: "RMSD [pm]", n: true }, { text: "x", n: true }, { text: "y (tilt axis)", n: true }, { text: "z (beam)", n: true }], rows));
  };
  bands(["By depth", "From the surface [Å]"], breakdown.by_depth_a, (b) => (b.low === 0 ? "surface" : interval(b)));
  bands(["By local density", "Neighbours"], breakdown.by_neighbours, interval);
  if (breakdown.reason) box.append(notAssessed(`depth and local density: ${breakdown.reason}`));
  if (species.length < 2) return;
  const { called, missed, spurious } = breakdown.confusion;
  const rows = species.map((s, t) => [`${s} of the truth`, ...species.map((_, m) => show(called[t][m])), show(missed[t])]);
  rows.push(["spurious", ...species.map((_, m) => show(spurious[m])), ""]);
  box.append(el("h3", {}, "What the atoms were taken for"), table([{ text: "" }, ...species.map((s) => ({ text: s, n: true })), { text: "missed", n: true }], rows));
}

const showAtom = (side, i) => el("button", { type: "button", class: "plain", onclick: () => { choose(side, i); document.getElementById("atoms").scrollIntoView(); } }, "Show in 3D");

function drawWorst(box) {
  const found = errorsOf(state.frame);
  if (!found) return box.append(notAssessed(FRAMES[state.frame].matches.missing));
  const truth = atoms(state.frame, "truth"), model = atoms(state.frame, "model"), half = 2.4, shown = 10;
  const point = (list, i) => [list.x[i], list.y[i], list.z[i]];
  const thumbs = (p) => el("div", { class: "thumbs" }, PLANES.slice(0, 2).map((plane) => thumbnail(p, plane, half)));
  const place = (p) => p.map((v) => fixed(v, 2)).join(", ");
  const order = Array.from(found.size.keys()).sort((a, b) => found.size[b] - found.size[a]).slice(0, shown);
  const has = !FRAMES[state.frame].volume.missing;
  if (order.length) {
    const rows = order.map((k) => [has ? thumbs(point(truth, found.truth[k])) : "", fixed(found.size[k], 1), [0, 1, 2].map((d) => fixed(found.d[d][k], 1)).join(", "),
      `${truth.symbols[truth.numbers[found.truth[k]]]} ${found.truth[k]}`, String(found.model[k]), place(point(truth, found.truth[k])), showAtom("truth", found.truth[k])]);
    box.append(table([{ text: has ? "Cuts across z and y" : "" }, { text: "Error [pm]", n: true }, { text: "Δx, Δy, Δz [pm]", n: true }, { text: "Truth" }, { text: "Model", n: true }, { text: "Position [Å]" }, { text: "" }], rows, { class: "worst" }));
    box.append(el("p", { class: "caption" }, `The ${order.length} largest errors of matched atoms. Pictures: ${show(2 * half)} Å of the volume; ring: truth, cross: model.`));
  }
  for (const [side, words] of [["truth", "Missed atoms"], ["model", "Spurious atoms"]]) {
    const of = found.of[side], lost = Array.from(of.partner.keys()).filter((i) => of.partner[i] < 0), list = side === "truth" ? truth : model;
    box.append(el("h3", {}, `${words}: ${lost.length}`));
    if (lost.length) box.append(table([{ text: has ? "Cuts across z and y" : "" }, { text: "Atom" }, { text: "Position [Å]" }, { text: "" }],
      lost.slice(0, shown).map((i) => [has ? thumbs(point(list, i)) : "", `${list.symbols[list.numbers[i]]} ${i}`, place(point(list, i)), showAtom(side, i)]), { class: "worst" }));
    if (lost.length > shown) box.append(el("p", { class: "caption" }, `${shown} of ${lost.length} shown; the 3D view has them all, coloured by error.`));
  }
}

const SIDES = [["truth", "truth"], ["model", "model"]];
function drawOrder(box) {
  const analysis = Object.fromEntries(SIDES.map(([side]) => [side, analysisOf(state.frame, side)]));
  for (const [side] of SIDES) if (analysis[side].missing) box.append(notAssessed(`order of the ${side}: ` + analysis[side].missing));
  const have = SIDES.filter(([side]) => !analysis[side].missing);
  const plots = [];
  const alpha = have.filter(([side]) => isObject(analysis[side].alpha_histogram)).map(([side]) => {
    const h = analysis[side].alpha_histogram;
    return { kind: "steps", name: side, key: side, x: numbers(h.edges), y: numbers(h.counts) };
  }).filter((s) => s.x.length === s.y.length + 1);
  if (alpha.length) plots.push(plot({ title: "Order parameter α", key: true, x: { label: "α" }, y: { label: "atoms" }, series: alpha }));
  const pick = (s, i) => choose(s.key, i);
  const scatter = SIDES.map(([side]) => [side, atoms(state.frame, side)]).filter(([, l]) => l && l.columns.q4 && l.columns.q6);
  if (scatter.length) plots.push(plot({ title: "Q4 and Q6 of every atom", key: true, caption: "Crosses of rules: perfect fcc. Click a dot to pick the atom.", x: { label: "Q4" }, y: { label: "Q6" }, rules: [{ axis: "x", at: 0.190941, label: "fcc" }, { axis: "y", at: 0.574524 }],
    series: scatter.map(([side, l]) => ({ kind: "dots", name: side, key: side, x: l.columns.q4, y: l.columns.q6 })), onpick: pick,
    chosen: () => chosenPoints((side, i) => ({ x: atoms(state.frame, side).columns.q4?.[i], y: atoms(state.frame, side).columns.q6?.[i] })) }));
  const rdf = have.filter(([side]) => isObject(analysis[side].g_r)).map(([side]) => ({ kind: "line", name: side, key: side, x: numbers(analysis[side].g_r.r_a), y: numbers(analysis[side].g_r.g) })).filter((s) => s.x.length === s.y.length && s.x.length);
  if (rdf.length) plots.push(plot({ title: "Radial distribution g(r)", key: true, caption: "Neighbour cutoff: " + have.map(([side]) => `${side} ${show(analysis[side].neighbour_cutoff_a, "Å")}`).join(", ") + ".", x: { label: "r [Å]" }, y: { label: "g" }, series: rdf,
    rules: have.slice(0, 1).filter(([side]) => isNumber(analysis[side].neighbour_cutoff_a)).map(([side]) => ({ axis: "x", at: analysis[side].neighbour_cutoff_a, label: "cutoff" })) }));
  const found = errorsOf(state.frame), t = atoms(state.frame, "truth"), m = atoms(state.frame, "model");
  if (found && found.n && t.columns.alpha && m.columns.alpha) {
    const x = Float64Array.from(found.truth, (i) => t.columns.alpha[i]), y = Float64Array.from(found.model, (i) => m.columns.alpha[i]);
    const top = Math.max(quantile(x, 1), quantile(y, 1)) * 1.03;
    plots.push(plot({ title: "α of matched atoms", caption: "On the line, recovery changed nothing.", x: { label: "α, truth", range: [0, top] }, y: { label: "α, model", range: [0, top] },
      series: [{ kind: "line", name: "", key: "quiet", x: [0, top], y: [0, top] }, { kind: "dots", name: "atoms", key: "third", x, y }], onpick: (s, i) => { if (s.kind === "dots") choose("model", found.model[i]); },
      chosen: () => chosenPoints((side, i) => { const k = found.of[side].pair[i]; return k < 0 ? {} : { x: x[k], y: y[k] }; }) }));
  }
  if (plots.length) box.append(el("div", { class: "columns" }, plots));
  drawOrder.plots = plots;
  if (!have.length) return;
  const rows = [["Atoms", "atoms", ""], ["First peak of g(r) [Å]", "first_peak_a"], ["Neighbour cutoff [Å]", "neighbour_cutoff_a"], ["Mean number of neighbours", "mean_neighbours"], ["Mean Q4", "q4_mean"], ["Mean Q6", "q6_mean"], ["Mean α", "alpha_mean"],
    ["Crystalline fraction", "crystalline_fraction"], ["Atoms with too few neighbours", "flagged_atoms"], ["Mean Voronoi volume [Å³]", "voronoi_volume_mean_a3"]]
    .map(([name, key]) => [name, ...have.map(([side]) => figure(analysis[side], key)), have.length === 2 && isNumber(analysis.truth[key]) && isNumber(analysis.model[key]) ? show(Number((analysis.model[key] - analysis.truth[key]).toPrecision(4))) : ""]);
  box.append(el("h3", {}, "Means"), table([{ text: "Quantity" }, ...have.map(([side]) => ({ text: side, n: true })), { text: have.length === 2 ? "model − truth" : "", n: true }], rows));
}
function chosenPoints(place) {
  const c = state.chosen;
  if (!c) return [];
  const points = [place(c.side, c.index)], found = errorsOf(state.frame), partner = found ? found.of[c.side].partner[c.index] : -1;
  if (partner >= 0) points.push(place(c.side === "truth" ? "model" : "truth", partner));
  return points;
}
on("chosen", () => { for (const p of list(drawOrder.plots)) p.redraw(); });

// alpha(r) = alpha0 exp(-(r/lambda)^beta) + background (Zhou et al. 2019, Methods; the background is for MD).
const gradientModel = (p, r) => p.alpha0 * Math.exp(-((r / p.lambda_a) ** p.beta)) + (p.background || 0);
function gradientSeries(nucleus, side, top) {
  const r = numbers(nucleus.profile.r_a), fit = isObject(nucleus.opg) ? nucleus.opg : null;
  const series = [{ kind: "points", name: side, key: side, x: r, y: numbers(nucleus.profile.alpha) }];
  const grid = Array.from({ length: 81 }, (_, i) => i * top / 80);
  if (fit) series.push({ kind: "line", name: `${side}, fit`, unnamed: true, key: side, x: grid, y: grid.map((x) => gradientModel(fit, x)) });
  return series;
}
function gradientWords(nucleus) {
  const withError = (v, sd) => show(v) + (isNumber(sd) ? " ± " + show(Number(sd.toPrecision(2))) : "");
  const fit = isObject(nucleus.opg) ? nucleus.opg : null;
  return fit ? `α₀ ${withError(fit.alpha0, fit.alpha0_sd)}, λ ${withError(fit.lambda_a, fit.lambda_sd_a)} Å, β ${withError(fit.beta, fit.beta_sd)}` : `not fitted: ${nucleus.opg_reason || "no reason was recorded"}`;
}
function drawOpg(box) {
  const nuclei = {};
  for (const [side] of SIDES) {
    const analysis = analysisOf(state.frame, side);
    nuclei[side] = nucleiOf(state.frame, side).filter((n) => isObject(n.profile) && list(n.profile.r_a).length);
    if (analysis.missing) box.append(notAssessed(`gradients of the ${side}: ${analysis.missing}`));
    else if (!nuclei[side].length) box.append(notAssessed(`no nucleus of the ${side} has a radial profile at ${FRAMES[state.frame].name}`));
  }
  // Nuclei that the score found to be the same one share a plot; the others stand alone.
  const groups = [], taken = { truth: new Set(), model: new Set() };
  for (const pair of list(scoresOf(state.frame).nuclei_pairs).filter(isObject)) {
    const truth = nuclei.truth.find((n) => n.id === pair.truth), model = nuclei.model.find((n) => n.id === pair.model);
    if (!truth || !model) continue;
    groups.push({ truth, model });
    taken.truth.add(truth.id); taken.model.add(model.id);
  }
  for (const [side] of SIDES) for (const n of nuclei[side]) if (!taken[side].has(n.id)) groups.push({ [side]: n });
  const size = (g) => Math.max(...SIDES.map(([side]) => (g[side] ? g[side].effective_atoms || 0 : 0)));
  groups.sort((a, b) => size(b) - size(a));
  const shown = groups.slice(0, 6);
  const plots = shown.map((g) => {
    const have = SIDES.filter(([side]) => g[side]);
    const top = Math.max(...have.flatMap(([side]) => numbers(g[side].profile.r_a).filter(Number.isFinite)), 1);
    const series = have.flatMap(([side]) => gradientSeries(g[side], side, top));
    const high = Math.max(1.02, ...series.flatMap((s) => [...s.y].filter(Number.isFinite)).map((v) => v * 1.04));
    return plot({ title: have.map(([side]) => `nucleus ${g[side].id} of the ${side}`).join(", ").replace(/^n/, "N"), caption: have.map(([side]) => `${side[0].toUpperCase() + side.slice(1)}: ${gradientWords(g[side])}.`).join(" "),
      x: { label: "r from the core [Å]", range: [0, top * 1.04] }, y: { label: "α", range: [0, high] }, series, aspect: 0.55 });
  });
  if (!plots.length) return;
  box.append(el("div", { class: "columns" }, plots));
  const fitted = (side) => nuclei[side].filter((n) => isObject(n.opg)).length;
  box.append(el("p", { class: "caption" }, `${shown.length < groups.length ? `The ${shown.length} largest of ${groups.length}. ` : ""}Fitted: ${fitted("truth")} of ${nuclei.truth.length} nuclei of the truth, ${fitted("model")} of ${nuclei.model.length} of the model. Lines: α₀ exp(−(r/λ)^β) + background. Parameters ± one standard deviation.`));
}

function drawThermo(box) {
  const simple = ([, v]) => isNumber(v) || typeof v === "boolean" || (typeof v === "string" && v.length < 60);
  const flat = (json) => Object.entries(json).flatMap(([k, v]) => (isObject(v) ? Object.entries(v).map(([inner, w]) => [k + ": " + inner, w]) : [[k, v]])).filter(simple);
  const truth = DATA.truth, md = DATA.md;
  const moments = truth.missing ? [] : list(truth.frames).filter((f) => isObject(f) && isNumber(f.time_ps));
  if (md.missing) box.append(notAssessed(md.missing));
  else box.append(facts(flat(md).filter(([k]) => k !== "schema" && k !== "program" && !k.startsWith("description")).map(([k, v]) => [words(k), v])));
  if (truth.missing) box.append(notAssessed(truth.missing));
  else if (moments.length) {
    const keys = ["name", ...Object.keys(moments[0]).filter((k) => k !== "name" && moments.some((m) => simple([k, m[k]])))];
    box.append(el("h3", {}, "Moments that were imaged"), table(keys.map((k) => ({ text: words(k), n: k !== "name" })), moments.map((m) => keys.map((k) => (isNumber(m[k]) ? show(m[k]) : typeof m[k] === "string" ? m[k] : "–")))));
  }
  const t = DATA.thermo;
  if (t.missing) return t.missing === md.missing ? undefined : box.append(notAssessed(t.missing));
  const at = t.time_column, x = numbers(t.columns[at]);
  const stages = list(t.stages).filter((s) => s.name);
  // Moments are counted from the start of the hold, the log from the start of the run.
  const start = (stages.find((s) => s.name === "hold") || { at: 0 }).at;
  const rules = [...moments.map((m, i) => ({ axis: "x", at: start + m.time_ps, label: String(m.name ?? ""), row: i % 3 })), ...stages.map((s, i) => ({ axis: "x", at: Math.max(s.at, x[0]), label: s.name, low: true, row: i % 2 }))].filter((r) => r.at >= x[0] && r.at <= x[x.length - 1] + 1e-6);
  box.append(el("h3", {}, "Log of the run"));
  const plots = t.names.map((name, i) => ({ name, i })).filter((c) => c.i !== at && c.name !== "step" && extent([{ y: numbers(t.columns[c.i]) }], "y")[0] !== extent([{ y: numbers(t.columns[c.i]) }], "y")[1]).slice(0, 6)
    .map((c) => plot({ title: words(c.name).replace(/ \[.*/, ""), x: { label: words(t.names[at]) }, y: { label: words(c.name) }, rules, aspect: 0.5, series: [{ kind: "line", name: words(c.name), key: "truth", x, y: numbers(t.columns[c.i]) }] }));
  box.append(el("div", { class: "columns" }, plots));
  if (t.rows_per_point > 1) box.append(el("p", { class: "caption" }, `Each point is the mean of ${t.rows_per_point} of the ${t.rows} rows of the log.`));
}
