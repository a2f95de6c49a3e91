// ---- actions on a chart: open the run under the pointer (also by keyboard), save the chart, reset its axes

/** Path of the training run that a point in a chart stands for; empty if there is none. */
function pathOfPoint(data, number) {
  const candidates = [data.customdata, data.text, data.hovertext].map((list) => (Array.isArray(list) ? list[number] : list));
  for (const candidate of candidates.flat()) {
    const found = typeof candidate === "string" ? SLOT.exec(candidate) : null;
    if (found) {
      return found[0];
    }
  }
  return "";
}

function makeClickable(chart) {
  chart.on("plotly_relayout", (changes) => rememberZoom(chart, changes));
  chart.on("plotly_click", ({ points, event }) => {
    const path = points.map((point) => pathOfPoint(point.data, point.pointNumber ?? point.pointIndex)).find(Boolean);
    if (path && !event?.shiftKey) {
      openPanel(path, chart);
    }
  });
  chart.on("plotly_hover", ({ points }) => {
    const has = points.some((point) => pathOfPoint(point.data, point.pointNumber ?? point.pointIndex));
    chart.classList.toggle("links", has);
  });
  chart.on("plotly_unhover", () => chart.classList.remove("links"));
}

/** Points in a chart that stand for training runs, from left to right. */
function pointsOf(chart) {
  const found = [];
  for (const [curveNumber, data] of (chart.data || []).entries()) {
    if (data.visible === "legendonly" || !data.x) {
      continue;
    }
    for (let pointNumber = 0; pointNumber < data.x.length; pointNumber += 1) {
      const path = data.x[pointNumber] === null ? "" : pathOfPoint(data, pointNumber);
      if (path) {
        found.push({ curveNumber, pointNumber, path, x: data.x[pointNumber], axis: data.xaxis || "x" });
      }
    }
  }
  return found.sort((one, other) => collator.compare(one.axis, other.axis) || compareValues(one.x, other.x));
}

const pointed = new WeakMap(); // chart -> index of the point selected by keyboard

function stepThrough(chart, event) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, PageDown: 20, PageUp: -20 };
  const points = event.key in steps || event.key === "Enter" ? pointsOf(chart) : [];
  if (!points.length || event.target !== chart) {
    return;
  }
  event.preventDefault();
  const at = pointed.get(chart) ?? -1;
  if (event.key === "Enter") {
    if (points[at]) {
      openPanel(points[at].path, chart);
    }
    return;
  }
  const next = Math.max(0, Math.min(points.length - 1, at + steps[event.key]));
  pointed.set(chart, next);
  const { curveNumber, pointNumber, path, axis } = points[next];
  const data = chart.data[curveNumber];
  const subplot = `${axis}${data.yaxis || "y"}`;
  try {
    Plotly.Fx.hover(chart, [{ curveNumber, pointNumber }], subplot);
  } catch {
    // a point outside of the axes has no label
  }
  const row = rowAt.get(path);
  announce(row === undefined ? path : `${next + 1} of ${points.length}: ${path}, ${stateText(row)}`);
}

async function savePicture(chart, format) {
  const background = style("--card");
  const layout = { ...chart.layout, paper_bgcolor: background, plot_bgcolor: background };
  const { width, height } = chart.getBoundingClientRect();
  const options = { format, width: Math.round(width), height: Math.round(height), scale: format === "png" ? 2 : 1 };
  const url = await Plotly.toImage({ data: chart.data, layout }, options);
  const [head, content] = [url.slice(0, url.indexOf(",")), url.slice(url.indexOf(",") + 1)];
  const bytes = head.endsWith(";base64") ? Uint8Array.from(atob(content), (c) => c.charCodeAt(0)) : decodeURIComponent(content);
  save(`${DATA.name}-${chart.id.replace("chart-", "")}.${format}`, bytes, format === "png" ? "image/png" : "image/svg+xml");
}

/** Reset a chart to its initial state. */
function resetChart(chart) {
  delete zoomed[chart.id];
  Plotly.purge(chart);
  delete chart.dataset.ready;
  draw(chart.id);
}

/** Buttons next to a chart. */
function toolsOf(label, actions) {
  const buttons = actions.map(([text, words, action]) =>
    make("button", { type: "button", title: words, "aria-label": `${words}: ${label}`, onclick: action }, text)
  );
  return make("div", { class: "chart-tools", role: "group", "aria-label": `Tools: ${label}` }, ...buttons);
}

function addTools() {
  for (const chart of document.querySelectorAll("figure.chart")) {
    chart.addEventListener("keydown", (event) => stepThrough(chart, event));
    const tools = toolsOf(chart.getAttribute("aria-label"), [
      ["Reset", "Show all again", () => resetChart(chart)],
      ["PNG", "Save as a picture", () => savePicture(chart, "png")],
      ["SVG", "Save as a drawing", () => savePicture(chart, "svg")],
    ]);
    const frame = make("div", { class: "framed" });
    chart.replaceWith(frame);
    frame.append(chart, tools);
  }
}
