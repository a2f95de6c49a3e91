"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const ROOT = document.documentElement;

// ---- colours: words in the figures, looked up in the style sheet, so that one figure fits light and dark

function style(name) {
  return getComputedStyle(ROOT).getPropertyValue(name).trim();
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** Colour of a budget: 0 is the smallest, 1 the largest. */
function depth(at) {
  const [low, high, share] = at <= 0.5 ? ["--low", "--middle", at * 2] : ["--middle", "--high", at * 2 - 1];
  const from = channels(style(low));
  const to = channels(style(high));
  return `rgb(${from.map((value, i) => Math.round(value + share * (to[i] - value)))})`;
}

function isNumber(value) {
  return value === null || typeof value === "number"; // null is where a line breaks
}

/** A copy of part of a figure with colours in place of their words. */
function painted(value) {
  if (Array.isArray(value)) {
    const long = value.length > 20 && isNumber(value[value.length - 1]); // coordinates: nothing to look up, and many
    return long ? value : value.map(painted);
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, painted(part)]));
  }
  if (typeof value !== "string" || !value.startsWith("--")) {
    return value;
  }
  return value.startsWith("--depth:") ? depth(Number(value.slice("--depth:".length))) : style(value);
}

// ---- charts

const CONFIG = { responsive: true, displaylogo: false, displayModeBar: false };

function axisOf(axis) {
  const muted = style("--muted");
  const grid = style("--grid");
  return {
    gridcolor: grid,
    linecolor: grid,
    tickcolor: grid,
    zeroline: false,
    automargin: true,
    exponentformat: "power",
    tickfont: { color: muted, size: 12 },
    ...axis,
    title: { font: { color: muted, size: 13 }, standoff: 8, ...(axis.title || {}) },
  };
}

function legendOf(legend) {
  return {
    orientation: "h",
    x: 0,
    y: 1.02,
    yanchor: "bottom",
    font: { color: style("--muted"), size: 12 },
    traceorder: "normal",
    itemsizing: "constant",
    ...legend,
  };
}

/** Layout of a figure in the colours and fonts of the page. */
function layoutOf(figure, size) {
  const ink = style("--ink");
  const own = painted(figure.layout);
  const names = Object.keys(own).filter((key) => /^[xy]axis/.test(key));
  for (const name of new Set([...names, "xaxis", "yaxis"])) {
    own[name] = axisOf(own[name] || {});
  }
  return {
    ...size,
    margin: { l: 48, r: 14, t: 26, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: ink, size: 13 },
    hovermode: "closest",
    hoverlabel: {
      bgcolor: style("--card"),
      bordercolor: style("--faint"),
      font: { color: ink, size: 13 },
      align: "left",
    },
    dragmode: "zoom",
    ...own,
    legend: legendOf(own.legend || {}),
  };
}

function draw(id) {
  const place = document.getElementById(id);
  const { figure, height } = DATA.charts[id];
  const size = { height };
  if (ROOT.classList.contains("print")) {
    size.width = place.clientWidth; // Plotly learns of a resize too late for the paper
  }
  return Plotly.react(place, painted(figure.data), layoutOf(figure, size), CONFIG);
}

/** Draw all charts, with pauses in which the page can be read; `data-drawn` says when they are there. */
async function drawAll() {
  delete ROOT.dataset.drawn;
  for (const id of Object.keys(DATA.charts)) {
    await draw(id);
    await new Promise((next) => setTimeout(next));
  }
  ROOT.dataset.drawn = "yes";
}

// ---- slices: all show the same, results at one budget or scores; a figure has its other views with it

/** Show a view in all charts that have it. */
function showView(number) {
  for (const [id, { figure }] of Object.entries(DATA.charts)) {
    if (!figure.views) {
      continue;
    }
    figure.views[0] = { data: figure.data, layout: figure.layout, ...figure.views[0] };
    const { data, layout } = figure.views[number];
    Object.assign(figure, { data, layout });
    Promise.resolve(draw(id)).then(() => keepRange(document.getElementById(id)));
  }
}

/** Take the axes of a chart, as they are now, for those that it began with. */
function keepRange(chart) {
  for (const axis of [chart._fullLayout.xaxis, chart._fullLayout.yaxis]) {
    [axis._rangeInitial0, axis._rangeInitial1] = axis.range;
  }
}

function offerViews() {
  const place = document.getElementById("views");
  const views = DATA.charts["chart-slice-0"]?.figure.views || [];
  if (!place || views.length < 2) {
    return;
  }
  const chooser = document.createElement("select");
  chooser.setAttribute("aria-label", "What the slices show");
  chooser.append(...views.map(({ title }, number) => new Option(title, number)));
  chooser.addEventListener("change", () => showView(Number(chooser.value)));
  place.append(chooser);
}

offerViews();

// ---- light and dark

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
let chosenTheme = ""; // by a click; until then the browser says

function preferredTheme() {
  return prefersDark.matches ? "dark" : "light";
}

function setTheme(name) {
  if (ROOT.dataset.theme === name) {
    return;
  }
  ROOT.dataset.theme = name;
  drawAll();
}

function followBrowser() {
  if (!chosenTheme) {
    setTheme(preferredTheme());
  }
}

function switchTheme() {
  chosenTheme = ROOT.dataset.theme === "dark" ? "light" : "dark";
  setTheme(chosenTheme);
}

document.getElementById("theme").addEventListener("click", switchTheme);
prefersDark.addEventListener("change", followBrowser);

// ---- the table: sorted and filtered here, and only the rows in sight are in the page

const ROW_HEIGHT = 28; // as in the style sheet
const ROWS_AHEAD = 12;
const ROWS_SHOWN = 60;
const ROWS_PRINTED = 40;
const DIGITS = 7;
const DIGITS_PRINTED = 4;

const OPERATORS = {
  "=": (a, b) => a == b,
  "!=": (a, b) => a != b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

const { names, columns, number: isNumeric, late: firstLate, rows: rowCount } = DATA.table;
const columnOf = new Map(names.map((name, column) => [name.toLowerCase(), column]));
const gridPlace = document.getElementById("grid");
const filterInput = document.getElementById("filter");
const countPlace = document.getElementById("count");
let order = []; // numbers of the rows that are listed
let sorting = { column: -1, down: false };

gridPlace.innerHTML = "<table><thead><tr></tr></thead><tbody></tbody></table>";
const gridHead = gridPlace.querySelector("tr");
const gridBody = gridPlace.querySelector("tbody");

/** What a cell holds; null for nothing. */
function valueAt(column, row) {
  const { values, words } = columns[column];
  return (words ? words[values[row]] : values[row]) ?? null;
}

function textAt(column, row, digits = DIGITS) {
  const value = valueAt(column, row);
  if (value === null) {
    return "";
  }
  const fraction = typeof value === "number" && !Number.isInteger(value);
  return String(fraction ? Number(value.toPrecision(digits)) : value);
}

function markCell(cell, column) {
  cell.classList.toggle("n", isNumeric[column]);
  cell.classList.toggle("late", column >= firstLate);
}

function sortBy(column) {
  sorting = { column, down: sorting.column === column && !sorting.down };
  arrange();
}

function makeHead() {
  for (const [column, name] of names.entries()) {
    const cell = document.createElement("th");
    cell.textContent = name.replace(/^param\./, "");
    cell.title = name;
    cell.tabIndex = 0;
    markCell(cell, column);
    cell.addEventListener("click", () => sortBy(column));
    cell.addEventListener("keydown", (event) => event.key === "Enter" && sortBy(column));
    gridHead.append(cell);
  }
}

function markSorted() {
  for (const [column, cell] of [...gridHead.children].entries()) {
    if (column === sorting.column) {
      cell.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    } else {
      cell.removeAttribute("aria-sort");
    }
  }
}

/** A word of the filter as a test of a row: "column<number", or a text that is anywhere in it. */
function testOf(word) {
  const match = /^([\w.\-\/]+)(!=|<=|>=|=|<|>)(.*)$/.exec(word);
  const name = match ? match[1].toLowerCase() : "";
  const column = columnOf.get(name) ?? columnOf.get(`param.${name}`);
  if (column === undefined) {
    const wanted = word.toLowerCase();
    return (row) => names.some((_, any) => textAt(any, row).toLowerCase().includes(wanted));
  }
  const holds = OPERATORS[match[2]];
  const wanted = isNumeric[column] ? Number(match[3]) : match[3];
  return (row) => {
    const value = valueAt(column, row);
    return value !== null && holds(isNumeric[column] ? value : String(value), wanted);
  };
}

/** Order of two rows by the column that was clicked: nothing comes last, equals stay as they are. */
function compare(one, other) {
  const x = valueAt(sorting.column, one);
  const y = valueAt(sorting.column, other);
  if (x === null || y === null) {
    return (x === null) - (y === null) || one - other;
  }
  if (x === y) {
    return one - other;
  }
  return (x < y) === sorting.down ? 1 : -1;
}

function tellCount(shown) {
  countPlace.textContent = `${shown.toLocaleString("en")} of ${rowCount.toLocaleString("en")} trainings`;
}

/** Filter and sort. */
function arrange() {
  const tests = filterInput.value.trim().split(/\s+/).filter(Boolean).map(testOf);
  order = [...Array(rowCount).keys()].filter((row) => tests.every((test) => test(row)));
  if (sorting.column >= 0) {
    order.sort(compare);
  }
  markSorted();
  tellCount(order.length);
  gridPlace.scrollTop = 0;
  showRows();
}

/** An empty row, as high as those that are not in the page. */
function spacer(rows) {
  const line = document.createElement("tr");
  line.className = "pad";
  line.innerHTML = `<td colspan="${names.length}" style="height:${rows * ROW_HEIGHT}px"></td>`;
  return line;
}

function lineOf(row, digits = DIGITS) {
  const line = document.createElement("tr");
  for (const [column, name] of names.entries()) {
    const cell = document.createElement("td");
    cell.textContent = textAt(column, row, digits);
    markCell(cell, column);
    if (cell.textContent.length > 40) {
      cell.title = cell.textContent; // it may be cut off
    }
    if (name === "status" && cell.textContent === "failed") {
      cell.classList.add("fail");
    }
    line.append(cell);
  }
  return line;
}

function showRows() {
  const from = Math.max(0, Math.floor(gridPlace.scrollTop / ROW_HEIGHT) - ROWS_AHEAD);
  const to = Math.min(order.length, from + ROWS_SHOWN);
  const lines = order.slice(from, to).map((row) => lineOf(row));
  gridBody.replaceChildren(spacer(from), ...lines, spacer(order.length - to));
}

function showRowsOnPaper() {
  const printed = order.slice(0, ROWS_PRINTED);
  gridBody.replaceChildren(...printed.map((row) => lineOf(row, DIGITS_PRINTED)));
  tellCount(printed.length);
}

gridPlace.addEventListener("scroll", showRows, { passive: true });
filterInput.addEventListener("input", arrange);

// ---- paper: light, and as wide as it is, before charts are drawn

let themeBeforePrint = "";

function beforePrint() {
  themeBeforePrint = ROOT.dataset.theme;
  ROOT.dataset.theme = "light";
  ROOT.classList.add("print");
  for (const id of Object.keys(DATA.charts)) {
    draw(id);
  }
  showRowsOnPaper();
}

function afterPrint() {
  ROOT.classList.remove("print");
  ROOT.dataset.theme = ""; // so that all is drawn again
  setTheme(themeBeforePrint);
  tellCount(order.length);
  showRows();
}

addEventListener("beforeprint", beforePrint);
addEventListener("afterprint", afterPrint);

makeHead();
arrange();
setTheme(preferredTheme());
