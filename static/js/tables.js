// Lists: j/k/x/Enter, selecting rows (Shift for a range), the bar that counts them.

export {};

const typing = (element) => element?.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") != null;
const keysAreOn = () => document.body.dataset.shortcuts !== "off";
const boxesOf = (table) => [...table.querySelectorAll('tbody input[type="checkbox"][name]')];

let last = null;

function refresh(table) {
  const boxes = boxesOf(table);
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").toggleAttribute("data-selected", box.checked);
  const all = table.querySelector("thead [data-select-all]");
  if (all) {
    all.checked = chosen.length > 0 && chosen.length === boxes.length;
    all.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const bar = document.querySelector(table.dataset.bulk ? `#${table.dataset.bulk}` : "[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  for (const count of bar.querySelectorAll("[data-count]")) count.textContent = String(chosen.length);
}

document.addEventListener("change", (event) => {
  const box = event.target;
  const table = box.closest?.("table[data-rows]");
  if (!table || box.type !== "checkbox") return;
  if (box.matches("[data-select-all]")) for (const one of boxesOf(table)) one.checked = box.checked;
  refresh(table);
});

document.addEventListener("click", (event) => {
  const box = event.target;
  const table = box.closest?.("table[data-rows]");
  if (!table || box.type !== "checkbox" || !box.name) return;
  const boxes = boxesOf(table);
  if (event.shiftKey && last && boxes.includes(last)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
    refresh(table);
  }
  last = box;
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-clear-selection]")) return;
  for (const table of document.querySelectorAll("table[data-rows]")) {
    for (const box of boxesOf(table)) box.checked = false;
    refresh(table);
  }
});

function move(table, step) {
  const rows = [...table.querySelectorAll("tbody tr")];
  const at = rows.findIndex((row) => row.hasAttribute("data-cursor"));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  if (!next) return;
  rows[at]?.removeAttribute("data-cursor");
  next.setAttribute("data-cursor", "");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!keysAreOn() || typing(event.target) || document.querySelector("dialog[open]")) return;
  const table = document.querySelector("table[data-rows]");
  if (!table) return;
  if (event.key === "j") move(table, 1);
  else if (event.key === "k") move(table, -1);
  else if (event.key === "x") {
    const box = table.querySelector('tr[data-cursor] input[type="checkbox"][name]');
    if (box) box.click();
  } else if (event.key === "Enter" && event.target === document.body) {
    table.querySelector("tr[data-cursor] a")?.click();
  }
});

const refreshAll = () => document.querySelectorAll("table[data-rows]").forEach(refresh);
document.addEventListener("htmx:afterSettle", refreshAll);
// Back and forward bring ticked boxes back without an event.
addEventListener("pageshow", refreshAll);
refreshAll();
