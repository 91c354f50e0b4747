// What was typed in a form that was sent when the log-in had ended comes back into the form after it.
//
// It waits in this tab, sealed with a key that the pages of the same person carry and nobody else's.
// The page after it decides: a page to log in, or one that says what went wrong, means that it was not
// taken; any other page means that it was.

const PLACE = "typed";
const HOURS = 4;
const MOST = 200000;
const WORDS = "This did not get through before. What you typed is here again: look at it, then send it.";

const body = document.body;
const mine = body.dataset.typedKey;

const toText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join(""));
const toBytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

function forget() {
  sessionStorage.removeItem(PLACE);
}

function kept() {
  try {
    const found = JSON.parse(sessionStorage.getItem(PLACE));
    if (found && Date.now() - found.at < HOURS * 3600000) return found;
  } catch {
    // Not ours, or broken: it goes like what is too old.
  }
  forget();
  return null;
}

const key = mine && crypto.subtle?.importKey("raw", toBytes(mine), "AES-GCM", false, ["encrypt", "decrypt"]);

// Where a form is sent: it is found again by this. "" is the page itself.
function target(form) {
  return new URL(form.getAttribute("hx-post") ?? form.getAttribute("action") ?? "", location.href).pathname;
}

function posts(form) {
  return form instanceof HTMLFormElement && (form.hasAttribute("hx-post") || form.method === "post");
}

const fields = (form) =>
  [...form.elements].filter(
    (one) => one.name && !one.disabled && /^(input|textarea|select)/i.test(one.tagName) && !/^(file|password|hidden|submit|button|image|reset)$/.test(one.type) && one.autocomplete !== "one-time-code",
  );

const picked = (one) => one.type === "checkbox" || one.type === "radio";

function valueOf(one) {
  if (picked(one)) return one.checked;
  return one.multiple ? [...one.selectedOptions].map((option) => option.value) : one.value;
}

function put(one, value) {
  if (picked(one)) one.checked = value;
  else if (one.multiple) for (const option of one.options) option.selected = value.includes(option.value);
  else one.value = value;
  for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
}

// Fields are told apart by name, and by value where one name has several.
const nameOf = (one) => (picked(one) ? `${one.name}=${one.value}` : one.name);

async function keep(form) {
  const said = fields(form).map((one) => [nameOf(one), valueOf(one)]);
  const text = JSON.stringify({ to: target(form), said });
  if (!said.length || text.length > MOST) return;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key, new TextEncoder().encode(text));
  sessionStorage.setItem(PLACE, JSON.stringify({ at: Date.now(), iv: toText(iv), sealed: toText(sealed) }));
}

async function open(found) {
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: toBytes(found.iv) }, await key, toBytes(found.sealed));
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return null; // somebody else's
  }
}

function fill(form, said) {
  const values = new Map(said);
  for (const one of fields(form)) {
    const value = values.get(nameOf(one));
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(valueOf(one))) put(one, value);
  }
  const words = document.createElement("p");
  words.className = "note note-hold";
  words.setAttribute("role", "status");
  words.dataset.typedBack = "";
  words.textContent = WORDS;
  form.prepend(words);
  form.scrollIntoView({ block: "start" });
}

async function bringBack(root) {
  const found = kept();
  if (!found?.waits) return;
  const typed = await open(found);
  const form = typed && [...root.querySelectorAll("form")].find((one) => posts(one) && target(one) === typed.to);
  if (!form) return;
  forget();
  fill(form, typed.said);
}

document.addEventListener("submit", (event) => {
  if (!posts(event.target)) return;
  if (target(event.target).endsWith("/logout/")) forget();
  else if (key) keep(event.target);
});

if (key) {
  const found = kept();
  if (found && !found.waits) forget(); // it was taken, or the page says itself what was wrong
  bringBack(document);
  document.addEventListener("htmx:load", (event) => bringBack(event.detail.elt));
  // What htmx sent was answered on the same page, unless it leads to a log-in.
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const leads = detail.xhr.getResponseHeader("HX-Redirect");
    if (detail.requestConfig.verb === "post" && !leads && detail.xhr.status && detail.xhr.status < 500) forget();
  });
} else if (body.dataset.nobody !== undefined || body.classList.contains("signed-out")) {
  const found = kept();
  if (found) sessionStorage.setItem(PLACE, JSON.stringify({ ...found, waits: true }));
}
