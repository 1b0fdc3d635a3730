// What the administration's forms leave unsaid: names for the boxes that select2 draws, for the cells of tables of rows
// that are filled in, and which cells of a list say nothing. And no page from the browser's memory.
addEventListener('pageshow', (event) => { // a page from the browser's memory may be of somebody who has signed out
  if (!event.persisted) return;
  document.documentElement.style.visibility = 'hidden';
  location.reload();
});

function nameOf(field) {
  const label = field.labels?.[0] || (field.id && document.querySelector(`label[for="${CSS.escape(field.id)}"]`));
  if (label) return label.textContent;
  const cell = field.closest('td');
  const head = cell?.closest('table')?.tHead?.rows[0]?.cells[cell.cellIndex];
  return head?.textContent || cell?.dataset.label || field.dataset.placeholder || field.title || field.name.replace(/__.*$/, '');
}

function tidy(text) {
  return text.replace(/\s+/g, ' ').replace(/\s*\*\s*$/, '').trim();
}

function label() {
  for (const field of document.querySelectorAll('select, input:not([type="hidden"]), textarea')) {
    if (field.labels?.length || field.hasAttribute('aria-label') || field.hasAttribute('aria-labelledby')) continue;
    if (field.closest('td, .select2-container') && !field.classList.contains('select2-search__field')) field.setAttribute('aria-label', tidy(nameOf(field)));
  }
  for (const select of document.querySelectorAll('select.select2-hidden-accessible')) {
    const drawn = select.nextElementSibling;
    for (const part of drawn?.querySelectorAll('.select2-selection, .select2-selection__rendered, .select2-search__field') || []) {
      if (part.getAttribute('role') === 'textbox' || part.matches('.select2-selection, .select2-search__field')) {
        const name = tidy(nameOf(select));
        if (part.getAttribute('aria-label') !== name) part.setAttribute('aria-label', name);
      }
    }
  }
}

function quiet() {
  for (const cell of document.querySelectorAll('#result_list td:not(.action-checkbox)')) {
    if (/^[–-]?$/.test(cell.textContent.trim()) && !cell.querySelector('img, svg, input, .material-symbols-outlined')) cell.dataset.nothing = '';
  }
}

addEventListener('load', () => {
  quiet();
  label();
  new MutationObserver(label).observe(document.body, { childList: true, subtree: true });
});
