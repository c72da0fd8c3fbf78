// Trends of a report, drawn where they are looked at. Without this the page shows the same points as SVG, and
// so does paper. Lines are told apart by their dashes and marks, not by colour alone.

const HEIGHT = 220;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const looks = () => ({
  measured: { stroke: colour("--brand"), width: 2, points: { show: true, size: 5, fill: colour("--brand") } },
  expected: { stroke: colour("--brand"), width: 2, dash: [8, 5], points: { show: false } },
  low: { stroke: colour("--ink-soft"), width: 1, points: { show: false } },
  high: { stroke: colour("--ink-soft"), width: 1, points: { show: false } },
  limit: { stroke: colour("--bad"), width: 1.5, dash: [2, 4], points: { show: false } },
});

const second = (day) => Date.parse(`${day}T00:00:00Z`) / 1000;
const dayOf = (time) => new Date(time * 1000).toISOString().slice(0, 10);

function draw(figure) {
  const trend = JSON.parse(figure.dataset.trend);
  const look = looks();
  const number = new Intl.NumberFormat(document.documentElement.lang || "en", { maximumFractionDigits: 2 });
  const written = (_plot, value) => (value == null ? "—" : `${number.format(value)} ${trend.unit}`.trim());
  const place = (kind) => trend.series.findIndex((one) => one.kind === kind) + 1;
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
  const holder = document.createElement("div");
  holder.className = "trend-live";
  figure.append(holder);
  const plot = new window.uPlot(
    {
      width: Math.max(holder.clientWidth, 200),
      height: HEIGHT,
      tzDate: (time) => window.uPlot.tzDate(new Date(time * 1000), "Etc/UTC"),
      cursor: { y: false },
      bands: place("high") ? [{ series: [place("high"), place("low")], fill: colour("--brand-soft") }] : [],
      series: [
        { label: trend.day, value: (_plot, time) => (time == null ? "—" : dayOf(time)) },
        ...trend.series.map((one) => ({ label: one.label, spanGaps: true, value: written, ...look[one.kind] })),
      ],
      axes: [
        { ...axis, space: 70, values: (_plot, times) => times.map((time) => dayOf(time).slice(0, 7)), incrs: [31 * 86400, 92 * 86400, 184 * 86400] },
        { ...axis, size: 54, values: (_plot, values) => values.map((value) => number.format(value)) },
      ],
    },
    [trend.days.map(second), ...trend.series.map((one) => one.values)],
    holder,
  );
  figure.classList.add("trend-drawn");
  new ResizeObserver(() => {
    if (holder.clientWidth && holder.clientWidth !== plot.width) plot.setSize({ width: holder.clientWidth, height: HEIGHT });
  }).observe(holder);
}

if (window.uPlot) {
  // Many of them in one report: each is drawn when it comes near.
  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        near.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "300px" },
  );
  for (const figure of document.querySelectorAll("[data-trend]")) near.observe(figure);
}
