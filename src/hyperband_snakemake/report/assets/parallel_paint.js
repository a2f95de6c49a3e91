// ---- parallel coordinates: drawing

/** Positions of all configurations on all axes, and their colours; recomputed when axes change. */
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
  for (const [number, at] of places.entries()) {
    if (number === 0) {
      path.moveTo(xs[0], lineY(at));
    } else {
      path.lineTo(xs[number], lineY(at));
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
  const many = passingBorn.size > FEW_LINES;
  const room = Math.min(1, ROOMY / passingBorn.size); // if there are many lines, poor ones are thin so that good ones stand out
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
    const share = number / SHADES;
    context.lineWidth = many ? (0.2 + share ** 4) * room : 1 + share;
    context.stroke(path);
  }
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
    const below = parallel.lines.some(({ places }) => places[number] === undefined) ? [{ text: quantity.kind === "parameter" ? "absent" : "no result" }] : [];
    const isLast = number === xs.length - 1 && xs.length > 1;
    for (const { at, text } of [...scaleOf(quantity).labels.slice(0, 60), ...below]) {
      const shown = fitted(context, text, LEAST_SPACE - 24);
      const width = context.measureText(shown).width;
      const x = isLast ? xs[number] - width - 8 : xs[number] + 8;
      const y = Math.max(8, Math.min(TOP + axisHeight() + ABSENT, lineY(at)));
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
