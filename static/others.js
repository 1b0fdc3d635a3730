// What a run could wait for, found while somebody writes; the arrows go from the words to what was found, and back.
// For the staff pages and the administration; what they say they say in their own way.

const AFTER = 300; // ms
let timer = null;
let turn = 0;

const found = () => document.querySelector('[data-found]');
const wordsOf = (form) => form.elements.find;

async function look(form, { failed, speak }) {
  const wanted = wordsOf(form).value.trim();
  if (wanted === (form.asked ?? wordsOf(form).defaultValue.trim())) return;
  form.asked = wanted;
  const mine = (turn += 1);
  const answer = await fetch(`${form.dataset.findOthers}?${new URLSearchParams({ find: wanted })}`, { credentials: 'same-origin' }).catch(() => null);
  if (mine !== turn || !form.isConnected) return; // somebody has written on
  if (!answer?.ok || answer.redirected) { form.asked = null; failed(); return; }
  const place = found();
  const chosen = place.querySelector(':checked')?.value;
  place.innerHTML = await answer.text(); // made by the gateway, every text in it escaped
  for (const one of place.querySelectorAll('input')) one.checked = one.value === chosen;
  place.closest('form').querySelector('[value="wait"], [data-wait]').disabled = !place.querySelector('input');
  speak(place.textContent.trim().split('\n')[0]);
}

function onKey(event) {
  const first = found()?.querySelector('input');
  const form = event.target.closest?.('[data-find-others]');
  if (form && event.key === 'ArrowDown' && first) {
    event.preventDefault();
    first.focus();
    first.checked = true;
  } else if (event.target.closest?.('[data-found]') && (event.key === 'Escape' || (event.key === 'ArrowUp' && event.target === first))) {
    event.preventDefault();
    wordsOf(document.querySelector('[data-find-others]')).focus();
  }
}

/** `told.failed()` says that nobody could be asked, `told.speak(text)` what was found. The form may be exchanged meanwhile. */
export function start(told) {
  document.addEventListener('input', ({ target }) => {
    const form = target.closest('[data-find-others]');
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => look(form, told), AFTER);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target.closest('[data-find-others]');
    if (!form) return;
    event.preventDefault();
    clearTimeout(timer);
    look(form, told);
  });
  document.addEventListener('keydown', onKey);
}
