// One key an action: a key presses what has it as data-key, or puts the cursor in it. And one
// sending a form, however often it is pressed.
"use strict";
const typing = (element) => element.matches("input:not([type=checkbox]), textarea, select");
const ticks = () => [...document.querySelectorAll("input[type=checkbox][name=requests]")];

function tick(place) {
  const box = ticks()[place];
  if (box) { box.checked = !box.checked; box.focus(); }
}

function tickAll() {
  const all = ticks();
  const on = !all.every((box) => box.checked);
  all.forEach((box) => { box.checked = on; });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // A key held down would go on, and answer the question of the page that comes.
  if (event.repeat) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target)) return;
  if (event.key >= "1" && event.key <= "9") { tick(Number(event.key) - 1); return; }
  if (event.key === "?") { document.body.classList.toggle("no-keys"); return; }
  if (event.key === "a" && ticks().length) { tickAll(); return; }
  const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  const field = target.dataset.needs
    ? target.form.querySelector(`[name=${target.dataset.needs}]`) : null;
  if (typing(target)) target.focus();
  else if (field && !field.value.trim()) field.focus();
  else target.click();
});

// What was typed and refused can be typed again: not one letter of it is to press a button.
const refused = document.querySelector(".notice.refused")
  && [...document.querySelectorAll("input[data-key]")].find((field) => field.value.trim());
if (refused) refused.select();

// A second press while the first is on its way would take the first one's answer away: what was
// stored would be told as refused, since by then the page is older than what is stored.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "1";
});

// A page that was kept whole, and is shown again by "back", can be answered again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) delete form.dataset.sent;
});
