// ---- charts that came as figures of Plotly

const NARROW = 480; // pixels of a chart, below which its layout for small screens is taken

const zoomed = {}; // by chart: axes whose range a user has changed -> range

/** Remember which ranges a user has chosen; what Plotly calls autorange is the range from before. */
function rememberZoom(chart, changes) {
  const own = (zoomed[chart.id] ||= {});
  for (const key of Object.keys(changes)) {
    const [, axis, what] = /^([xy]axis\d*)\.(range|autorange)/.exec(key) || [];
    if (what === "autorange") {
      delete own[axis];
    } else if (axis) {
      own[axis] = [...chart._fullLayout[axis].range];
    }
  }
}

/** What a user has changed in a chart: ranges of its axes, and hidden traces. */
function changesOf(chart) {
  const ranges = Object.fromEntries(Object.entries(zoomed[chart.id] || {}).map(([axis, range]) => [`${axis}.range`, range]));
  const hidden = (chart.data || []).flatMap((trace, i) => (trace.visible === "legendonly" ? [i] : []));
  return Object.keys(ranges).length || hidden.length ? { ranges, hidden } : null;
}

/** Give a chart what a user has changed in one like it. */
async function changeAgain(chart, changes) {
  const count = chart.data.length;
  const hidden = changes.hidden.filter((trace) => trace < count);
  if (hidden.length) {
    await Plotly.restyle(chart, { visible: "legendonly" }, hidden);
  }
  const known = Object.entries(changes.ranges).filter(([key]) => chart._fullLayout[key.split(".")[0]]);
  if (known.length) {
    await Plotly.relayout(chart, Object.fromEntries(known));
  }
}

const figures = Object.fromEntries(Object.entries(DATA.charts).map(([id, { figure }]) => [id, () => figure]));
const wantedChanges = {}; // by chart, from before the page was loaded again

/** The figure of a chart as it fits a width, and its height where that is not for the style to say. */
function figureFor(id, width) {
  const figure = figures[id]();
  if (figure.narrow && width < NARROW) {
    return { figure: { ...figure, layout: { ...figure.layout, ...figure.narrow.layout } }, height: figure.narrow.height || DATA.charts[id].height };
  }
  return { figure, height: figure.narrow && DATA.charts[id].height };
}

async function draw(id) {
  const place = document.getElementById(id);
  const { figure, height } = figureFor(id, place.clientWidth);
  if (height) {
    place.style.height = `${height}px`;
  }
  const size = { height: place.clientHeight || height };
  if (ROOT.classList.contains("print")) {
    size.width = place.clientWidth; // Plotly learns of a resize too late for the paper
  }
  const changes = wantedChanges[id] || changesOf(place);
  delete wantedChanges[id];
  await Plotly.react(place, painted(figure.data), layoutOf(figure, size), CONFIG);
  if (!place.dataset.ready) {
    place.dataset.ready = "yes";
    makeClickable(place);
  }
  if (changes) {
    await changeAgain(place, changes);
  }
  await highlight(place);
}

/** How far a chart is from what is in sight. */
function distance(id) {
  const { top, bottom } = document.getElementById(id).getBoundingClientRect();
  return top > innerHeight ? top - innerHeight : bottom < 0 ? -bottom : 0;
}

let drawing = 0;

/** Draw all charts, those in sight first, with pauses in which the page can be read; `data-drawn` says they are there. */
async function drawAll() {
  delete ROOT.dataset.drawn;
  drawing += 1;
  const own = drawing;
  const left = Object.keys(figures).filter((id) => document.getElementById(id));
  while (left.length) {
    left.sort((one, other) => distance(one) - distance(other));
    await draw(left.shift());
    await new Promise((next) => setTimeout(next));
    if (own !== drawing) {
      return; // all are drawn again, in other colours
    }
  }
  ROOT.dataset.drawn = "yes";
  tell("drawn");
}

when("theme", drawAll);
