// What every page does beyond htmx: busy controls, focus after a swap, a calm word when a request
// did not get through, picks that can be made blank again, a menu that closes.

const offline = document.getElementById("offline");
let lastFailed = null;

const NO_CONNECTION = "No connection. Nothing was lost: what you typed is still here.";
const WORDS = {
  403: "You do not have the right to do this here.",
  404: "This is not there any more. Load the page again to see what is.",
  409: "Somebody changed this in the meantime. Load the page again to see it.",
  429: "Too many tries in a short time. Wait a minute, then try again.",
};
const SERVER_FAILED = "The server could not do this. Nothing was lost: what you typed is still here.";

function buttonsOf(element) {
  if (element.matches("button, a.btn")) return [element];
  return [...element.querySelectorAll("button[type=submit], button:not([type])")];
}

function setBusy(element, busy) {
  for (const target of [element, ...buttonsOf(element)]) {
    if (busy) target.setAttribute("aria-busy", "true");
    else target.removeAttribute("aria-busy");
  }
}

function sayOffline(words, element) {
  lastFailed = element;
  offline.querySelector("[data-words]").textContent = words;
  offline.querySelector("[data-again]").hidden = !element;
  offline.hidden = false;
}

function focusMarked(root) {
  const marked = root.matches?.("[data-focus]") ? root : root.querySelector?.("[data-focus]");
  marked?.focus();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (elt.getAttribute("aria-busy") === "true" && requestConfig.verb !== "get") {
    event.preventDefault(); // the second tap of a double tap
    return;
  }
  setBusy(elt, true);
});

document.addEventListener("htmx:afterRequest", (event) => {
  setBusy(event.detail.elt, false);
  if (event.detail.successful) offline.hidden = true;
});

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => sayOffline(NO_CONNECTION, event.detail.elt));
}

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const words = event.detail.xhr.getResponseHeader("X-Words") ?? WORDS[status] ?? SERVER_FAILED;
  const number = event.detail.xhr.getResponseHeader("X-Request-ID");
  sayOffline(status >= 500 && number ? `${words} If you ask somebody about it, name the number ${number}.` : words, status >= 500 || status === 429 ? event.detail.elt : null);
});

offline.querySelector("[data-again]").addEventListener("click", () => {
  const element = lastFailed;
  offline.hidden = true;
  if (!element?.isConnected) return;
  if (element instanceof HTMLFormElement) element.requestSubmit();
  else element.click();
});

// The page itself, and whatever htmx brings later: the first thing marked for it takes the focus.
focusMarked(document);
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) focusMarked(event.detail.elt);
});

// Plain forms are sent once. A page that comes back from the browser's memory is ready again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.matches("[hx-post], [hx-get], [hx-put], [hx-delete]")) return;
  if (form.method !== "post") return;
  if (form.getAttribute("aria-busy") === "true") event.preventDefault();
  else setBusy(form, true);
});
addEventListener("pageshow", () => {
  for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
});

// A radio that may stay blank can be tapped again, or cleared with Backspace or Delete.
function mayBeBlank(target) {
  return target.matches?.("[data-may-be-blank] input[type=radio]");
}

function makeBlank(radio) {
  radio.checked = false;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("pointerdown", (event) => {
  const radio = event.target.closest?.("[data-may-be-blank] .pick")?.querySelector("input[type=radio]");
  if (radio) radio.dataset.wasPicked = radio.checked ? "yes" : "";
});
document.addEventListener("click", (event) => {
  if (!mayBeBlank(event.target)) return;
  const wasPicked = event.target.dataset.wasPicked === "yes";
  delete event.target.dataset.wasPicked;
  if (wasPicked) makeBlank(event.target);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.me[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  if ((event.key === "Backspace" || event.key === "Delete") && mayBeBlank(event.target)) {
    event.preventDefault();
    if (event.target.checked) makeBlank(event.target);
  }
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// Typing is use of a log-in: the server hears of it now and then, so that a long note is not lost.
const SAY_STILL_HERE = 300_000;
let saidStillHere = Date.now();
document.addEventListener("input", () => {
  if (document.body.matches(".signed-out, [data-nobody]") || Date.now() - saidStillHere < SAY_STILL_HERE) return;
  saidStillHere = Date.now();
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  fetch("/login/still/", { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" }).catch(() => {});
});

// Where nobody is logged in, what the floor board has read is wiped. What waits to be sent is sent by
// its author's token, or kept until she logs in.
function sayWaiting(count) {
  const words = count === 1 ? "1 entry of the floor board waits on this tablet. It is" : `${count} entries of the floor board wait on this tablet. They are`;
  if (count > 0) sayOffline(`${words} sent when the person who made ${count === 1 ? "it" : "them"} logs in.`, null);
  else offline.hidden = true;
}

if (document.body.matches(".signed-out, [data-nobody]")) {
  import("./board/sender.js")
    .then(({ sendWithoutALogIn }) => sendWithoutALogIn(sayWaiting))
    .catch(({ message }) => {
      // A browser that keeps nothing has nothing to wipe and nothing to send.
      if (globalThis.indexedDB) sayOffline(message, null);
    });
}
