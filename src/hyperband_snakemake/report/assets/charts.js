// ---- charts that are Plotly figures

const NARROW = 480; // width in pixels below which a chart uses its layout for small screens

const zoomed = {}; // by chart: axes whose range the user has changed -> range

/** Remember ranges that the user has chosen; Plotly's autorange means the initial range. */
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

/** The user's changes to a chart: axis ranges and hidden traces. */
function changesOf(chart) {
  const ranges = Object.fromEntries(Object.entries(zoomed[chart.id] || {}).map(([axis, range]) => [`${axis}.range`, range]));
  const hidden = (chart.data || []).flatMap((trace, i) => (trace.visible === "legendonly" ? [i] : []));
  return Object.keys(ranges).length || hidden.length ? { ranges, hidden } : null;
}

/** Apply the user's changes from an equivalent chart. */
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
const wantedChanges = {}; // by chart, from before the page was reloaded

/** A chart's figure for a width, and its height unless the style sheet sets it. */
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

/** Distance of a chart from the visible part of the page. */
function distance(id) {
  const { top, bottom } = document.getElementById(id).getBoundingClientRect();
  return top > innerHeight ? top - innerHeight : bottom < 0 ? -bottom : 0;
}

let drawing = 0;

/** Draw all charts, visible ones first, with pauses so that the page stays responsive; `data-drawn` marks completion. */
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
      return; // all are being redrawn, in other colours
    }
  }
  ROOT.dataset.drawn = "yes";
  tell("drawn");
}

when("theme", drawAll);
