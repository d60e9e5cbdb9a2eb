// Nuclei of crystalline and of chemical order, what chance makes of them, and what became of them over time.
const nucleiOf = (index, side, source = DATA.analysis) => list(analysisOf(index, side, source).nuclei).filter(isObject).sort((a, b) => (b.effective_atoms || 0) - (a.effective_atoms || 0));

function chanceWords(chance) {
  if (!isObject(chance)) return "They were not held against chance.";
  const share = (v) => (isNumber(v) ? Math.round(100 * v) + " %" : null);
  const text = `Found ${chance.found}, expected by chance ${show(chance.expected)} (${chance.realizations} realizations: ${chance.how}); ${chance.left} that chance makes with a probability of at most ${chance.most_probable}.`;
  const here = share(chance.surface_share), there = share(chance.surface_by_chance);
  if (!here) return text;
  const [low, high] = list(chance.surface_interval);
  return `${text} Of those ${here} lie near the surface (${share(low)} to ${share(high)})` + (there ? `, of the nuclei of chance ${there} (p = ${show(Number(chance.surface_p_value.toPrecision(2)))}).` : ".");
}

// Tables of the nuclei of both sides; `columns` adds what a kind of nucleus has beyond others.
function nucleusTables(box, source, columns) {
  const limit = 12;
  for (const [side, words] of [["truth", "Truth"], ["model", "Model"]]) {
    const analysis = analysisOf(state.frame, side, source);
    if (analysis.missing) { box.append(el("h3", {}, words), notAssessed(analysis.missing)); continue; }
    const nuclei = nucleiOf(state.frame, side, source);
    box.append(el("h3", {}, `${words}: ${nuclei.length} ${nuclei.length === 1 ? "nucleus" : "nuclei"} at ${FRAMES[state.frame].name}`), el("p", { class: "caption" }, chanceWords(analysis.chance)));
    if (!nuclei.length) continue;
    const swatch = (n) => [el("i", { class: "swatch", style: `background:${css(categoryColour(Math.round(n.id) || 0))}` }), String(n.id)];
    const size = (n) => show(n.effective_atoms) + (isNumber(n.effective_atoms_sd) ? " ± " + show(Number(n.effective_atoms_sd.toPrecision(2))) : "");
    const site = (n) => (n.site === "surface" ? String(n.site_kind || n.site).replace("_", " ") : n.site ? String(n.site) : figure(n, "site"));
    const chance = (n) => (isNumber(n.chance) ? (n.chance < 1e-4 ? "< 0.0001" : show(Number(n.chance.toPrecision(2)))) : "–");
    box.append(table([{ text: "Nucleus" }, ...columns.map(([text, , n]) => ({ text, n })), { text: "Atoms", n: true }, { text: "Effective atoms", n: true }, { text: "By chance", n: true }, { text: "Surface [Å²]", n: true }, { text: "Sphericity", n: true }, { text: "α₀", n: true }, { text: "Depth [Å]", n: true }, { text: "Site" }],
      nuclei.slice(0, limit).map((n) => [swatch(n), ...columns.map(([, value]) => value(n)), figure(n, "atoms"), size(n), chance(n), figure(n, "effective_surface_a2"), figure(n, "sphericity"), figure(n, "alpha0"), figure(n, "depth_a"), site(n)])));
    if (nuclei.length > limit) box.append(el("p", { class: "caption" }, `The ${limit} largest of ${nuclei.length}.`));
  }
}

function nucleiOverTime(box, source) {
  if (FRAMES.length < 2) return box.append(el("h3", {}, "Common nuclei over time"), notAssessed("dynamics need at least two frames"));
  const names = FRAMES.map((f) => f.name), plots = [];
  const present = SIDES.filter(([side]) => !source[side].missing);
  for (const [side] of present) {
    const common = list(source[side].common_nuclei).filter(isObject);
    const series = common.slice(0, 12).map((c) => ({ kind: "marks", name: `${(list(c.ids).map((i) => i ?? "–")).join("→")} ${c.class || ""}`, unnamed: true, key: side, x: names.map((_, i) => i), y: numbers(c.effective_atoms) })).filter((s) => s.y.length === names.length);
    if (series.length) plots.push(plot({ title: `Size of common nuclei, ${side}`, caption: `${common.length} common ${common.length === 1 ? "nucleus" : "nuclei"}.`, x: { label: "frame", range: [-0.15, names.length - 0.85], names }, y: { label: "effective atoms" }, series }));
    const sized = nucleiOf(state.frame, side, source).filter((n) => isNumber(n.effective_surface_a2) && isNumber(n.effective_atoms));
    if (sized.length > 1) plots.push(plot({ title: `Surface and size, ${side}`, caption: "Effective surface against effective number of atoms of every nucleus of this frame.", x: { label: "effective atoms" }, y: { label: "effective surface [Å²]" }, series: [{ kind: "dots", name: side, key: side, x: sized.map((n) => n.effective_atoms), y: sized.map((n) => n.effective_surface_a2) }] }));
  }
  box.append(el("h3", {}, "Common nuclei over time"));
  if (plots.length) box.append(el("div", { class: "columns" }, plots));
  const rows = present.flatMap(([side]) => list(source[side].common_nuclei).filter(isObject).slice(0, 20).map((c) => [side, list(c.ids).map((i) => (isNumber(i) ? String(i) : "–")).join(" → "), String(c.class || ""), numbers(c.effective_atoms).map((v) => (isNumber(v) ? show(v) : "–")).join(" → ")]));
  if (rows.length) box.append(table([{ text: "In" }, { text: "Nuclei (" + names.join(", ") + ")" }, { text: "Class" }, { text: "Effective atoms" }], rows));
  else box.append(el("p", {}, "No nucleus was followed over the frames."));
  const events = present.flatMap(([side]) => list(source[side].events).filter(isObject).map((e) => [side, String(e.frame ?? ""), String(e.kind ?? ""), list(e.from).join(", ") || "–", list(e.to).join(", ") || "–", isNumber(e.probability) ? show(e.probability) : "–"]));
  if (events.length) box.append(el("h3", {}, "Events"), table([{ text: "In" }, { text: "Frame" }, { text: "Event" }, { text: "From nuclei" }, { text: "To nuclei" }, { text: "Probability", n: true }], events.slice(0, 30)));
  if (events.length > 30) box.append(el("p", { class: "caption" }, `30 of ${events.length} events.`));
  box.append(el("p", { class: "caption" }, "Nuclei that chance makes with a higher probability than 0.05 take no part."));
}

function drawNuclei(box) {
  nucleusTables(box, DATA.analysis, []);
  nucleiOverTime(box, DATA.analysis);
}

function drawChemistry(box) {
  const source = DATA.chemistry;
  const have = SIDES.filter(([side]) => !analysisOf(state.frame, side, source).missing);
  if (!have.length) return box.append(notAssessed(analysisOf(state.frame, "truth", source).missing));
  const of = Object.fromEntries(have.map(([side]) => [side, analysisOf(state.frame, side, source)]));
  const count = (side, pick) => String(pick(of[side]) ?? "–");
  const phases = [...new Set(have.flatMap(([side]) => Object.keys(of[side].phases || {})))].sort();
  const rows = [
    ["Atoms on no lattice", (a) => a.on_no_lattice], ["Anti-sites", (a) => a.antisites], ["Swapped pairs", (a) => list(a.swap_pairs).length],
    ["Grains of at least 31 atoms", (a) => list(a.grains).length],
    ["c/a of L1₀", (a) => (isObject(a.c_over_a) ? `${show(a.c_over_a.mean)} ± ${show(a.c_over_a.deviation)}` : null)],
    ...phases.map((name) => [`Atoms of ${name}`, (a) => (a.phases || {})[name] ?? 0]),
    ...["antiphase", "orientation", "phase", "disorder", "lattice"].map((kind) => [`Neighbours across ${kind} boundaries`, (a) => (a.boundary_pairs || {})[kind]])];
  box.append(table([{ text: "Quantity" }, ...have.map(([side]) => ({ text: side, n: true }))], rows.map(([name, pick]) => [name, ...have.map(([side]) => count(side, pick))])));
  const plots = have.flatMap(([side]) => {
    const grain = list(of[side].grains).find((g) => isObject(g) && !String(g.phase).startsWith("A1") && list(g.antisites_by_depth).length > 1);
    if (!grain) return [];
    const depth = list(grain.antisites_by_depth);
    return [plot({ title: `Anti-sites against depth, ${side}`, caption: `The largest ordered grain: ${grain.phase}, ${grain.atoms} atoms, S ${show(grain.order)}.`, x: { label: "depth below the grain's surface [Å]" }, y: { label: "part of anti-sites" }, series: [{ kind: "points", name: side, key: side, x: depth.map((p) => p.depth_a), y: depth.map((p) => p.antisite_fraction) }] })];
  });
  if (plots.length) box.append(el("div", { class: "columns" }, plots));
  nucleusTables(box, source, [["Phase", (n) => String(n.phase)]]);
  nucleiOverTime(box, source);
}
