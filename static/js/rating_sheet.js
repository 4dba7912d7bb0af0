// The rating sheet from the keyboard: 1 to 5 fills a field and goes on, arrows move, everything else is refused.

export {};

const table = document.querySelector("[data-sheet]");

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

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

table?.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches("[data-level]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (STEPS[event.key]) {
    event.preventDefault();
    move(field, ...STEPS[event.key]);
  } else if (/^[1-5]$/.test(event.key)) {
    event.preventDefault();
    field.value = event.key;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    // A 4 or a 5 needs evidence: its field opens, and the sheet goes on.
    if (event.key > "3") field.closest("td").querySelector("details").open = true;
    if (!move(field, 0, 1)) {
      const rows = fields();
      const row = rows.findIndex((cells) => cells.includes(field));
      rows[row + 1]?.[0]?.focus();
    }
  } else if (event.key.length === 1) {
    event.preventDefault();
  }
});
