// The documents list: live rows, load more that keeps its place, choosing many and doing one thing with them.
import { watch } from './pictures.js';
import { atRest, calmly, deeds, fetched, Refused, say, toast, turns } from './page.js';
import { chosen, exchange, marked, none, start as startPicking } from './picking.js';

const inBin = Boolean(document.body.dataset.bin);
const changed = new Set();
const turn = turns();
let placed = []; // since all was asked for

const rowsPlace = () => document.querySelector('[data-rows]');
const rowOf = (id) => rowsPlace()?.querySelector(`tr[data-document="${CSS.escape(id)}"]`);

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
  const table = document.querySelector('[data-list]');
  if (!table) return showAll();
  const address = new URL(table.dataset.list, location.href);
  address.searchParams.set('ids', ids.join(','));
  const answer = await fetched(address);
  if (!answer) { for (const id of ids) changed.add(id); return false; }
  const fresh = new Map(parse(answer.text).map((row) => [row.dataset.document, row]));
  await atRest();
  if (!rowsPlace()) return showAll(); // the last row went meanwhile
  for (const id of ids) if (isNews(id)) place(id, fresh.get(id));
  placed.push(...ids);
  tally(answer);
  watch(rowsPlace());
  if (changed.size) showChanged();
  return true;
}, 300);

function place(id, row) {
  const old = rowOf(id);
  if (!old && row) {
    const oldest = [...rowsPlace().rows].at(-1)?.querySelector('time')?.dateTime || '';
    if (oldest > row.querySelector('time').dateTime && document.querySelector('[data-more]')) return; // it comes with the next ones
    row.classList.add('new');
    insert(row);
  } else if (old && row) {
    const focused = old.contains(document.activeElement) && document.activeElement;
    row.querySelector('[data-pick]').checked = old.querySelector('[data-pick]').checked;
    row.classList.toggle('chosen', old.classList.contains('chosen'));
    const thumb = old.querySelector('.thumb img');
    const fresh = row.querySelector('.thumb img');
    if (thumb && fresh && thumb.dataset.src === fresh.dataset.src) fresh.replaceWith(thumb);
    old.replaceWith(row);
    if (focused) row.querySelector(focused.matches('[data-pick]') ? '[data-pick]' : '[data-open]').focus({ preventScroll: true });
  } else if (old) {
    old.remove();
    showChosen();
    if (!rowsPlace().rows.length) showAll();
  }
}

function insert(row) {
  const at = row.querySelector('time').dateTime;
  const next = [...rowsPlace().rows].find((one) => one.querySelector('time').dateTime <= at);
  if (next) next.before(row);
  else rowsPlace().append(row);
}

function tally(answer) {
  const said = answer.headers.get('X-Tally');
  const place = document.querySelector('[data-tally]');
  if (said && place) place.textContent = decodeURIComponent(said);
}

/** All of it anew, and what was shown meanwhile once more: it may be newer. */
async function showAll() {
  const isNews = turn();
  placed = [];
  const answer = await fetched(location.href);
  if (!answer) return false;
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

// --- load more

async function more(link) {
  link.setAttribute('aria-busy', 'true');
  const answer = await fetched(link.href, { 'X-Rows': '1' });
  link.removeAttribute('aria-busy');
  if (!answer) { toast(say('no_connection'), 'attention'); return false; }
  const rows = parse(answer.text).filter((row) => !rowOf(row.dataset.document));
  rowsPlace().append(...rows);
  watch(rowsPlace());
  const next = answer.headers.get('X-More');
  if (next) link.href = next;
  else link.remove();
  return rows[0] || null;
}

const PLACE = `kmrl.place.${location.pathname}${location.search}`;

async function comeBack() {
  addEventListener('pagehide', () => {
    const open = document.activeElement?.closest?.('tr')?.dataset.document || '';
    sessionStorage.setItem(PLACE, JSON.stringify({ rows: rowsPlace()?.rows.length || 0, y: scrollY, open }));
  });
  const kept = JSON.parse(sessionStorage.getItem(PLACE) || 'null');
  if (!kept || performance.getEntriesByType('navigation')[0]?.type !== 'back_forward') return;
  for (let link; rowsPlace() && rowsPlace().rows.length < kept.rows && (link = document.querySelector('[data-more]'));) if (!(await more(link))) break;
  scrollTo(0, kept.y);
  rowOf(kept.open)?.querySelector('[data-open]').focus({ preventScroll: true });
}

// --- choosing

function showChosen() {
  const bar = document.querySelector('[data-selection]');
  const boxes = marked();
  const text = boxes.length ? say('chosen', boxes.length) : '';
  const place = bar.querySelector('[data-chosen]');
  if (place.textContent !== text) place.textContent = text;
  for (const button of bar.querySelectorAll('[data-do]')) {
    button.disabled = !boxes.some((box) => allows(box.closest('tr'), button.dataset.do));
  }
}

function allows(row, deed) {
  const working = ['queued', 'processing'].includes(row.dataset.status);
  if (row.dataset.may !== 'control') return false;
  return deed === 'cancel' ? working : deed === 'reprocess' ? !working : true;
}

async function doAll(deed) {
  const ids = chosen().filter((box) => allows(box.closest('tr'), deed)).map((box) => box.value);
  let done = 0;
  const reasons = [];
  const work = async () => {
    for (let id; (id = ids.shift());) {
      try { await deeds[deed](id); done += 1; } catch (refused) {
        if (!(refused instanceof Refused)) throw refused;
        reasons.push(refused.message);
      }
      changed.add(id);
    }
  };
  await Promise.all([work(), work(), work()]);
  if (done) toast(say(`done_${deed}`, done), 'done');
  if (reasons.length) toast(say('not_done', reasons.length, reasons[0]), 'attention');
  none();
  showChanged();
}

export function start(live) {
  const note = ({ id }) => { if (id) { changed.add(id); showChanged(); } };
  for (const type of ['document.received', 'document.status', 'document.failed', 'document.version']) live.on(type, note);
  document.addEventListener('kmrl:received', (event) => note(event.detail));
  startPicking(showChosen);
  document.addEventListener('click', async (event) => {
    const { target } = event;
    const link = target.closest('[data-more]');
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); (await more(link))?.querySelector('[data-open]').focus({ preventScroll: true }); }
    const deed = target.closest('[data-selection] [data-do]')?.dataset.do;
    if (deed) doAll(deed);
  });
  document.addEventListener('kmrl:reset', calmly(showAll));
  comeBack();
  if (inBin) document.body.classList.add('in-bin');
}
