// One document: pages with zoom, text that follows the page, editing, actions; while it is read the page fills itself.
import { api, calmly, deeds, make, refresh, Refused, say, speak, toast } from './page.js';
import { watch } from './pictures.js';
import { sendVersion } from './tray.js';

const { document: id } = document.body.dataset;
const ZOOMS = [0.5, 0.65, 0.8, 1, 1.25, 1.5, 2, 2.5, 3];
const question = new URLSearchParams(location.search).get('q') || '';
let pages = new Map(); // number → { text, words, hits }; another one each time the page is filled anew
let zoom = 1;
let at = 0;

// --- pages

function setZoom(way) {
  const near = ZOOMS.findIndex((step) => step >= zoom - 0.001);
  zoom = way === 'fit' ? 1 : ZOOMS[Math.min(ZOOMS.length - 1, Math.max(0, near + (way === 'in' ? 1 : -1)))];
  document.querySelector('[data-sheets]').style.setProperty('--zoom', zoom);
  document.querySelector('[data-zoom-said]').textContent = `${Math.round(zoom * 100)} %`;
}

function bind() {
  at = 0;
  const sheets = document.querySelector('[data-sheets]');
  if (!sheets) return;
  sheets.style.setProperty('--zoom', zoom);
  sheets.addEventListener('scroll', look, { passive: true });
  look();
  watch(document, (image) => (image.matches('[data-page-image]') ? noPicture(image) : image.remove()));
}

/** The page that covers the line a third below the top is the one that is read. */
const look = calmly(() => {
  const sheets = document.querySelector('[data-sheets]');
  if (!sheets) return;
  const line = sheets.getBoundingClientRect().top + sheets.clientHeight / 3;
  const pages = [...sheets.querySelectorAll('[data-page-number]')];
  const here = pages.findLast((page) => page.getBoundingClientRect().top <= line) || pages[0];
  if (here) show(Number(here.dataset.pageNumber));
}, 60);

function noPicture(image) {
  image.replaceWith(make('div', { class: 'missing' }, say('no_picture')));
}

function show(number) {
  if (number === at) return;
  at = number;
  const said = document.querySelector('[data-at]');
  if (said) said.textContent = number;
  for (const link of document.querySelectorAll('[data-to]')) {
    const here = Number(link.dataset.to) === number;
    if (here) { link.setAttribute('aria-current', 'true'); keepInSight(link); } else link.removeAttribute('aria-current');
  }
  showText(number);
}

function keepInSight(link) {
  const box = link.parentElement;
  const top = link.offsetTop - box.offsetTop;
  if (top < box.scrollTop || top + link.offsetHeight > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 3;
}

async function showText(number) {
  const place = document.querySelector('[data-text]');
  const wordy = document.querySelector(`#page-${number} pre`);
  if (!place && !(wordy && question)) return;
  const known = pages; // what was asked for before there was a newer version must not stand for that one's text
  if (!known.has(number)) {
    try {
      const [page, hits] = await Promise.all([place ? api(`/documents/${id}/pages/${number}/`) : null, hitsOn(number)]);
      known.set(number, { text: wordy?.textContent, ...page, hits });
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return;
    }
  }
  if (number !== at || known !== pages) return;
  const page = known.get(number);
  if (page.hits.size) markPicture(number, page);
  if (wordy && page.hits.size) wordy.replaceChildren(...marked(page.text, page.hits));
  if (!place) return;
  place.replaceChildren(...marked(page.text.trim() || say('no_text'), page.hits));
  const first = place.querySelector('mark');
  place.scrollTop = first ? first.offsetTop - place.offsetTop - 48 : 0;
  document.querySelector('[data-text-where]').textContent = say('page_of', number);
}

// --- what was searched for

/** The words of the page that answer the question with which one came here, as they are written. */
async function hitsOn(number) {
  if (!question) return new Set();
  try {
    const answer = await fetch(`/documents/${id}/hits/?${new URLSearchParams({ q: question, page: number })}`, { credentials: 'same-origin' });
    return new Set(answer.ok && !answer.redirected ? (await answer.json()).words : []);
  } catch { return new Set(); }
}

function marked(text, hits) {
  if (!hits.size) return [text];
  return text.split(/(\s+)/).map((word) => (hits.has(word) ? make('mark', {}, word) : word));
}

function markPicture(number, { words, hits }) {
  const sheet = document.getElementById(`page-${number}`);
  if (!sheet || sheet.querySelector('.spot')) return;
  for (const { text, x0, y0, x1, y1 } of words || []) {
    if (!hits.has(text)) continue;
    const spot = make('div', { class: 'spot', 'aria-hidden': 'true' });
    Object.assign(spot.style, { left: `${x0 * 100}%`, top: `${y0 * 100}%`, width: `${(x1 - x0) * 100}%`, height: `${(y1 - y0) * 100}%` });
    sheet.append(spot);
  }
}

/** The page that the address names, below the heading: browsers would scroll the heading away. */
function arrive(number) {
  const there = () => {
    go(number);
    if (getComputedStyle(document.querySelector('.viewer')).position === 'sticky') scrollTo(0, 0);
  };
  if (document.readyState === 'complete') requestAnimationFrame(there);
  else addEventListener('load', () => requestAnimationFrame(there), { once: true });
}

function go(number) {
  document.getElementById(`page-${number}`)?.scrollIntoView({ block: 'start' });
}

// --- doing

async function act(button) {
  button.setAttribute('aria-busy', 'true');
  try {
    await deeds[button.dataset.do](id);
    toast(say(`done_${button.dataset.do}`, 1), 'done');
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    toast(refused.message, 'attention');
  }
  button.removeAttribute('aria-busy');
  await refresh();
}

function editing(on) {
  const form = document.querySelector('[data-edit-form]');
  if (!form) return;
  form.hidden = !on;
  document.querySelector('[data-facts]').hidden = on;
  const button = document.querySelector('[data-edit]');
  button.setAttribute('aria-expanded', String(on));
  if (on) form.elements.title.focus();
  else button.focus();
}

async function save(form) {
  const data = {};
  for (const field of form.querySelectorAll('[name]')) {
    const before = field.tagName === 'SELECT' ? [...field.options].find((option) => option.defaultSelected)?.value ?? '' : field.defaultValue;
    if (field.value !== before) data[field.name] = field.name === 'department' && !field.value ? null : field.value;
  }
  const wrong = form.querySelector('[data-wrong]');
  wrong.hidden = true;
  if (!Object.keys(data).length) { editing(false); return; }
  try {
    await api(`/documents/${id}/`, { method: 'PATCH', data });
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    wrong.textContent = refused.message;
    wrong.hidden = false;
    return;
  }
  for (const option of form.querySelectorAll('option')) option.defaultSelected = option.selected;
  form.elements.title.defaultValue = form.elements.title.value;
  editing(false);
  toast(say('saved'), 'done');
  await refresh();
}

function clicked(event) {
  const { target } = event;
  const way = target.closest('[data-zoom]')?.dataset.zoom;
  if (way) setZoom(way);
  const to = target.closest('[data-to]');
  if (to) { event.preventDefault(); go(to.dataset.to); }
  const button = target.closest('.head [data-do]');
  if (button) act(button);
  if (target.closest('[data-edit]')) editing(document.querySelector('[data-edit-form]').hidden);
  if (target.closest('[data-edit-cancel]')) { document.querySelector('[data-edit-form]').reset(); editing(false); }
  if (target.closest('[data-new-version]')) document.getElementById('version-file').click();
}

function pressed(event) {
  if (event.target.matches('input, textarea, select') || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented) return; // on a review screen j and k lead to other tasks
  const keys = { '+': () => setZoom('in'), '=': () => setZoom('in'), '-': () => setZoom('out'), 0: () => setZoom('fit'), j: () => go(at + 1), k: () => go(at - 1) };
  keys[event.key]?.();
}

export function start(live) {
  bind();
  document.addEventListener('click', clicked);
  document.addEventListener('keydown', pressed);
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('[data-edit-form]')) return;
    event.preventDefault();
    save(event.target);
  });
  document.addEventListener('kmrl:refreshed', () => { pages = new Map(); bind(); });
  document.getElementById('version-file')?.addEventListener('change', (event) => {
    if (event.target.files[0]) sendVersion(id, event.target.files[0]);
    event.target.value = '';
  });
  const again = calmly(refresh, 500);
  const mine = (data) => { if (data.id === id) again(); };
  live.on('document.status', ({ id: which, title, status }) => {
    if (which === id && !['queued', 'processing'].includes(status)) speak(`${title}: ${say(status)}`);
  });
  live.on('document.failed', ({ id: which, title }) => { if (which === id) speak(`${title}: ${say('failed')}`); });
  for (const type of ['document.received', 'document.status', 'document.failed', 'document.version']) live.on(type, mine);
  for (const type of ['workflow.*', 'task.*', 'sla.*']) live.on(type, (data) => { if (data.document === id) again(); });
  document.addEventListener('kmrl:received', (event) => mine(event.detail));
  if (location.hash.startsWith('#page-')) arrive(location.hash.slice(6));
  const back = document.querySelector('[data-back]');
  if (back && ['/documents/', '/search/'].includes(new URL(document.referrer || location.href).pathname)) back.href = document.referrer;
}
