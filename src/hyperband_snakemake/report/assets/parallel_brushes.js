// ---- parallel coordinates: draggable controls, by pointer or keyboard

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

/** Call a function with the pointer's position, from 0 to 1, until it is released. */
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

/** Half of the distance between two levels, so that dragging over one selects it. */
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

/** Build axes, their names and controls from scratch. */
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
