// A file of notes, sent in whole lines: with progress, and again from where it was cut off.
"use strict";
const PIECE = 1 << 20, ROWS = 1000, SHOWN = 100;
const LF = 10, QUOTE = 34, COMMA = 44;
const form = document.getElementById("drop");
const view = document.getElementById("loading");
const at = (name) => view.querySelector(`[data-is=${name}]`);
const button = (name) => view.querySelector(`[data-do=${name}]`);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
let load = null, turn = 0;

function joined(...some) {
  const all = new Uint8Array(some.reduce((sum, one) => sum + one.length, 0));
  some.reduce((place, one) => { all.set(one, place); return place + one.length; }, 0);
  return all;
}

// The bytes of a file in pieces; UTF-16, told by its mark, as UTF-8.
async function* pieces(file) {
  const mark = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const wide = { "255,254": "utf-16le", "254,255": "utf-16be" }[mark.join()];
  const decoder = wide && new TextDecoder(wide, { fatal: true });
  for (let place = 0; place < file.size; place += PIECE) {
    const piece = new Uint8Array(await file.slice(place, place + PIECE).arrayBuffer());
    const last = place + PIECE >= file.size;
    yield decoder ? new TextEncoder().encode(decoder.decode(piece, { stream: !last })) : piece;
  }
}

// Parts of whole rows, a CSV's each under its header: {data, before, upto}, where `before` is how
// many lines more than in the part stand before them in the file, and `upto` where they end. A
// row of a CSV may hold line ends inside quotes, which open only where a cell begins.
async function* parts(file, isCsv) {
  let held = new Uint8Array(0), header = null, headerLines = 0, line = 0;
  const made = (rows, upto) => ({
    data: header ? joined(header, rows) : rows, before: line - headerLines, upto });
  for await (const piece of pieces(file)) {
    const data = joined(held, piece);
    const marked = line === 0 && data[0] === 0xEF && data[1] === 0xBB;
    let start = 0, end = 0, lines = 0, whole = 0, rows = 0, state = "start";
    for (let i = marked ? 3 : 0; i < data.length; i++) {
      const byte = data[i];
      if (byte === LF) lines++;
      if (isCsv) {
        if (state === "quoted") state = byte === QUOTE ? "closing" : "quoted";
        else if (byte === QUOTE && state !== "plain") state = "quoted";
        else state = byte === COMMA || byte === LF ? "start" : "plain";
      }
      if (byte !== LF || state === "quoted") continue;
      end = i + 1; whole = lines; rows++;
      if (isCsv && !header) {
        header = data.slice(0, end); line = headerLines = whole;
        load.header = new TextDecoder(load.query.encoding || "utf-8").decode(header).trimEnd();
      } else if (rows === ROWS || end - start >= PIECE) {
        yield made(data.slice(start, end), line + whole);
        line += whole;
      } else continue;
      start = end; lines = whole = rows = 0;
    }
    if (end > start) {
      yield made(data.slice(start, end), line + whole);
      line += whole;
    }
    held = data.slice(Math.max(start, end));
  }
  if (held.length) yield made(held, load.total);
}

async function countLines(file) {
  let lines = 0, last = LF;
  for await (const piece of pieces(file)) {
    for (const byte of piece) if (byte === LF) lines++;
    if (piece.length) last = piece[piece.length - 1];
  }
  return lines + (last === LF ? 0 : 1);
}

async function sent(part, query, isCsv) {
  for (let tries = 0; ; tries++) {
    if (load.cancelled) return null;
    let answer = null, body = null;
    try {
      answer = await fetch(`/desk/notes/backfill/part?${query}`, { method: "POST", body: part.data,
        headers: { "Content-Type": isCsv ? "text/csv" : "application/x-ndjson",
          "X-File-Name": encodeURIComponent(load.file.name.replace(/[\uD800-\uDFFF]/gu, "")) } });
      body = await answer.json();
    } catch (error) { body = { error: { message: "The service can't be reached.", code: "" } }; }
    if (answer && answer.ok) return body;
    const full = body.error.code === "queue_full" || (answer && answer.status === 429);
    if (!full && (tries >= 3 || (answer && answer.status < 500))) {
      throw Object.assign(new Error(body.error.message), { refused: Boolean(answer && answer.status === 422) });
    }
    say(full ? "Waits for the reader: its queue is full." : `${body.error.message} Tries again.`);
    await pause(full ? 5000 : 1000 * (tries + 1));
  }
}

const say = (words) => { at("state").textContent = words; };

function tell(answer) {
  for (const name of Object.keys(load.counts)) {
    load.counts[name] += name === "rejected" ? answer.rejected.length : answer[name];
    view.querySelector(`[data-count=${name}]`).textContent = load.counts[name].toLocaleString();
  }
  for (const one of answer.rejected) {
    load.bad.push(one);
    if (load.bad.length > SHOWN) continue;
    const row = view.querySelector("tbody").insertRow();
    const begins = one.raw.replace(/\s+/g, " ");
    row.insertCell().textContent = one.line;
    row.cells[0].className = "n";
    row.insertCell().append(`${one.message} `, Object.assign(document.createElement("code"), { textContent: one.code }));
    row.insertCell().textContent = begins.length > 120 ? `${begins.slice(0, 120)}…` : begins;
    row.cells[2].className = "raw";
  }
  answer.ignored_columns.forEach((name) => load.ignored.add(name));
  at("ignored").textContent = load.ignored.size ? `Columns that are not read: ${[...load.ignored].join(", ")}` : "";
  view.querySelector(".bad").hidden = !load.bad.length;
  at("more").textContent = load.bad.length > SHOWN ? `and ${load.bad.length - SHOWN} more, in the files` : "";
  view.querySelector("progress").value = load.done / Math.max(load.total, 1);
  say(`${load.done.toLocaleString()} of ${load.total.toLocaleString()} lines sent.`);
}

async function run() {
  turn += 1;
  const { file, isCsv } = load;
  view.classList.remove("stopped");
  button("cancel").hidden = false;
  button("continue").hidden = button("see").hidden = true;
  let refused = false;
  try {
    let place = 0;
    for await (const part of parts(file, isCsv)) {
      if (place++ < load.parts) continue;
      const query = new URLSearchParams({ ...load.query, before: part.before,
        upto: part.upto, total: load.total, upload: load.upload });
      const answer = await sent(part, query, isCsv);
      if (!answer) break;
      // Where all this can be read again for an hour, so that a reload forgets nothing.
      load.upload = answer.upload;
      history.replaceState(null, "", `/desk/notes/backfill?upload=${load.upload}`);
      load.parts = place;
      load.done = part.upto;
      tell(answer);
    }
    say(load.cancelled ? `Cancelled after ${load.done.toLocaleString()} lines; what was sent is kept.` : stored());
  } catch (error) {
    load.cancelled = true;
    view.classList.add("stopped");
    refused = error.refused && !load.done;
    say(refused ? error.message : `It stopped after ${load.done.toLocaleString()} lines: ${error.message} What was sent is kept.`);
  }
  button("cancel").hidden = true;
  button("continue").hidden = !load.cancelled || refused;
  button("see").hidden = !load.done || load.cancelled;
  load.running = false;
  if (!["accounts", "csms", "taxonomy"].includes(load.query.kind)) watch();
}

const stored = () => load.bad.length
  ? `Stored, but for ${load.bad.length === 1 ? "the line" : `the ${load.bad.length.toLocaleString()} lines`} below.`
  : "All of it is stored.";

// How far the worker has come, as the store tells it.
async function watch() {
  const mine = turn, taken = load.counts.accepted + load.counts.updated;
  const box = view.querySelector(".reading");
  for (let quiet = 0; taken && mine === turn; ) {
    let now;
    try { now = await (await fetch("/desk/notes/backfill/progress")).json(); } catch (error) { break; }
    // More is sent since, or another file, which tells of itself.
    if (mine !== turn) break;
    const read = Math.max(0, taken - now.waiting);
    quiet = now.waiting && !now.is_read ? quiet + 1 : 0;
    box.hidden = false;
    box.querySelector("progress").value = read / taken;
    at("reading").textContent = now.waiting
      ? `${read.toLocaleString()} of ${taken.toLocaleString()} notes are read; ${now.waiting.toLocaleString()} wait.${
        quiet > 2 ? " Nobody reads them at this moment: is a worker running (groundswell work)?" : ""}`
      : taken === 1 ? "The note has been read." : `All ${taken.toLocaleString()} notes have been read.`;
    if (!now.waiting) break;
    await pause(2000);
  }
}

function begin(file, of) {
  if (load && load.running) return;
  turn += 1;
  const ending = file.name.split(".").pop().toLowerCase();
  const isCsv = ending === "csv";
  load = { file, isCsv, running: true, cancelled: false, parts: 0, done: 0, total: 0, upload: "", bad: [], ignored: new Set(),
    counts: { accepted: 0, updated: 0, duplicate: 0, stale: 0, deleted: 0, left_out: 0, rejected: 0 },
    query: { kind: form.elements.kind.value, encoding: form.elements.encoding.value, ending } };
  view.hidden = false;
  view.querySelector("tbody").replaceChildren();
  view.querySelector(".bad").hidden = view.querySelector(".reading").hidden = true;
  for (const cell of view.querySelectorAll("[data-count]")) cell.textContent = "0";
  at("name").textContent = of > 1 ? `${file.name} (the first of ${of} files)` : file.name;
  say("Counts its lines.");
  countLines(file).then((total) => { load.total = total; return run(); },
    () => { load.running = false; say("The file can't be read; is it in the encoding that it says?"); });
}

// A spreadsheet takes what begins like this for a formula.
const cell = (text) => `"${String(text).replace(/^[=+\-@\t\r]/, "'$&").replaceAll('"', '""')}"`;

function fileOf(kind) {
  if (kind === "list") {
    const rows = load.bad.map((one) => [one.line, one.code, one.message, one.raw].map(cell).join(","));
    return `${["line,code,message,raw", ...rows].join("\r\n")}\r\n`;
  }
  const lines = load.bad.map((one) => one.raw);
  return `${(load.isCsv ? [load.header, ...lines] : lines).join("\n")}\n`;
}

for (const link of view.querySelectorAll("[data-file]")) {
  link.addEventListener("click", () => {
    const kind = link.dataset.file;
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([fileOf(kind)], { type: "text/plain" }));
    if (kind === "lines") link.download = load.isCsv ? "mend-me.csv" : "mend-me.jsonl";
  });
}

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    const around = form.closest("details");
    if (around) around.open = true;
    form.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("over"); });
document.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  form.classList.remove("over");
  begin(event.dataTransfer.files[0], event.dataTransfer.files.length);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.elements.file.files.length) begin(form.elements.file.files[0], 1);
});
button("cancel").addEventListener("click", () => { load.cancelled = true; });
button("continue").addEventListener("click", () => { load.cancelled = false; load.running = true; run(); });
