// The keyboard: `/` search, `g` + letter places, `?` the list of keys, j k x Enter rows, u upload.
let waiting = '';

function typing(target) {
  return target.matches('input:not([type="checkbox"]), textarea, select, [contenteditable]');
}

function move(step) {
  const rows = [...document.querySelectorAll('[data-rows] tr, .hit')];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
  next.querySelector('[data-open], h2 a').focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

function pick() {
  const box = document.activeElement.closest?.('tr')?.querySelector('[data-pick]');
  box?.click();
  return Boolean(box);
}

const PLACES = { h: '/', d: '/documents/', b: '/bin/', n: '/notifications/', w: '/tasks/', f: '/workflows/' };
const KEYS = {
  '/': () => { const find = document.querySelector('[data-find]'); find.focus(); find.select(); return true; },
  '?': () => { document.getElementById('keys').showModal(); return true; },
  u: () => { const files = document.getElementById('files'); files?.click(); return Boolean(files); },
  g: () => { waiting = 'g'; setTimeout(() => { waiting = ''; }, 900); return true; },
  j: () => move(1),
  k: () => move(-1),
  x: pick,
};

/** A menu was opened or closed: one at a time is open, and a row of filters makes room for it. */
function turned(menu) {
  menu.closest('.filters')?.classList.toggle('open', Boolean(document.querySelector('.filters details[open]')));
  if (menu.open) for (const other of document.querySelectorAll('details.menu[open]')) if (other !== menu) other.open = false;
}

export function start() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Escape') {
      for (const menu of document.querySelectorAll('details.menu[open]')) { menu.open = false; menu.querySelector('summary').focus(); }
      if (typing(event.target)) event.target.blur();
      document.dispatchEvent(new CustomEvent('kmrl:escape'));
      return;
    }
    if (typing(event.target) || document.querySelector('dialog[open]')) return;
    if (waiting === 'g' && PLACES[event.key]) { waiting = ''; event.preventDefault(); location.href = PLACES[event.key]; return; }
    if (KEYS[event.key]?.()) event.preventDefault();
  });
  document.querySelector('[data-open-keys]')?.addEventListener('click', (event) => {
    event.target.closest('details').open = false;
    document.getElementById('keys').showModal();
  });
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener('toggle', ({ target }) => { if (target.matches?.('details.menu')) turned(target); }, true);
  for (const menu of document.querySelectorAll('details.menu[open]')) turned(menu); // before this listened
}
