// Plots as SVG, drawn at the width they are shown at so that their text stays readable on a phone.
const SVG = "http://www.w3.org/2000/svg";
function svg(tag, attributes = {}, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function niceTicks(low, high, wanted) {
  const raw = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((m) => m * power >= raw * 0.999) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) ticks.push(i * step);
  return { ticks, digits: Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0))) };
}

function extent(series, axis) {
  let low = Infinity, high = -Infinity;
  for (const s of series) for (const v of s[axis]) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  return low <= high ? [low, high] : [0, 1];
}

// The numbers of a plot as a file; text fields cannot hold commas or quotes of ours.
function downloadCsv(spec) {
  const lines = ["series," + ["x", "y"].map((a) => JSON.stringify(spec[a].label)).join(",")];
  for (const s of spec.series) for (let i = 0; i < s.x.length; ++i) lines.push([JSON.stringify(s.name), s.x[i], s.y[i]].join(","));
  const link = el("a", { href: URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" })), download: spec.title.replace(/[^\w]+/g, "_") + ".csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// spec: {title, caption, x: {label, range, names: of ticks at 0, 1, ...}, y: {label, range}, aspect,
//        series: [{kind: "line" | "steps" | "dots" | "points" (larger) | "marks" (line and points), name, legend: other words there, key, x, y, dash, refs, hidden}],
//        rules: [{axis, at, label, row, low: label at the foot}], onpick(series, i), chosen(): [{x, y}]}
function plot(spec) {
  const box = el("div");
  const readout = el("figcaption", {});
  const shown = spec.series.filter((s) => s.name && !s.unnamed);
  const figure = el("figure", { class: "plot" },
    el("div", { class: "plot-head" }, el("b", {}, spec.title), el("button", { type: "button", class: "csv", title: "Save the numbers of this plot", onclick: () => downloadCsv(spec) }, "csv")),
    el("div", { class: "plot-key" }, shown.length > 1 || spec.key ? shown.map((s) => el("span", { class: "k-" + s.key + (s.dash ? " dash" : "") }, el("i"), s.legend || s.name)) : []),
    box, readout);
  readout.textContent = spec.caption || "";
  const grow = (range, axis) => {
    const [low, high] = range || extent(spec.series.concat(list(spec.rules).map((r) => ({ x: r.axis === "x" ? [r.at] : [], y: r.axis === "y" ? [r.at] : [] }))), axis);
    if (range) return range;
    const pad = (high - low || Math.abs(high) || 1) * (axis === "y" ? 0.06 : 0.01);
    return [low - (low === 0 ? 0 : pad), high + pad];
  };
  const xr = grow(spec.x.range, "x"), yr = grow(spec.y.range, "y");
  let drawn = 0;

  function draw(width) {
    const height = Math.round(Math.max(170, Math.min(330, width * (spec.aspect || 0.62))));
    const yt = niceTicks(yr[0], yr[1], height / 48);
    const left = 12 + 7.2 * Math.max(...yt.ticks.map((t) => t.toFixed(yt.digits).length));
    const inner = { l: left, r: width - 10, t: 28, b: height - 40 };
    const xt = spec.x.names ? { ticks: spec.x.names.map((_, i) => i) } : niceTicks(xr[0], xr[1], (inner.r - inner.l) / 70);
    const tickText = (t) => (spec.x.names ? spec.x.names[t] : fixed(t, xt.digits));
    const X = (v) => inner.l + (v - xr[0]) / (xr[1] - xr[0]) * (inner.r - inner.l);
    const Y = (v) => inner.b - (v - yr[0]) / (yr[1] - yr[0]) * (inner.b - inner.t);
    const n = (v) => v.toFixed(1);
    const text = spec.title + ": " + spec.y.label + " against " + spec.x.label;
    const node = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": text });
    for (const t of yt.ticks) {
      node.append(svg("line", { class: "grid", x1: inner.l, x2: inner.r, y1: n(Y(t)), y2: n(Y(t)) }));
      node.append(svg("text", { x: inner.l - 7, y: n(Y(t) + 4), "text-anchor": "end" }, fixed(t, yt.digits)));
    }
    for (const t of xt.ticks) {
      node.append(svg("line", { class: "axis", x1: n(X(t)), x2: n(X(t)), y1: inner.b, y2: inner.b + 4 }));
      node.append(svg("text", { x: n(X(t)), y: inner.b + 17, "text-anchor": "middle" }, tickText(t)));
    }
    node.append(svg("line", { class: "axis", x1: inner.l, x2: inner.r, y1: inner.b, y2: inner.b }));
    node.append(svg("text", { class: "label", x: inner.r, y: height - 5, "text-anchor": "end" }, spec.x.label));
    node.append(svg("text", { class: "label", x: 0, y: 12 }, spec.y.label));
    const id = "clip" + Math.random().toString(36).slice(2);
    const clip = svg("clipPath", { id });
    clip.append(svg("rect", { x: inner.l - 4, y: inner.t - 6, width: inner.r - inner.l + 8, height: inner.b - inner.t + 8 }));
    const body = svg("g", { "clip-path": `url(#${id})` });
    node.append(clip, body);
    for (const s of spec.series) {
      let path = "", open = false, area = "";
      for (let i = 0; i < s.x.length; ++i) {
        if (!Number.isFinite(s.x[i]) || !Number.isFinite(s.y[i])) { open = false; continue; }
        const px = n(X(s.x[i])), py = n(Y(s.y[i]));
        if (s.kind === "dots" || s.kind === "points") path += `M${px} ${py}h0`;
        else if (s.kind === "steps") {
          // x holds the edges of bins, one more than y.
          const next = n(X(s.x[i + 1]));
          path += (open ? `L${px} ${py}` : `M${px} ${py}`) + `H${next}`;
          area += `M${px} ${n(Y(Math.max(0, yr[0])))}V${py}H${next}V${n(Y(Math.max(0, yr[0])))}Z`;
          open = true;
        } else { path += (open ? "L" : "M") + px + " " + py; open = true; }
      }
      if (area) body.append(svg("path", { class: "area k-" + s.key, d: area }));
      const kind = s.kind === "dots" ? "dots" : s.kind === "points" ? "dots big" : "series";
      body.append(svg("path", { class: `${kind} k-${s.key}`, d: path, ...(s.dash ? { "stroke-dasharray": "5 4" } : {}) }));
      if (s.kind === "marks")
        body.append(svg("path", { class: `dots big k-${s.key}`, d: [...s.x].map((v, i) => Number.isFinite(s.y[i]) ? `M${n(X(v))} ${n(Y(s.y[i]))}h0` : "").join("") }));
    }
    for (const rule of list(spec.rules)) {
      const at = rule.axis === "x" ? X(rule.at) : Y(rule.at);
      body.append(svg("line", rule.axis === "x" ? { class: "rule", x1: n(at), x2: n(at), y1: inner.t, y2: inner.b } : { class: "rule", x1: inner.l, x2: inner.r, y1: n(at), y2: n(at) }));
      if (rule.label) {
        const right = rule.axis === "x" && !rule.low && at > inner.r - 90;
        node.append(svg("text", rule.axis === "x" ? { class: "label halo", x: n(at + (right ? -5 : 5)), y: rule.low ? inner.b - 6 - 14 * (rule.row || 0) : inner.t + 5 + 14 * (rule.row || 0), "text-anchor": right ? "end" : "start" } : { class: "label halo", x: inner.r - 4, y: n(at - 5), "text-anchor": "end" }, rule.label));
      }
    }
    if (spec.chosen) for (const p of spec.chosen()) if (Number.isFinite(p.x) && Number.isFinite(p.y)) body.append(svg("circle", { class: "chosen", cx: n(X(p.x)), cy: n(Y(p.y)), r: 7 }));
    // Reading values off: the nearest point in x (curves) or in the plane (dots).
    const cursor = svg("line", { class: "cursor", y1: inner.t, y2: inner.b, visibility: "hidden" });
    node.append(cursor);
    const nearest = (event) => {
      const r = node.getBoundingClientRect();
      const px = (event.clientX - r.left) / r.width * width, py = (event.clientY - r.top) / r.height * height;
      let best = null;
      for (const s of spec.series) for (let i = 0; i < s.y.length; ++i) {
        const mid = s.kind === "steps" ? (s.x[i] + s.x[i + 1]) / 2 : s.x[i];
        const far = s.kind === "dots" ? Math.hypot(X(mid) - px, Y(s.y[i]) - py) : Math.abs(X(mid) - px);
        if (far < (best ? best.far : Infinity)) best = { far, s, i, x: mid };
      }
      return best;
    };
    node.addEventListener("pointermove", (event) => {
      const best = nearest(event);
      if (!best || best.s.kind === "dots") return;
      cursor.setAttribute("x1", X(best.x)); cursor.setAttribute("x2", X(best.x)); cursor.setAttribute("visibility", "visible");
      const at = spec.series.filter((s) => s.kind !== "dots" && s.y.length === best.s.y.length).map((s) => (s.name ? s.name + " " : "") + show(s.y[best.i]));
      readout.textContent = `${spec.x.label}: ${show(best.x)}. ${at.join(", ")}`;
    });
    node.addEventListener("pointerleave", () => { cursor.setAttribute("visibility", "hidden"); readout.textContent = spec.caption || ""; });
    if (spec.onpick) node.addEventListener("click", (event) => {
      const best = nearest(event);
      if (best && best.far < 14) spec.onpick(best.s, best.i);
    });
    box.replaceChildren(node);
    drawn = width;
  }
  new ResizeObserver(() => {
    const width = Math.round(box.clientWidth);
    // Drawn after the observer has returned: a plot that changes its height in here would start the next round.
    if (width > 0 && Math.abs(width - drawn) > 2) setTimeout(() => draw(width), 0);
  }).observe(box);
  draw(440);
  figure.redraw = () => draw(drawn);
  return figure;
}
