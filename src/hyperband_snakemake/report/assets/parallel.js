// ---- parallel coordinates: lines on a canvas, with draggable controls on top

const FIRST_AXES = 7;
const MOST_AXES = 40;
const LEAST_SPACE = 104; // pixels from one axis to the next
const EDGE = 52;
const TOP = 14;
const BOTTOM = 42;
const ABSENT = 26; // pixels below an axis, for lines of configurations without a value on it
const NEAR = 8; // pixels between the pointer and the line it selects
const SHADES = 16; // colours of lines
const FEW_LINES = 400; // up to this many lines, all are thick
const ROOMY = 1500; // from this many lines on, all are thinner
const STEP = 0.02; // of an axis, per arrow key press

const parallel = {
  place: document.getElementById("parallel"),
  axes: [], // keys of quantities, from left to right
  brushes: new Map(), // key -> [low, high], from 0 to 1
  colour: "score",
};

function parallelAxes() {
  return parallel.axes.map((key) => quantityNamed.get(key));
}

/** Position of an axis, in pixels from the left. */
function axisX(number) {
  const { width } = parallel.canvas.getBoundingClientRect();
  const inner = width - 2 * EDGE;
  return EDGE + (parallel.axes.length > 1 ? (inner * number) / (parallel.axes.length - 1) : inner / 2);
}

function axisHeight() {
  return parallel.canvas.clientHeight - TOP - BOTTOM;
}

function axisY(at) {
  return TOP + (1 - at) * axisHeight();
}

/** Position of a line on an axis. */
function lineY(at) {
  return at === undefined ? axisY(0) + ABSENT : axisY(at);
}

/** Whether a configuration is within all brushes. */
function isBrushed(row) {
  for (const [key, [low, high]] of parallel.brushes) {
    const quantity = quantityNamed.get(key);
    const at = scaleOf(quantity).place(quantity.value(row));
    if (at === undefined || at < low - 1e-6 || at > high + 1e-6) {
      return false;
    }
  }
  return true;
}

const arrangeSoon = settled(rowCount > 5000 ? 120 : 20, () => arrange());

function setBrush(key, range) {
  const isAll = !range || (range[0] <= 0 && range[1] >= 1);
  if (isAll) {
    parallel.brushes.delete(key);
  } else {
    parallel.brushes.set(key, range);
  }
  if (parallel.brushes.size) {
    const kept = new Map(bornRows.map((row) => [row, isBrushed(row)]));
    brushTests.set("parallel", (row) => kept.get(bornAt(row)) === true);
  } else {
    brushTests.delete("parallel");
  }
  placeThumbs();
  arrangeSoon();
}
