// Runs before the page's modules are there: what is pressed meanwhile waits for them and is not lost.
{
  const pressed = [];
  const keep = (event) => {
    const button = event.target.closest?.('button[type="button"]');
    if (!button) return; // links, boxes, menus and forms work without any module
    event.stopImmediatePropagation();
    pressed.push(button);
  };
  document.addEventListener('click', keep, true);
  document.addEventListener('kmrl:listening', () => {
    document.removeEventListener('click', keep, true);
    for (const button of pressed) if (button.isConnected) button.click();
  }, { once: true });
}
