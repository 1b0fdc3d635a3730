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

function look() {
  if (document.querySelector('[data-flow-as]:not([aria-pressed])')) sync();
  document.querySelectorAll('[data-flow-picture]:not([data-placed])').forEach(place);
}

export function start() {
  addEventListener('click', (event) => {
    const button = event.target.closest('[data-flow-as]');
    if (!button) return;
    root.dataset.flow = button.dataset.flowAs;
    sync();
    look();
  });
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
