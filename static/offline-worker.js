// Shows a page of our own when a page cannot be fetched. Keeps nothing else: what is on a screen is always fresh.
const KEPT = 'kmrl-offline-1';
const PAGE = '/offline/';

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    const answer = await fetch(PAGE, { cache: 'reload' });
    const text = await answer.clone().text();
    await cache.put(PAGE, answer);
    const needed = new Set([...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]));
    await cache.addAll([...needed]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  } else if (new URL(request.url).pathname.startsWith('/static/')) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) || Response.error()));
  }
});
