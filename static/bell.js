// The bell: how much is not read, the newest at hand, what is important pops up; the count stands in the title too.
import { body, calmly, fetched, icon, make, say, turns } from './page.js';

const LATEST = '/notifications/latest/';
const SHOWN_FOR = { normal: 6000, high: 12000 }; // ms; urgent stays until somebody closes it
const AT_ONCE = 3; // more would hide the page; the bell has them all
const waiting = new Map(); // notifications that are to pop up: id → importance
const readHere = new Set();
const turn = turns();
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
  const isNews = turn();
  const popping = [...waiting]; // what comes while this is asked waits for the next answer
  const answer = await fetched(LATEST);
  if (!answer) return false;
  const rows = new DOMParser().parseFromString(`<ul>${answer.text}</ul>`, 'text/html').querySelectorAll('li');
  if (!isNews()) return true;
  position = Number(answer.headers.get('X-Position'));
  count(Number(answer.headers.get('X-Unread')));
  const due = popping.filter(([id]) => waiting.delete(id));
  for (const [id, importance] of due.slice(-AT_ONCE)) {
    const row = [...rows].find((one) => one.dataset.notice === String(id) && one.matches('.unread'));
    if (row) pop(row, importance);
  }
  const list = bell().querySelector('[data-bell-list]');
  const at = list.contains(document.activeElement) ? document.activeElement.closest('li')?.dataset.notice : null;
  list.replaceChildren(...(rows.length ? rows : [make('li', { class: 'none soft' }, say('bell_empty'))]));
  if (at) list.querySelector(`[data-notice="${at}"] a`)?.focus();
  return true;
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

/** What was read here stays so, also where an older answer comes in between. */
function showRead() {
  for (const row of document.querySelectorAll('.notices .notice.unread')) if (readHere.has(row.dataset.notice)) {
    row.classList.remove('unread');
    row.querySelector('.telling .unseen')?.remove();
    row.querySelector('[data-notice-read]').remove();
  }
}

/** On the page of notifications: one is marked read in its place, and more rows come below. */
async function submitted(event) {
  const form = event.target.closest('[data-notice-read]');
  if (!form) return;
  event.preventDefault();
  const { notice } = form.closest('li').dataset;
  if (!(await read({ ids: [Number(notice)] }))) { form.submit(); return; }
  readHere.add(notice);
  showRead();
  const row = document.querySelector(`.notices [data-notice="${CSS.escape(notice)}"]`); // perhaps another than the one pressed
  (row?.nextElementSibling?.querySelector('button, a') || row?.querySelector('a'))?.focus();
}

async function more(event) {
  const link = event.target.closest('[data-more-notices]');
  if (!link) return;
  event.preventDefault();
  const answer = await fetched(link.getAttribute('href'), { 'X-Rows': '1' });
  if (!answer) { location.href = link.getAttribute('href'); return; }
  const rows = new DOMParser().parseFromString(`<ul>${answer.text}</ul>`, 'text/html').querySelectorAll('li');
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
  const opened = () => {
    if (!bell().open) return;
    look();
    for (const toast of document.querySelectorAll('.toast.told')) toast.remove(); // the list says it, and on phones it lay below
  };
  bell().addEventListener('toggle', opened);
  opened(); // before this listened
  document.addEventListener('click', clicked);
  document.addEventListener('auxclick', clicked);
  document.addEventListener('submit', submitted);
  document.addEventListener('kmrl:refreshed', showRead);
  document.addEventListener('click', more);
}
