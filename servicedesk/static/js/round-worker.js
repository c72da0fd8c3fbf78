// Lets a round that was opened on this phone open again without a network. Nothing else is kept.

const KEPT = "servicedesk-round";
const ROUND = /^\/inspections\/\d+\/round$/;
const WAIT_MS = 4000; // a signal that hardly exists must not keep anybody waiting

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (event.request.mode === "navigate" && ROUND.test(url.pathname)) event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(fresh(event.request));
});

async function page(request) {
  const answer = await fresh(request);
  // Signed out: what was kept for somebody is not for whoever comes next.
  if (answer.redirected || answer.status === 403 || answer.status === 404) await caches.delete(KEPT);
  return answer;
}

async function fresh(request) {
  const kept = await caches.open(KEPT);
  const old = await kept.match(request, { ignoreSearch: true });
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await kept.put(request, answer.clone());
    return answer;
  });
  if (!old) return asked;
  const late = new Promise((resolve) => setTimeout(() => resolve(old), WAIT_MS));
  return Promise.race([asked.catch(() => old), late]);
}
