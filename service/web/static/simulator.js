// The simulator while a slider moves: what the page would show is fetched, and put in place.
"use strict";
const form = document.getElementById("policy");
let waiting = 0, latest = 0;

async function show() {
  const fields = new URLSearchParams(new FormData(form));
  const address = `${form.getAttribute("action")}?${fields}`;
  const mine = (latest += 1);
  const result = document.getElementById("result");
  result.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address);
    if (mine !== latest) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("result");
    // A page that is no simulation (signed out, a quarter that is none) is shown as what it is.
    if (!found) { location.href = address; return; }
    result.replaceWith(document.importNode(found, true));
    history.replaceState(null, "", address);
    for (const number of form.querySelectorAll("[name]")) {
      const told = page.getElementById(`e-${number.name}`);
      document.getElementById(`e-${number.name}`)?.remove();
      number.removeAttribute("aria-invalid");
      if (!told) continue;
      number.setAttribute("aria-invalid", "true");
      number.setAttribute("aria-describedby", told.id);
      number.after(document.importNode(told, true));
    }
  } catch {
    result.setAttribute("aria-busy", "false");
  }
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, 120);
}

for (const slider of form.querySelectorAll("input[type=range]")) {
  const number = document.getElementById(slider.dataset.for);
  slider.hidden = false;
  slider.value = number.value;
  slider.addEventListener("input", () => { number.value = slider.value; soon(); });
  number.addEventListener("input", () => { slider.value = number.value; soon(); });
}
form.querySelector("select").addEventListener("change", soon);
// What was typed before this script had come.
if ([...form.querySelectorAll("input[name]")].some((one) => one.value !== one.defaultValue)) soon();
