// The review screen: answers by key, comments asked in place, refusals that lose nothing, then the next task.
import { body, calmly, icon, make, refresh, Refused, say, speak, toast } from './page.js';
import { post, sayThere } from './posting.js';

const { task, next, previous } = body.dataset;
const READ_WAIT = 300;
let busy = false;
let isRead = false; // to its end
let watcher = null; // of whether the end is in sight
const typed = new Map(); // what stands in the form of the decision: field → value

// --- deciding

const formOf = () => document.querySelector('[data-decide]');

async function decide(button) {
  const form = button.form;
  clear(form);
  if (button.matches('[data-wants-comment]') && !form.elements.comment.value.trim()) {
    wrong(form, 'comment', say('say_why'));
    form.elements.comment.focus();
    return;
  }
  const data = new FormData(form);
  data.set('outcome', button.value);
  await send(form, data, button);
}

/** Posts a form. What was done is said on the page that follows; what is refused is said here, and nothing typed is lost. */
async function send(form, data, button, { stay = false } = {}) {
  if (busy) return;
  busy = true;
  button?.setAttribute('aria-busy', 'true');
  try {
    const said = await post(form.getAttribute('action'), data);
    refusal(null);
    if (stay) {
      form.reset();
      toast(said.said, 'done');
      await refresh();
      return;
    }
    sayThere(said.said, said.back);
    location.assign(said.to);
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    let shown = false;
    for (const [name, sentences] of Object.entries(refused.errors)) shown = wrong(form, name, sentences.join(' ')) || shown;
    form.closest('dialog')?.close();
    refusal(refused);
    if (shown) form.querySelector('[aria-invalid="true"]')?.focus();
    if (refused.status === 409) await refresh();
  } finally {
    busy = false;
    button?.removeAttribute('aria-busy');
  }
}

function wrong(form, name, text) {
  const place = form.querySelector(`[data-wrong-of="${CSS.escape(name)}"], [data-wrong-of="form.${CSS.escape(name)}"]`);
  const field = form.elements[name] || form.elements[`form.${name}`];
  if (!place) return false;
  place.textContent = text;
  place.hidden = false;
  if (field instanceof Element) {
    field.setAttribute('aria-invalid', 'true');
    place.id ||= `wrong-${name}`;
    field.setAttribute('aria-describedby', place.id);
  }
  speak(text);
  return true;
}

function clear(form) {
  for (const place of form.querySelectorAll('[data-wrong-of]')) place.hidden = true;
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/** What the last answer was refused with, above the page; its typed words stay where they are, or come along. */
function refusal(refused) {
  const place = document.querySelector('[data-refusal]');
  if (!refused) { place.replaceChildren(); return; }
  const comment = typed.get('comment')?.trim();
  place.replaceChildren(make(
    'div',
    { class: 'note attention', role: 'alert', tabindex: '-1' },
    icon('attention'),
    make(
      'div',
      {},
      make('b', {}, refused.message),
      refused.offer ? make('a', { href: refused.offer.to }, refused.offer.label) : null,
      refused.status === 409 && comment ? make('blockquote', { class: 'small' }, comment) : null,
    ),
  ));
  place.firstElementChild.focus();
}

/** The page was shown anew: what was typed comes back into the form; where there is none any more, the comment is shown. */
function putBack() {
  const form = formOf();
  for (const [name, value] of typed) if (form?.elements[name] && !form.elements[name].value) form.elements[name].value = value;
  const comment = typed.get('comment')?.trim();
  const shown = document.querySelector('[data-refusal] blockquote, .ask blockquote');
  if (!form && comment && !shown) document.querySelector('.ask .body')?.append(make('blockquote', { class: 'small' }, comment));
}

// --- handing on

function openHandOn() {
  const dialog = document.getElementById('hand-on');
  if (!dialog) return false;
  dialog.showModal();
  dialog.querySelector('select').focus();
  return true;
}

// --- reading to the end

/**
 * The button waits until the last page was in sight. Where there is no page, there is nothing to scroll. What was read
 * stays read: a form that is shown anew, since a colleague confirmed, does not ask for it again.
 */
function readOn() {
  const form = document.querySelector('[data-confirm]');
  const last = [...document.querySelectorAll('[data-page-number]')].at(-1);
  if (!form || !last) return;
  form.querySelector('button').disabled = !isRead;
  form.querySelector('[data-read-on]').hidden = isRead;
  if (isRead) return;
  watcher?.disconnect();
  watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    setTimeout(() => { isRead = true; readOn(); }, READ_WAIT);
  }, { threshold: 0, rootMargin: '0px 0px -20px 0px' });
  if (!last.querySelector('.end-of-page')) last.append(make('i', { class: 'end-of-page' }));
  watcher.observe(last.querySelector('.end-of-page'));
}

// --- the keyboard

function pressed(event) {
  if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector('dialog[open]')) return;
  if (event.target.matches('textarea, input:not([type="checkbox"], [type="radio"]), select')) {
    return;
  }
  const answer = formOf()?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  const keys = {
    j: () => { if (next) location.assign(next); return Boolean(next); },
    k: () => { if (previous) location.assign(previous); return Boolean(previous); },
    c: () => { const place = document.getElementById('comment') || document.getElementById('talk'); place?.focus(); return Boolean(place); },
    d: openHandOn,
  };
  if (answer) { event.preventDefault(); decide(answer); } else if (keys[event.key]?.()) event.preventDefault();
}

export function start(live) {
  document.addEventListener('keydown', pressed);
  document.addEventListener('submit', (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.matches('[data-decide]')) { event.preventDefault(); if (button) decide(button); }
    if (form.matches('[data-deed]')) { event.preventDefault(); send(form, new FormData(form), button, { stay: true }); }
    if (form.matches('[data-confirm], [data-hand-form]')) { event.preventDefault(); send(form, new FormData(form), button); }
  });
  document.addEventListener('click', ({ target }) => {
    if (target.closest('[data-hand-on]')) openHandOn();
    if (target.closest('[data-hand-cancel]')) target.closest('dialog').close();
  });
  const again = calmly(refresh, 600);
  for (const type of ['task.*', 'workflow.*', 'sla.*']) {
    live.on(type, (data) => { if (data.id === task || data.task === task || data.document === body.dataset.document) again(); });
  }
  document.addEventListener('input', ({ target }) => { if (target.name && target.form?.matches('[data-decide]')) typed.set(target.name, target.value); });
  document.addEventListener('kmrl:refreshed', () => { putBack(); readOn(); });
  readOn();
}
