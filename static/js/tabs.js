// Rows of tabs that are wider than the screen start where the current tab can be seen.

export {};

for (const row of document.querySelectorAll(".tabrow, .outline")) {
  const current = row.querySelector("[aria-current]");
  if (!current || row.scrollWidth <= row.clientWidth) continue;
  row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}
