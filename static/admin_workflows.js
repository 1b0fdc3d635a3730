// Workflows in the administration: deciding by keys, the editor with its live check, and pages that follow their run.
import { calmly, fetchParts, showLink, signIn } from './admin_parts.js';
import { start as drawn } from './flow.js';
import { start as others } from './others.js';
import { connect } from './realtime.js';

const root = document.querySelector('[data-desk]');
const { follows, topics = '', editor, run, job } = root.dataset;
const PARTS_EVERY = 800;
const CHECK_AFTER = 350;

// --- deciding

function startDeciding(form) {
  const wanted = form.querySelector('[data-comment-wanted]');
  const comment = form.querySelector('[name="comment"]');
  form.addEventListener('submit', (event) => {
    if (!('wantsComment' in (event.submitter?.dataset ?? {})) || comment.value.trim()) return;
    event.preventDefault();
    wanted.hidden = false;
    comment.focus();
  });
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest('input, textarea, select, [contenteditable]')) return;
    const button = form.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    event.preventDefault();
    button.focus(); // the key chooses; Enter decides: nothing is decided by a slip of the hand
  });
}

// --- the editor

function startEditor() {
  const area = document.querySelector('[data-source]');
  const gutter = document.querySelector('[data-gutter]');
  if (!area || area.readOnly) return;
  const form = area.form;
  const kept = area.defaultValue;
  let asked = 0;
  let timer = null;
  let leaving = false;
  let freed = false;

  const check = async () => {
    const mine = ++asked;
    let answer;
    try {
      answer = await fetch(editor, { method: 'POST', credentials: 'same-origin', body: new URLSearchParams({ source: area.value, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value }) });
    } catch { return; }
    if (mine !== asked || answer.redirected || !answer.ok) return;
    show(await answer.json());
  };

  area.addEventListener('input', () => {
    number(area, gutter);
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER);
    const said = document.querySelector('[data-kept]');
    if (said && area.value !== kept) said.textContent = document.querySelector('[data-words]').dataset.leave;
  });
  area.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { freed = true; return; }
    if (event.key === 'Tab' && !freed && !event.ctrlKey && !event.altKey && !event.metaKey) { event.preventDefault(); indent(area, event.shiftKey); return; }
    if (event.key === 'Enter' && !event.ctrlKey && !event.isComposing) { event.preventDefault(); newLine(area); return; }
    if (event.key !== 'Shift') freed = false;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') { event.preventDefault(); form.querySelector('[data-save]').click(); }
  });
  area.addEventListener('blur', () => { freed = false; });
  form.addEventListener('submit', () => { leaving = true; });
  addEventListener('beforeunload', (event) => { if (!leaving && area.value !== kept) event.preventDefault(); });
  document.querySelector('[data-problems]').addEventListener('click', (event) => {
    const button = event.target.closest('[data-line]');
    if (button) goTo(area, Number(button.dataset.line), Number(button.dataset.column));
  });
  document.querySelector('[data-drawn]').addEventListener('click', (event) => {
    const step = event.target.closest('[data-step]');
    if (!step) return;
    event.preventDefault();
    const lines = area.value.split('\n');
    const at = lines.findIndex((line) => new RegExp(`\\bid:\\s*["']?${step.dataset.step}\\b`).test(line));
    if (at >= 0) goTo(area, at + 1, 1);
  });
  if (area.value !== kept) area.dispatchEvent(new Event('input', { bubbles: true })); // written before this listened
  number(area, gutter);
  mark([...document.querySelectorAll('[data-problems] li')].map((one) => ({ line: Number(one.firstElementChild.dataset.line), level: one.className })));
}

function startGutters() {
  for (const area of document.querySelectorAll('[data-source]')) {
    const gutter = area.parentElement.querySelector('[data-gutter]');
    area.addEventListener('scroll', () => { gutter.scrollTop = area.scrollTop; }, { passive: true });
  }
}

function number(area, gutter) {
  const count = area.value.split('\n').length;
  while (gutter.children.length > count) gutter.lastElementChild.remove();
  while (gutter.children.length < count) {
    const line = document.createElement('span');
    line.textContent = gutter.children.length + 1;
    gutter.append(line);
  }
  gutter.scrollTop = area.scrollTop;
}

/** Puts text in place of what is chosen so that Undo knows it. */
function insert(area, text) {
  if (document.execCommand('insertText', false, text)) return;
  area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

function indent(area, out) {
  const { value, selectionStart: from, selectionEnd: to } = area;
  if (from === to && !out) { insert(area, '  '); return; }
  const start = value.lastIndexOf('\n', from - 1) + 1;
  const before = value.slice(start, to);
  const after = before.split('\n').map((line) => (out ? line.replace(/^ {1,2}/, '') : `  ${line}`)).join('\n');
  area.setSelectionRange(start, to);
  if (after) insert(area, after); else document.execCommand('delete');
  area.setSelectionRange(from === to ? Math.max(start, from - (before.length - after.length)) : start, start + after.length);
}

/** The next line begins where this one does; after a colon two further. */
function newLine(area) {
  const start = area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;
  const line = area.value.slice(start, area.selectionStart);
  const [lead] = line.match(/^ */);
  const deeper = /:\s*$/.test(line) ? '  ' : '';
  const item = /^ *- \S/.test(line) ? '  ' : '';
  insert(area, `\n${lead}${item}${deeper}`);
}

function goTo(area, line, column) {
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const end = start + (lines[line - 1]?.length ?? 0);
  area.focus();
  area.setSelectionRange(Math.min(start + Math.max(column - 1, 0), end), end);
  area.scrollTop = Math.max(0, (line - 1) * 20 - area.clientHeight / 3);
}

function mark(problems) {
  const gutter = document.querySelector('[data-gutter]');
  for (const line of gutter.children) { line.className = ''; line.removeAttribute('title'); }
  for (const { line, level, message = '' } of [...problems].reverse()) {
    const place = gutter.children[line - 1];
    if (!place) continue;
    place.className = place.className === 'error' ? 'error' : level;
    place.title = message;
  }
}

function show({ problems, errors, said, picture, steps }) {
  const heading = document.querySelector('[data-said]');
  heading.textContent = said;
  heading.classList.toggle('alarm', errors > 0);
  const { line: word } = document.querySelector('[data-words]').dataset;
  document.querySelector('[data-problems]').replaceChildren(...problems.map((one) => problemOf(one, word)));
  mark(problems);
  const place = document.querySelector('[data-drawn]');
  if (picture) { // made by the gateway, every text in them escaped
    place.querySelector('[data-flow-picture]').innerHTML = picture;
    place.querySelector('[data-flow-list]').innerHTML = steps;
    place.hidden = false;
  }
  document.querySelector('[data-stale]').hidden = Boolean(picture) || place.hidden;
  document.querySelector('[data-no-picture]').hidden = !place.hidden;
}

function problemOf({ line, column, message, advice, level, lang }, word) {
  const item = document.createElement('li');
  item.className = level;
  const button = document.createElement('button');
  button.type = 'button';
  button.dataset.line = line;
  button.dataset.column = column;
  const where = document.createElement('b');
  where.textContent = `${word} ${line}`;
  const told = document.createElement('span');
  if (lang) told.lang = lang; // nobody has said it in the language of the page
  told.append(message);
  if (advice) {
    const help = document.createElement('span');
    help.className = 'soft';
    help.textContent = advice;
    told.append(' ', help);
  }
  button.append(where, ' ', told);
  item.append(button);
  return item;
}

// --- live

const CONCERNS = { run: (type, data) => (type.startsWith('workflow.') && data.id === run) || (type.startsWith('task.') && data.instance === run) || (type.startsWith('sla.') && data.id === run) || type.startsWith('job.'), tried: (type, data) => (type.startsWith('job.') || type === 'workflow.tried') && data.id === job };

function showProgress({ percent, message }) {
  const bar = document.querySelector('[data-percent]');
  if (!bar) return;
  bar.value = percent;
  document.querySelector('[data-step]').textContent = [`${percent} %`, message].filter(Boolean).join(' · ');
}

function listen() {
  const look = calmly(() => fetchParts({ live: follows }), PARTS_EVERY);
  let poll = null;
  const work = () => {
    look();
    clearTimeout(poll);
    if (!heard && document.querySelector('[data-percent]')) poll = setTimeout(work, 2500); // while no events come
  };
  let heard = false;
  connect({
    topics: topics.split(' ').filter(Boolean),
    onEvent({ type, data }) {
      if (type === 'job.progress' && data.id === job) { showProgress(data); return; }
      if (CONCERNS[follows](type, data)) work();
    },
    onState(state) {
      if (document.querySelector('[data-link]')) showLink(root, state);
      heard = state === 'live';
      work();
    },
    onReset: work,
    onSignedOut: () => { signIn(root); },
  });
}

function startAsking() {
  addEventListener('click', (event) => {
    const button = event.target.closest('[data-sure]');
    if (button && !confirm(button.dataset.sure)) event.preventDefault();
  });
}

function startFinding() {
  others({
    failed() { document.querySelector('[data-found] [data-tally]').textContent = root.dataset.wordsOffline; },
    speak(text) { document.querySelector('[data-spoken]').textContent = text; },
  });
}

for (const form of document.querySelectorAll('[data-decide]')) startDeciding(form);
startGutters();
drawn();
if (editor) startEditor();
if (run) startFinding();
if (follows) listen();
startAsking();
dispatchEvent(new CustomEvent('kmrl:listening'));
