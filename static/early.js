// Runs before the page's modules are there: what is pressed meanwhile waits for them and is not lost. `data-early` says so.
{
  const root = document.documentElement;
  const kept = []; // buttons and keys, in their order
  const keep = (event, what) => {
    event.preventDefault(); // what asks a question first must not be sent unasked
    event.stopImmediatePropagation();
    if (!kept.includes(what)) kept.push(what); // who sees nothing happen presses again, and means it once
  };
  const click = (event) => {
    const button = event.target.closest?.('button[type="button"], [data-sure]');
    if (button) keep(event, button); // links, boxes, menus and forms work without any module
  };
  const key = (event) => {
    if (event.key?.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.matches('input:not([type="checkbox"]), textarea, select, [contenteditable]')) keep(event, event);
  };
  const again = (what) => {
    if (what instanceof Element) { if (what.isConnected) what.click(); return; }
    if (document.querySelector(`[data-key="${CSS.escape(what.key)}"]`)) return; // a decision is pressed on a page that is ready
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: what.key, repeat: what.repeat, bubbles: true, cancelable: true }));
  };
  root.toggleAttribute('data-early', true);
  addEventListener('click', click, true);
  addEventListener('keydown', key, true);
  addEventListener('kmrl:listening', () => {
    removeEventListener('click', click, true);
    removeEventListener('keydown', key, true);
    root.removeAttribute('data-early');
    kept.forEach(again);
  }, { once: true });
}
