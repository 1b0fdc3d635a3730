// What every module of the pages needs: words, icons, calls to the API, toasts, refreshing parts of the page.

const words = JSON.parse(document.getElementById('words')?.textContent || '{}');
export const { body } = document;

/** The word for `key`, with `{}` filled in order. */
export function say(key, ...parts) {
  return (words[key] ?? key).replace(/\{\}/g, () => String(parts.shift() ?? ''));
}

/** An element: `make('button', {class: 'button', type: 'button'}, 'Text', child)`. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  const SVG = 'http://www.w3.org/2000/svg';
  const made = document.createElementNS(SVG, 'svg');
  made.setAttribute('class', 'icon small');
  made.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${body.dataset.icons}#${name}`);
  made.append(use);
  return made;
}

export const STATE_ICONS = { queued: 'waiting', processing: 'running', processed: 'done', failed: 'failed', cancelled: 'cancelled', quarantined: 'lock' };

/** What an API call was refused with; `detail` is a sentence for people. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || say('no_connection'));
    this.status = status;
    this.code = problem.code || '';
    this.errors = problem.errors || {};
  }
}

const told = new Map(); // English → as this page says it

/** A refusal or a reason, which the API and events say in English, in the language of this page. */
export async function inWords(said) {
  if (!said || document.documentElement.lang === 'en') return said;
  if (!told.has(said)) {
    try {
      const answer = await fetch(`/reasons/?${new URLSearchParams({ said })}`, { credentials: 'same-origin' });
      if (!answer.ok || answer.redirected) return said;
      const own = (await answer.json()).said;
      told.set(said, own).set(own, own);
    } catch { return said; }
  }
  return told.get(said);
}

/** Calls `/api/v1` + `path`. Returns the answer's JSON or null; throws Refused (status 0: no connection). */
export async function api(path, { method = 'GET', data = null } = {}) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRFToken'] = body.dataset.csrf;
  if (data) headers['Content-Type'] = 'application/json';
  let answer, text;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body: data ? JSON.stringify(data) : null, credentials: 'same-origin' });
    text = await answer.text();
  } catch {
    throw new Refused(0, {});
  }
  let said = null;
  try { said = text ? JSON.parse(text) : null; } catch { said = null; }
  if (!answer.ok) throw new Refused(answer.status, { ...said, detail: await inWords(said?.detail) });
  return said;
}

/** A page or part of ours: `{ text, headers }`; null when it cannot be had, also when one is not signed in any more. */
export async function fetched(address, headers = {}) {
  try {
    const answer = await fetch(address, { headers, credentials: 'same-origin', cache: 'no-store' });
    return answer.ok && !answer.redirected ? { text: await answer.text(), headers: answer.headers } : null;
  } catch { return null; }
}

/** What the buttons of the list and of a document do. */
export const deeds = {
  cancel: (id) => api(`/documents/${id}/cancel/`, { method: 'POST' }),
  reprocess: (id) => api(`/documents/${id}/reprocess/`, { method: 'POST' }),
  bin: (id) => api(`/documents/${id}/`, { method: 'DELETE' }),
  restore: (id) => api(`/documents/${id}/restore/`, { method: 'POST' }),
};

export function toast(text, kind = '', href = null) {
  const made = make('div', { class: 'toast' }, ...(kind ? [icon(kind)] : []), make('span', {}, text), ...(href ? [make('a', { href }, say('back_to_it'))] : []));
  document.querySelector('[data-toasts]').append(made);
  const go = () => { if (made.matches(':hover, :focus-within')) setTimeout(go, 1000); else made.remove(); };
  setTimeout(go, Math.max(href ? 12000 : 6000, text.length * 70)); // time to reach what it leads to
}

export const KEPT = 'kmrl.said';

/** Says what the page before has left to be said. */
export function sayKept() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || 'null');
  if (!kept) return;
  sessionStorage.removeItem(KEPT);
  toast(kept.text, 'done', kept.href);
}

/** Has a screen reader say it when it comes to rest: results, never progress. */
export function speak(text) {
  const place = document.querySelector('[data-spoken]');
  if (place.textContent !== text) place.textContent = text;
}

/** `5 min`, `3 h`, as the server writes it. */
export function since(date) {
  const minutes = Math.floor((Date.now() - date) / 60000);
  if (minutes < 1) return say('now');
  if (minutes < 60) return say('minutes', minutes);
  if (minutes < 1440) return say('hours', Math.floor(minutes / 60));
  if (minutes < 10080) return say('days', Math.floor(minutes / 1440));
  return null;
}

/** `3 h left`, `late by 2 d`, as the server writes it. */
function due(date) {
  const minutes = Math.floor(Math.abs(date - Date.now()) / 60000);
  if (minutes < 1) return say('due_now');
  const amount = minutes < 60 ? say('minutes', minutes) : minutes < 1440 ? say('hours', Math.floor(minutes / 60)) : say('days', Math.floor(minutes / 1440));
  return say(date > Date.now() ? 'due_left' : 'due_late', amount);
}

export function left(seconds) {
  if (seconds === null || seconds === undefined) return '';
  if (seconds > 10800) return '';
  return seconds < 90 ? say('seconds_left', Math.max(1, Math.round(seconds))) : say('minutes_left', Math.round(seconds / 60));
}

export function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0)} MB`;
}

const failed = new Set();

/** Runs `work` at most once in `wait` ms, the last call included; if it comes to false, again when the connection is back. */
export function calmly(work, wait = 250) {
  let timer = null;
  let last = 0;
  const run = (...given) => {
    clearTimeout(timer);
    const pause = Math.max(0, last + wait - Date.now());
    timer = setTimeout(async () => { last = Date.now(); if (await work(...given) === false) failed.add(run); }, Math.max(pause, 30));
  };
  return run;
}

document.addEventListener('kmrl:live', () => {
  for (const run of failed) run();
  failed.clear();
});

/** For answers that overtake one another: `const isNews = turn()` before asking; what `isNews(what)` denies afterwards is older
 *  than what is shown of it. */
export function turns() {
  const shown = new Map();
  let asked = 0;
  return () => {
    asked += 1;
    const mine = asked;
    return (what = '') => mine >= (shown.get(what) ?? 0) && Boolean(shown.set(what, mine));
  };
}

let pressed = null; // resolves when what is held down was released and its click was heard, or was held for long
for (const [down, ...ups] of [['pointerdown', 'pointerup', 'pointercancel'], ['keydown', 'keyup']]) {
  document.addEventListener(down, () => {
    pressed ??= new Promise((done) => {
      setTimeout(done, 3000);
      for (const up of ups) addEventListener(up, () => setTimeout(done), { capture: true, once: true });
    }).then(() => { pressed = null; });
  }, true);
}

/** When nobody is pressing anything: what is exchanged under a finger swallows its click. */
export async function atRest() {
  await pressed;
}

const turn = turns();
let isLeft = false; // a part is older than what was fetched, because somebody is at it

/** Fetches this page again and swaps its `data-live` parts; not those that somebody is at or whose stamp is the same. */
export async function refresh() {
  const isNews = turn();
  const answer = await fetched(location.pathname + location.search);
  if (!answer) return false;
  const fresh = new DOMParser().parseFromString(answer.text, 'text/html');
  await atRest();
  if (!isNews()) return true;
  isLeft = false;
  for (const old of document.querySelectorAll('[data-live]')) {
    const found = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (!found || sourceOf(found) === (old.source ?? sourceOf(old))) continue;
    if (found.dataset.stamp !== undefined) { if (found.dataset.stamp === old.dataset.stamp) continue; } else if (isInUse(old)) { isLeft = true; continue; }
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && ['data-do', 'href', 'id'].map((name) => focused.getAttribute(name) && `[${name}="${CSS.escape(focused.getAttribute(name))}"]`).find(Boolean);
    const made = document.adoptNode(found);
    made.source = sourceOf(made);
    fold(old, made);
    old.replaceWith(made);
    if (again) made.querySelector(again)?.focus({ preventScroll: true });
  }
  const title = fresh.querySelector('title');
  const [count] = document.title.match(COUNT); // the bell's, who knows it better
  if (title) document.title = count + title.textContent.replace(COUNT, '');
  document.dispatchEvent(new CustomEvent('kmrl:refreshed'));
  return true;
}

const COUNT = /^(\(\d+\+?\) )?/;

/** Without what differs each time although nothing is new. */
function sourceOf(part) {
  return part.outerHTML.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, '$1');
}

/** A menu that is open, and a form that somebody fills in, are not taken from under the hand. */
function isInUse(part) {
  if (part.querySelector('details.menu[open]')) return true;
  const at = document.activeElement;
  if (!part.contains(at)) return false;
  const typed = ({ type, value, defaultValue }) => type !== 'hidden' && defaultValue !== undefined && value !== defaultValue;
  return at.matches('input, textarea, select') || [...(at.form?.elements ?? [])].some(typed);
}

/** What was folded or unfolded stays so. */
function fold(old, made) {
  const before = [...old.querySelectorAll('details')];
  const said = (one) => one?.querySelector('summary').textContent;
  made.querySelectorAll('details').forEach((one, n) => {
    const same = one.id ? before.find(({ id }) => id === one.id) : before[n];
    if (same && (one.id || said(same) === said(one))) one.open = same.open;
  });
}

const catchUp = calmly(refresh, 1000);
for (const end of ['focusout', 'toggle']) document.addEventListener(end, () => { if (isLeft) catchUp(); }, true);

/** The word for a step of the work, as the server would write it. */
export function stepWord(step) {
  return words[`step_${step}`] ?? (step ? step[0].toUpperCase() + step.slice(1) : '');
}

/** Moves the bars and steps of one document wherever the page shows them. */
export function showProgress({ id, percent, step, eta }) {
  for (const place of document.querySelectorAll(`[data-document="${CSS.escape(id)}"]`)) {
    const bar = place.querySelector('[data-percent]');
    if (!bar) continue;
    bar.hidden = false;
    if (bar.value !== percent) bar.value = percent;
    const said = place.querySelector('[data-step]');
    const text = [stepWord(step), left(eta)].filter(Boolean).join(' · ');
    if (said && said.textContent !== text) said.textContent = text;
  }
}

setInterval(() => {
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const text = since(new Date(time.dateTime));
    if (text && time.textContent !== text) time.textContent = text;
  }
  for (const time of document.querySelectorAll('time[data-due]')) {
    const date = new Date(time.dateTime);
    const text = due(date);
    if (time.textContent !== text) time.textContent = text;
    if (date < Date.now()) time.classList.add('failed');
  }
}, 20000);
