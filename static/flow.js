// The steps of a workflow as a drawing or as a list: what somebody chose, else what the page is wide enough for (the style says).
const root = document.documentElement;
const narrow = matchMedia('(max-width: 720px)');
const AT_WORK = ['.is-incident', '.is-paused', '.is-waiting', '.is-active'];
let at = null; // where the drawing was left, which outlives its being drawn anew

function chosen() {
  return root.dataset.flow ?? (narrow.matches ? 'list' : 'drawing');
}

function sync() {
  for (const button of document.querySelectorAll('[data-flow-as]')) button.setAttribute('aria-pressed', String(button.dataset.flowAs === chosen()));
}

/** The step at work in the middle, or what was looked at before. */
function place(picture) {
  if (!picture.clientWidth) return; // not shown
  picture.dataset.placed = '';
  if (at) { [picture.scrollLeft, picture.scrollTop] = at; return; }
  const step = AT_WORK.map((state) => picture.querySelector(`${state} .box`)).find(Boolean);
  if (!step) return;
  const [inner, outer] = [step.getBoundingClientRect(), picture.getBoundingClientRect()];
  picture.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  picture.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
}

const SIZES = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3];
let size = 1; // of the drawing, or 'fit': all of it at once; it lives as long as the page and outlives a new drawing

/** How large a drawing is now: at `fit` as large as its place lets it be seen whole, never larger than it was drawn. */
function sizeOf(picture, svg) {
  if (size !== 'fit') return size;
  const { width, height } = svg.viewBox.baseVal;
  const high = parseFloat(getComputedStyle(picture).maxHeight) || Infinity;
  return Math.min(1, picture.clientWidth / width, high / height);
}

function resize(picture) {
  const svg = picture.querySelector('svg');
  if (!svg || !picture.clientWidth) return; // not shown
  const now = sizeOf(picture, svg);
  svg.style.width = `${svg.viewBox.baseVal.width * now}px`;
  svg.dataset.sized = '';
  const views = picture.parentElement;
  const said = views.querySelector('[data-flow-zoomed]');
  const text = `${Math.round(now * 100)} %`;
  if (said.textContent !== text) said.textContent = text;
  views.querySelector('[data-flow-zooms]').hidden = false;
  const ends = { out: SIZES.every((one) => one >= now), in: SIZES.every((one) => one <= now) };
  for (const button of views.querySelectorAll('[data-flow-zoom]')) {
    if (button.dataset.flowZoom === 'fit') button.setAttribute('aria-pressed', String(size === 'fit'));
    else button.setAttribute('aria-disabled', String(ends[button.dataset.flowZoom]));
  }
}

/** Makes all drawings smaller or larger, or shows them whole; what stood in the middle stays there. */
function zoom(how, views) {
  const picture = views.querySelector('[data-flow-picture]');
  const svg = picture.querySelector('svg');
  if (!svg) return;
  const now = sizeOf(picture, svg);
  if (how === 'fit') size = size === 'fit' ? 1 : 'fit';
  else if (how === 'in') size = SIZES.find((one) => one > now + 0.001) ?? SIZES.at(-1);
  else size = SIZES.findLast((one) => one < now - 0.001) ?? SIZES[0];
  for (const one of document.querySelectorAll('[data-flow-picture]')) {
    const middle = [one.scrollLeft + one.clientWidth / 2, one.scrollTop + one.clientHeight / 2];
    resize(one);
    const by = sizeOf(picture, svg) / now;
    one.scrollLeft = middle[0] * by - one.clientWidth / 2;
    one.scrollTop = middle[1] * by - one.clientHeight / 2;
  }
}

function look() {
  for (const svg of document.querySelectorAll('[data-flow-picture] > svg:not([data-sized])')) resize(svg.parentElement);
  if (document.querySelector('[data-flow-as]:not([aria-pressed])')) sync();
  document.querySelectorAll('[data-flow-picture]:not([data-placed])').forEach(place);
}

const KEYS = { '+': 'in', '=': 'in', '-': 'out', 0: 'fit' };

export function start() {
  addEventListener('click', (event) => {
    const how = event.target.closest('[data-flow-zoom]');
    if (how) zoom(how.dataset.flowZoom, how.closest('.flow-views'));
    const button = event.target.closest('[data-flow-as]');
    if (!button) return;
    root.dataset.flow = button.dataset.flowAs;
    sync();
    look();
  });
  addEventListener('keydown', (event) => {
    const views = event.target.closest?.('[data-flow-picture], [data-flow-zooms]')?.parentElement;
    if (!views || !KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    zoom(KEYS[event.key], views);
  });
  addEventListener('resize', () => { if (size === 'fit') document.querySelectorAll('[data-flow-picture]').forEach(resize); });
  addEventListener('scroll', ({ target }) => {
    if (target.matches?.('[data-flow-picture][data-placed]')) at = [target.scrollLeft, target.scrollTop];
  }, { capture: true, passive: true });
  narrow.addEventListener('change', () => { // another width, another middle
    at = null;
    for (const picture of document.querySelectorAll('[data-placed]')) delete picture.dataset.placed;
    sync();
    look();
  });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
}
