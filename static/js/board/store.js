// What the tablet keeps: the day's lanes (read data, may be wiped), operations (never wiped before
// the server has them), and for each author the leave to send them without a log-in. IndexedDB, one
// database for the site, everything under its author.

const NAME = "bonefit-floor";
const VERSION = 2;
const SENT_FOR = 24 * 3_600_000; // what was sent, and is not read back by then, is dropped

/** The tablet cannot keep anything; ``message`` says why and what to do. */
export class StorageTrouble extends Error {}

const WORDS = {
  QuotaExceededError: "This tablet is full. Delete something on it, then enter the last one again.",
  missing: "This browser keeps nothing, perhaps because its window is private. Open the board in a normal window.",
  blocked: "Another tab holds an older board open. Close it, then enter the last one again.",
};
const OTHERWISE = "This tablet could not keep it. Enter it again; if that fails too, reload the page.";

function inWords(error) {
  if (error instanceof StorageTrouble) return error;
  return new StorageTrouble(WORDS[error?.name] ?? OTHERWISE, { cause: error });
}

function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(inWords(request.error));
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(inWords(transaction.error));
  });
}

/** From whichever version a tablet has: operations that wait there are kept as they are. */
function upgrade(database) {
  const there = database.objectStoreNames;
  // The key is given by the database: operations are sent in the order they were done in.
  if (!there.contains("operations")) database.createObjectStore("operations", { keyPath: "seq", autoIncrement: true });
  if (!there.contains("days")) database.createObjectStore("days");
  if (!there.contains("tokens")) database.createObjectStore("tokens", { keyPath: ["clinic", "author"] });
  if (!there.contains("notes")) database.createObjectStore("notes");
}

let opened = null;

function database() {
  opened ??= open().catch((error) => {
    opened = null; // the next one tries again
    throw inWords(error);
  });
  return opened;
}

function open() {
  return new Promise((resolve, reject) => {
    if (!globalThis.indexedDB) throw new StorageTrouble(WORDS.missing);
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => upgrade(request.result);
    request.onblocked = () => reject(new StorageTrouble(WORDS.blocked));
    request.onerror = () => reject(request.error?.name === "QuotaExceededError" ? request.error : new StorageTrouble(WORDS.missing, { cause: request.error }));
    request.onsuccess = () => {
      const found = request.result;
      // A newer board in another tab may upgrade it; what was closed is opened again when needed.
      found.onversionchange = () => {
        found.close();
        opened = null;
      };
      found.onclose = () => { opened = null; };
      resolve(found);
    };
  });
}

async function begin(stores, mode) {
  try {
    return (await database()).transaction(stores, mode, { durability: "strict" });
  } catch (error) {
    if (error instanceof StorageTrouble) throw error;
    opened = null; // the connection was closed under us
    try {
      return (await database()).transaction(stores, mode, { durability: "strict" });
    } catch (again) {
      throw inWords(again);
    }
  }
}

async function write(stores, work) {
  const transaction = await begin(stores, "readwrite");
  const done = finished(transaction);
  try {
    work(...stores.map((name) => transaction.objectStore(name)));
  } catch (error) {
    done.catch(() => {}); // it is said below
    transaction.abort();
    throw inWords(error);
  }
  await done;
}

async function read(name, ask) {
  const transaction = await begin([name], "readonly");
  return asPromise(ask(transaction.objectStore(name)));
}

// --- operations ------------------------------------------------------------------------------

/** Keep operations; when the promise is kept they have survived a flat battery. */
export function keep(operations) {
  return write(["operations"], (store) => operations.forEach((one) => store.add(one)));
}

/** All operations of this tablet, the oldest first, whoever did them. */
export function operations() {
  return read("operations", (store) => store.getAll());
}

/** Change what is noted beside operations: that one was refused, sent, or is stuck. */
export function note(...changed) {
  return write(["operations"], (store) => changed.forEach((one) => store.put(one)));
}

/** Let operations go: the server has them, or a therapist has discarded them. */
export function letGo(sequence) {
  return write(["operations"], (store) => sequence.forEach((seq) => store.delete(seq)));
}

/** What the server said, in one step: its lanes are kept before an operation is let go. */
export function settle(clinic, day, gone, noted) {
  return write(["operations", "days"], (store, days) => {
    if (day) days.put(day, clinic);
    gone.forEach((seq) => store.delete(seq));
    noted.forEach((operation) => store.put(operation));
  });
}

function drop(store, which) {
  store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
    if (!cursor) return;
    if (which(cursor.value)) cursor.delete();
    cursor.continue();
  };
}

// --- the day ---------------------------------------------------------------------------------

/** The day that was last read in a clinic; nothing where it is over. */
export async function dayOf(clinic) {
  const day = await read("days", (days) => days.get(clinic));
  return day && !isOver(day) ? day : undefined;
}

/** Keep a day that was read. What was sent before it was read stands in it, and is let go. */
export function keepDay(clinic, day) {
  const readAt = Date.parse(day.read_at);
  day.skew ??= readAt - Date.now(); // how far the server's clock is from this tablet's
  return write(["days", "operations"], (days, store) => {
    days.put(day, clinic);
    drop(store, (one) => one.clinic === clinic && (one.state === "conflict" || (one.sent_at && one.sent_at < readAt)));
  });
}

/** Forget everything that was read. Operations stay. */
export function forgetDays() {
  return write(["days"], (days) => days.clear());
}

/** Nobody is logged in on this tablet: what was read goes, and what the server has already. */
export function forgetRead() {
  return write(["days", "operations"], (days, store) => {
    days.clear();
    drop(store, (one) => Boolean(one.sent_at));
  });
}

/** Whether a kept day is to be forgotten: it is over, or nobody has logged in for too long. */
export function isOver(day, now = Date.now()) {
  const { wipe_hours: hours, until } = day.limits ?? {};
  const at = now + (day.skew ?? 0);
  return (until !== undefined && at >= Date.parse(until)) || (hours !== undefined && at - Date.parse(day.read_at) > hours * 3_600_000);
}

/** Forget the days that are over; operations that wait stay. Says which clinics' days went. */
export async function forgetWhatIsOver(now = Date.now()) {
  const clinics = [];
  await write(["days", "operations", "tokens"], (days, store, tokens) => {
    days.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) return;
      if (isOver(cursor.value, now)) {
        clinics.push(cursor.key);
        cursor.delete();
      }
      cursor.continue();
    };
    drop(store, (one) => one.sent_at && now - one.sent_at > SENT_FOR);
    drop(tokens, (one) => Date.parse(one.expires_at) <= now);
  });
  return clinics;
}

// --- the leave to send without a log-in ------------------------------------------------------

/** Every author's token on this tablet: {clinic, author, token, expires_at, day, covers}. */
export function tokens() {
  return read("tokens", (store) => store.getAll());
}

export function keepToken(token) {
  return write(["tokens"], (store) => store.put(token));
}

/** A token that the server takes no more; another one that came in the meantime stays. */
export function dropToken({ clinic, author, token }) {
  return write(["tokens"], (store) => {
    store.get([clinic, author]).onsuccess = ({ target: { result: kept } }) => {
      if (kept?.token === token) store.delete([clinic, author]);
    };
  });
}

// --- the tablet's own notes ------------------------------------------------------------------

/** The tablet's own number, made here once. */
export async function device() {
  let found;
  await write(["notes"], (notes) => {
    notes.get("device").onsuccess = ({ target: { result: kept } }) => {
      found = kept ?? crypto.randomUUID();
      if (!kept) notes.put(found, "device");
    };
  });
  return found;
}

/** Ask the browser, once, not to throw away what is kept here when it runs out of room. */
export async function askToStay() {
  if (!navigator.storage?.persist || (await read("notes", (notes) => notes.get("asked-to-stay")))) return;
  await write(["notes"], (notes) => notes.put(true, "asked-to-stay"));
  await navigator.storage.persist();
}

/** What a person is to be told once, until it is read: {author_name: how many are held}. */
export async function heldSoFar() {
  return (await read("notes", (notes) => notes.get("held"))) ?? {};
}

/** Add operations that the server holds for the clinic's admin; without any, all is read. */
export function sayHeld(operations) {
  return write(["notes"], (notes) => {
    if (operations.length === 0) return notes.delete("held");
    notes.get("held").onsuccess = ({ target: { result } }) => {
      const held = { ...result };
      for (const { author_name: name } of operations) held[name] = (held[name] ?? 0) + 1;
      notes.put(held, "held");
    };
    return null;
  });
}
