// ---- parallel coordinates: the line under the pointer

function lineAt({ offsetX, offsetY }) {
  const xs = parallel.axes.map((_, number) => axisX(number));
  let after = xs.findIndex((x) => x >= offsetX);
  after = after <= 0 ? 1 : after;
  const share = (offsetX - xs[after - 1]) / (xs[after] - xs[after - 1]);
  let nearest = null;
  let least = NEAR;
  for (const { row, places } of parallel.lines) {
    const [from, to] = [places[after - 1], places[after]];
    if (passingBorn.has(row)) {
      const away = Math.abs(lineY(from) + share * (lineY(to) - lineY(from)) - offsetY);
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
  when("theme", drawParallel);
  when("filtered", drawParallel);
  when("selected", drawParallel);
  when("cleared", () => {
    parallel.brushes.clear();
    brushTests.delete("parallel");
    placeThumbs();
  });
}

/** Position axes and names after a change of width. */
function layoutParallel() {
  for (const [number, name] of parallel.place.querySelectorAll(".axis-name").entries()) {
    name.style.left = `${axisX(number)}px`;
  }
  placeThumbs();
}
