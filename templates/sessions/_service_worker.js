// Keeps the floor board on the tablet: its page and its files. Data is kept by the page itself.
const FILES = {{ files|safe }};
const CACHE = `board-${FILES.join("|").split("").reduce((hash, sign) => (hash * 31 + sign.charCodeAt(0)) | 0, 7)}`;
const BOARD = /^\/c\/[-\w]+\/floor\/$/;
const PATIENCE = 4000; // milliseconds until the kept page is shown in place of a slow one

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/** A page that has come is kept. A redirect is the log-in page: nothing to keep in the board's place. */
async function keep(request, response) {
  if (!response.ok || response.redirected) return;
  const cache = await caches.open(CACHE);
  await cache.put(new URL(request.url).pathname, response);
}

async function page(request, fresh) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (!kept) return fresh;
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE); });
  return Promise.race([fresh.catch(() => kept), late]);
}

/** Shown as soon as it is there; the worker stays until it is kept as well. */
function show(event) {
  const fresh = fetch(event.request);
  const kept = fresh.then((response) => keep(event.request, response.clone()));
  // Without a network, or in a full cache, the page of before stays: it is what is shown next time.
  event.waitUntil(kept.catch(() => {}));
  event.respondWith(page(event.request, fresh));
}

async function file(request) {
  // A name with a hash never changes what it means; any other is asked for while there is a network.
  if (/\.[0-9a-f]{12}\./.test(request.url)) return (await caches.match(request)) ?? fetch(request);
  return fetch(request).catch(async () => (await caches.match(request)) ?? Response.error());
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && BOARD.test(url.pathname)) show(event);
  else if (FILES.includes(url.pathname)) event.respondWith(file(event.request));
});
