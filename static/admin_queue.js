// The queue in the administration, live: what the gateway tells is a reason to fetch the parts that change, calmly.
import { calmly, fetchParts, showLink, signIn } from './admin_parts.js';
import { connect } from './realtime.js';

const BOARD_EVERY = 1500;
const CHARTS_EVERY = 20_000;
const SILENCE = 45_000; // no sign of life from any worker for so long: look whether one is left
const TELLING = ['queue.status', 'job.dead', 'document.received', 'document.status', 'document.failed', 'system.alert', 'system.health'];

const root = document.querySelector('[data-queue]');
const { follows, topics = '', document: paper } = root.dataset;
const charts = new Map();
let span = document.querySelector('[data-span][aria-current]')?.dataset.span ?? 'hour';

// --- charts

function colour(name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

function seconds(value) {
  if (value >= 3600) return `${+(value / 3600).toFixed(1)} h`;
  if (value >= 60) return `${+(value / 60).toFixed(1)} min`;
  return value >= 1 ? `${+value.toFixed(1)} s` : `${Math.round(value * 1000)} ms`;
}

function axes(format, stacked) {
  const ticks = { color: colour('soft'), font: { size: 12 } };
  return {
    x: { stacked, grid: { display: false }, border: { color: colour('line') }, ticks: { ...ticks, maxRotation: 0, autoSkip: true, maxTicksLimit: 7 } },
    y: { stacked, beginAtZero: true, grid: { color: colour('line') }, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 5, precision: stacked ? 0 : undefined, callback: format } },
  };
}

function options(format, stacked) {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return {
    responsive: true, maintainAspectRatio: false, animation: still ? false : { duration: 150 }, interaction: { mode: 'index', intersect: false },
    scales: axes(format, stacked),
    plugins: {
      legend: { position: 'bottom', align: 'start', labels: { color: colour('ink'), boxWidth: 10, boxHeight: 10, usePointStyle: !stacked, pointStyle: 'line', pointStyleWidth: 24, font: { size: 12 } } },
      tooltip: { callbacks: { label: ({ dataset, parsed }) => `${dataset.label}: ${format(parsed.y)}` } },
    },
  };
}

function words() {
  return [...document.querySelectorAll('[data-live="charts"] thead th')].map((one) => one.textContent);
}

function datasets(name, series) {
  const [, done = 'done', dead = 'given up', stopped = 'stopped', half = 'half began within', most = '95 % within'] = words();
  const bar = (label, data, tone) => ({ label, data, backgroundColor: colour(tone), borderRadius: 1, maxBarThickness: 14, categoryPercentage: 0.9, barPercentage: 0.9 });
  const line = (label, data, tone, dash) => ({ label, data, borderColor: colour(tone), backgroundColor: colour(tone), borderDash: dash, borderWidth: 2, pointRadius: data.map((one, n) => (data[n - 1] == null && data[n + 1] == null ? 2 : 0)), spanGaps: false });
  if (name === 'throughput') return [bar(done, series.done, 'accent'), bar(dead, series.given_up, 'failed'), bar(stopped, series.stopped, 'waiting')];
  return [line(half, series.half, 'accent', []), line(most, series.most, 'running', [4, 3])];
}

function draw() {
  const series = JSON.parse(document.getElementById('series').textContent);
  const said = document.querySelector('[data-live="charts"] [data-throughput]').dataset;
  for (const canvas of document.querySelectorAll('[data-chart]')) {
    const name = canvas.dataset.chart;
    const isBars = name === 'throughput';
    const format = isBars ? (value) => value.toLocaleString() : seconds;
    canvas.setAttribute('aria-label', said[name]);
    document.querySelector(`[data-said="${name}"]`).textContent = said[name];
    const made = charts.get(name) ?? new window.Chart(canvas, { type: isBars ? 'bar' : 'line', data: {}, options: {} });
    charts.set(name, made);
    made.data = { labels: series.labels, datasets: datasets(name, series) };
    made.options = options(format, isBars);
    made.update();
  }
}

async function fetchCharts() {
  await fetchParts({ live: 'charts', span });
  draw();
}

function startCharts() {
  draw();
  for (const chosen of document.querySelectorAll('[data-span]')) {
    chosen.addEventListener('click', (event) => {
      event.preventDefault();
      span = chosen.dataset.span;
      for (const one of document.querySelectorAll('[data-span]')) one.toggleAttribute('aria-current', false);
      chosen.setAttribute('aria-current', 'true');
      history.replaceState(null, '', `?span=${span}`);
      fetchCharts();
    });
  }
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
}

// --- live

function showProgress({ id, percent, step }) {
  for (const place of document.querySelectorAll(`[data-document="${CSS.escape(id)}"]`)) {
    const bar = place.querySelector('[data-percent]');
    if (!bar) continue;
    bar.value = percent;
    place.querySelector('[data-step]').textContent = [`${percent} %`, step].filter(Boolean).join(' · ');
  }
}

function listen() {
  const board = calmly(() => fetchParts({ live: follows }), BOARD_EVERY);
  const figures = follows === 'board' ? calmly(fetchCharts, CHARTS_EVERY) : () => {};
  let pulse = '';
  let silence = null;
  const look = () => {
    clearTimeout(silence);
    silence = setTimeout(look, SILENCE);
    board();
    figures();
  };
  connect({
    topics: topics.split(' ').filter(Boolean),
    onEvent({ type, data }) {
      if (type === 'document.progress') showProgress(data);
      if (!TELLING.includes(type)) return;
      if (type === 'queue.status') {
        const now = JSON.stringify(data);
        if (now === pulse) { clearTimeout(silence); silence = setTimeout(look, SILENCE); return; }
        pulse = now;
      } else if (paper && data.id !== paper && type.startsWith('document.')) return;
      look();
    },
    onState(state) {
      showLink(root, state);
      if (state === 'live') look();
    },
    onReset: look,
    onSignedOut: () => { signIn(root); },
  });
}

function startChoosing() {
  const all = document.querySelector('[data-choose-all]');
  const choose = () => { for (const box of document.querySelectorAll('input[name="job"]')) box.checked = all.checked; };
  all?.addEventListener('change', choose);
  if (all?.checked) choose(); // before this listened
}

if (follows === 'board') startCharts();
if (follows) listen();
startChoosing();
dispatchEvent(new CustomEvent('kmrl:listening'));
