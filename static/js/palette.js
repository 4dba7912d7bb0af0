// Ctrl/⌘ K: search and jump. Results are links with role="option", drawn by the server at /search/.

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const results = dialog?.querySelector("[role=listbox]");

if (dialog && field && results) {
  let timer = 0;
  let running = null;

  const options = () => [...results.querySelectorAll("[role=option]")];
  const current = () => results.querySelector('[aria-selected="true"]');

  function choose(option) {
    current()?.setAttribute("aria-selected", "false");
    if (!option) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.id ||= `palette-option-${options().indexOf(option)}`;
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function search() {
    running?.abort();
    running = new AbortController();
    const query = field.value.trim();
    try {
      const answer = await fetch(`/search/?q=${encodeURIComponent(query)}`, {
        headers: { "HX-Request": "true", "HX-Target": "palette-results" },
        signal: running.signal,
      });
      if (!answer.ok) return;
      // Our own server's partial; text in it is escaped there, and the policy runs no script from it.
      results.innerHTML = await answer.text();
      // Headings have no place in a list of options; here they are only looks.
      for (const heading of results.querySelectorAll("h2, h3, p")) heading.setAttribute("role", "presentation");
      for (const option of options()) option.setAttribute("tabindex", "-1");
      field.setAttribute("aria-expanded", String(options().length > 0));
      choose(options()[0]);
    } catch (problem) {
      if (problem.name !== "AbortError") results.textContent = "The search cannot be reached.";
    }
  }

  function open() {
    if (dialog.open) return;
    dialog.showModal();
    field.select();
    search();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 120);
  });
  field.addEventListener("keydown", (event) => {
    const list = options();
    const at = list.indexOf(current());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(list[(at + step + list.length) % list.length]);
    } else if (event.key === "Enter" && current()) {
      event.preventDefault();
      const link = current().closest("a") ?? current().querySelector("a");
      if (link) location.assign(link.href);
    }
  });
}
