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
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers, body: data ? JSON.stringify(data) : null, credentials: 'same-origin' });
  } catch {
    throw new Refused(0, {});
  }
  const text = await answer.text();
  let said = null;
  try { said = text ? JSON.parse(text) : null; } catch { said = null; }
  if (!answer.ok) throw new Refused(answer.status, { ...said, detail: await inWords(said?.detail) });
  return said;
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
  setTimeout(() => made.remove(), Math.max(4000, text.length * 70));
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

/** Runs `work` at most once in `wait` ms, the last call included. */
export function calmly(work, wait = 250) {
  let timer = null;
  let last = 0;
  return (...given) => {
    clearTimeout(timer);
    const pause = Math.max(0, last + wait - Date.now());
    timer = setTimeout(() => { last = Date.now(); work(...given); }, Math.max(pause, 30));
  };
}

let pressed = null; // resolves when the pointer that is down was released and its click was heard, or was held for long
document.addEventListener('pointerdown', () => {
  if (pressed) return;
  pressed = new Promise((done) => {
    setTimeout(done, 1000);
    for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => setTimeout(done), { capture: true, once: true });
  }).then(() => { pressed = null; });
}, true);

/** When nobody is pressing anything: what is exchanged under a pointer that is down swallows its click. */
export async function atRest() {
  await pressed;
}

/** Fetches this page again and swaps its `data-live` parts; not those that somebody is using or whose stamp is the same. */
export async function refresh() {
  let answer;
  try {
    answer = await fetch(location.pathname + location.search, { credentials: 'same-origin' });
  } catch {
    return;
  }
  if (answer.redirected || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  await atRest();
  for (const old of document.querySelectorAll('[data-live]')) {
    const found = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (!found || found.outerHTML === old.source) continue;
    const stamped = found.dataset.stamp !== undefined;
    if (stamped ? found.dataset.stamp === old.dataset.stamp : old.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && ['data-do', 'href', 'id'].map((name) => focused.getAttribute(name) && `[${name}="${CSS.escape(focused.getAttribute(name))}"]`).find(Boolean);
    const made = document.adoptNode(found);
    made.source = found.outerHTML;
    old.replaceWith(made);
    if (again) made.querySelector(again)?.focus({ preventScroll: true });
  }
  const title = fresh.querySelector('title');
  if (title) document.title = title.textContent;
  document.dispatchEvent(new CustomEvent('kmrl:refreshed'));
}

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
