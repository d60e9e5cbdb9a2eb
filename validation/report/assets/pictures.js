// Projections and slices: grey bytes on canvases. Rows run upward, as y does in the specimen axes.
function paintGrey(canvas, nx, ny, value) {
  canvas.width = nx;
  canvas.height = ny;
  const context = canvas.getContext("2d");
  const image = context.createImageData(nx, ny);
  for (let row = 0; row < ny; ++row) for (let ix = 0; ix < nx; ++ix) {
    const at = 4 * (row * nx + ix), grey = value(ix, ny - 1 - row);
    image.data[at] = image.data[at + 1] = image.data[at + 2] = grey;
    image.data[at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

const stackBytes = once((key) => {
  const [index, what] = key.split("/");
  return bytesOf(FRAMES[index][what].bytes);
});

// Place of an angstrom coordinate on a binned axis of `source` samples, in bins (0 = centre of the first).
const toBin = (a, source, bin, step) => (a / step + Math.floor(source / 2) + 0.5) / bin - 0.5;
const toAngstrom = (b, source, bin, step) => ((b + 0.5) * bin - 0.5 - Math.floor(source / 2)) * step;

const tiltView = { at: null };
function drawData(box) {
  const raw = FRAMES[state.frame].tilts;
  if (raw.missing) return box.append(notAssessed(raw.missing));
  const bytes = stackBytes(state.frame + "/tilts"), plane = raw.nx * raw.ny;
  const angles = numbers(raw.angles);
  if (tiltView.at === null || tiltView.at >= raw.nz) {
    tiltView.at = 0; // start with the image nearest to no tilt
    angles.forEach((angle, i) => { if (Math.abs(angle) < Math.abs(angles[tiltView.at])) tiltView.at = i; });
  }
  const canvas = el("canvas", { role: "img" });
  const say = (i) => `${i + 1} of ${raw.nz}` + (angles.length ? `, ${fixed(angles[i], 1)}°` : "");
  const paint = (i) => {
    tiltView.at = i;
    paintGrey(canvas, raw.nx, raw.ny, (x, y) => bytes[i * plane + y * raw.nx + x]);
    canvas.setAttribute("aria-label", `Projection ${say(i)}`);
  };
  paint(tiltView.at);
  const m = raw.microscope;
  const field = `${show(raw.source_nx * raw.pixel_a)} × ${show(raw.source_ny * raw.pixel_a)} Å`;
  // One row of every image at mid height: what the tilt axis's sinogram shows at one glance.
  const sinogram = el("canvas", { role: "img", "aria-label": "Sinogram: the middle row of every projection" });
  const mid = Math.floor(raw.ny / 2);
  paintGrey(sinogram, raw.nx, raw.nz, (x, t) => bytes[t * plane + mid * raw.nx + x]);
  sinogram.style.aspectRatio = "2.4";
  box.append(el("div", { class: "columns" },
    el("div", {}, el("figure", { class: "picture" }, canvas), range("Tilt", raw.nz - 1, tiltView.at, say, paint),
      el("p", { class: "caption" }, `y is up${raw.single_axis ? ", the tilt axis" : ""}. Grey from ${show(raw.low)} to ${show(raw.high)} (${raw.unit})` + (raw.bin > 1 ? `; shown binned ${raw.bin} × ${raw.bin}.` : "."))),
    el("div", {}, el("figure", { class: "picture" }, sinogram, el("figcaption", {}, "Sinogram: the middle row of every projection, first tilt at the bottom. A jump from row to row is a misalignment.")),
      facts([["Projections", raw.nz], ["Size", `${raw.source_nx} × ${raw.source_ny} pixels`], ["Pixel", show(raw.pixel_a, "Å")], ["Field of view", field],
        ["Tilts", angles.length ? `${show(Math.min(...angles))} to ${show(Math.max(...angles))}°` : "not about one axis"],
        ["Dose per tilt", isNumber(m.dose_e_per_a2) ? show(m.dose_e_per_a2, "e/Å²") : null], ["Beam", isNumber(m.energy_kv) ? show(m.energy_kv, "kV") : null],
        ["Convergence", isNumber(m.convergence_mrad) ? show(m.convergence_mrad, "mrad") : null],
        ["Detector", isNumber(m.detector_inner_mrad) && isNumber(m.detector_outer_mrad) ? `${show(m.detector_inner_mrad)} to ${show(m.detector_outer_mrad)} mrad` : null]]))));
}

// Slices along z, y, x through one point; a click in one moves the other two.
const PLANES = [
  { name: "z", across: "x", up: "y", axes: [0, 1, 2], hint: "along the beam at zero tilt" },
  { name: "y", across: "x", up: "z", axes: [0, 2, 1], hint: "along the tilt axis" },
  { name: "x", across: "z", up: "y", axes: [2, 1, 0], hint: "across beam and axis" },
];
const sliceView = { at: null, truth: true, model: true, shape: "" };
function drawVolume(box) {
  const frame = FRAMES[state.frame], raw = frame.volume, recovery = frame.recovery;
  if (raw.missing) box.append(notAssessed(raw.missing));
  else box.append(...slices(raw));
  const curve = recovery.missing ? [] : numbers(recovery.r_k);
  if (recovery.missing) return box.append(notAssessed(recovery.missing));
  const score = scoresOf(state.frame).volume || {};
  const side = facts([["Algorithm", recovery.algorithm], ["Iterations", recovery.iterations], ["Oversampling", recovery.oversampling],
    ["Final R (Fourier)", curve.length ? show(curve[curve.length - 1]) : null], ["R₁", isNumber(score.r1) ? show(score.r1) : null],
    ["R-free", isNumber(recovery.r_free) ? show(recovery.r_free) : "not assessed" + (recovery.r_free_reason ? ": " + recovery.r_free_reason : "")]]);
  const free = numbers(recovery.r_free_curve);
  const rules = !free.length && isNumber(recovery.r_free) ? [{ axis: "y", at: recovery.r_free, label: "R-free" }] : [];
  box.append(el("h3", {}, "Convergence"), el("div", { class: "columns" },
    curve.length ? plot({ title: "R of the measured Fourier points", x: { label: "iteration" }, y: { label: "R" }, rules, series: [{ kind: "line", name: "fitted points", key: "truth", x: curve.map((_, i) => i + 1), y: curve }, { kind: "line", name: "withheld points (R-free)", key: "model", x: free.map((_, i) => i + 1), y: free }].filter((s) => s.y.length) })
      : notAssessed("the recovery recorded no R for its iterations"), side));
}

function slices(raw) {
  const bytes = stackBytes(state.frame + "/volume"), size = [raw.nx, raw.ny, raw.nz];
  const shape = size.join();
  if (sliceView.shape !== shape) { sliceView.shape = shape; sliceView.at = size.map((n) => Math.floor(n / 2)); }
  const value = (p) => bytes[(p[2] * raw.ny + p[1]) * raw.nx + p[0]];
  const views = PLANES.map((plane) => {
    const [a, u, n] = plane.axes;
    const grey = el("canvas", { role: "img", "aria-label": `Slice across ${plane.name}` }), over = el("canvas", { "aria-hidden": "true" });
    const say = (i) => `${plane.name} = ${show(Number(toAngstrom(i, raw.source[n], raw.bin, raw.voxel_a).toFixed(2)), "Å")}`;
    const control = range(plane.name, size[n] - 1, sliceView.at[n], say, (i) => { sliceView.at[n] = i; paintAll(); });
    const paint = () => {
      const p = [...sliceView.at];
      paintGrey(grey, size[a], size[u], (x, y) => { p[a] = x; p[u] = y; return value(p); });
      paintOverlay(over, raw, plane, size);
      control.set(sliceView.at[n]);
    };
    over.addEventListener("click", (event) => {
      const r = over.getBoundingClientRect();
      sliceView.at[a] = Math.max(0, Math.min(size[a] - 1, Math.floor((event.clientX - r.left) / r.width * size[a])));
      sliceView.at[u] = Math.max(0, Math.min(size[u] - 1, size[u] - 1 - Math.floor((event.clientY - r.top) / r.height * size[u])));
      paintAll();
    });
    const node = el("figure", { class: "picture" }, el("div", { class: "stack" }, grey, over), control, el("figcaption", {}, `${plane.across} to the right, ${plane.up} up: cut ${plane.hint}.`));
    return { node, paint };
  });
  const paintAll = () => views.forEach((view) => view.paint());
  drawVolume.repaint = paintAll;
  paintAll();
  const toggle = (side, text) => atoms(state.frame, side) ? el("label", {}, el("input", { type: "checkbox", checked: sliceView[side], onchange: (e) => { sliceView[side] = e.target.checked; paintAll(); } }), text) : null;
  return [el("div", { class: "controls" }, toggle("truth", "Atoms of the truth (rings)"), toggle("model", "Atoms of the model (crosses)")),
    el("div", { class: "columns three" }, views.map((view) => view.node)),
    el("p", { class: "caption" }, `${raw.source.join(" × ")} voxels of ${show(raw.voxel_a)} Å. Grey from ${show(raw.low)} to ${show(raw.high)}` + (raw.bin > 1 ? `; shown binned ${raw.bin} × ${raw.bin} × ${raw.bin}` : "") + ". Atoms within 0.8 Å of the cut are drawn. Click in a picture to move the other two cuts.")];
}

// Rings and crosses at atoms near the cut, and lines where the other cuts are.
function paintOverlay(canvas, raw, plane, size, options = {}) {
  const [a, u, n] = plane.axes, scale = options.scale || Math.max(2, Math.ceil(640 / size[a]));
  canvas.width = size[a] * scale;
  canvas.height = size[u] * scale;
  const g = canvas.getContext("2d"), step = raw.voxel_a;
  const px = (p) => (toBin(p, raw.source[a], raw.bin, step) + 0.5) * scale;
  const py = (p) => (size[u] - 0.5 - toBin(p, raw.source[u], raw.bin, step)) * scale;
  const cut = toAngstrom(sliceView.at[n], raw.source[n], raw.bin, step);
  g.strokeStyle = "rgba(255,255,255,0.28)";
  g.lineWidth = 1;
  g.beginPath();
  const cx = (sliceView.at[a] + 0.5) * scale, cy = (size[u] - sliceView.at[u] - 0.5) * scale;
  g.moveTo(cx, 0); g.lineTo(cx, canvas.height); g.moveTo(0, cy); g.lineTo(canvas.width, cy);
  g.stroke();
  for (const [side, colour] of [["truth", "#5fb4ff"], ["model", "#ffa14a"]]) {
    const list = sliceView[side] && atoms(state.frame, side);
    if (!list) continue;
    paintAtoms(g, list, plane, cut, 0.8, px, py, Math.max(5, 0.62 / (step * raw.bin) * scale), side, colour);
  }
}

function paintAtoms(g, list, plane, cut, reach, px, py, r, side, colour) {
  const axis = [list.x, list.y, list.z], [a, u, n] = plane.axes;
  g.strokeStyle = colour;
  g.lineWidth = 2;
  for (let i = 0; i < list.n; ++i) {
    const away = Math.abs(axis[n][i] - cut);
    if (away > reach) continue;
    g.globalAlpha = 1 - 0.7 * away / reach;
    const x = px(axis[a][i]), y = py(axis[u][i]);
    g.beginPath();
    if (side === "truth") g.arc(x, y, r, 0, 7);
    else { g.moveTo(x - r * 0.7, y - r * 0.7); g.lineTo(x + r * 0.7, y + r * 0.7); g.moveTo(x - r * 0.7, y + r * 0.7); g.lineTo(x + r * 0.7, y - r * 0.7); }
    g.stroke();
  }
  g.globalAlpha = 1;
}

// The cuts follow the atom that was picked anywhere on the page.
function moveSlicesToChosen() {
  const raw = FRAMES[state.frame].volume;
  if (!state.chosen || raw.missing || !sliceView.at) return;
  const list = atoms(state.frame, state.chosen.side), i = state.chosen.index;
  [list.x[i], list.y[i], list.z[i]].forEach((p, axis) => {
    sliceView.at[axis] = Math.max(0, Math.min([raw.nx, raw.ny, raw.nz][axis] - 1, Math.round(toBin(p, raw.source[axis], raw.bin, raw.voxel_a))));
  });
  if (drawVolume.repaint) drawVolume.repaint();
}

// A square of `half` angstrom around a point of the volume, across z or across y.
function thumbnail(point, plane, half) {
  const raw = FRAMES[state.frame].volume, canvas = el("canvas", { role: "img", "aria-label": `Cut across ${plane.name} around the atom` });
  if (raw.missing) return null;
  const bytes = stackBytes(state.frame + "/volume"), size = [raw.nx, raw.ny, raw.nz], [a, u, n] = plane.axes, side = 96;
  canvas.width = canvas.height = side;
  const g = canvas.getContext("2d"), image = g.createImageData(side, side), p = [0, 0, 0];
  const bin = (v, axis) => toBin(v, raw.source[axis], raw.bin, raw.voxel_a);
  p[n] = Math.max(0, Math.min(size[n] - 1, Math.round(bin(point[n], n))));
  const read = (x, y) => {
    if (x < 0 || y < 0 || x >= size[a] || y >= size[u]) return 0;
    p[a] = x; p[u] = y;
    return bytes[(p[2] * raw.ny + p[1]) * raw.nx + p[0]];
  };
  for (let row = 0; row < side; ++row) for (let col = 0; col < side; ++col) {
    const bx = bin(point[a] + ((col + 0.5) / side * 2 - 1) * half, a), by = bin(point[u] - ((row + 0.5) / side * 2 - 1) * half, u);
    const x0 = Math.floor(bx), y0 = Math.floor(by), fx = bx - x0, fy = by - y0;
    const grey = (read(x0, y0) * (1 - fx) + read(x0 + 1, y0) * fx) * (1 - fy) + (read(x0, y0 + 1) * (1 - fx) + read(x0 + 1, y0 + 1) * fx) * fy;
    const at = 4 * (row * side + col);
    image.data[at] = image.data[at + 1] = image.data[at + 2] = grey;
    image.data[at + 3] = 255;
  }
  g.putImageData(image, 0, 0);
  const px = (v) => ((v - point[a]) / half + 1) / 2 * side, py = (v) => (1 - (v - point[u]) / half) / 2 * side;
  for (const [which, colour] of [["truth", "#5fb4ff"], ["model", "#ffa14a"]]) {
    const found = atoms(state.frame, which);
    if (found) paintAtoms(g, found, plane, point[n], 1.2, px, py, 9, which, colour);
  }
  return canvas;
}
