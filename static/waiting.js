// How much waits for me: the number in the rail, on every page.
import { calmly, say } from './page.js';

const place = () => document.querySelector('[data-waiting]');

async function look() {
  let answer;
  try { answer = await fetch('/tasks/count/', { credentials: 'same-origin', cache: 'no-store' }); } catch { return; }
  if (!answer.ok || answer.redirected) return;
  const { waiting } = await answer.json();
  const badge = place();
  badge.hidden = !waiting;
  badge.textContent = waiting > 99 ? '99+' : waiting;
  badge.closest('a').title = say('waiting_now', waiting);
}

export function start(live) {
  if (!place()) return;
  const again = calmly(look, 1500);
  for (const type of ['task.assigned', 'task.completed', 'task.escalated']) live.on(type, again);
  live.on('notification', ({ kind }) => { if (/^(task|acknowledge)/.test(kind || '')) again(); });
  document.addEventListener('kmrl:reset', again);
  document.addEventListener('kmrl:decided', again);
}
