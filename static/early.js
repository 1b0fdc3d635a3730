// Runs before the page's modules are there: what is pressed or dropped meanwhile waits for them. `data-early` says so.
{
  const root = document.documentElement;
  const kept = []; // buttons and keys, in their order
  const drops = new Map(); // by the names of their files
  const keep = (event, what) => {
    event.preventDefault(); // what asks a question first must not be sent unasked
    event.stopImmediatePropagation();
    if (!kept.includes(what)) kept.push(what); // who sees nothing happen presses again, and means it once
  };
  const click = (event) => {
    const button = event.target.closest?.('button[type="button"], [data-sure]');
    if (button) keep(event, button); // links, boxes, menus and forms work without any module
  };
  const keydown = (event) => {
    if (event.key?.length !== 1 || event.key === ' ' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.matches('input:not([type="checkbox"]), textarea, select, [contenteditable]')) keep(event, event);
  };
  const dragover = (event) => { // only where files may be dropped anywhere; else the browser opens them and the page is gone
    if (document.body.dataset.source && event.dataTransfer.types.includes('Files')) event.preventDefault();
    return event.defaultPrevented;
  };
  const drop = (event) => {
    if (!dragover(event)) return;
    event.stopImmediatePropagation();
    const { files, items } = event.dataTransfer;
    const entries = [...items].map((one) => one.webkitGetAsEntry?.()).filter(Boolean); // they are told now or never
    drops.set([...files].map(({ name }) => name).join('/'), { files: [...files], entries });
    say(false);
  };
  const say = (nothing) => document.querySelector('[data-kept-drop]')?.toggleAttribute('hidden', nothing);
  const again = (what) => {
    if (what instanceof Element) { if (what.isConnected) what.click(); return; }
    if (document.querySelector(`[data-key="${CSS.escape(what.key)}"]`)) return; // a decision is pressed on a page that is ready
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: what.key, repeat: what.repeat, bubbles: true, cancelable: true }));
  };
  addEventListener('pageshow', (event) => { // a page from the browser's memory may be of somebody who has signed out
    if (!event.persisted) return;
    root.style.visibility = 'hidden';
    location.reload();
  });
  const heard = Object.entries({ click, keydown, dragover, drop });
  root.toggleAttribute('data-early', true);
  for (const [type, hear] of heard) addEventListener(type, hear, true);
  addEventListener('kmrl:listening', () => {
    for (const [type, hear] of heard) removeEventListener(type, hear, true);
    root.removeAttribute('data-early');
    kept.forEach(again);
    say(true);
    for (const detail of drops.values()) dispatchEvent(new CustomEvent('kmrl:dropped', { detail }));
  }, { once: true });
}
