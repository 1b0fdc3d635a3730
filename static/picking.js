// Choosing rows of a list by their boxes: one, with Shift those between, or all. Rows may be exchanged meanwhile.

let show = null;
let last = null; // the value of the box that was clicked last; the box itself may not be there any more

const boxes = () => [...document.querySelectorAll('[data-pick]')];
export const chosen = () => boxes().filter((box) => box.checked);

function between(box) {
  const all = boxes();
  const [from, to] = [all.findIndex(({ value }) => value === last), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const one of all.slice(from, to + 1)) one.checked = box.checked;
}

/** Marks the rows and the box for all of them, shows the bar of what may be done, or hides it. Returns the chosen boxes. */
export function marked() {
  const all = boxes();
  const picked = all.filter((box) => box.checked);
  for (const box of all) box.closest('tr').classList.toggle('chosen', box.checked);
  const every = document.querySelector('[data-pick-all]');
  if (every) {
    every.checked = picked.length > 0 && picked.length === all.length;
    every.indeterminate = picked.length > 0 && !every.checked;
  }
  document.querySelector('[data-selection]').hidden = picked.length === 0;
  return picked;
}

/** Swaps the content of the page for `fresh` and keeps what is chosen. */
export function exchange(fresh) {
  const values = new Set(chosen().map(({ value }) => value));
  document.getElementById('content').replaceChildren(...fresh.childNodes);
  for (const box of boxes()) box.checked = values.has(box.value);
}

export function none() {
  for (const box of chosen()) box.checked = false;
  show();
}

/** Calls `shows` whenever something else is chosen. */
export function start(shows) {
  show = shows;
  document.addEventListener('change', ({ target }) => {
    if (target.matches('[data-pick-all]')) for (const box of boxes()) box.checked = target.checked;
    if (target.matches('[data-pick], [data-pick-all]')) show();
  });
  document.addEventListener('click', ({ target, shiftKey }) => {
    if (target.matches('[data-pick]')) {
      if (shiftKey) { between(target); show(); }
      last = target.value;
    }
    if (target.closest('[data-choose-none]')) none();
  });
  document.addEventListener('kmrl:escape', none);
  if (document.querySelector('[data-pick-all]')?.checked) for (const box of boxes()) box.checked = true;
  if (chosen().length) show(); // picked before this listened, or kept by the browser
}
