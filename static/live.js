// One connection for the page: modules listen to types of events, the frame shows how the connection is.
import { connect } from './realtime.js';
import { say } from './page.js';

const listeners = new Map();
const states = new Set();

/** Calls `work(data, event)` for every event of `type`; a type that ends in `*` takes all that begin so. */
export function on(type, work) {
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(work);
}

/** Calls `work(state)` at each change of the connection: `live`, `catching-up`, `offline`. */
export function onState(work) {
  states.add(work);
}

function hand(event) {
  for (const [type, works] of listeners) {
    if (type === event.type || (type.endsWith('*') && event.type.startsWith(type.slice(0, -1)))) {
      for (const work of works) work(event.data || {}, event);
    }
  }
}

function show(state) {
  const dot = document.querySelector('[data-link]');
  if (dot.dataset.state !== state) {
    dot.dataset.state = state;
    dot.querySelector('span').textContent = say(state);
    dot.title = say(state);
  }
  for (const work of states) work(state);
  if (state === 'live') document.dispatchEvent(new CustomEvent('kmrl:live'));
}

/** `onReset`: what was missed is no longer kept, so everything that is shown must be asked for anew. */
export function start({ onReset }) {
  const { position, signIn, ...about } = document.body.dataset;
  return connect({
    topics: ['document', 'task', 'workflow'].filter((kind) => about[kind]).map((kind) => `${kind}:${about[kind]}`),
    after: Number(position),
    onEvent: hand,
    onState: show,
    onReset,
    onSignedOut: () => { location.href = `${signIn}?next=${encodeURIComponent(location.pathname + location.search)}`; },
  });
}
