// Draws every section, keeps them in step with the chosen frame, and says when the page is ready.
const DRAW = { data: drawData, volume: drawVolume, atoms: drawAtoms, errors: drawErrors, worst: drawWorst, order: drawOrder, nuclei: drawNuclei, opg: drawOpg, chemistry: drawChemistry, thermo: drawThermo };
const BY_RUN = new Set(["thermo"]); // the same for every frame

function redraw(name) {
  const box = document.querySelector(`[data-draw="${name}"]`);
  const height = box.offsetHeight;
  box.style.minHeight = height + "px"; // the page must not jump while a section is rebuilt
  box.replaceChildren();
  try {
    if (!FRAMES.length && !BY_RUN.has(name)) box.append(notAssessed("the run directory holds no frame"));
    else DRAW[name](box);
  } catch (error) {
    noteError(name, error);
    box.append(notAssessed(`this part could not be drawn (${error.message})`));
  }
  box.style.minHeight = "";
}

function buildFrames() {
  const box = document.getElementById("frames"), few = 6;
  if (FRAMES.length < 2) return;
  if (FRAMES.length <= few) {
    const buttons = FRAMES.map((frame, i) => el("button", { type: "button", "aria-pressed": i === state.frame, onclick: () => setFrame(i) }, frame.name));
    const mark = () => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === state.frame)));
    mark();
    on("frame", mark);
    box.append(...buttons);
  } else box.append(range("Frame", FRAMES.length - 1, 0, (i) => FRAMES[i].name, setFrame));
}

function buildTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (dark.matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    tell("theme");
  });
  dark.addEventListener("change", () => tell("theme"));
}

// Marks the section that is being read in the list of contents.
function buildContents() {
  const links = new Map([...document.querySelectorAll(".contents a")].map((a) => [a.getAttribute("href").slice(1), a]));
  const seen = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
    const current = [...links.keys()].find((id) => seen.has(id));
    for (const [id, a] of links) id === current ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
  }, { rootMargin: "-10% 0px -60% 0px" });
  for (const id of links.keys()) observer.observe(document.getElementById(id));
}

on("frame", () => { for (const name of Object.keys(DRAW)) if (!BY_RUN.has(name)) redraw(name); });
on("chosen", moveSlicesToChosen);
addEventListener("beforeprint", () => { for (const details of document.querySelectorAll("details.checks")) details.open = true; });
root.dataset.errors = "0";
buildFrames();
buildTheme();
buildContents();
for (const name of Object.keys(DRAW)) redraw(name);
root.dataset.ready = "true";
