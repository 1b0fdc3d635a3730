// Forms of these pages, sent without leaving them; what came of it is said here or on the page that follows.
import { body, KEPT, Refused, say } from './page.js';

/** Posts a form of these pages. Returns the answer's JSON; throws Refused, which carries what else was said in `offer`. */
export async function post(address, data) {
  let answer;
  try {
    answer = await fetch(address, { method: 'POST', body: new URLSearchParams(data), headers: { 'X-CSRFToken': body.dataset.csrf, 'X-Script': '1' }, credentials: 'same-origin' });
  } catch {
    throw new Refused(0, {});
  }
  const said = await answer.json().catch(() => ({ detail: say('no_connection') }));
  if (!answer.ok) throw Object.assign(new Refused(answer.status, said), { offer: said.offer });
  return said;
}

/** Says it on the page to which this one leads, with a way back. */
export function sayThere(text, href) {
  sessionStorage.setItem(KEPT, JSON.stringify({ text, href }));
}
