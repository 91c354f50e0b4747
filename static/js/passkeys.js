// Passkeys: asks the device to make one or to log in with one, and sends what it answers with the
// form. Everything else is plain HTML; where the browser cannot, the page says so and a code does.

// A passkey belongs to a name: an address of numbers (127.0.0.1, [::1]) can have none.
const named = !/^\[|^\d+(\.\d+){3}$/.test(location.hostname);
const able = named && isSecureContext && Boolean(window.PublicKeyCredential && navigator.credentials);

const CANNOT = "It could not be done. Try again, or log in with a code.";
const WORDS = {
  NotAllowedError: "It was stopped, or it took too long. Nothing was changed. Try again.",
  InvalidStateError: "This device has a passkey for you already.",
  NotSupportedError: "This device cannot do that. Log in with a code instead.",
  NetworkError: "No connection. Nothing was changed. Try again.",
};

class Refused extends Error {}

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

async function make(form) {
  const { publicKey } = JSON.parse(form.dataset.options);
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: keys(publicKey.excludeCredentials),
    },
  });
  return answer(made, ["clientDataJSON", "attestationObject"]);
}

async function use(form) {
  let response;
  try {
    response = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  } catch {
    throw new Refused(WORDS.NetworkError);
  }
  const said = await response.json();
  if (!response.ok) throw new Refused(said.error ?? CANNOT);
  const { publicKey } = said;
  const used = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: keys(publicKey.allowCredentials),
    },
  });
  return answer(used, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
}

function answer(credential, parts) {
  const response = {};
  for (const part of parts) if (credential.response[part]) response[part] = text(credential.response[part]);
  const { id, type } = credential;
  return { id, rawId: text(credential.rawId), type, response, clientExtensionResults: {} };
}

function busy(form, on) {
  for (const one of [form, form.querySelector("button")]) {
    if (on) one.setAttribute("aria-busy", "true");
    else one.removeAttribute("aria-busy");
  }
}

function say(form, words) {
  const place = form.querySelector(".wrong[role=alert]");
  place.querySelector("[data-words]").textContent = words;
  place.hidden = !words;
}

async function ask(form, ceremony) {
  if (form.getAttribute("aria-busy") === "true") return; // the second tap of a double tap
  busy(form, true);
  say(form, "");
  try {
    form.elements.credential.value = JSON.stringify(await ceremony(form));
    form.submit();
  } catch (error) {
    busy(form, false);
    say(form, error instanceof Refused ? error.message : (WORDS[error.name] ?? CANNOT));
  }
}

if (able) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form, form.dataset.passkey === "make" ? make : use);
    });
  }
}
for (const place of document.querySelectorAll("[data-passkey-can]")) place.hidden = !able;
for (const place of document.querySelectorAll("[data-passkey-cannot]")) place.hidden = able;
