// ---- two parameters against each other, coloured by a result, or by the medians of its cells

const MOST_DOTS = 3000; // if there are more, some are chosen at random
const CELLS = 10; // along a numeric axis
const PAIR = "chart-pair";

const pair = { x: "", y: "", colour: "score", cells: false };

/** Coordinates of configurations on a Plotly axis; those at the same level are side by side. */
function coordinates(quantity, rows, ratio) {
  const scale = scaleOf(quantity);
  if (!scale.levels) {
    return rows.map((row) => quantity.value(row));
  }
  const number = new Map(scale.levels.map((level, at) => [level, at]));
  // the two ratios fill a square evenly; with the ratio that `byLot` uses, all chosen points would be on one side
  return rows.map((row) => number.get(quantity.value(row)) + (((row * ratio) % 1) - 0.5) * 0.5);
}

function pairAxis(quantity) {
  const scale = scaleOf(quantity);
  const title = { text: plain(shortened(quantity.label, 48, 0)) };
  if (!scale.levels) {
    const ticks = scale.log && scale.ticks.length > 1 ? { tickvals: scale.ticks, ticktext: scale.ticks.map((tick) => brief(tick)) } : {};
  return { title, type: scale.log ? "log" : "linear", exponentformat: "e", ...ticks };
  }
  return { title, tickvals: scale.levels.map((_, at) => at), ticktext: scale.names.map(plain), range: [-0.6, scale.levels.length - 0.4] };
}

/** At most that many rows, chosen at random but reproducibly, including `first` if it is among them. */
function byLot(rows, most, first) {
  if (rows.length <= most) {
    return rows;
  }
  const lot = (row) => (row === first ? -1 : (row * 2654435761) % 4294967296);
  return [...rows].sort((one, other) => lot(one) - lot(other)).slice(0, most);
}

function pairScale() {
  return [0, 0.25, 0.5, 0.75, 1].map((at) => [at, depth(at)]);
}

function pairText(row, quantitiesShown) {
  const values = quantitiesShown.map((quantity) => `${plain(quantity.label)} = ${plain(visible(quantity.text ? quantity.text(row, 6) : textOf(quantity.value(row), 6)))}${quantity.unit || ""}`);
  return [paths[row], ...new Set(values)].join("<br>");
}

/** Median of the colour quantity in each cell of the plane. */
function cellsOf(x, y, colour, rows) {
  const cut = (quantity) => {
    const scale = scaleOf(quantity);
    const parts = scale.levels ? scale.levels.length : CELLS;
    const at = (row) => {
      const place = scale.place(quantity.value(row));
      return scale.levels ? Math.round(place * (parts - 1)) : Math.min(parts - 1, Math.floor(place * parts));
    };
    return { parts, at };
  };
  const [across, up] = [cut(x), cut(y)];
  const found = Array.from({ length: up.parts }, () => Array.from({ length: across.parts }, () => []));
  for (const row of rows) {
    found[up.at(row)][across.at(row)].push(colour.value(row));
  }
  const middle = (values) => (values.length ? values.sort((one, other) => one - other)[Math.floor(values.length / 2)] : null);
  return { z: found.map((line) => line.map(middle)), counts: found.map((line) => line.map(({ length }) => length)), across, up };
}

/** Edges of the cells, in axis coordinates. */
function edgesOf(quantity, parts) {
  const scale = scaleOf(quantity);
  if (scale.levels) {
    return [...Array(parts + 1).keys()].map((at) => at - 0.5);
  }
  const numbers = bornRows.map(quantity.value).filter((value) => typeof value === "number");
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)].map((value) => (scale.log ? Math.log10(value) : value));
  const edges = [...Array(parts + 1).keys()].map((at) => low + ((high - low) * at) / parts);
  return scale.log ? edges.map((edge) => 10 ** edge) : edges;
}

function pairFigure() {
  const [x, y, colour] = [pair.x, pair.y, pair.colour].map((key) => quantityNamed.get(key));
  const isThere = (row) => [x, y].every((quantity) => scaleOf(quantity).levels ? quantity.value(row) !== undefined : typeof quantity.value(row) === "number");
  const known = bornRows.filter((row) => passingBorn.has(row) && isThere(row) && typeof colour.value(row) === "number");
  const failed = bornRows.filter((row) => passingBorn.has(row) && isThere(row) && valueOf("status", row) === "failed");
  const best = DATA.best ? bornAt(rowAt.get(DATA.best)) : undefined;
  const rows = byLot(known, MOST_DOTS, best);
  const without = bornRows.filter((row) => passingBorn.has(row)).length - known.length - failed.length;
  tellPair(known.length, rows.length, failed.length, without);
  const reverse = colour.better === -1;
  const bar = { thickness: 12, outlinewidth: 0, tickfont: { color: style("--muted"), size: 11 }, title: { text: plain(colour.label), side: "right", font: { color: style("--muted"), size: 12 } }, ticksuffix: colour.unit || "" };
  const scale = { colorscale: pairScale(), reversescale: reverse, showscale: true, colorbar: bar };
  const values = rows.map((row) => colour.value(row));
  const [low, high] = usualRange(values);
  const traces = [];
  if (pair.cells) {
    const { z, counts, across, up } = cellsOf(x, y, colour, known);
    traces.push({ type: "heatmap", x: edgesOf(x, across.parts), y: edgesOf(y, up.parts), z, text: counts, zmin: low, zmax: high, xgap: 1, ygap: 1, ...scale, hovertemplate: `median ${plain(colour.label)} %{z:.5~g}<br>%{text} configurations<extra></extra>` });
  }
  const marker = pair.cells ? { size: 6, color: style("--ink"), line: { width: 1.5, color: style("--card") } } : { size: rows.length > 800 ? 5 : 8, color: values, cmin: low, cmax: high, line: { width: 0 }, ...scale };
  traces.push(dotsOf(rows, x, y, [x, y, colour], marker));
  traces.push(dotsOf(byLot(failed, MOST_DOTS), x, y, [x, y], { size: 7, symbol: "x-thin", line: { width: 1.5, color: style("--bad") } }));
  traces.push(dotsOf(known.filter((row) => row === best), x, y, [x, y, colour], { size: 15, symbol: "circle-open", line: { width: 3 }, color: style("--winner") }));
  traces.push(dotsOf(bornRows.filter((row) => isSelected(row) && isThere(row)), x, y, [x, y, colour], { size: 18, symbol: "diamond-open", line: { width: 2.5 }, color: style("--ink") }));
  return { data: traces, layout: { xaxis: pairAxis(x), yaxis: pairAxis(y), showlegend: false, margin: { l: 56, r: 24, t: 14, b: 44 } } };
}

function dotsOf(rows, x, y, told, marker) {
  return {
    type: "scatter",
    mode: "markers",
    x: coordinates(x, rows, 0.7548776662),
    y: coordinates(y, rows, 0.569840291),
    customdata: rows.map((row) => paths[row]),
    text: rows.map((row) => pairText(row, told)),
    hovertemplate: "%{text}<extra></extra>",
    marker,
  };
}

/** Lowest and highest value for colours, without outliers, which would give all others the same colour. */
function usualRange(values) {
  const ordered = [...values].sort((one, other) => one - other);
  if (!ordered.length) {
    return [0, 1];
  }
  const quarter = Math.floor((ordered.length - 1) / 4);
  const [low, high] = [ordered[quarter], ordered[ordered.length - 1 - quarter]];
  const room = 3 * (high - low);
  return room ? [Math.max(ordered[0], low - room), Math.min(ordered[ordered.length - 1], high + room)] : [ordered[0], ordered[ordered.length - 1]];
}

function tellPair(known, drawn, failed, without) {
  const parts = [`${known.toLocaleString("en")} ${known === 1 ? "configuration" : "configurations"}${drawn < known ? `, ${drawn.toLocaleString("en")} of them drawn, chosen at random` : ""}`];
  if (failed) {
    parts.push(`${failed.toLocaleString("en")} failed (×)`);
  }
  if (without) {
    parts.push(`${without.toLocaleString("en")} not drawn: without one of the two, or without such a result`);
  }
  const hasLevels = [pair.x, pair.y].some((key) => scaleOf(quantityNamed.get(key)).levels);
  const beside = hasLevels && !pair.cells ? " Dots of the same level lie side by side." : "";
  document.getElementById("pair-said").textContent = `${parts.join("; ")}.${beside}`;
}

function startScatter() {
  const places = ["x", "y", "colour"].map((name) => document.getElementById(`pair-${name}`));
  const parameters = quantities.filter(({ kind }) => kind === "parameter");
  if (!places[0] || !parameters.length) {
    return;
  }
  [pair.x, pair.y] = [parameters[0].key, (parameters[1] || quantities[1] || parameters[0]).key];
  for (const select of places) {
    const name = select.id.replace("pair-", "");
    fillChoice(select, pair[name], name === "colour" ? ["result", "cost"] : undefined);
    pair[name] = select.value;
    select.addEventListener("change", () => {
      pair[name] = select.value;
      draw(PAIR);
    });
  }
  const cells = document.getElementById("pair-cells");
  cells.addEventListener("change", () => {
    pair.cells = cells.checked;
    draw(PAIR);
  });
  figures[PAIR] = pairFigure;
  const again = settled(200, () => ROOT.dataset.drawn && draw(PAIR));
  when("filtered", again);
  when("selected", again);
}
