// Entry of every staff page: the frame, then what this page needs.
import { refresh, showProgress, calmly } from './page.js';
import * as live from './live.js';
import * as keys from './keys.js';
import * as tray from './tray.js';
import { watch } from './pictures.js';
import * as bell from './bell.js';
import * as presence from './presence.js';

const { page, offlineWorker } = document.body.dataset;

keys.start();
if (page !== 'document') watch();
document.addEventListener('kmrl:refreshed', () => watch());
live.on('document.progress', showProgress);
tray.start(live);
bell.start(live, { refresh });
if (page === 'documents') (await import('./documents.js')).start(live);
if (page === 'document') (await import('./document.js')).start(live);
if (page === 'home') {
  const again = calmly(refresh, 1000);
  for (const type of ['document.received', 'document.status', 'document.failed', 'document.version', 'system.alert', 'system.health']) live.on(type, again);
  import('./charts.js').then((charts) => charts.start());
}
const connection = live.start({ onReset: () => document.dispatchEvent(new CustomEvent('kmrl:reset')) });
if (page === 'document') presence.start(live, connection);
document.addEventListener('kmrl:reset', () => { if (page !== 'documents') refresh(); });
if ('serviceWorker' in navigator && offlineWorker) navigator.serviceWorker.register(offlineWorker).catch(() => {});
