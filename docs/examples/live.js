// A page of somebody else's: shows what happens to the papers that its key may see, and sends new ones.
// Its origin must be among the gateway's KMRL_TRUSTED_ORIGINS.
const [settings, upload] = document.forms;
const rows = document.querySelector('tbody');
const state = document.querySelector('[data-state]');
const wrong = document.querySelector('[data-wrong]');
let live = null;

/** Calls the gateway's API. A key is shown as X-API-Key, a JWT as Bearer. */
async function api(path, options = {}) {
  const key = settings.elements.key.value;
  const credential = key.startsWith('kmrl_') ? { 'X-API-Key': key } : { Authorization: `Bearer ${key}` };
  const answer = await fetch(new URL(`/api/v1${path}`, settings.elements.gateway.value), { ...options, headers: { ...credential, ...options.headers } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail ?? `The gateway answers ${answer.status}.`);
  return said;
}

function rowOf(id) {
  const found = rows.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (found) return found;
  const made = rows.insertRow(0);
  made.dataset.id = id;
  for (let n = 0; n < 3; n += 1) made.insertCell();
  return made;
}

function show({ id, title, status, percent, detail }) {
  const [name, how, far] = rowOf(id).cells;
  if (title) name.textContent = title;
  if (status) how.textContent = status;
  if (detail) far.textContent = detail;
  else if (percent !== undefined) far.innerHTML = `<progress max="100" value="${Number(percent)}"></progress>`;
  else if (status && !['queued', 'processing'].includes(status)) far.textContent = '';
}

/** What there is, and how far the log was before it was asked for: so nothing between the two is missed. */
async function present() {
  const { position } = await api('/events/');
  const { results } = await api('/documents/?limit=20');
  rows.replaceChildren();
  results.reverse().forEach(({ id, title, status, error }) => show({ id, title, status, detail: error?.detail }));
  return position;
}

settings.addEventListener('submit', async (event) => {
  event.preventDefault();
  live?.close();
  wrong.textContent = '';
  try {
    const { gateway, key, by_ticket: byTicket } = settings.elements;
    const { connect } = await import(new URL('/static/realtime.js', gateway.value));
    live = connect({
      url: new URL('/ws/', gateway.value).href,
      after: await present(),
      token: () => key.value,
      ticket: byTicket.checked ? async () => (await api('/auth/ws-ticket/', { method: 'POST' })).ticket : undefined,
      onEvent({ type, data }) { if (type.startsWith('document.')) show(type === 'document.failed' ? { ...data, status: 'failed' } : data); },
      onState(now, why) {
        state.dataset.state = now;
        state.textContent = why.polling && now !== 'offline' ? 'asking every few seconds: sockets cannot be had' : now;
      },
      onReset: present,
      onSignedOut() { wrong.textContent = 'This key or token is not taken (any more).'; },
    });
    upload.hidden = false;
  } catch (error) {
    wrong.textContent = error.message;
  }
});

upload.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(upload);
  form.append('source', 'api');
  try {
    const sent = await api('/documents/upload/', { method: 'POST', body: form, headers: { 'Idempotency-Key': crypto.randomUUID() } });
    // Its events may be here before the answer, and say newer things than it.
    if (!rows.querySelector(`[data-id="${CSS.escape(sent.id)}"]`)) show(sent);
    upload.reset();
  } catch (error) {
    wrong.textContent = error.message;
  }
});
