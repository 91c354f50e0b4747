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

async function page(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  const fresh = fetch(request).then((response) => {
    // A redirect is the log-in page: that is nothing to keep in the board's place.
    if (response.ok && !response.redirected) cache.put(new URL(request.url).pathname, response.clone());
    return response;
  });
  if (!kept) return fresh;
  fresh.catch(() => {});
  const late = new Promise((resolve) => { setTimeout(() => resolve(kept), PATIENCE); });
  return Promise.race([fresh.catch(() => kept), late]);
}

async function file(request) {
  // A name with a hash never changes what it means; any other is asked for while there is a network.
  if (/\.[0-9a-f]{12}\./.test(request.url)) return (await caches.match(request)) ?? fetch(request);
  return fetch(request).catch(async () => (await caches.match(request)) ?? Response.error());
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && BOARD.test(url.pathname)) event.respondWith(page(event.request));
  else if (FILES.includes(url.pathname)) event.respondWith(file(event.request));
});
