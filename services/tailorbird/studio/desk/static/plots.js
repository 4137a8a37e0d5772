// A figure's days as a line with its interval as a band, in the page's own colours.
(() => {
  "use strict";
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const draw = (figure) => {
    if (!window.uPlot) return;
    figure.querySelector(".uplot")?.remove();
    const data = JSON.parse(figure.dataset.plot);
    const share = figure.dataset.unit === "share";
    const at = data.days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000);
    const told = (value) => value == null ? "–" : share ? `${(value * 100).toFixed(1)} %` : value.toLocaleString("en-GB", { maximumFractionDigits: 2 });
    const day = (seconds) => new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
    const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") }, font: "12px system-ui, sans-serif" };
    const plot = new window.uPlot({
      width: figure.clientWidth, height: 260, tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      cursor: { y: false }, scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.08 : 1] } },
      axes: [{ ...axis, values: (_, seconds) => seconds.map(day) }, { ...axis, size: 64, values: (_, values) => values.map(told) }],
      series: [
        { label: "Day", value: (_, seconds) => seconds == null ? "–" : new Date(seconds * 1000).toISOString().slice(0, 10) },
        { label: "from", stroke: "transparent", points: { show: false }, value: (_, value) => told(value) },
        { label: "to", stroke: "transparent", points: { show: false }, value: (_, value) => told(value) },
        // Last, so that the band lies under it.
        { label: "Value", stroke: colour("--accent-text"), width: 2.5, points: { show: true, size: 6, fill: colour("--accent-text") }, value: (_, value) => told(value) },
      ],
      bands: [{ series: [2, 1], fill: colour("--accent-soft") }],
    }, [at, data.low, data.high, data.value], figure);
    // Nobody points at it yet: the last day stands under it.
    setTimeout(() => plot.setLegend({ idx: at.length - 1 }), 0);
  };
  const all = () => document.querySelectorAll("[data-plot]").forEach(draw);
  all();
  document.addEventListener("studio:look", all);
  let waiting = 0;
  window.addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(all, 150); });
})();
