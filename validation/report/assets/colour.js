// Colour scales: perceptually even, readable without red-green vision. Nodes of viridis and plasma
// (Smith and van der Walt, matplotlib, CC0).
const SCALES = {
  viridis: [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]],
  plasma: [[13, 8, 135], [84, 2, 163], [139, 10, 165], [185, 50, 137], [219, 92, 104], [244, 136, 73], [254, 188, 43], [240, 249, 33]],
};
function scaleColour(name, t) {
  const nodes = SCALES[name];
  const at = Math.max(0, Math.min(1, t)) * (nodes.length - 1), i = Math.min(nodes.length - 2, Math.floor(at)), f = at - i;
  return [0, 1, 2].map((c) => nodes[i][c] * (1 - f) + nodes[i + 1][c] * f);
}
// Categories without end: hues a golden angle apart never come close for neighbouring numbers.
function categoryColour(i) {
  const h = (i * 137.508 + 205) % 360, s = 0.62, l = 0.55;
  const f = (n) => { const k = (n + h / 30) % 12; return 255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1))); };
  return [f(0), f(8), f(4)];
}
// Elements of the field's particles; others get a category colour.
const ELEMENT_COLOURS = { 14: [224, 190, 140], 26: [214, 106, 60], 27: [226, 130, 150], 28: [104, 176, 96], 29: [198, 132, 60], 45: [60, 150, 160], 46: [44, 122, 148], 47: [176, 186, 196], 78: [150, 164, 186], 79: [226, 182, 60] };
const elementColour = (z) => ELEMENT_COLOURS[z] || categoryColour(z);
const GREY = [128, 134, 140], LOST = [235, 64, 52];
const css = (c) => `rgb(${c.map(Math.round).join(",")})`;
const themeColour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
function themeRgb(name) {
  const hex = themeColour(name).replace("#", "");
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
}
