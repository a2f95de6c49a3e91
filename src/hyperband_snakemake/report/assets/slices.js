// ---- slices: all show the same quantity, results at one budget or scores; each figure contains its other views

const sliced = { view: 0, chooser: null };

/** Show a view in all charts that contain it. */
function showView(number) {
  sliced.view = number;
  for (const [id, { figure }] of Object.entries(DATA.charts)) {
    if (!figure.views?.[number]) {
      continue;
    }
    figure.views[0] = { data: figure.data, layout: figure.layout, ...figure.views[0] };
    const { data, layout } = figure.views[number];
    Object.assign(figure, { data, layout });
    delete zoomed[id]; // the range belongs to another quantity
    if (document.getElementById(id).dataset.ready) {
      draw(id).then(() => keepRange(document.getElementById(id)));
    }
  }
}

/** Treat a chart's present axes as its initial ones. */
function keepRange(chart) {
  for (const axis of [chart._fullLayout.xaxis, chart._fullLayout.yaxis]) {
    [axis._rangeInitial0, axis._rangeInitial1] = axis.range;
  }
}

function startSlices(view = 0) {
  const place = document.getElementById("views");
  const views = DATA.charts["chart-slice-0"]?.figure.views || [];
  if (!place || views.length < 2) {
    return;
  }
  sliced.chooser = make("select", { "aria-label": "What the slices show" }, ...views.map(({ title }, number) => new Option(title, number)));
  sliced.chooser.addEventListener("change", () => showView(Number(sliced.chooser.value)));
  place.append(sliced.chooser);
  if (views[view] && view) {
    sliced.chooser.value = String(view);
    showView(view);
  }
}
