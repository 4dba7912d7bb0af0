// Native dialogs, menus that close by themselves, keys for the whole page.

export {};

const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]") != null;
const keysAreOn = () => document.body.dataset.shortcuts !== "off";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
    return;
  }
  // A click on the backdrop lands on the dialog itself, outside its box.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

// Dialogs that came with the page or with an answer and are meant to be seen at once.
function openMarked(scope) {
  for (const dialog of scope.querySelectorAll("dialog[data-open]")) if (!dialog.open) dialog.showModal();
}
openMarked(document);
document.addEventListener("htmx:afterSettle", () => openMarked(document));
// The server asks for it with HX-Trigger: {"close-dialog": "id"} after a form in a dialog was saved.
document.addEventListener("close-dialog", (event) => document.getElementById(event.detail?.value)?.close());

// Menus: one open at a time; Escape and a click elsewhere close them.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLDetailsElement) || !menu.matches(".menu") || !menu.open) return;
  for (const other of document.querySelectorAll("details.menu[open]")) if (other !== menu) other.open = false;
}, true);
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!keysAreOn() || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    document.getElementById("shortcut-help")?.showModal();
  } else if (event.key === "/") {
    const filter = document.querySelector('main input[type="search"]');
    if (filter) {
      event.preventDefault();
      filter.focus();
      filter.select();
    }
  } else if (event.key === "e") {
    const edit = document.querySelector("main [data-edit]");
    if (edit) {
      event.preventDefault();
      edit.click();
    }
  }
});
