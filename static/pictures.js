// Pictures of pages, gently: only what is in sight, two at a time, pages before thumbnails. Drawing one costs the server.
const AT_ONCE = 2;
const PATIENCE = 3000;
const waiting = new Set();
let loading = 0;
let fail = (image) => image.remove();

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) waiting.add(target);
    else waiting.delete(target);
  }
  pump();
}, { rootMargin: '300px' });

function pump() {
  while (loading < AT_ONCE && waiting.size) {
    const all = [...waiting];
    const next = all.find((image) => image.matches('[data-page-image]')) || all[0];
    waiting.delete(next);
    watcher.unobserve(next);
    if (next.isConnected) load(next);
  }
}

function load(image) {
  loading += 1;
  const done = () => { loading -= 1; pump(); };
  image.addEventListener('load', () => { image.classList.add('here'); done(); }, { once: true });
  image.addEventListener('error', () => {
    done();
    if (image.dataset.again) { fail(image); return; }
    image.dataset.again = '1'; // many were being drawn just then, perhaps
    setTimeout(() => { if (image.isConnected) watcher.observe(image); }, PATIENCE);
  }, { once: true });
  image.src = image.dataset.src;
}

/** Looks after the pictures below `root`; `onFail(image)` is told of those that cannot be had. */
export function watch(root = document, onFail = null) {
  if (onFail) fail = onFail;
  for (const image of root.querySelectorAll('img[data-src]:not([src])')) watcher.observe(image);
}
