// The rating sheet from the keyboard: 1 to 5 fills a field and goes on, arrows move, Enter opens the evidence,
// Escape goes back. What is typed and not saved is kept in the browser and comes back.

export {};

const form = document.querySelector("[data-sheet-form]");
const table = document.querySelector("[data-sheet]");
const strip = document.querySelector("[data-sheet-anchors]");
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function fields() {
  return [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("[data-level]")]);
}

function move(from, down, right) {
  const rows = fields();
  const row = rows.findIndex((cells) => cells.includes(from));
  const column = rows[row].indexOf(from);
  const next = rows[row + down]?.[column + right];
  next?.focus();
  next?.select();
  return Boolean(next);
}

function toNextRow(from) {
  const rows = fields();
  const row = rows.findIndex((cells) => cells.includes(from));
  rows[row + 1]?.[0]?.focus();
}

function openEvidence(field) {
  const details = field.closest("td").querySelector("details");
  details.open = true;
  return details.querySelector("textarea");
}

function showAnchors(field) {
  const source = document.querySelector(`[data-anchors="${CSS.escape(field.dataset.criterion)}"]`);
  if (!source || !strip) return;
  const title = source.querySelector("summary").cloneNode(true);
  const head = document.createElement("b");
  head.textContent = title.textContent;
  const list = source.querySelector("ol").cloneNode(true);
  list.className = "";
  [...list.children].forEach((item, index) => item.toggleAttribute("data-chosen", String(index + 1) === field.value));
  strip.replaceChildren(head, list);
  strip.hidden = false;
}

table?.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-level]")) showAnchors(event.target);
});

table?.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key === "Escape" && field.matches("textarea")) {
    event.preventDefault();
    field.closest("td").querySelector("[data-level]").focus();
    return;
  }
  if (!field.matches("[data-level]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (STEPS[event.key]) {
    event.preventDefault();
    move(field, ...STEPS[event.key]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    openEvidence(field).focus();
  } else if (/^[1-5]$/.test(event.key)) {
    event.preventDefault();
    field.value = event.key;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    // A 4 or a 5 needs evidence: its field opens, and the sheet goes on.
    if (event.key > "3") openEvidence(field);
    if (!move(field, 0, 1)) toNextRow(field);
  } else if (event.key.length === 1) {
    event.preventDefault();
  }
});

// --- kept until it is saved ----------------------------------------------------------------------------------

const KEPT = `sam-sheet:${document.body.dataset.person ?? ""}`;
const inputs = () => [...form.querySelectorAll("[data-level], textarea, td input[type=checkbox]")];
const isBox = (input) => input.type === "checkbox";
const valueOf = (input) => (isBox(input) ? (input.checked ? "yes" : "") : input.value);
const storedOf = (input) => (isBox(input) ? (input.defaultChecked ? "yes" : "") : input.defaultValue);
// A page that came back with errors holds what was typed already; its fields are not what is stored.
const failed = Boolean(form?.querySelector('[aria-invalid="true"]'));
const dirty = () => inputs().filter((input) => valueOf(input) !== storedOf(input));

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}

function keep() {
  const kept = read();
  for (const input of inputs()) {
    if (valueOf(input) === storedOf(input) && !failed) delete kept[input.name];
    else kept[input.name] = valueOf(input);
  }
  try {
    localStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    // A full or forbidden store must not stop the rating; the question before leaving still protects it.
  }
}

function bringBack() {
  const kept = read();
  let count = 0;
  for (const input of inputs()) {
    const value = kept[input.name];
    if (value === undefined || value === valueOf(input)) continue;
    if (isBox(input)) input.checked = value === "yes";
    else input.value = value;
    if (!input.matches("[data-level]")) input.closest("details").open = true;
    count += 1;
  }
  const note = document.getElementById("sheet-kept");
  if (!count || !note) return;
  note.textContent = `${count === 1 ? "One entry" : `${count} entries`} that you had not saved came back. Save them, or load what is stored. `;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn";
  drop.dataset.variant = "outline";
  drop.dataset.size = "sm";
  drop.textContent = "Load what is stored";
  drop.addEventListener("click", () => {
    form.reset();
    keep();
    note.hidden = true;
  });
  note.append(drop);
  note.hidden = false;
}

if (form) {
  let sending = false;
  if (!failed) bringBack();
  keep();
  form.addEventListener("input", (event) => {
    keep();
    if (event.target.matches("[data-level]")) showAnchors(event.target);
  });
  form.addEventListener("submit", () => {
    sending = true;
  });
  addEventListener("beforeunload", (event) => {
    if (!sending && (failed || dirty().length)) event.preventDefault();
  });
}
