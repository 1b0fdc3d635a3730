// Uploads: drop anywhere, a bar for each file through sending, waiting, reading and done. What was refused stays listed.
// Files are sent three at a time, each with an idempotency key of its own: sending again never makes a second document.
import { api, body, calmly, deeds, icon, inWords, left, make, Refused, say, size, STATE_ICONS, speak, stepWord } from './page.js';

const AT_ONCE = 3;
const KEPT = `kmrl.tray.${document.body.dataset.user}`;
const UNSETTLED = new Set(['queued', 'processing']);
const OVER = new Set(['processed', 'failed', 'cancelled', 'quarantined', 'refused', 'stopped', 'lost']);
const AGAIN = new Set(['internal', 'timeout']); // other failures are the file's own: reading again changes nothing
const ICONS = { ...STATE_ICONS, refused: 'failed', unsent: 'attention', lost: 'attention', stopped: 'cancelled', sending: 'upload', waiting_to_send: 'waiting' };

const items = [];
const seen = new Map(); // what was told of documents before the answer to their upload came
let tray = null;
let sending = 0;

// --- what is kept when the page is left

function keepNow() {
  const kept = items.slice(-200).map(({ file, request, row, ...rest }) => rest);
  try { sessionStorage.setItem(KEPT, JSON.stringify(kept)); } catch { /* full: nothing is lost but the list */ }
}

const keep = calmly(keepNow, 400);

async function takeUp() {
  let kept = [];
  try { kept = JSON.parse(sessionStorage.getItem(KEPT) || '[]'); } catch { kept = []; }
  for (const item of kept) {
    if (!OVER.has(item.state) && !UNSETTLED.has(item.state)) Object.assign(item, { state: 'lost', detail: say('lost') });
    items.push(item);
  }
  if (items.length) draw();
  await askAgain();
}

async function askAgain() {
  for (const item of items.filter((one) => UNSETTLED.has(one.state))) {
    try {
      const told = await api(`/documents/${item.id}/`);
      take(item, { state: told.status, detail: told.error?.detail || '', code: told.error?.code, percent: told.job?.progress ?? item.percent, step: told.job?.step });
    } catch (refused) {
      if (refused.status === 404) { items.splice(items.indexOf(item), 1); item.row?.remove(); draw(); }
    }
  }
}

// --- sending

function where() {
  return tray.querySelector('[data-tray-department]')?.value || '';
}

function add(files, { versionOf = '' } = {}) {
  const most = Number(body.dataset.mostBytes);
  for (const file of files) {
    const item = { key: crypto.randomUUID?.() || `${Date.now()}-${Math.random()}`, name: file.name, size: file.size, file, folder: folderOf(file), department: where(), versionOf, state: 'waiting_to_send', percent: 0, detail: '', id: '' };
    if (file.size > most) Object.assign(item, { state: 'refused', detail: `${say('too_large', size(most))} (${size(file.size)}).` });
    items.push(item);
  }
  tray.classList.remove('folded');
  draw();
  pump();
}

function folderOf(file) {
  return (file.inFolder ?? file.webkitRelativePath ?? '').split('/').slice(0, -1).join('/');
}

function pump() {
  while (sending < AT_ONCE) {
    const item = items.find((one) => one.state === 'waiting_to_send' && one.file && !(one.notBefore > Date.now()));
    if (!item) return;
    send(item);
  }
}

function send(item) {
  sending += 1;
  const form = new FormData();
  form.append('file', item.file, item.name);
  if (!item.versionOf) {
    form.append('source', body.dataset.source);
    if (item.department) form.append('department', item.department);
    if (item.folder) form.append('metadata', JSON.stringify({ folder: item.folder }));
  }
  const request = new XMLHttpRequest();
  item.request = request;
  request.open('POST', item.versionOf ? `/api/v1/documents/${item.versionOf}/versions/` : '/api/v1/documents/upload/');
  request.setRequestHeader('X-CSRFToken', body.dataset.csrf);
  request.setRequestHeader('Idempotency-Key', item.key);
  request.setRequestHeader('Accept', 'application/json');
  request.upload.onprogress = (event) => {
    if (event.lengthComputable && item.state === 'sending') take(item, { percent: Math.floor((event.loaded / event.total) * 100) });
  };
  request.onload = () => { ended(item); answered(item, request); pump(); };
  request.onerror = () => { ended(item); take(item, { state: 'unsent', percent: 0, detail: '' }); pump(); };
  request.onabort = () => { ended(item); take(item, { state: 'stopped', percent: 0 }); pump(); };
  take(item, { state: 'sending', percent: 0, detail: '' });
  request.send(form);
}

function ended(item) {
  sending -= 1;
  item.request = null;
}

function answered(item, request) {
  let told = {};
  try { told = JSON.parse(request.responseText); } catch { told = {}; }
  if (request.status >= 200 && request.status < 300) {
    item.file = null;
    const id = item.versionOf || told.id;
    take(item, { id, state: told.status || 'queued', percent: 0, detail: told.error?.detail || '' });
    if (seen.has(id) && !item.versionOf) take(item, seen.get(id));
    document.dispatchEvent(new CustomEvent('kmrl:received', { detail: { id } }));
  } else if (request.status === 429 || (request.status === 409 && told.code !== 'illegal_move')) {
    const wait = 1000 * (Number(request.getResponseHeader('Retry-After')) || 2);
    take(item, { state: 'waiting_to_send', percent: 0, notBefore: Date.now() + wait });
    setTimeout(pump, wait + 50);
  } else {
    take(item, { state: 'refused', percent: 0, detail: told.detail || say('no_connection'), again: request.status >= 500 });
  }
}

// --- what is shown

function take(item, changed) {
  Object.assign(item, changed);
  drawOne(item);
  drawTitle();
  keep();
  if (changed.detail) inOwnWords(item, changed.detail);
}

async function inOwnWords(item, said) {
  const own = await inWords(said);
  if (own !== said && item.detail === said) take(item, { detail: own });
}

function draw() {
  for (const item of items) drawOne(item);
  drawTitle();
  keep();
}

function drawTitle() {
  tray.hidden = items.length === 0;
  const over = items.filter((item) => OVER.has(item.state));
  const trouble = over.filter(isTrouble).length;
  let text = say('uploads_working', over.length, items.length);
  if (over.length === items.length) text = trouble ? say('uploads_trouble', over.length - trouble, trouble) : items.length === 1 ? say('upload_done') : say('uploads_done', items.length);
  const title = tray.querySelector('[data-tray-title]');
  if (title.textContent === text) return;
  title.textContent = text;
  if (over.length === items.length && items.length) speak(text); // only when all is over: not each of two hundred files
}

const isTrouble = ({ state }) => OVER.has(state) && state !== 'processed';

function drawOne(item) {
  item.row ??= tray.querySelector('[data-tray-list]').appendChild(makeRow());
  const { row } = item;
  const shown = `${item.state}|${item.detail}|${item.code || ''}|${item.again || ''}|${Boolean(item.file)}`;
  if (row.shown !== shown) {
    row.shown = shown;
    if (isTrouble(item) && !row.contains(document.activeElement)) row.parentElement.prepend(row); // to be seen among two hundred
    row.className = item.state;
    row.querySelector('.name').replaceChildren(...nameOf(item));
    row.querySelector('.tools').replaceChildren(...toolsOf(item));
    row.querySelector('[data-word]').replaceChildren(make('span', { class: `state ${item.state}` }, icon(ICONS[item.state] || 'waiting'), say(item.state)), item.detail ? ` · ${item.detail}` : '');
  }
  const bar = row.querySelector('progress');
  bar.hidden = isTrouble(item);
  bar.className = item.state;
  bar.value = item.state === 'processed' ? 100 : item.percent;
  row.querySelector('[data-side]').textContent = sideOf(item);
}

function makeRow() {
  return make('li', {}, make('div', { class: 'name' }), make('div', { class: 'tools' }), make('progress', { max: 100, value: 0 }), make('div', { class: 'said' }, make('span', { 'data-word': true }), make('span', { class: 'number', 'data-side': true })));
}

function nameOf(item) {
  const name = item.folder ? `${item.folder}/${item.name}` : item.name;
  return [item.id ? make('a', { href: `/documents/${item.id}/`, class: 'quiet-link', title: name }, item.name) : make('span', { title: name }, item.name)];
}

function sideOf(item) {
  if (item.state === 'sending') return `${item.percent} % · ${size(item.size)}`;
  if (item.state === 'processing') return [stepWord(item.step), left(item.eta)].filter(Boolean).join(' · ');
  return OVER.has(item.state) ? '' : size(item.size);
}

function tool(name, picture, work) {
  const made = make('button', { type: 'button', class: 'button bare low square', 'aria-label': say(name), title: say(name) }, icon(picture));
  made.addEventListener('click', work);
  return made;
}

function toolsOf(item) {
  const tools = [];
  if ((item.state === 'unsent' || (item.state === 'refused' && item.again) || item.state === 'stopped') && item.file) tools.push(tool('retry', 'again', () => { take(item, { state: 'waiting_to_send', percent: 0, detail: '' }); pump(); }));
  if (item.state === 'failed' && AGAIN.has(item.code)) tools.push(tool('retry', 'again', () => act(item, deeds.reprocess)));
  if (item.state === 'waiting_to_send' || item.state === 'sending' || item.state === 'unsent') tools.push(tool('cancel', 'close', () => stop(item)));
  if (UNSETTLED.has(item.state)) tools.push(tool('cancel', 'close', () => act(item, deeds.cancel)));
  if (OVER.has(item.state)) tools.push(tool('remove', 'close', () => remove(item)));
  return tools;
}

function stop(item) {
  if (item.request) item.request.abort();
  else take(item, { state: 'stopped', percent: 0 });
}

async function act(item, deed) {
  try {
    const told = await deed(item.id);
    seen.delete(item.id);
    if (told?.status) take(item, { state: told.status, percent: 0, detail: '' });
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    take(item, { detail: refused.message });
  }
}

function remove(item) {
  items.splice(items.indexOf(item), 1);
  item.row.remove();
  drawTitle();
  keep();
}

// --- live

function told(id, changed) {
  seen.set(id, { ...seen.get(id), ...changed });
  if (seen.size > 3000) seen.delete(seen.keys().next().value);
  for (const item of items) if (item.id === id && !['refused', 'lost', 'stopped'].includes(item.state)) take(item, changed);
}

// --- taking files

async function filesIn({ files, items, entries = [...items].map((one) => one.webkitGetAsEntry?.()).filter(Boolean) }) {
  if (!entries.length) return [...files];
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    file.inFolder = entry.fullPath.replace(/^\//, '');
    if (!file.name.startsWith('.')) found.push(file);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!part.length) return;
    for (const one of part) await walk(one, found);
  }
}

const carries = (event) => event.dataTransfer?.types.includes('Files');

function dropping() {
  const sheet = document.querySelector('[data-drop]');
  let depth = 0;
  const show = (yes) => {
    sheet.hidden = !yes;
    const select = tray.querySelector('select[data-tray-department]');
    sheet.querySelector('[data-drop-where]').textContent = select ? say('to', select.selectedOptions[0].textContent) : '';
  };
  addEventListener('dragenter', (event) => { if (carries(event)) { depth += 1; show(true); event.preventDefault(); } });
  addEventListener('dragover', (event) => { if (carries(event)) { event.preventDefault(); event.dataTransfer.dropEffect = 'copy'; } });
  addEventListener('dragleave', (event) => { if (carries(event)) { depth = Math.max(0, depth - 1); if (!depth) show(false); } });
  const taken = async (given) => {
    depth = 0;
    show(false);
    add(await filesIn(given));
  };
  addEventListener('drop', (event) => { if (carries(event)) { event.preventDefault(); taken(event.dataTransfer); } });
  addEventListener('kmrl:dropped', ({ detail }) => taken(detail)); // by early.js
}

function choosing() {
  for (const id of ['files', 'folder']) {
    const input = document.getElementById(id);
    input.addEventListener('change', () => { add([...input.files]); input.value = ''; });
  }
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-upload]')) document.getElementById('files').click();
    if (event.target.closest('[data-upload-folder]')) document.getElementById('folder').click();
  });
}

/** Sends `file` as the next version of the document `id`; listed like any other upload. */
export function sendVersion(id, file) {
  add([file], { versionOf: id });
}

export function start(live) {
  tray = document.querySelector('[data-tray]');
  if (!tray) {
    addEventListener('dragover', (event) => { if (carries(event)) { event.preventDefault(); event.dataTransfer.dropEffect = 'none'; } });
    return; // who sends nothing loses no page either
  }
  const select = tray.querySelector('select[data-tray-department]');
  if (select) {
    const kept = localStorage.getItem('kmrl.department');
    if ([...select.options].some((option) => option.value === kept)) select.value = kept;
    select.addEventListener('change', () => localStorage.setItem('kmrl.department', select.value));
  }
  tray.querySelector('[data-tray-fold]').addEventListener('click', (event) => {
    event.currentTarget.setAttribute('aria-expanded', String(!tray.classList.toggle('folded')));
  });
  tray.querySelector('[data-tray-close]').addEventListener('click', () => {
    for (const item of items.filter((one) => OVER.has(one.state))) remove(item);
  });
  dropping();
  choosing();
  live.on('document.status', ({ id, status }) => told(id, { state: status, detail: '', percent: 0 }));
  live.on('document.failed', ({ id, detail, code }) => told(id, { state: 'failed', detail, code }));
  live.on('document.progress', ({ id, percent, step, eta }) => told(id, { state: 'processing', percent, step, eta }));
  live.onState((state) => {
    if (state !== 'live') return;
    for (const item of items) if (item.state === 'unsent' && item.file) item.state = 'waiting_to_send';
    pump();
    askAgain();
  });
  document.addEventListener('kmrl:reset', askAgain);
  addEventListener('pagehide', keepNow);
  addEventListener('beforeunload', (event) => {
    if (items.some((item) => item.state === 'sending' || item.state === 'waiting_to_send')) event.preventDefault();
  });
  takeUp();
}
