// Hide the items that don't hold what is typed, as it is typed; Enter asks the server as ever.
"use strict";
const field = document.querySelector("[data-filter]");
const count = document.querySelector("[data-count]");

function filter() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const area of document.querySelectorAll(".tree tbody")) {
    const [title, ...rows] = area.rows;
    let left = 0;
    for (const row of rows) {
      const text = `${title.cells[0].textContent} ${row.cells[0].textContent}`.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      left += row.hidden ? 0 : 1;
    }
    area.hidden = !left;
    shown += left;
  }
  if (count) count.textContent = shown;
}

if (field) {
  field.addEventListener("input", filter);
  // What was typed before this script had come.
  if (field.value) filter();
}
