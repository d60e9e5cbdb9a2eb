// The 3D view: atoms as shaded balls. With WebGL through three.js; without it the same view is painted on a
// 2D canvas. Turning, picking and projecting are the same code for both, so that both show and pick alike.
const RING_HOLE = 0.78; // squared radius of the hole in a ring; BALL_FRAGMENT has the same number
const CORNERS = new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]);
const BALL_VERTEX = `
precision highp float;
attribute vec3 position; attribute vec3 centre; attribute vec3 colour; attribute vec2 shape;
uniform mat3 turn; uniform vec3 middle; uniform vec2 pan; uniform vec2 scale; uniform float depth;
varying vec2 at; varying vec3 tint; varying float z; varying float radius; varying float ring;
void main() {
  vec3 p = turn * (centre - middle);
  at = position.xy; tint = colour; z = p.z; radius = shape.x; ring = shape.y;
  gl_Position = vec4((p.xy + pan + position.xy * radius) * scale, -p.z / depth, 1.0);
}`;
const BALL_FRAGMENT = `
#ifdef GL_EXT_frag_depth
#extension GL_EXT_frag_depth : enable
#endif
precision highp float;
varying vec2 at; varying vec3 tint; varying float z; varying float radius; varying float ring;
uniform float depth; uniform float cut; uniform float reach; uniform vec3 mist;
void main() {
  float d = dot(at, at);
  if (d > 1.0 || z > cut) discard;
  if (ring > 0.5 && d < 0.78) discard;
  float n = sqrt(1.0 - d);
  float light = max(0.0, dot(vec3(at, n), normalize(vec3(-0.45, 0.6, 0.75))));
  vec3 shaded = tint * (0.42 + 0.62 * light) + vec3(0.22) * pow(light, 24.0);
  if (ring > 0.5) shaded = tint;
  shaded = mix(shaded, mist, 0.5 * clamp((reach - z) / (2.0 * reach), 0.0, 1.0) * step(ring, 0.5));
  gl_FragColor = vec4(shaded, 1.0);
#ifdef GL_EXT_frag_depth
  gl_FragDepthEXT = 0.5 - 0.5 * (z + (ring > 0.5 ? 0.0 : n * radius)) / depth;
#endif
}`;
const LINE_VERTEX = `
precision highp float;
attribute vec3 position; uniform mat3 turn; uniform vec3 middle; uniform vec2 pan; uniform vec2 scale; uniform float depth;
varying float z;
void main() { vec3 p = turn * (position - middle); z = p.z; gl_Position = vec4((p.xy + pan) * scale, -(p.z + 2.0) / depth, 1.0); }`;
const LINE_FRAGMENT = `
precision highp float; uniform vec3 ink; uniform float cut; varying float z;
void main() { if (z > cut) discard; gl_FragColor = vec4(ink, 1.0); }`;

// Rotations as 3 x 3 matrices, rows first.
const product = (a, b) => [0, 1, 2].map((i) => [0, 1, 2].map((j) => a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j]));
const aboutX = (t) => [[1, 0, 0], [0, Math.cos(t), -Math.sin(t)], [0, Math.sin(t), Math.cos(t)]];
const aboutY = (t) => [[Math.cos(t), 0, Math.sin(t)], [0, 1, 0], [-Math.sin(t), 0, Math.cos(t)]];
const aboutZ = (t) => [[Math.cos(t), -Math.sin(t), 0], [Math.sin(t), Math.cos(t), 0], [0, 0, 1]];
function orthonormal(m) { // many small turns must not add up to a shear
  const unit = (v) => { const s = Math.hypot(...v); return v.map((c) => c / s); };
  const x = unit(m[0]), d = x[0] * m[1][0] + x[1] * m[1][1] + x[2] * m[1][2];
  const y = unit(m[1].map((c, i) => c - d * x[i]));
  return [x, y, [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]]];
}

function webglPainter(canvas) {
  // Asked first, because three.js writes an error to the console where there is no WebGL.
  const options = { alpha: true, antialias: true, preserveDrawingBuffer: true };
  const context = canvas.getContext("webgl", options);
  if (!context || !context.getExtension("ANGLE_instanced_arrays")) return null;
  context.getExtension("EXT_frag_depth");
  const renderer = new THREE.WebGLRenderer({ canvas, context, ...options });
  renderer.setClearColor(0, 0);
  const uniforms = { turn: { value: new THREE.Matrix3() }, middle: { value: new THREE.Vector3() }, pan: { value: new THREE.Vector2() }, scale: { value: new THREE.Vector2() },
    depth: { value: 1 }, cut: { value: 1e9 }, reach: { value: 1 }, mist: { value: new THREE.Vector3() }, ink: { value: new THREE.Vector3() } };
  const scene = new THREE.Scene(), camera = new THREE.Camera();
  const ballMaterial = new THREE.RawShaderMaterial({ vertexShader: BALL_VERTEX, fragmentShader: BALL_FRAGMENT, uniforms });
  const lineMaterial = new THREE.RawShaderMaterial({ vertexShader: LINE_VERTEX, fragmentShader: LINE_FRAGMENT, uniforms });
  let balls = null, lines = null;
  return {
    name: "webgl",
    load(view) {
      for (const old of [balls, lines]) if (old) { scene.remove(old); old.geometry.dispose(); }
      const geometry = new THREE.InstancedBufferGeometry();
      geometry.setAttribute("position", new THREE.BufferAttribute(CORNERS, 3));
      geometry.setIndex([0, 1, 2, 0, 2, 3]);
      geometry.setAttribute("centre", new THREE.InstancedBufferAttribute(view.centres, 3));
      geometry.setAttribute("colour", new THREE.InstancedBufferAttribute(view.colours, 3));
      geometry.setAttribute("shape", new THREE.InstancedBufferAttribute(view.shapes, 2));
      geometry.maxInstancedCount = view.n;
      balls = new THREE.Mesh(geometry, ballMaterial);
      const wires = new THREE.BufferGeometry();
      wires.setAttribute("position", new THREE.BufferAttribute(view.lines, 3));
      lines = new THREE.LineSegments(wires, lineMaterial);
      balls.frustumCulled = lines.frustumCulled = false;
      lines.visible = view.lines.length > 0;
      balls.visible = view.n > 0;
      scene.add(balls, lines);
    },
    paint(view, width, height) {
      const ratio = view.n > 8000 ? Math.min(1.5, devicePixelRatio) : Math.max(1.5, Math.min(2.5, devicePixelRatio));
      renderer.setPixelRatio(ratio);
      renderer.setSize(width, height, false);
      uniforms.turn.value.set(...view.turn.flat());
      uniforms.middle.value.set(...view.middle);
      uniforms.pan.value.set(...view.pan);
      uniforms.scale.value.set(2 * view.pixels / width, 2 * view.pixels / height);
      uniforms.depth.value = 2 * view.reach + 8;
      uniforms.reach.value = view.reach;
      uniforms.cut.value = view.cut;
      uniforms.mist.value.set(...view.mist.map((c) => c / 255));
      uniforms.ink.value.set(...view.ink.map((c) => c / 255));
      renderer.render(scene, camera);
    },
  };
}

function canvasPainter(canvas) {
  const g = canvas.getContext("2d");
  const sprites = new Map();
  // A ball drawn once per colour and scaled afterwards; colours in steps of 8 keep the store small.
  const sprite = (r, gr, b) => {
    const key = (r >> 3) + "," + (gr >> 3) + "," + (b >> 3);
    if (!sprites.has(key)) {
      const s = el("canvas", { width: 64, height: 64 }), c = s.getContext("2d"), shade = c.createRadialGradient(23, 20, 2, 32, 32, 31);
      shade.addColorStop(0, css([r, gr, b].map((v) => Math.min(255, v * 1.05 + 45))));
      shade.addColorStop(0.35, css([r, gr, b]));
      shade.addColorStop(1, css([r, gr, b].map((v) => v * 0.42)));
      c.fillStyle = shade;
      c.beginPath(); c.arc(32, 32, 31, 0, 7); c.fill();
      sprites.set(key, s);
    }
    return sprites.get(key);
  };
  return {
    name: "canvas",
    load() {},
    paint(view, width, height) {
      const ratio = Math.min(2, devicePixelRatio);
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      g.setTransform(ratio, 0, 0, ratio, 0, 0);
      g.clearRect(0, 0, width, height);
      const place = projectAll(view, width, height);
      const order = Uint32Array.from({ length: view.n }, (_, i) => i).sort((a, b) => place.z[a] - place.z[b]);
      for (const i of order) {
        if (place.z[i] > view.cut) continue;
        const radius = view.shapes[2 * i] * view.pixels, colour = [0, 1, 2].map((c) => view.colours[3 * i + c] * 255);
        if (view.shapes[2 * i + 1] > 0.5) {
          g.strokeStyle = css(colour); g.lineWidth = Math.max(1, radius * 0.12);
          g.beginPath(); g.arc(place.x[i], place.y[i], radius * 0.94, 0, 7); g.stroke();
          continue;
        }
        const far = 0.5 * Math.max(0, Math.min(1, (view.reach - place.z[i]) / (2 * view.reach)));
        g.drawImage(sprite(...colour.map((c, k) => Math.round(c * (1 - far) + view.mist[k] * far))), place.x[i] - radius, place.y[i] - radius, 2 * radius, 2 * radius);
      }
      g.strokeStyle = css(view.ink); g.lineWidth = 1.2;
      g.beginPath();
      for (let i = 0; i < view.lines.length; i += 6) {
        const a = projectPoint(view, view.lines[i], view.lines[i + 1], view.lines[i + 2], width, height), b = projectPoint(view, view.lines[i + 3], view.lines[i + 4], view.lines[i + 5], width, height);
        if (a[2] <= view.cut) { g.moveTo(a[0], a[1]); g.lineTo(b[0], b[1]); }
      }
      g.stroke();
    },
  };
}

function projectPoint(view, x, y, z, width, height) {
  const t = view.turn, a = x - view.middle[0], b = y - view.middle[1], c = z - view.middle[2];
  return [width / 2 + (t[0][0] * a + t[0][1] * b + t[0][2] * c + view.pan[0]) * view.pixels,
    height / 2 - (t[1][0] * a + t[1][1] * b + t[1][2] * c + view.pan[1]) * view.pixels,
    t[2][0] * a + t[2][1] * b + t[2][2] * c];
}
function projectAll(view, width, height) {
  const place = { x: new Float32Array(view.n), y: new Float32Array(view.n), z: new Float32Array(view.n) };
  for (let i = 0; i < view.n; ++i) [place.x[i], place.y[i], place.z[i]] = projectPoint(view, view.centres[3 * i], view.centres[3 * i + 1], view.centres[3 * i + 2], width, height);
  return place;
}

// A view in `box`. `load({n, centres, colours, shapes, lines})` gives it balls (shape = radius, ring or not);
// `onpick(i)` tells which one was clicked (-1: none).
function makeScene(box, onpick) {
  const canvas = el("canvas", { "aria-hidden": "true" }), over = el("canvas", { "aria-hidden": "true" });
  box.append(canvas, over);
  let painter = null;
  try { painter = webglPainter(canvas); } catch (error) { painter = null; }
  let surface = canvas;
  const fallBack = () => {
    const plain = el("canvas", { "aria-hidden": "true" });
    surface.replaceWith(plain);
    surface = plain;
    painter = canvasPainter(plain);
    box.dataset.painter = painter.name;
  };
  if (!painter) fallBack();
  box.dataset.painter = painter.name;
  canvas.addEventListener("webglcontextlost", () => { fallBack(); request(); });

  const view = { n: 0, centres: new Float32Array(), colours: new Float32Array(), shapes: new Float32Array(), lines: new Float32Array(),
    turn: product(aboutX(0.35), aboutY(-0.5)), middle: [0, 0, 0], pan: [0, 0], pixels: 1, zoom: 1, reach: 10, cut: 1e9, mist: [255, 255, 255], ink: [0, 0, 0], chosen: -1 };
  let width = 0, height = 0, waiting = false;
  const fit = () => { view.pixels = view.zoom * 0.46 * Math.min(width, height) / view.reach; };
  function paint() {
    waiting = false;
    width = box.clientWidth;
    height = box.clientHeight;
    if (!width || !height) return;
    fit();
    view.mist = themeRgb("--panel");
    view.ink = themeRgb("--model");
    painter.paint(view, width, height);
    paintOver();
  }
  // In print and in hidden tabs no frame is ever asked for, so a short timer stands in.
  function request() { if (!waiting) { waiting = true; setTimeout(paint, 12); } }

  function paintOver() {
    const ratio = Math.min(2, devicePixelRatio), g = over.getContext("2d");
    over.width = Math.round(width * ratio);
    over.height = Math.round(height * ratio);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    const ink = themeColour("--ink"), quiet = themeColour("--quiet");
    g.font = "12px " + themeColour("--sans");
    g.lineWidth = 1.5;
    const o = [44, height - 42];
    [["x", 0], ["y", 1], ["z", 2]].forEach(([name, axis]) => {
      const dx = view.turn[0][axis] * 26, dy = -view.turn[1][axis] * 26;
      g.strokeStyle = g.fillStyle = view.turn[2][axis] < -0.2 ? quiet : ink;
      g.beginPath(); g.moveTo(o[0], o[1]); g.lineTo(o[0] + dx, o[1] + dy); g.stroke();
      g.textAlign = "center";
      g.fillText(name, o[0] + dx * 1.4, o[1] + dy * 1.4 + 4);
    });
    const wanted = 90 / view.pixels, power = 10 ** Math.floor(Math.log10(wanted)), length = [5, 2, 1].find((m) => m * power <= wanted) * power;
    const x1 = width - 18, x0 = x1 - length * view.pixels;
    g.strokeStyle = g.fillStyle = ink;
    g.beginPath(); g.moveTo(x0, height - 18); g.lineTo(x1, height - 18); g.stroke();
    g.textAlign = "right";
    g.fillText(show(Number(length.toPrecision(3))) + " Å", x1, height - 24);
    if (view.chosen >= 0 && view.chosen < view.n) {
      const i = view.chosen, p = projectPoint(view, view.centres[3 * i], view.centres[3 * i + 1], view.centres[3 * i + 2], width, height);
      const r = view.shapes[2 * i] * view.pixels + 3;
      g.strokeStyle = ink; g.lineWidth = 2;
      g.beginPath(); g.arc(p[0], p[1], r, 0, 7); g.stroke();
      g.beginPath();
      for (const [ux, uy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) { g.moveTo(p[0] + ux * r, p[1] + uy * r); g.lineTo(p[0] + ux * (r + 9), p[1] + uy * (r + 9)); }
      g.stroke();
    }
  }

  function pick(px, py) {
    const place = projectAll(view, width, height);
    let best = -1, front = -Infinity;
    for (let i = 0; i < view.n; ++i) {
      const r = Math.max(5, view.shapes[2 * i] * view.pixels), d2 = (place.x[i] - px) ** 2 + (place.y[i] - py) ** 2;
      if (d2 > r * r || place.z[i] > view.cut || (view.shapes[2 * i + 1] > 0.5 && d2 < RING_HOLE * r * r)) continue;
      const z = place.z[i] + Math.sqrt(r * r - d2) / view.pixels;
      if (z > front) { front = z; best = i; }
    }
    return best;
  }

  const turnBy = (dx, dy) => { view.turn = orthonormal(product(product(aboutX(dy), aboutY(dx)), view.turn)); request(); };
  const zoomBy = (f) => { view.zoom = Math.max(0.4, Math.min(40, view.zoom * f)); request(); };
  const fingers = new Map();
  let moved = 0;
  box.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 1) moved = 0;
    try { box.setPointerCapture(event.pointerId); } catch (error) { /* the pointer is gone already: nothing to follow */ }
  });
  box.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const dx = event.clientX - last[0], dy = event.clientY - last[1];
    moved += Math.abs(dx) + Math.abs(dy);
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      zoomBy(Math.hypot(event.clientX - other[0], event.clientY - other[1]) / Math.max(1, Math.hypot(last[0] - other[0], last[1] - other[1])));
      turnBy(dx * 0.004, dy * 0.004);
    } else if (event.shiftKey || event.buttons === 2) {
      view.pan[0] += dx / view.pixels; view.pan[1] -= dy / view.pixels; request();
    } else turnBy(dx * 0.008, dy * 0.008);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
  });
  const lift = (event) => {
    if (fingers.delete(event.pointerId) && moved < 5 && event.type === "pointerup") {
      const r = box.getBoundingClientRect();
      onpick(pick(event.clientX - r.left - box.clientLeft, event.clientY - r.top - box.clientTop));
    }
  };
  box.addEventListener("pointerup", lift);
  box.addEventListener("pointercancel", lift);
  box.addEventListener("contextmenu", (event) => event.preventDefault());
  // The wheel belongs to the page until the view has been clicked.
  box.addEventListener("wheel", (event) => {
    if (document.activeElement !== box && !event.ctrlKey) return;
    event.preventDefault();
    zoomBy(Math.exp(-event.deltaY * 0.0015));
  }, { passive: false });
  box.addEventListener("keydown", (event) => {
    const step = 0.12, keys = { ArrowLeft: () => turnBy(-step, 0), ArrowRight: () => turnBy(step, 0), ArrowUp: () => turnBy(0, -step), ArrowDown: () => turnBy(0, step),
      "+": () => zoomBy(1.2), "=": () => zoomBy(1.2), "-": () => zoomBy(1 / 1.2), 0: () => scene.look("start") };
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  new ResizeObserver(request).observe(box);
  on("theme", request);

  const scene = {
    view, request, paintNow: paint,
    load(next, keepPlace) {
      Object.assign(view, next);
      if (!keepPlace && view.n) {
        const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
        for (let i = 0; i < 3 * view.n; ++i) { low[i % 3] = Math.min(low[i % 3], view.centres[i]); high[i % 3] = Math.max(high[i % 3], view.centres[i]); }
        view.middle = low.map((v, axis) => (v + high[axis]) / 2);
        view.reach = 2;
        for (let i = 0; i < view.n; ++i) view.reach = Math.max(view.reach, Math.hypot(view.centres[3 * i] - view.middle[0], view.centres[3 * i + 1] - view.middle[1], view.centres[3 * i + 2] - view.middle[2]) + 1.5);
      }
      painter.load(view);
      request();
    },
    look(from) {
      view.turn = { start: product(aboutX(0.35), aboutY(-0.5)), z: product(aboutX(0), aboutY(0)), y: aboutX(Math.PI / 2), x: aboutY(-Math.PI / 2) }[from];
      view.pan = [0, 0];
      view.zoom = 1;
      request();
    },
    centreOf(i) { return projectPoint(view, view.centres[3 * i], view.centres[3 * i + 1], view.centres[3 * i + 2], width, height); },
  };
  return scene;
}
