// The page's data, its state, and small helpers. Text from files enters the page as text nodes only.
const root = document.documentElement;
const DATA = JSON.parse(document.getElementById("page-data").textContent);
const FRAMES = DATA.frames;
const errors = [];

function noteError(where, error) {
  errors.push(where + ": " + (error && error.message ? error.message : String(error)));
  root.dataset.errors = String(errors.length);
  root.dataset.errorText = errors.join(" | ").slice(0, 2000);
}
window.addEventListener("error", (event) => noteError("script", event.error || event.message));
document.addEventListener("securitypolicyviolation", (event) => noteError("policy", event.blockedURI || event.violatedDirective));

// el("p", {class: "caption", onclick: f}, "text", otherElement, [more])
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined));
  return node;
}

function notAssessed(reason) {
  const text = String(reason || "no reason was recorded").replace(/\.$/, "");
  return el("p", { class: "missing" }, el("b", {}, "Not assessed:"), " " + text + ".");
}

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const list = (value) => (Array.isArray(value) ? value : []);
// Lists of numbers as files hold them: null is a gap in a curve.
const numbers = (value) => list(value).map((x) => (isNumber(x) ? x : NaN));

// What the table of figures calls a figure of the scores: { label, axis }, the second with its unit.
const figureWords = (name) => DATA.figures[name];

// Four significant digits, like the tables that were written with the page.
function show(value, unit = "") {
  if (!isNumber(value)) return "not assessed";
  const size = Math.abs(value);
  let text;
  const trim = (digits) => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
  if (value === 0) text = "0";
  else if (Number.isInteger(value) && size < 1e12) text = String(size);
  else if (size >= 1e-3 && size < 1e5) text = trim(size.toFixed(Math.max(0, Math.min(6, 3 - Math.floor(Math.log10(size))))));
  else text = size.toExponential(2).replace(/e([+-])(\d+)/, (_, sign, digits) => "\u2009×\u200910" + (sign === "-" ? "\u207b" : "") + [...digits].map((d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]).join(""));
  text = text.replace(/^\d{5,}/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, "\u2009"));
  return (value < 0 ? "\u2212" : "") + text + (unit ? "\u00a0" + unit : "");
}

// For lists in one column, where equal places after the point read best.
const fixed = (value, digits) => value.toFixed(digits).replace("-", "\u2212");

// The number of a key, or why there is none.
function figure(object, key) {
  if (isNumber(object[key])) return show(object[key]);
  return el("span", { class: "na", title: object[key + "_reason"] || "no reason was recorded" }, "not assessed");
}

// "atom_steps_per_s" -> "Atom steps per s"; a last word that is a unit goes in brackets.
const UNITS = { ps: "ps", k: "K", pm: "pm", a: "Å", ev: "eV", bar: "bar", s: "s", mb: "MB" };
const NAMES = { potential_ev_per_atom: "Potential energy [eV/atom]", crystallisation_found: "Crystallisation found", lammps: "LAMMPS", mpi: "MPI", total_ev: "Total energy [eV]", timestep_ps: "Time step [ps]", u_rms_a: "Thermal motion, rms per axis [Å]", u_window_a: "Motion within the mean [Å]" };
function words(key) {
  if (NAMES[key]) return NAMES[key];
  const parts = String(key).split("_"), last = parts[parts.length - 1];
  const unit = parts.length > 1 && parts[parts.length - 2] !== "per" ? UNITS[last] : undefined;
  const text = (unit ? parts.slice(0, -1) : parts).map((w) => NAMES[w] || w).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1) + (unit ? ` [${unit}]` : "");
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes;
}
// Columns travel as 16-bit steps (pictures.hpp); 65535 is "no number".
function unpack(column) {
  const words = new Uint16Array(bytesOf(column.u16).buffer);
  const values = new Float64Array(words.length);
  for (let i = 0; i < words.length; ++i) values[i] = words[i] === 65535 ? NaN : column.low + column.step * words[i];
  return values;
}

// Each frame's arrays are decoded when first needed, and kept.
function once(compute) {
  const cache = new Map();
  return (key) => {
    if (!cache.has(key)) cache.set(key, compute(key));
    return cache.get(key);
  };
}

const atomsOf = once((key) => {
  const [index, side] = key.split("/");
  const raw = FRAMES[index][side];
  if (raw.missing) return null;
  const columns = {};
  for (const [name, column] of Object.entries(raw.columns)) columns[name] = unpack(column);
  return { n: raw.n, x: unpack(raw.x), y: unpack(raw.y), z: unpack(raw.z), numbers: bytesOf(raw.z_number), symbols: raw.symbols || {}, columns };
});
const atoms = (frame, side) => atomsOf(frame + "/" + side);

// Error of every atom [pm] (NaN: not matched) and its partner's index (-1: none), for truth and model.
const errorsOf = once((index) => {
  const raw = FRAMES[index].matches;
  if (raw.missing) return null;
  const truth = new Uint32Array(bytesOf(raw.truth).buffer), model = new Uint32Array(bytesOf(raw.model).buffer);
  const d = [unpack(raw.dx), unpack(raw.dy), unpack(raw.dz)];
  const result = { n: raw.n, truth, model, d, size: new Float64Array(raw.n), cutoff: raw.cutoff_a, of: {} };
  for (const side of ["truth", "model"]) {
    const n = FRAMES[index][side].n;
    result.of[side] = { error: new Float64Array(n).fill(NaN), partner: new Int32Array(n).fill(-1), pair: new Int32Array(n).fill(-1) };
  }
  for (let i = 0; i < raw.n; ++i) {
    result.size[i] = Math.hypot(d[0][i], d[1][i], d[2][i]);
    for (const [side, own, other] of [["truth", truth, model], ["model", model, truth]]) {
      result.of[side].error[own[i]] = result.size[i];
      result.of[side].partner[own[i]] = other[i];
      result.of[side].pair[own[i]] = i;
    }
  }
  return result;
});

function quantile(values, q) {
  const sorted = Float64Array.from(values).filter((v) => !Number.isNaN(v)).sort();
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] : NaN;
}

// The scores of a frame, by its name.
function scoresOf(index) {
  return list(DATA.scores.frames).find((f) => isObject(f) && f.name === FRAMES[index].name) || {};
}
// Its analysis of one side: bond order, or of chemical order (source = DATA.chemistry).
function analysisOf(index, side, source = DATA.analysis) {
  const all = source[side];
  if (all.missing) return { missing: all.missing };
  const found = list(all.frames).find((f) => isObject(f) && f.name === FRAMES[index].name);
  return found || { missing: `the analysis of the ${side} has no frame ${FRAMES[index].name}` };
}

// What the reader looks at: one time frame, one atom. Sections listen.
const state = { frame: 0, chosen: null };
const listeners = { frame: [], chosen: [], theme: [] };
const on = (what, listener) => listeners[what].push(listener);
function tell(what) {
  for (const listener of listeners[what]) {
    try { listener(); } catch (error) { noteError(what, error); }
  }
}
function setFrame(index) {
  if (index === state.frame) return;
  state.frame = index;
  state.chosen = null;
  tell("frame");
}
function choose(side, index) {
  state.chosen = side === null ? null : { side, index };
  tell("chosen");
}

// A labelled range slider; `say` turns its value into words.
function range(label, max, value, say, onchange) {
  const output = el("output", {}, say(value));
  const input = el("input", { type: "range", min: 0, max, value, "aria-label": label, "aria-valuetext": say(value) });
  const set = (v) => {
    input.value = v;
    output.textContent = say(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => { set(input.value); onchange(Number(input.value)); });
  const node = el("div", { class: "control" }, el("span", {}, label), input, output);
  node.set = set;
  return node;
}

function table(head, rows, attributes = {}) {
  return el("div", { class: "scroll" }, el("table", attributes,
    el("thead", {}, el("tr", {}, head.map((h) => el("th", { scope: "col", class: h.n ? "n" : null }, h.text)))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, i) => el("td", { class: head[i].n ? "n" : null }, cell)))))));
}

function facts(pairs) {
  return el("dl", { class: "facts" }, pairs.filter((p) => p[1] !== undefined && p[1] !== null && p[1] !== "").map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, isNumber(value) ? show(value) : String(value)))));
}
