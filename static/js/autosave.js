// Plan texts: saved 1.2 s after the last key, never lost. The field says what is stored, the state beside it what happens.
//
// <textarea data-autosave-url="…" data-revision="7" data-state-target="id" data-conflict-target="id" name="text">
// Request: POST text, base_revision. Answers: 200 {"revision", "text", "note"?} or 409 with the conflict partial.

const PAUSE = 1200;
const LONGEST_WAIT = 30_000;
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const person = document.body.dataset.person ?? "";
const states = new WeakMap();

const keyOf = (field) => `sam-draft:${person}:${field.dataset.autosaveUrl}`;
const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

function stateOf(field) {
  if (!states.has(field)) {
    states.set(field, { stored: field.value, timer: 0, tries: 0, sending: false, blocked: false });
  }
  return states.get(field);
}

const unsaved = (field) => field.value !== stateOf(field).stored;

function tell(field, kind, words) {
  const target = document.getElementById(field.dataset.stateTarget ?? "");
  if (!target) return;
  target.dataset.state = kind;
  target.textContent = words;
}

function keep(field) {
  try {
    if (unsaved(field)) {
      const draft = { text: field.value, revision: field.dataset.revision, at: Date.now() };
      localStorage.setItem(keyOf(field), JSON.stringify(draft));
    } else {
      localStorage.removeItem(keyOf(field));
    }
  } catch {
    // A full or forbidden store must not stop the writing; the server copy is the real one.
  }
}

function later(field, wait) {
  const state = stateOf(field);
  clearTimeout(state.timer);
  state.timer = setTimeout(() => save(field), wait);
}

async function save(field) {
  const state = stateOf(field);
  if (state.sending || state.blocked || !field.isConnected || !unsaved(field)) return;
  state.sending = true;
  const sent = field.value;
  tell(field, "saving", "Saving…");
  try {
    const answer = await fetch(field.dataset.autosaveUrl, {
      method: "POST",
      headers: { "X-CSRFToken": token, "HX-Request": "true", Accept: "application/json, text/html" },
      body: new URLSearchParams({ text: sent, base_revision: field.dataset.revision ?? "" }),
      credentials: "same-origin",
    });
    state.sending = false;
    if (answer.status === 409) await conflict(field, answer);
    else if (answer.ok && answer.headers.get("content-type")?.includes("json")) stored(field, sent, await answer.json());
    else if (answer.status >= 500 || answer.status === 429) again(field);
    else await refused(field, answer);
  } catch {
    state.sending = false;
    again(field);
  }
}

// One edit that turns `from` into `to`: replace `from` between start and end by text.
function edit(from, to) {
  let start = 0;
  while (start < from.length && start < to.length && from[start] === to[start]) start += 1;
  let tail = 0;
  while (tail < from.length - start && tail < to.length - start && from.at(-1 - tail) === to.at(-1 - tail)) tail += 1;
  return { start, end: from.length - tail, text: to.slice(start, to.length - tail) };
}

// Brings the server's merged text into a field in which the person may have gone on writing since it was sent.
// False when both changed the same place: then the field stays as it is and the server decides at the next save.
function takeOver(field, sent, merged) {
  const ours = edit(sent, field.value);
  const theirs = edit(sent, merged);
  const untouched = field.value === sent;
  if (!untouched && theirs.end >= ours.start && ours.end >= theirs.start) return false;
  const shift = !untouched && theirs.start >= ours.end ? ours.text.length - (ours.end - ours.start) : 0;
  const [from, to] = [theirs.start + shift, theirs.end + shift];
  const { selectionStart, selectionEnd } = field;
  const move = (caret) => (caret >= to ? caret + theirs.text.length - (to - from) : Math.min(caret, from));
  const focused = document.activeElement === field;
  field.value = field.value.slice(0, from) + theirs.text + field.value.slice(to);
  if (focused) field.setSelectionRange(move(selectionStart), move(selectionEnd));
  return true;
}

function stored(field, sent, answer) {
  const state = stateOf(field);
  state.tries = 0;
  const merged = typeof answer.text === "string" ? answer.text : sent;
  if (merged === sent || takeOver(field, sent, merged)) {
    field.dataset.revision = String(answer.revision);
    state.stored = merged;
  } else {
    // The older revision stays named, so that the server merges against what this person had really read.
    state.stored = sent;
  }
  keep(field);
  if (unsaved(field)) later(field, PAUSE);
  else tell(field, "saved", `Saved ${clock()}${answer.note ? ` · ${answer.note}` : ""}`);
  field.dispatchEvent(new CustomEvent("sam:saved", { bubbles: true, detail: answer }));
}

function again(field) {
  const state = stateOf(field);
  keep(field);
  tell(field, "failed", "Not saved, trying again");
  state.tries += 1;
  later(field, Math.min(PAUSE * 2 ** state.tries, LONGEST_WAIT));
}

async function refused(field, answer) {
  keep(field);
  const type = answer.headers.get("content-type") ?? "";
  let words = answer.redirected || answer.status === 403 ? "Not saved: sign in again. Your text is kept here." : "Not saved";
  if (type.includes("json")) words = (await answer.json()).message ?? words;
  tell(field, "failed", words);
}

async function conflict(field, answer) {
  const state = stateOf(field);
  state.blocked = true;
  keep(field);
  tell(field, "conflict", "Not saved: somebody changed the same sentence");
  const target = document.getElementById(field.dataset.conflictTarget ?? "");
  if (!target) return;
  target.innerHTML = await answer.text();
  window.htmx?.process(target);
  target.querySelector("button, a, input")?.focus();
}

// The page decides the conflict by answering with a new field, or by <button data-resolve="field id" data-revision data-text>.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-resolve]");
  const field = button && document.getElementById(button.dataset.resolve);
  if (!field) return;
  event.preventDefault();
  const state = stateOf(field);
  state.blocked = false;
  field.dataset.revision = button.dataset.revision;
  const chosen = document.getElementById(button.dataset.text);
  if (chosen) field.value = chosen.value ?? chosen.textContent;
  // The other text counts as stored: what was chosen is sent on top of it, even when it is our old one.
  state.stored = null;
  document.getElementById(field.dataset.conflictTarget ?? "")?.replaceChildren();
  save(field);
  field.focus();
});

function restore(field) {
  const state = stateOf(field);
  let draft = null;
  try {
    draft = JSON.parse(localStorage.getItem(keyOf(field)) ?? "null");
  } catch {
    return;
  }
  if (!draft || draft.text === field.value) {
    keep(field);
    return;
  }
  field.value = draft.text;
  // The draft was written on an older text; its revision lets the server merge instead of overwrite.
  field.dataset.revision = draft.revision ?? field.dataset.revision;
  tell(field, "failed", "Text from your last visit, saving it now");
  state.tries = 0;
  later(field, PAUSE);
}

function prepare() {
  for (const field of document.querySelectorAll("textarea[data-autosave-url]")) {
    if (states.has(field)) continue;
    stateOf(field);
    restore(field);
  }
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("textarea[data-autosave-url]")) return;
  keep(field);
  if (stateOf(field).blocked) return;
  tell(field, "saving", "Writing…");
  later(field, PAUSE);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("textarea[data-autosave-url]")) save(event.target);
});
addEventListener("online", () => document.querySelectorAll("textarea[data-autosave-url]").forEach(save));
addEventListener("beforeunload", (event) => {
  const open = [...document.querySelectorAll("textarea[data-autosave-url]")].filter(unsaved);
  if (!open.length) return;
  open.forEach(keep);
  event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") document.querySelectorAll("textarea[data-autosave-url]").forEach(save);
});
document.addEventListener("htmx:afterSettle", prepare);
prepare();
