// Who else looks at this document or task: initials with the names on hover, and a sentence that is read out.
import { body, make, say } from './page.js';

const FACES = 5;
let names = '';

/** `Meera Krishnan` → `MK`; by characters as people see them, so that a Malayalam sign keeps its vowel. */
function initials(name) {
  const first = (word) => (globalThis.Intl?.Segmenter ? [...new Intl.Segmenter().segment(word)][0]?.segment : [...word][0]) || '';
  const words = name.split(/\s+/).filter(Boolean);
  return (first(words[0] || '') + (words.length > 1 ? first(words.at(-1)) : '')).toUpperCase();
}

function show(people) {
  const place = document.querySelector('[data-presence]');
  const others = people.filter(({ id }) => String(id) !== body.dataset.user);
  const said = others.map(({ name }) => name).join(', ');
  if (!place || said === names) return;
  names = said;
  place.hidden = !others.length;
  place.replaceChildren();
  if (!others.length) return;
  const faces = others.slice(0, FACES).map(({ name }) => make('i', { title: name }, initials(name)));
  if (others.length > FACES) faces.push(make('i', { title: others.slice(FACES).map(({ name }) => name).join(', ') }, `+${others.length - FACES}`));
  place.append(
    make('span', { class: 'faces', 'aria-hidden': 'true' }, ...faces),
    make('span', {}, say(others.length === 1 ? 'looking' : 'looking_many', said)),
  );
}

/** Looks while the page is in front, not from a tab behind. */
export function start(live, connection) {
  const { task, document: paper } = body.dataset;
  const topic = task ? `task:${task}` : `document:${paper}`;
  live.on('presence', (data) => { if (data.topic === topic) show(data.people); });
  live.onState((state) => { if (state === 'offline') show([]); });
  const look = () => connection.look(document.visibilityState === 'hidden' ? null : topic);
  document.addEventListener('visibilitychange', look);
  look();
}
