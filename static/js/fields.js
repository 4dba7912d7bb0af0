// Fields that help: word counts, texts that copy, files that drop, forms that are sent once.

export {};

// A page that is opened with errors (no htmx) starts at the first of them (after an htmx answer, requests.js does it).
const summary = document.querySelector("[data-error-summary]");
if (summary) (document.querySelector('main [aria-invalid="true"]') ?? summary).focus();

const words = (text) => text.trim().split(/\s+/).filter(Boolean).length;

function count(field) {
  const target = document.getElementById(field.dataset.words);
  if (!target) return;
  const limit = Number(field.dataset.limit || 0);
  const used = words(field.value);
  target.textContent = limit ? `${used} of ${limit} words` : `${used} words`;
  target.classList.toggle("bad", limit > 0 && used > limit);
}

document.addEventListener("input", (event) => {
  if (event.target.dataset?.words) count(event.target);
});
const countAll = () => document.querySelectorAll("textarea[data-words]").forEach(count);
document.addEventListener("htmx:afterSettle", countAll);
countAll();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  const source = document.getElementById(button.dataset.copy);
  const text = source ? source.value ?? source.textContent : button.dataset.copyText ?? "";
  try {
    await navigator.clipboard.writeText(text.trim());
    const before = button.innerHTML;
    button.textContent = button.dataset.copied || "Copied";
    setTimeout(() => { button.innerHTML = before; }, 1600);
  } catch {
    // Without the clipboard (plain http) the text is at least marked, ready for Ctrl C.
    source?.select?.();
  }
});

for (const kind of ["dragenter", "dragover"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-filedrop]");
    if (!zone || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.setAttribute("data-over", "");
  });
}
for (const kind of ["dragleave", "drop"]) {
  document.addEventListener(kind, (event) => event.target.closest?.("[data-filedrop]")?.removeAttribute("data-over"));
}
document.addEventListener("drop", (event) => {
  const zone = event.target.closest?.("[data-filedrop]");
  const input = zone?.querySelector('input[type="file"]');
  if (!input || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  if (event.target.type !== "file") return;
  const name = event.target.closest("[data-filedrop]")?.querySelector("[data-file-name]");
  if (name) name.textContent = [...event.target.files].map((file) => file.name).join(", ");
});

// A slider says its value while it moves.
document.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const output = document.querySelector(`output[for="${CSS.escape(event.target.id)}"]`);
  if (output) output.textContent = event.target.value;
});

// A second click while the first is on its way would send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post") || form.hasAttribute("hx-get") || form.dataset.many !== undefined) return;
  if (event.defaultPrevented || form.method !== "post") return;
  setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; }));
});
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form button:disabled").forEach((button) => { button.disabled = false; });
});

// Choosing a person's last score or an anchor: the text of the chosen value stands beside the scale.
document.addEventListener("change", (event) => {
  const row = event.target.closest?.("[data-rating]");
  const anchor = row?.querySelector("[data-anchor]");
  if (anchor) anchor.textContent = event.target.dataset.anchorText ?? "";
});
