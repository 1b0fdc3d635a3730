// The list of runs and one run: what moves is shown anew, calmly; more rows come below.
import { start as drawn } from './flow.js';
import { calmly, refresh, say, speak, toast } from './page.js';

async function more(link) {
  link.setAttribute('aria-busy', 'true');
  const answer = await fetch(link.href, { headers: { 'X-Rows': '1' }, credentials: 'same-origin' }).catch(() => null);
  link.removeAttribute('aria-busy');
  if (!answer?.ok || answer.redirected) { toast(say('no_connection'), 'attention'); return; }
  const template = document.createElement('template');
  template.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`;
  const rows = [...template.content.querySelectorAll('tr')];
  document.querySelector('[data-rows]').append(...rows);
  rows[0]?.querySelector('[data-open]').focus({ preventScroll: true });
  const next = answer.headers.get('X-More');
  if (next) link.href = next;
  else link.remove();
  document.querySelector('[data-live="runs"]').removeAttribute('data-live'); // longer than what a refresh would bring
}

/** What a run could wait for, while somebody writes; the arrows go from the words to what was found, and back. */
function others(form) {
  const [words, found] = [form.elements.find, document.querySelector('[data-found]')];
  const deed = found.closest('form').elements.do;
  let asked = words.value.trim();
  let turn = 0;

  async function look() {
    const wanted = words.value.trim();
    if (wanted === asked) return;
    asked = wanted;
    const mine = (turn += 1);
    const chosen = found.querySelector(':checked')?.value;
    const answer = await fetch(`${form.dataset.findOthers}?${new URLSearchParams({ find: wanted })}`, { credentials: 'same-origin' }).catch(() => null);
    if (mine !== turn) return; // somebody has written on
    if (!answer?.ok || answer.redirected) { asked = null; toast(say('no_connection'), 'attention'); return; }
    found.innerHTML = await answer.text();
    for (const one of found.querySelectorAll('input')) one.checked = one.value === chosen;
    deed.disabled = !found.querySelector('input');
    speak(found.textContent.trim().split('\n')[0]);
  }

  const soon = calmly(look, 300);
  words.addEventListener('input', soon);
  words.addEventListener('keydown', (event) => {
    const first = found.querySelector('input');
    if (event.key !== 'ArrowDown' || !first) return;
    event.preventDefault();
    first.focus();
    first.checked = true;
  });
  form.addEventListener('submit', (event) => { event.preventDefault(); look(); });
  found.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || (event.key === 'ArrowUp' && event.target === found.querySelector('input'))) { event.preventDefault(); words.focus(); }
  });
}

export function start(live) {
  const id = document.body.dataset.workflow;
  if (id) drawn();
  const find = document.querySelector('[data-find-others]');
  if (find) others(find);
  const again = calmly(refresh, 1000);
  for (const type of ['workflow.*', 'task.*', 'sla.*']) {
    live.on(type, (data) => { if (!id || data.id === id || data.instance === id) again(); });
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-more-runs]');
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); more(link); }
  });
}
