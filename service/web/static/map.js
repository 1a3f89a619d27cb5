// The map's hands: move, zoom, point at a request, draw a line around some.
"use strict";
const by = (id) => document.getElementById(id);
const frame = by("map"), canvas = by("sheet"), glanceBox = by("glance"), form = by("chosen");
const boxes = [...frame.querySelectorAll(".legend input")];
const seen = new Map();
let picture = null, hovered = -1, line = [], drawing = false, cross = null, due = false, asked = 0;

function redraw() {
  if (due || !picture) return;
  due = true;
  requestAnimationFrame(() => { due = false; picture.draw({ hovered, line, cross }); });
}

const keyOf = (theme) => (theme < 0 ? "waiting" : frame.dataset.colour === "level" ? picture.data.themes[theme].level : picture.data.themes[theme].id);

async function begin() {
  boxes.forEach((box) => { box.parentElement.querySelector("path").setAttribute("d", markPath(box.dataset.mark)); box.checked = true; });
  frame.hidden = false;
  try {
    const answer = await fetch(frame.dataset.points);
    if (!answer.ok) throw new Error(String(answer.status));
    const data = await answer.json();
    picture = new Picture(canvas, data, []);
    const marks = new Map(boxes.map((box) => [box.dataset.of, box.dataset.mark]));
    picture.markOf = data.theme.map((theme) => marks.get(keyOf(theme)) ?? "other");
    sift();
    by("state").textContent = data.unplaced ? `${data.unplaced} requests have no place yet: a run gives them one.` : "";
  } catch {
    by("state").textContent = "The map could not be loaded. Reload the page; the table below holds the same themes.";
    return;
  }
  picture.fit();
  redraw();
  frame.dataset.ready = "true";
}

// Zoom and move: by d3, but for the line's own strokes.
const zoom = d3.zoom().scaleExtent([0.8, 40])
  .filter((event) => event.type === "wheel" || (!drawing && !event.button))
  .on("zoom", ({ transform }) => { if (!picture) return; picture.transform = transform; line = []; hide(); redraw(); });
const view = d3.select(canvas).call(zoom).on("dblclick.zoom", null);
const spot = () => cross ?? [canvas.clientWidth / 2, canvas.clientHeight / 2];
by("nearer").addEventListener("click", () => view.call(zoom.scaleBy, 1.5, spot()));
by("farther").addEventListener("click", () => view.call(zoom.scaleBy, 1 / 1.5, spot()));
by("whole").addEventListener("click", () => view.call(zoom.transform, d3.zoomIdentity));

function hide() { asked += 1; glanceBox.hidden = true; hovered = -1; }

// What a request says is asked for when somebody rests on it, and shown as text.
async function glance(i, x, y, spoken) {
  if (i === hovered) return;
  hovered = i;
  redraw();
  if (i < 0) { glanceBox.hidden = true; return; }
  const mine = (asked += 1);
  await new Promise((wait) => { setTimeout(wait, 70); });
  if (mine !== asked) return;
  const id = picture.data.ids[i];
  if (!seen.has(id)) {
    const answer = await fetch(`/desk/map/quote?id=${encodeURIComponent(id)}`);
    if (!answer.ok) return;
    seen.set(id, await answer.json());
  }
  if (mine !== asked || hovered !== i) return;
  const told = seen.get(id);
  const facts = [told.theme ?? "on no theme", told.account ?? "no account named", told.severity, told.day].join(" · ");
  glanceBox.querySelector("q").textContent = told.text || "(tagged without a quote)";
  glanceBox.querySelector("p").textContent = facts;
  glanceBox.hidden = false;
  glanceBox.style.left = `${Math.max(0, Math.min(x + 14, canvas.clientWidth - glanceBox.offsetWidth - 4))}px`;
  glanceBox.style.top = `${y + 16 + glanceBox.offsetHeight > canvas.clientHeight ? Math.max(0, y - glanceBox.offsetHeight - 12) : y + 16}px`;
  if (spoken) by("spoken").textContent = `${told.text}. ${facts}`;
}

function open(i) {
  if (i < 0) return;
  const theme = picture.data.theme[i];
  location.href = theme < 0 ? "/desk/waiting" : `/desk/themes/${encodeURIComponent(picture.data.themes[theme].id)}`;
}

function setDrawing(on) {
  drawing = on;
  line = [];
  by("choose").setAttribute("aria-pressed", String(on));
  canvas.classList.toggle("drawing", on);
  if (on) hide();
  redraw();
}

// What the line holds, in words and in the form.
function choose(inside) {
  picture.chosen = new Set(inside);
  form.hidden = !inside.length;
  form.elements.requests.value = inside.map((i) => picture.data.ids[i]).join(" ");
  const counts = d3.rollups(inside, (all) => all.length, (i) => picture.data.theme[i]).sort((a, b) => b[1] - a[1]);
  const named = counts.slice(0, 4).map(([theme, count]) => `${count} on ${theme < 0 ? "no theme" : picture.data.themes[theme].label}`);
  const rest = counts.length > 4 ? ` and others on ${counts.length - 4} more themes` : "";
  by("told").textContent = `${inside.length} chosen: ${named.join(", ")}${rest}.`;
  setDrawing(false);
  if (inside.length) form.scrollIntoView({ block: "nearest" });
  else by("spoken").textContent = "The line holds no request.";
}

canvas.addEventListener("pointerdown", (event) => {
  cross = null;
  if (!drawing || !picture) return;
  canvas.setPointerCapture(event.pointerId);
  line = [d3.pointer(event, canvas)];
});
canvas.addEventListener("pointermove", (event) => {
  if (!picture) return;
  const place = d3.pointer(event, canvas);
  if (!drawing) { if (!event.buttons) glance(picture.near(...place), ...place, false); return; }
  if (line.length && event.buttons) { line.push(place); redraw(); }
});
canvas.addEventListener("pointerup", () => { if (drawing && line.length > 2) choose(picture.within(line)); });
canvas.addEventListener("pointerleave", () => { if (!drawing) { hide(); redraw(); } });
canvas.addEventListener("click", (event) => { if (picture && !drawing) open(picture.near(...d3.pointer(event, canvas))); });
by("choose").addEventListener("click", () => { setDrawing(!drawing); canvas.focus(); });
by("drop").addEventListener("click", () => { choose([]); canvas.focus(); });

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function step([dx, dy], far) {
  const [x, y] = spot(), size = far ? 60 : 12;
  const to = [x + dx * size, y + dy * size];
  const over = [to[0] < 0 || to[0] > canvas.clientWidth, to[1] < 0 || to[1] > canvas.clientHeight];
  if (over[0] || over[1]) view.call(zoom.translateBy, (-dx * 120) / picture.transform.k, (-dy * 120) / picture.transform.k);
  else cross = to;
  if (!drawing) glance(picture.near(...cross ?? to), ...cross ?? to, true);
  redraw();
}

canvas.addEventListener("keydown", (event) => {
  if (!picture || event.ctrlKey || event.metaKey || event.altKey) return;
  const press = { "+": "nearer", "=": "nearer", "-": "farther", 0: "whole" }[event.key];
  if (event.key in STEPS) step(STEPS[event.key], event.shiftKey);
  else if (press) by(press).click();
  else if (event.key === "Enter" && drawing) { line.push(spot()); by("spoken").textContent = `Corner ${line.length}`; redraw(); }
  else if (event.key === "Enter") open(picture.near(...spot()));
  else if (event.key === "c" && drawing && line.length > 2) choose(picture.within(line));
  else if (event.key === "Escape") { if (drawing) setDrawing(false); else choose([]); }
  else return;
  event.preventDefault();
});

// What is unticked is hidden: also what was unticked before the points had come.
function sift() {
  if (!picture) return;
  const off = new Set(boxes.filter((one) => !one.checked).map((one) => one.dataset.mark));
  picture.markOf.forEach((mark, i) => { picture.shown[i] = off.has(mark) ? 0 : 1; });
  redraw();
}

boxes.forEach((box) => box.addEventListener("change", sift));
const again = () => { if (picture) { picture.fit(); redraw(); } };
new ResizeObserver(again).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
begin();
