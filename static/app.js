// Entry of every staff page: the frame, then what this page needs.
import { refresh, showProgress, calmly, sayKept } from './page.js';
import * as live from './live.js';
import * as keys from './keys.js';
import * as tray from './tray.js';
import { watch } from './pictures.js';
import * as bell from './bell.js';
import * as waiting from './waiting.js';

const { page, offlineWorker } = document.body.dataset;

keys.start();
if (page !== 'document' && page !== 'review') watch();
document.addEventListener('kmrl:refreshed', () => watch());
live.on('document.progress', showProgress);
tray.start(live);
bell.start(live, { refresh });
waiting.start(live);
if (page === 'documents') (await import('./documents.js')).start(live);
if (page === 'tasks') (await import('./tasks.js')).start(live);
if (page === 'review') (await import('./review.js')).start(live);
if (page === 'document' || document.querySelector('[data-sheets]')) (await import('./document.js')).start(live);
if (page === 'workflows' || page === 'workflow') (await import('./runs.js')).start(live);
if (page === 'home') {
  const again = calmly(refresh, 1000);
  for (const type of ['document.received', 'document.status', 'document.failed', 'document.version', 'system.alert', 'system.health', 'task.*', 'sla.*']) live.on(type, again);
  import('./charts.js').then((charts) => charts.start());
}
const connection = live.start({ onReset: () => document.dispatchEvent(new CustomEvent('kmrl:reset')) });
if (page === 'document' || page === 'review') (await import('./presence.js')).start(live, connection);
document.addEventListener('kmrl:reset', () => { if (page !== 'documents' && page !== 'tasks') refresh(); });
sayKept();
dispatchEvent(new CustomEvent('kmrl:listening'));
if ('serviceWorker' in navigator && offlineWorker) navigator.serviceWorker.register(offlineWorker).catch(() => {});
