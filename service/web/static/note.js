// Words selected in a note go into the forms that ask for some: as places in its code points.
"use strict";
const posted = document.getElementById("posted");
const forms = [...document.querySelectorAll("form[data-span]")];
const points = (text) => [...text].length;

function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!posted.contains(range.startContainer) || !posted.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.setStart(posted, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const text = range.toString();
  const bare = text.trim();
  if (!bare) return null;
  const start = points(before.toString()) + points(text.slice(0, text.indexOf(bare)));
  return { text: bare, start, end: start + points(bare) };
}

// The form that is open for a request, else the one that adds.
function wanting() {
  const open = forms.find((form) => form.closest("details[open]"));
  return open || forms.find((form) => form.id === "add");
}

function fill() {
  const words = selected();
  const form = wanting();
  if (!words || !form) return;
  form.elements.start.value = words.start;
  form.elements.end.value = words.end;
  form.elements.quote.value = words.text;
  const said = document.querySelector("[data-is=chosen]");
  said.textContent = form.id === "add"
    ? `${words.end - words.start} characters are selected.`
    : "The selected words are in the form of the request that is open.";
}

// Arrow keys choose words: alone the next one, with Shift more of them.
function step(event) {
  const direction = { ArrowRight: "forward", ArrowLeft: "backward" }[event.key];
  if (!direction || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const selection = getSelection();
  if (!posted.contains(selection.anchorNode)) selection.collapse(posted, 0);
  else if (!event.shiftKey && direction === "forward") selection.collapseToEnd();
  else if (!event.shiftKey) { selection.collapseToStart(); selection.modify("move", "backward", "word"); }
  selection.modify("extend", event.shiftKey ? direction : "forward", "word");
}

posted.addEventListener("keydown", step);
document.addEventListener("selectionchange", fill);
// What was selected before this script had come.
fill();
for (const form of forms) {
  // What is typed is looked for anew.
  form.elements.quote.addEventListener("input", () => {
    form.elements.start.value = form.elements.end.value = "";
  });
}
