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
  const name = { connecting: 'catching-up', catching_up: 'catching-up', resyncing: 'catching-up', polling: 'live' }[state] || state;
  const dot = document.querySelector('[data-link]');
  if (dot && dot.dataset.state !== name) {
    dot.dataset.state = name;
    dot.querySelector('span').textContent = say(name);
    dot.title = say(name);
  }
  for (const work of states) work(name);
}

export function start() {
  const topic = document.body.dataset.document;
  return connect({ topics: topic ? [`document:${topic}`] : [], onEvent: hand, onState: show });
}
