// What the tablet keeps: the day's lanes (read data, may be wiped) and operations (never wiped
// before the server has them). IndexedDB, one database for the site, everything under its author.

const NAME = "bonefit-floor";

function asPromise(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      // The key is given by the database: operations are sent in the order they were done in.
      request.result.createObjectStore("operations", { keyPath: "seq", autoIncrement: true });
      request.result.createObjectStore("days");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function write(stores, work) {
  const transaction = (await database()).transaction(stores, "readwrite", { durability: "strict" });
  work(...stores.map((name) => transaction.objectStore(name)));
  await finished(transaction);
}

/** Keep operations; when the promise is kept they have survived a flat battery. */
export function keep(operations) {
  return write(["operations"], (store) => operations.forEach((one) => store.add(one)));
}

/** All operations of this tablet, the oldest first, whoever did them. */
export async function operations() {
  const store = (await database()).transaction("operations").objectStore("operations");
  return asPromise(store.getAll());
}

/** Change what is noted beside an operation: that it was refused, that it conflicts. */
export function note(operation) {
  return write(["operations"], (store) => store.put(operation));
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

/** The day that was last read in a clinic. */
export async function dayOf(clinic) {
  return asPromise((await database()).transaction("days").objectStore("days").get(clinic));
}

export function keepDay(clinic, day) {
  return write(["days"], (days) => days.put(day, clinic));
}

/** Forget everything that was read. Operations stay. */
export function forgetDays() {
  return write(["days"], (days) => days.clear());
}
