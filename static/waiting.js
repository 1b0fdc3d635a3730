// How much waits for me: the number in the rail, on every page.
import { calmly, fetched, say, turns } from './page.js';

const place = () => document.querySelector('[data-waiting]');
const turn = turns();

async function look() {
  const isNews = turn();
  const answer = await fetched('/tasks/count/');
  if (!answer) return false;
  const { waiting } = JSON.parse(answer.text);
  if (!isNews()) return true;
  const badge = place();
  badge.hidden = !waiting;
  badge.textContent = waiting > 99 ? '99+' : waiting;
  badge.closest('a').title = say('waiting_now', waiting);
  return true;
}

export function start(live) {
  if (!place()) return;
  const again = calmly(look, 1500);
  for (const type of ['task.assigned', 'task.completed', 'task.escalated']) live.on(type, again);
  live.on('notification', ({ kind }) => { if (/^(task|acknowledge)/.test(kind || '')) again(); });
  document.addEventListener('kmrl:reset', again);
  document.addEventListener('kmrl:decided', again);
}
