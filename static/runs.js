// The list of runs and one run: what moves is shown anew, calmly; more rows come below.
import { start as drawn } from './flow.js';
import { start as others } from './others.js';
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

export function start(live) {
  const id = document.body.dataset.workflow;
  if (id) drawn();
  if (id) others({ failed: () => toast(say('no_connection'), 'attention'), speak });
  const again = calmly(refresh, 1000);
  for (const type of ['workflow.*', 'task.*', 'sla.*']) {
    live.on(type, (data) => { if (!id || data.id === id || data.instance === id) again(); });
  }
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-more-runs]');
    if (link && !event.ctrlKey && !event.metaKey) { event.preventDefault(); more(link); }
  });
}
