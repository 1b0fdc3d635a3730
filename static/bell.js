// The bell: how much is not read, the newest at hand, what is important pops up; the count stands in the title too.
import { body, calmly, icon, make, say } from './page.js';

const LATEST = '/notifications/latest/';
const SHOWN_FOR = { normal: 6000, high: 12000 }; // ms; urgent stays until somebody closes it
const AT_ONCE = 3; // more would hide the page; the bell has them all
const waiting = new Map(); // notifications that are to pop up: id → importance
let position = Number(body.dataset.position);

const bell = () => document.querySelector('[data-bell]');

function count(unread) {
  const badge = bell().querySelector('[data-bell-count]');
  badge.hidden = !unread;
  badge.textContent = unread > 99 ? '99+' : unread;
  bell().querySelector('summary').setAttribute('aria-label', unread ? say('bell_unread', unread) : say('bell_read'));
  bell().querySelector('[data-bell-all]').disabled = !unread;
  const plain = document.title.replace(/^\(\d+\+?\) /, '');
  document.title = unread ? `(${unread > 99 ? '99+' : unread}) ${plain}` : plain;
}

/** Asks what is at the bell now; shows it, and lets pop up what came since. */
async function look() {
  let answer;
  try {
    answer = await fetch(LATEST, { credentials: 'same-origin', cache: 'no-store' });
  } catch { return; }
  if (!answer.ok || answer.redirected) return;
  const rows = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, 'text/html').querySelectorAll('li');
  position = Number(answer.headers.get('X-Position'));
  count(Number(answer.headers.get('X-Unread')));
  for (const [id, importance] of [...waiting].slice(-AT_ONCE)) {
    const row = [...rows].find((one) => one.dataset.notice === String(id) && one.matches('.unread'));
    if (row) pop(row, importance);
  }
  waiting.clear();
  const list = bell().querySelector('[data-bell-list]');
  const at = list.contains(document.activeElement) ? document.activeElement.closest('li')?.dataset.notice : null;
  list.replaceChildren(...(rows.length ? rows : [make('li', { class: 'none soft' }, say('bell_empty'))]));
  if (at) list.querySelector(`[data-notice="${at}"] a`)?.focus();
}

/** A notification over the page, with a way to it. Only where somebody looks: other tabs stay still. */
function pop(row, importance) {
  if (document.visibilityState === 'hidden') return;
  const link = row.querySelector('[data-notice-link]');
  const text = row.querySelector('.telling').firstChild.textContent;
  const close = make('button', { class: 'toast-close', type: 'button', 'aria-label': say('bell_close') }, icon('close'));
  const made = make(
    'div',
    { class: `toast told ${importance}`, 'data-notice': row.dataset.notice, ...(importance === 'urgent' && { role: 'alert' }) },
    icon(row.querySelector('use').getAttribute('href').split('#')[1]),
    link ? make('a', { href: link.getAttribute('href'), 'data-notice-link': true }, text) : make('span', {}, text),
    close,
  );
  close.addEventListener('click', () => made.remove());
  document.querySelector('[data-toasts]').append(made);
  if (SHOWN_FOR[importance]) setTimeout(() => { if (!made.contains(document.activeElement)) made.remove(); }, SHOWN_FOR[importance]);
}

/** Marks read; goes through although the page is being left. */
async function read(what) {
  try {
    const answer = await fetch('/api/v1/notifications/read/', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': body.dataset.csrf },
      body: JSON.stringify(what),
      credentials: 'same-origin',
      keepalive: true,
    });
    return answer.ok;
  } catch { return false; }
}

async function clicked(event) {
  const link = event.target.closest('[data-notice-link], .notice .parts a');
  const notice = link?.closest('[data-notice]');
  if (notice && (notice.matches('.unread') || notice.matches('.toast'))) read({ ids: [Number(notice.dataset.notice)] });
  if (event.target.closest('[data-bell-all]')) {
    if (await read({ upto: position })) look();
    bell().querySelector('summary').focus();
  }
}

/** On the page of notifications: one is marked read in its place, and more rows come below. */
async function submitted(event) {
  const form = event.target.closest('[data-notice-read]');
  if (!form) return;
  event.preventDefault();
  const row = form.closest('li');
  if (!(await read({ ids: [Number(row.dataset.notice)] }))) { form.submit(); return; }
  row.classList.remove('unread');
  row.querySelector('.telling .unseen')?.remove();
  const next = row.nextElementSibling?.querySelector('button, a') || row.querySelector('a');
  form.remove();
  next?.focus();
}

async function more(event) {
  const link = event.target.closest('[data-more-notices]');
  if (!link) return;
  event.preventDefault();
  const answer = await fetch(link.getAttribute('href'), { headers: { 'X-Rows': '1' }, credentials: 'same-origin' }).catch(() => null);
  if (!answer?.ok || answer.redirected) { location.href = link.getAttribute('href'); return; }
  const rows = new DOMParser().parseFromString(`<ul>${await answer.text()}</ul>`, 'text/html').querySelectorAll('li');
  document.querySelector('[data-notices]').append(...rows);
  rows[0]?.querySelector('a, button')?.focus();
  const onwards = answer.headers.get('X-More');
  if (onwards) link.setAttribute('href', onwards);
  else link.parentElement.remove();
}

export function start(live, { refresh }) {
  const again = calmly(look, 400);
  const page = calmly(refresh, 800);
  live.on('notification', ({ id, importance, quiet, read: gone }) => {
    if (!gone && !quiet && importance !== 'low') waiting.set(id, importance);
    again();
    if (body.dataset.page === 'notifications' && !gone) page();
  });
  document.addEventListener('kmrl:reset', again);
  bell().addEventListener('toggle', () => { if (bell().open) look(); });
  document.addEventListener('click', clicked);
  document.addEventListener('auxclick', clicked);
  document.addEventListener('submit', submitted);
  document.addEventListener('click', more);
}
