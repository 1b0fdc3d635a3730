// The administration's live pages: parts that change are fetched and put in place of the old ones, calmly.

const AGAIN = 3000; // what is in use is left, and fetched again a little later
const shown = new Map(); // part → the request that brought it: an answer that was overtaken is dropped
let asked = 0;
let pressed = false;
let later = null;

/** Fetches this page's changing parts and puts them in place of the old ones; focus and open details stay. What is in use is
 *  left, and fetched again a little later. */
export async function fetchParts(query) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  asked += 1;
  const mine = asked;
  let text;
  try {
    const answer = await fetch(address, { credentials: 'same-origin', cache: 'no-store' });
    if (answer.redirected || !answer.ok) return;
    text = await answer.text();
  } catch {
    return; // the connection says so itself
  }
  let again = false;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  for (const found of fresh.querySelectorAll('[data-live]')) {
    const old = document.querySelector(`[data-live="${found.dataset.live}"]`);
    if (!old || old.source === found.outerHTML || mine < (shown.get(found.dataset.live) ?? 0)) continue;
    if (isInUse(old)) { again = true; continue; }
    shown.set(found.dataset.live, mine);
    swap(old, found);
  }
  clearTimeout(later);
  if (again) later = setTimeout(() => fetchParts(query), AGAIN);
}

/** A choice that somebody is making, words that are being written, or a button that is being pressed, are not taken from under
 *  the hand. */
function isInUse(part) {
  if (pressed || (part.contains(document.activeElement) && document.activeElement.matches('select, input, textarea'))) return true;
  if ([...part.querySelectorAll('textarea, input[type="text"], input[type="search"]')].some((one) => one.value !== one.defaultValue)) return true;
  if (part.querySelector('input[type="radio"]:checked')) return true;
  return [...part.querySelectorAll('select')].some((one) => !one.selectedOptions[0]?.defaultSelected);
}

function swap(old, found) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const again = focused?.id ? `#${CSS.escape(focused.id)}` : focused?.getAttribute('href') && `a[href="${CSS.escape(focused.getAttribute('href'))}"]`;
  const open = [...old.querySelectorAll('details[open][id]')].map((one) => one.id);
  const scrolled = [...old.querySelectorAll('.wide')].map((one) => [one.scrollLeft, one.scrollTop]);
  const source = found.outerHTML;
  const made = document.adoptNode(found);
  made.source = source;
  old.replaceWith(made);
  for (const id of open) made.querySelector(`#${CSS.escape(id)}`)?.setAttribute('open', '');
  made.querySelectorAll('.wide').forEach((one, n) => { [one.scrollLeft, one.scrollTop] = scrolled[n] ?? [0, 0]; });
  if (again) made.querySelector(again)?.focus({ preventScroll: true });
}

/** Runs `work` at most once in `wait` ms, the last call included; not while nobody looks. */
export function calmly(work, wait) {
  let timer = null;
  let last = 0;
  let running = false;
  const run = async () => {
    timer = null;
    if (document.hidden || running) { timer = setTimeout(run, wait); return; }
    running = true;
    last = Date.now();
    try { await work(); } finally { running = false; }
  };
  return () => { timer ??= setTimeout(run, Math.max(30, last + wait - Date.now())); };
}

/** Says how the connection is, in the words that `root` carries. */
export function showLink(root, state) {
  const dot = document.querySelector('[data-link]');
  dot.dataset.state = state;
  dot.querySelector('span').textContent = root.dataset[`words${state.replace(/(^|-)(\w)/g, (_all, _dash, letter) => letter.toUpperCase())}`] ?? state;
}

/** Signs in again, and comes back here. */
export function signIn(root) {
  location.href = `${root.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`;
}

addEventListener('pointerdown', () => { pressed = true; });
addEventListener('keydown', ({ key }) => { if (key === ' ') pressed = true; }); // which presses when it is released
for (const name of ['pointerup', 'pointercancel', 'keyup', 'blur']) addEventListener(name, () => { setTimeout(() => { pressed = false; }, 0); });
