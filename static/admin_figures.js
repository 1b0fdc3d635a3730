// The charts of the figures of workflows, by Chart.js, which django-unfold brings. The table behind them says the same.
const root = document.querySelector('[data-desk]');
const charts = new Map();

function colour(name) {
  return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}

function length(value) {
  const units = document.querySelector('[data-units]').dataset;
  for (const [size, unit] of [[86_400, 'd'], [3600, 'h'], [60, 'min']]) if (value >= size) return `${+(value / size).toFixed(1)} ${units[unit]}`;
  return `${+value.toFixed(1)} ${units.s}`;
}

function word(name) {
  return document.querySelector(`[data-word="${name}"]`)?.textContent ?? name;
}

function datasets(name, series) {
  const bar = (key, tone) => ({ label: word(key), data: series[key], backgroundColor: colour(tone), borderRadius: 1, maxBarThickness: 14 });
  const line = (key, tone, dash) => ({ label: word(key), data: series[key], borderColor: colour(tone), backgroundColor: colour(tone), borderDash: dash, borderWidth: 2, pointRadius: 2, spanGaps: true });
  if (name === 'runs') return [bar('started', 'running'), bar('finished', 'accent'), bar('breached', 'failed')];
  return [line('half', 'accent', []), line('most', 'running', [4, 3])];
}

function options(format) {
  const ticks = { color: colour('soft'), font: { size: 12 } };
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return {
    responsive: true, maintainAspectRatio: false, animation: still ? false : { duration: 150 }, interaction: { mode: 'index', intersect: false },
    scales: {
      x: { grid: { display: false }, border: { color: colour('line') }, ticks: { ...ticks, maxRotation: 0, autoSkip: true, maxTicksLimit: 8 } },
      y: { beginAtZero: true, grid: { color: colour('line') }, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 5, callback: format } },
    },
    plugins: {
      legend: { position: 'bottom', align: 'start', labels: { color: colour('ink'), boxWidth: 10, boxHeight: 10, font: { size: 12 } } },
      tooltip: { callbacks: { label: ({ dataset, parsed }) => `${dataset.label}: ${format(parsed.y)}` } },
    },
  };
}

function draw() {
  const series = JSON.parse(document.getElementById('trend').textContent);
  for (const canvas of document.querySelectorAll('[data-trend]')) {
    const name = canvas.dataset.trend;
    const format = name === 'runs' ? (value) => (Number.isInteger(value) ? value.toLocaleString() : '') : length;
    const made = charts.get(name) ?? new window.Chart(canvas, { type: name === 'runs' ? 'bar' : 'line', data: {}, options: {} });
    charts.set(name, made);
    made.data = { labels: series.labels, datasets: datasets(name, series) };
    made.options = options(format);
    made.update();
  }
}

draw();
new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ['class'] });
