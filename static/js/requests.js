// htmx: the CSRF header, focus after an answer, and plain words when the server cannot be reached.

const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const status = event.detail.xhr?.status;
  if (status === 422) focusFirstProblem(event.detail.target);
});

function focusFirstProblem(swapped) {
  // With outerHTML the old target has left the page; its replacement carries the same id.
  const scope = swapped?.isConnected ? swapped : document.getElementById(swapped?.id ?? "") ?? document;
  const invalid = scope.querySelector('[aria-invalid="true"]') ?? scope.querySelector("[data-error-summary]");
  invalid?.focus();
}

function say(words) {
  const box = document.getElementById("messages");
  if (!box) return;
  const note = document.createElement("div");
  note.className = "note note-bad";
  note.textContent = words;
  box.replaceChildren(note);
  note.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Check the connection and try again."));

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 403) say("You may not do this. Ask the account's lead or an administrator.");
  else if (status === 404) say("This is no longer there. Reload the page.");
  else if (status === 429) say("Too many requests. Wait a minute and try again.");
  else say("Something went wrong and nothing was changed. Try again.");
});

// Controls that send their form when they change: filters, a sort order.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-send-on-change]");
  if (form) form.requestSubmit();
});
