// The charts of a page, by Chart.js, which is fetched when the page stands: until then (and without it) the drawing and the
// words that the server made are there.
import { body } from './page.js';

const charts = new Map(); // name → chart
const still = matchMedia('(prefers-reduced-motion: reduce)');
const dark = matchMedia('(prefers-color-scheme: dark)');

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function library() {
  return new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = body.dataset.charts;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

const text = () => ({ size: 12, family: getComputedStyle(body).fontFamily });
const legend = () => ({ position: 'bottom', align: 'start', labels: { color: colour('ink'), boxWidth: 10, boxHeight: 10, font: text() } });

function throughput({ labels, throughput: parts }) {
  const ticks = { color: colour('soft'), font: text() };
  return {
    type: 'bar',
    data: {
      labels,
      datasets: parts.map(({ label, tone, values }) => ({ label, data: values, backgroundColor: colour(tone), borderRadius: 1, maxBarThickness: 14, categoryPercentage: 0.9, barPercentage: 0.9 })),
    },
    options: {
      scales: {
        x: { stacked: true, grid: { display: false }, border: { color: colour('line') }, ticks: { ...ticks, maxRotation: 0, autoSkip: true, maxTicksLimit: 9 } },
        y: { stacked: true, beginAtZero: true, grid: { color: colour('line') }, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 4, precision: 0 } },
      },
      plugins: { legend: { display: false } }, // the figures above say which is which
    },
  };
}

function states({ states: { labels, tones, values } }) {
  const hidden = { display: false, stacked: true };
  return {
    type: 'bar',
    data: {
      labels: [''],
      datasets: labels.map((label, n) => ({ label: `${label} ${values[n]}`, data: [values[n]], backgroundColor: colour(tones[n]), borderColor: colour('sheet'), borderWidth: { right: n < labels.length - 1 ? 2 : 0 }, barThickness: 18 })),
    },
    options: {
      indexAxis: 'y',
      scales: { x: { ...hidden, max: values.reduce((sum, one) => sum + one, 0) }, y: hidden },
      plugins: { legend: legend(), tooltip: { callbacks: { label: ({ dataset }) => dataset.label } } },
      interaction: { mode: 'nearest', intersect: true },
    },
  };
}

const kinds = { throughput, states };

function draw() {
  const series = JSON.parse(document.getElementById('day-series')?.textContent ?? 'null');
  for (const [name, chart] of charts) if (!chart.canvas.isConnected) { chart.destroy(); charts.delete(name); }
  if (!series) return;
  for (const place of document.querySelectorAll('[data-chart]')) {
    const name = place.dataset.chart;
    const canvas = place.querySelector('canvas');
    const { type, data, options } = kinds[name](series);
    canvas.hidden = false;
    place.classList.add('done');
    charts.get(name)?.destroy();
    charts.set(name, new window.Chart(canvas, {
      type,
      data,
      options: { responsive: true, maintainAspectRatio: false, animation: still.matches || charts.has(name) ? false : { duration: 150 }, interaction: { mode: 'index', intersect: false }, ...options },
    }));
  }
}

export async function start() {
  if (document.readyState !== 'complete') await new Promise((done) => { addEventListener('load', done, { once: true }); });
  try { await library(); } catch { return; } // the server's drawing stays
  draw();
  document.addEventListener('kmrl:refreshed', draw);
  dark.addEventListener('change', draw);
}
