// What waits for me: live rows, load more, and one answer for many.
import { watch } from './pictures.js';
import { atRest, calmly, fetched, icon, make, Refused, say, speak, toast, turns } from './page.js';
import { chosen, exchange, marked, none, start as startPicking } from './picking.js';
import { post } from './posting.js';

const changed = new Set();
const turn = turns();
let placed = []; // since all was asked for

const table = () => document.querySelector('[data-task-list]');
const rowsPlace = () => document.querySelector('[data-rows]');
const rowOf = (id) => rowsPlace()?.querySelector(`tr[data-task="${CSS.escape(id)}"]`);

function parse(html) {
  const template = document.createElement('template');
  template.innerHTML = `<table><tbody>${html}</tbody></table>`;
  return [...template.content.querySelectorAll('tr')];
}

// --- live

const showChanged = calmly(async () => {
  const ids = [...changed].slice(0, 50);
  if (!ids.length) return;
  for (const id of ids) changed.delete(id);
  const isNews = turn();
  if (!table()) return showAll();
  const address = new URL(table().dataset.taskList, location.href);
  address.searchParams.set('ids', ids.join(','));
  const answer = await fetched(address);
  if (!answer) { for (const id of ids) changed.add(id); return false; }
  const fresh = new Map(parse(answer.text).map((row) => [row.dataset.task, row]));
  await atRest();
  if (!rowsPlace()) return showAll(); // the last row went meanwhile
  for (const id of ids) if (isNews(id)) place(id, fresh.get(id));
  placed.push(...ids);
  watch(rowsPlace());
  showChosen();
  if (!rowsPlace().rows.length) return showAll();
  if (changed.size) showChanged();
  return true;
}, 400);

function place(id, row) {
  const old = rowOf(id);
  if (!row) {
    const near = old?.contains(document.activeElement) ? old.nextElementSibling || old.previousElementSibling : null;
    old?.remove();
    if (near) near.querySelector('[data-open]').focus({ preventScroll: true });
    return;
  }
  if (old) {
    const focused = old.contains(document.activeElement) && document.activeElement;
    const box = row.querySelector('[data-pick]');
    if (box) box.checked = Boolean(old.querySelector('[data-pick]')?.checked);
    const thumb = old.querySelector('.thumb img');
    const next = row.querySelector('.thumb img');
    if (thumb && next && thumb.dataset.src === next.dataset.src) next.replaceWith(thumb);
    old.replaceWith(row);
    if (focused) row.querySelector(focused.matches('[data-pick]') && box ? '[data-pick]' : '[data-open]').focus({ preventScroll: true });
    return;
  }
  const after = [...rowsPlace().rows].find((one) => one.dataset.order > row.dataset.order);
  if (!after && document.querySelector('[data-more]')) return; // it stands on a later page
  row.classList.add('new');
  if (after) after.before(row);
  else rowsPlace().append(row);
}

/** All of it anew, and what was shown meanwhile once more: it may be newer. */
async function showAll() {
  const isNews = turn();
  placed = [];
  const answer = await fetched(location.href);
  if (!answer) return false;
  if (document.querySelector('dialog[open]')) return true;
  const fresh = new DOMParser().parseFromString(answer.text, 'text/html').getElementById('content');
  await atRest();
  if (!isNews()) return true;
  exchange(fresh);
  showChosen();
  watch();
  for (const id of placed) changed.add(id);
  showChanged();
  return true;
}

async function more(link) {
  link.setAttribute('aria-busy', 'true');
  const answer = await fetched(link.href, { 'X-Rows': '1' });
  link.removeAttribute('aria-busy');
  if (!answer) { toast(say('no_connection'), 'attention'); return; }
  const rows = parse(answer.text).filter((row) => !rowOf(row.dataset.task));
  rowsPlace().append(...rows);
  watch(rowsPlace());
  const next = answer.headers.get('X-More');
  if (next) link.href = next;
  else link.remove();
  rows[0]?.querySelector('[data-open]').focus({ preventScroll: true });
}

// --- choosing

/** The answers that all chosen tasks have in common, by key and name. */
function shared(boxes) {
  const each = boxes.map((box) => JSON.parse(box.closest('tr').dataset.outcomes));
  return (each[0] || []).filter(({ key, title }) => each.every((of) => of.some((one) => one.key === key && one.title === title)))
    .map((one) => ({ ...one, comment: each.some((of) => of.some(({ key, comment }) => key === one.key && comment)) }));
}

function showChosen() {
  const bar = document.querySelector('[data-selection]');
  const boxes = marked();
  if (!boxes.length) return;
  bar.querySelector('[data-chosen]').textContent = say('chosen', boxes.length);
  const answers = shared(boxes);
  bar.querySelector('[data-shared]').replaceChildren(...(answers.length
    ? answers.map(({ key, title, comment }) => make('button', { class: 'button low', type: 'button', 'data-outcome': key, 'data-comment': comment ? '1' : null }, title))
    : [make('span', { class: 'soft small' }, say('nothing_shared'))]));
}

// --- one answer for many

function ask(button) {
  const dialog = document.getElementById('bulk');
  const title = `${button.textContent}: ${say('chosen', chosen().length)}`;
  dialog.querySelector('[data-bulk-title]').textContent = title;
  dialog.querySelector('[data-bulk-go]').textContent = button.textContent;
  dialog.dataset.outcome = button.dataset.outcome;
  dialog.dataset.wants = button.dataset.comment || '';
  dialog.querySelector('[data-bulk-form]').hidden = false;
  dialog.querySelector('[data-bulk-done]').hidden = true;
  dialog.querySelector('[data-wrong]').hidden = true;
  dialog.querySelector('textarea').value = '';
  dialog.showModal();
  dialog.querySelector('textarea').focus();
}

async function decide(form) {
  const dialog = form.closest('dialog');
  const { outcome, wants } = dialog.dataset;
  const comment = form.elements.comment.value;
  if (wants && !comment.trim()) { wrong(form, say('say_why')); form.elements.comment.focus(); return; }
  const ids = chosen().map((box) => box.value);
  const go = form.querySelector('[data-bulk-go]');
  go.setAttribute('aria-busy', 'true');
  go.disabled = true;
  try {
    const said = await post(form.getAttribute('action'), [...ids.map((id) => ['id', id]), ['outcome', outcome], ['comment', comment]]);
    for (const id of ids) changed.add(id);
    none();
    showResults(dialog, said);
    document.dispatchEvent(new CustomEvent('kmrl:decided'));
    showChanged();
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    wrong(form, refused.message);
  } finally {
    go.removeAttribute('aria-busy');
    go.disabled = false;
  }
}

function wrong(form, text) {
  const place = form.querySelector('[data-wrong]');
  place.textContent = text;
  place.hidden = false;
}

/** All went well: a toast says it. Else the dialog stays, with what came of each. */
function showResults(dialog, { said, decided, results }) {
  const refused = results.filter((one) => one.refused);
  if (!refused.length) { dialog.close(); toast(said, 'done'); speak(said); return; }
  const text = say('decided_some', decided, refused.length);
  dialog.querySelector('[data-bulk-title]').textContent = text;
  speak(text);
  dialog.querySelector('[data-results]').replaceChildren(...results.map((one) => make(
    'li',
    { class: one.refused ? 'refused' : 'processed' },
    icon(one.refused ? 'attention' : 'done'),
    make('span', {}, make('a', { href: `/tasks/${one.id}/` }, one.title), one.refused ? make('div', { class: 'small' }, one.refused) : null),
  )));
  dialog.querySelector('[data-bulk-form]').hidden = true;
  dialog.querySelector('[data-bulk-done]').hidden = false;
  dialog.querySelector('[data-bulk-done] button').focus();
}

export function start(live) {
  const note = (id) => { if (id) { changed.add(id); showChanged(); } };
  live.on('task.*', ({ id }) => note(id));
  live.on('sla.*', ({ task }) => note(task));
  document.addEventListener('kmrl:reset', calmly(showAll));
  startPicking(showChosen);
  document.addEventListener('click', (event) => {
    const { target } = event;
    const link = target.closest('[data-more]');
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); more(link); }
    const answer = target.closest('[data-shared] [data-outcome]');
    if (answer) ask(answer);
    if (target.closest('[data-bulk-cancel]')) target.closest('dialog').close();
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('[data-bulk-form]')) return;
    event.preventDefault();
    decide(event.target);
  });
}
