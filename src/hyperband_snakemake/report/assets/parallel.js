// ---- parallel coordinates: lines on a canvas, and above them what can be dragged

const FIRST_AXES = 7;
const MOST_AXES = 40;
const LEAST_SPACE = 104; // pixels from one axis to the next
const EDGE = 52;
const TOP = 14;
const BOTTOM = 16;
const NEAR = 8; // pixels from the pointer to a line that is meant
const SHADES = 16; // colours of lines
const STEP = 0.02; // of an axis, for an arrow key

const parallel = {
  place: document.getElementById("parallel"),
  axes: [], // keys of quantities, from left to right
  brushes: new Map(), // key -> [low, high], from 0 to 1
  colour: "score",
};

function parallelAxes() {
  return parallel.axes.map((key) => quantityNamed.get(key));
}

/** Where an axis is, in pixels from the left. */
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

// ---- drawing

/** Places of all configurations on all axes, and their colours; made again when axes change. */
function layLines() {
  const axes = parallelAxes();
  parallel.lines = bornRows.map((row) => {
    const places = axes.map((quantity) => scaleOf(quantity).place(quantity.value(row)));
    return { row, places };
  });
  const good = goodness(quantityNamed.get(parallel.colour) || quantities[0]);
  for (const line of parallel.lines) {
    const value = good.get(line.row);
    line.shade = value === undefined ? -1 : Math.min(SHADES - 1, Math.floor(value * SHADES));
  }
}

function tracePath(path, places, xs) {
  let isFirst = true;
  for (const [number, at] of places.entries()) {
    if (at === undefined) {
      continue;
    }
    if (isFirst) {
      path.moveTo(xs[number], axisY(at));
      isFirst = false;
    } else {
      path.lineTo(xs[number], axisY(at));
    }
  }
}

function drawParallel() {
  if (!parallel.canvas) {
    return;
  }
  const { canvas } = parallel;
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = ROOT.classList.contains("print") ? 3 : devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  paintParallel(context);
}

function paintParallel(context) {
  const xs = parallel.axes.map((_, number) => axisX(number));
  const many = parallel.lines.length > 400;
  const groups = Array.from({ length: SHADES + 1 }, () => new Path2D());
  const rest = new Path2D();
  for (const { row, places, shade } of parallel.lines) {
    tracePath(passingBorn.has(row) ? groups[shade + 1] : rest, places, xs);
  }
  context.lineJoin = "round";
  context.lineWidth = 0.6;
  context.strokeStyle = style("--grid");
  context.stroke(rest);
  for (const [number, path] of groups.entries()) {
    context.strokeStyle = number === 0 ? style("--faint") : depth((number - 1) / (SHADES - 1));
    context.lineWidth = many ? 0.5 + (0.7 * number) / SHADES : 1 + number / SHADES;
    context.globalAlpha = many ? 0.75 : 1;
    context.stroke(path);
  }
  context.globalAlpha = 1;
  paintOne(context, xs, DATA.best, "--winner", 3.5);
  paintOne(context, xs, selectedPath || parallel.pointed, "--ink", 2.5);
  paintAxes(context, xs);
}

function paintOne(context, xs, path, colour, width) {
  const born = path && rowAt.has(path) ? bornAt(rowAt.get(path)) : undefined;
  const line = born === undefined ? null : parallel.lines.find(({ row }) => row === born);
  if (line) {
    const own = new Path2D();
    tracePath(own, line.places, xs);
    context.lineWidth = width;
    context.strokeStyle = style(colour);
    context.stroke(own);
  }
}

function paintAxes(context, xs) {
  context.font = `11.5px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "middle";
  for (const [number, quantity] of parallelAxes().entries()) {
    context.strokeStyle = style("--muted");
    context.lineWidth = 1.2;
    context.beginPath();
    context.moveTo(xs[number], axisY(0));
    context.lineTo(xs[number], axisY(1));
    context.stroke();
    const isLast = number === xs.length - 1 && xs.length > 1;
    for (const { at, text } of scaleOf(quantity).labels.slice(0, 60)) {
      const shown = fitted(context, text, LEAST_SPACE - 24);
      const width = context.measureText(shown).width;
      const x = isLast ? xs[number] - width - 8 : xs[number] + 8;
      const y = Math.max(8, Math.min(TOP + axisHeight() + 6, axisY(at)));
      context.fillStyle = style("--veil");
      context.fillRect(x - 2, y - 7.5, width + 4, 15);
      context.fillStyle = style("--ink");
      context.fillText(shown, x, y);
    }
  }
}

function fitted(context, text, width) {
  let shown = text;
  while (shown.length > 4 && context.measureText(shown).width > width) {
    shown = `${shown.slice(0, -2)}…`;
  }
  return shown;
}

// ---- what can be dragged, by a pointer or by keys

function makeThumb(quantity, end) {
  const name = `${quantity.label}, ${end === 0 ? "lower" : "upper"} end of the brush`;
  const thumb = make("div", { class: "thumb", role: "slider", tabindex: 0, "aria-orientation": "vertical", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100 });
  const move = (at) => {
    const range = [...(parallel.brushes.get(quantity.key) || [0, 1])];
    range[end] = end === 0 ? Math.min(Math.max(0, at), range[1]) : Math.max(Math.min(1, at), range[0]);
    setBrush(quantity.key, range);
  };
  thumb.addEventListener("keydown", (event) => {
    const { levels } = scaleOf(quantity);
    const step = levels && levels.length > 1 ? 1 / (levels.length - 1) : STEP;
    const steps = { ArrowUp: step, ArrowRight: step, ArrowDown: -step, ArrowLeft: -step, PageUp: 5 * step, PageDown: -5 * step };
    const range = parallel.brushes.get(quantity.key) || [0, 1];
    if (event.key in steps) {
      event.preventDefault();
      move(range[end] + steps[event.key]);
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      move(event.key === "Home" ? 0 : 1);
    }
  });
  thumb.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    event.stopPropagation();
    thumb.focus({ preventScroll: true });
    follow(event, (at) => move(at));
  });
  return thumb;
}

/** Call a function with the place of the pointer, from 0 to 1, until it is let go. */
function follow(event, moved, ended = () => {}) {
  const target = event.currentTarget;
  const { top } = parallel.canvas.getBoundingClientRect();
  const at = (other) => 1 - (other.clientY - top - TOP) / axisHeight();
  const onMove = (other) => moved(Math.max(0, Math.min(1, at(other))));
  const onEnd = () => {
    target.removeEventListener("pointermove", onMove);
    target.removeEventListener("pointerup", onEnd);
    target.removeEventListener("pointercancel", onEnd);
    ended();
  };
  target.setPointerCapture(event.pointerId);
  target.addEventListener("pointermove", onMove);
  target.addEventListener("pointerup", onEnd);
  target.addEventListener("pointercancel", onEnd);
}

/** Half of the room between two levels, so that a drag over one is enough. */
function slackOf(quantity) {
  const { levels } = scaleOf(quantity);
  return levels && levels.length > 1 ? 0.3 / (levels.length - 1) : 0.004;
}

function makeStrip(quantity) {
  const band = make("div", { class: "band" });
  const strip = make("div", { class: "strip" }, band);
  strip.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button) {
      return; // a swipe scrolls the page; a finger drags the thumbs
    }
    event.preventDefault();
    const { top } = parallel.canvas.getBoundingClientRect();
    const from = 1 - (event.clientY - top - TOP) / axisHeight();
    const slack = slackOf(quantity);
    let isDragged = false;
    const moved = (at) => {
      if (isDragged || Math.abs(at - from) > 0.01) {
        isDragged = true;
        setBrush(quantity.key, [Math.max(0, Math.min(at, from) - slack), Math.min(1, Math.max(at, from) + slack)]);
      }
    };
    follow(event, moved, () => isDragged || setBrush(quantity.key, null));
  });
  return strip;
}

function placeThumbs() {
  const parts = parallel.place.querySelectorAll(".axis");
  for (const [number, quantity] of parallelAxes().entries()) {
    const axis = parts[number];
    const [low, high] = parallel.brushes.get(quantity.key) || [0, 1];
    axis.style.left = `${axisX(number)}px`;
    axis.classList.toggle("brushed", parallel.brushes.has(quantity.key));
    const [strip, lower, upper] = axis.children;
    strip.style.top = `${TOP}px`;
    strip.style.height = `${axisHeight()}px`;
    strip.firstChild.style.top = `${100 * (1 - high)}%`;
    strip.firstChild.style.height = `${100 * (high - low)}%`;
    for (const [thumb, at] of [[lower, low], [upper, high]]) {
      thumb.style.top = `${axisY(at)}px`;
      thumb.setAttribute("aria-valuenow", Math.round(100 * at));
      thumb.setAttribute("aria-valuetext", scaleOf(quantity).textAt(at) ?? "");
    }
  }
  document.getElementById("unbrush").hidden = !parallel.brushes.size;
}

/** Axes, their names and what can be dragged, from nothing. */
function layParallel() {
  const axes = parallelAxes();
  const stage = parallel.place.querySelector(".stage");
  stage.style.width = `max(100%, ${Math.max(1, axes.length - 1) * LEAST_SPACE + 2 * EDGE}px)`;
  const parts = axes.map((quantity) => make("div", { class: "axis" }, makeStrip(quantity), makeThumb(quantity, 0), makeThumb(quantity, 1)));
  const labels = distinctLabels(axes.map(({ label }) => label), 48);
  const names = labels.map((text, number) => make("div", { class: "axis-name", title: axes[number].label }, text));
  stage.replaceChildren(make("div", { class: "names" }, ...names), make("div", { class: "plane" }, parallel.canvas, ...parts));
  for (const [number, name] of names.entries()) {
    name.style.left = `${axisX(number)}px`;
  }
  layLines();
  placeThumbs();
  drawParallel();
}

// ---- what is under the pointer

function lineAt({ offsetX, offsetY }) {
  const xs = parallel.axes.map((_, number) => axisX(number));
  let after = xs.findIndex((x) => x >= offsetX);
  after = after <= 0 ? 1 : after;
  const share = (offsetX - xs[after - 1]) / (xs[after] - xs[after - 1]);
  let nearest = null;
  let least = NEAR;
  for (const { row, places } of parallel.lines) {
    const [from, to] = [places[after - 1], places[after]];
    if (from !== undefined && to !== undefined && passingBorn.has(row)) {
      const away = Math.abs(axisY(from + share * (to - from)) - offsetY);
      if (away < least) {
        [least, nearest] = [away, row];
      }
    }
  }
  return nearest;
}

function pointParallel(event) {
  const row = parallel.axes.length > 1 ? lineAt(event) : null;
  const path = row === null ? "" : paths[row];
  parallel.canvas.classList.toggle("links", Boolean(path));
  if (path !== (parallel.pointed || "")) {
    parallel.pointed = path;
    document.getElementById("parallel-said").textContent = path ? `${path}: ${stateText(row)}` : "";
    requestAnimationFrame(drawParallel);
  }
}

// ---- which axes, and which colour

function makeAxisChoice() {
  const boxes = quantities.map(({ key, label }) => {
    const box = make("input", { type: "checkbox", value: key, checked: parallel.axes.includes(key) });
    box.addEventListener("change", () => chooseAxis(key, box.checked));
    return make("label", {}, box, ` ${label}`);
  });
  document.getElementById("axes").replaceChildren(...boxes);
}

function chooseAxis(key, isWanted) {
  parallel.axes = parallel.axes.filter((other) => other !== key);
  if (isWanted) {
    parallel.axes.splice(quantityNamed.get(key).kind === "parameter" ? lastParameter() : parallel.axes.length, 0, key);
    parallel.axes = parallel.axes.slice(0, MOST_AXES);
  }
  layParallel();
  if (!isWanted && parallel.brushes.has(key)) {
    setBrush(key, null);
  }
}

function lastParameter() {
  return parallelAxes().filter(({ kind }) => kind === "parameter").length;
}

function saveParallel() {
  const { clientWidth: width, clientHeight: height } = parallel.canvas;
  const canvas = make("canvas", { width: 2 * width, height: 2 * (height + 24) });
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.fillStyle = style("--card");
  context.fillRect(0, 0, width, height + 24);
  context.translate(0, 24);
  paintParallel(context);
  context.textAlign = "center";
  for (const [number, { label }] of parallelAxes().entries()) {
    context.fillText(fitted(context, label, LEAST_SPACE), Math.max(30, Math.min(width - 30, axisX(number))), -8);
  }
  canvas.toBlob((picture) => save(`${DATA.name}-parallel.png`, picture, "image/png"));
}

function startParallel() {
  if (!parallel.place) {
    return;
  }
  const parameters = quantities.filter(({ kind }) => kind === "parameter").map(({ key }) => key);
  parallel.axes = [...parameters.slice(0, FIRST_AXES), ...(quantityNamed.has("score") ? ["score"] : [])];
  parallel.canvas = make("canvas", { "aria-hidden": "true" });
  parallel.canvas.addEventListener("pointermove", pointParallel);
  parallel.canvas.addEventListener("pointerleave", () => pointParallel({ offsetX: -1e6, offsetY: -1e6 }));
  parallel.canvas.addEventListener("click", () => parallel.pointed && openPanel(parallel.pointed, parallel.place));
  const colour = document.getElementById("colour");
  fillChoice(colour, parallel.colour);
  colour.addEventListener("change", () => {
    parallel.colour = colour.value;
    layLines();
    drawParallel();
  });
  parallel.place.append(make("div", { class: "stage" }));
  makeAxisChoice();
  layParallel();
  document.getElementById("unbrush").addEventListener("click", () => tell("cleared") || arrange());
  document.getElementById("parallel-png").addEventListener("click", saveParallel);
  new ResizeObserver(settled(50, () => (layoutParallel(), drawParallel()))).observe(parallel.place);
  when("filtered", drawParallel);
  when("selected", drawParallel);
  when("cleared", () => {
    parallel.brushes.clear();
    brushTests.delete("parallel");
    placeThumbs();
  });
}

/** After a change of width: where axes and names are. */
function layoutParallel() {
  for (const [number, name] of parallel.place.querySelectorAll(".axis-name").entries()) {
    name.style.left = `${axisX(number)}px`;
  }
  placeThumbs();
}
