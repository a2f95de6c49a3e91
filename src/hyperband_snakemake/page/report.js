"use strict";
const DATA = JSON.parse(document.getElementById("data").textContent);
const ROOT = document.documentElement;

// ---- colours: words in the figures, looked up in the style sheet, so that one figure fits light and dark
const style = (name) => getComputedStyle(ROOT).getPropertyValue(name).trim();
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
function depth(at) {
  const [a, b, t] = at <= 0.5 ? ["--low", "--middle", at * 2] : ["--middle", "--high", at * 2 - 1];
  const [from, to] = [rgb(style(a)), rgb(style(b))];
  return `rgb(${from.map((v, i) => Math.round(v + t * (to[i] - v)))})`;
}
function painted(value) {
  if (Array.isArray(value)) {
    const last = value[value.length - 1]; // long rows of numbers, with null where a line breaks, have no colours
    return value.length > 20 && (last === null || typeof last === "number") ? value : value.map(painted);
  }
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v)]));
  if (typeof value !== "string" || !value.startsWith("--")) return value;
  return value.startsWith("--depth:") ? depth(Number(value.slice(8))) : style(value);
}
function layoutOf(figure, height, width) {
  const ink = style("--ink"), muted = style("--muted"), grid = style("--grid");
  const layout = painted(figure.layout);
  for (const key of new Set([...Object.keys(layout).filter((k) => /^[xy]axis/.test(k)), "xaxis", "yaxis"])) {
    const axis = layout[key] || {};
    layout[key] = { gridcolor: grid, linecolor: grid, tickcolor: grid, zeroline: false, automargin: true, exponentformat: "power", tickfont: { color: muted, size: 12 }, ...axis,
      title: { font: { color: muted, size: 13 }, standoff: 8, ...(axis.title || {}) } };
  }
  return { height, ...width, margin: { l: 48, r: 14, t: 26, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: ink, size: 13 }, hovermode: "closest",
    hoverlabel: { bgcolor: style("--card"), bordercolor: style("--faint"), font: { color: ink, size: 13 }, align: "left" },
    dragmode: "zoom", ...layout, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { color: muted, size: 12 }, traceorder: "normal", itemsizing: "constant", ...(layout.legend || {}) } };
}
const CONFIG = { responsive: true, displaylogo: false, displayModeBar: false };
function draw(id) {
  const place = document.getElementById(id), { figure, height } = DATA.charts[id];
  const width = ROOT.classList.contains("print") ? { width: place.clientWidth } : {};
  return Plotly.react(place, painted(figure.data), layoutOf(figure, height, width), CONFIG);
}
async function drawAll() {
  delete ROOT.dataset.drawn;
  for (const id of Object.keys(DATA.charts)) {
    await draw(id);
    await new Promise((next) => setTimeout(next));
  }
  ROOT.dataset.drawn = "yes";
}

// ---- light and dark
const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = "";
function theme(name) {
  if (ROOT.dataset.theme === name) return;
  ROOT.dataset.theme = name;
  drawAll();
}
document.getElementById("theme").onclick = () => theme((chosen = ROOT.dataset.theme === "dark" ? "light" : "dark"));
dark.addEventListener("change", () => chosen || theme(dark.matches ? "dark" : "light"));
let before = "";
addEventListener("beforeprint", () => {
  before = ROOT.dataset.theme;
  ROOT.dataset.theme = "light";
  ROOT.classList.add("print"); // as wide as the paper, before charts are drawn
  for (const id of Object.keys(DATA.charts)) draw(id);
  grid.print(40);
});
addEventListener("afterprint", () => { ROOT.classList.remove("print"); ROOT.dataset.theme = ""; theme(before); grid.show(); });

// ---- the table: sorted and filtered here, and only the rows in sight are in the page
const grid = (() => {
  const { names, columns, number, late } = DATA.table, HEIGHT = 28;
  const at = Object.fromEntries(names.map((name, i) => [name.toLowerCase(), i]));
  const place = document.getElementById("grid"), count = document.getElementById("count"), input = document.getElementById("filter");
  const value = (i, row) => { const c = columns[i]; return c.words ? c.words[c.values[row]] ?? null : c.values[row]; };
  const text = (i, row) => { const v = value(i, row); return v === null || v === undefined ? "" : typeof v === "number" && !Number.isInteger(v) ? String(Number(v.toPrecision(7))) : String(v); };
  const OPS = { "=": (a, b) => a == b, "!=": (a, b) => a != b, "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b };
  let order = [], sort = { column: -1, down: false };
  place.innerHTML = `<table><thead><tr></tr></thead><tbody></tbody></table>`;
  const head = place.querySelector("tr"), body = place.querySelector("tbody");
  for (const [i, name] of names.entries()) {
    const cell = document.createElement("th");
    cell.textContent = name.replace(/^param\./, "");
    cell.title = name;
    kind(cell, i);
    cell.tabIndex = 0;
    cell.onclick = () => { sort = { column: i, down: sort.column === i && !sort.down }; arrange(); };
    cell.onkeydown = (event) => event.key === "Enter" && cell.onclick();
    head.append(cell);
  }
  function kind(cell, i) {
    cell.classList.toggle("n", number[i]);
    cell.classList.toggle("late", i >= late);
  }
  function term(word) {
    const match = /^([\w.\-\/]+)(!=|<=|>=|=|<|>)(.*)$/.exec(word);
    const i = match ? at[match[1].toLowerCase()] ?? at["param." + match[1].toLowerCase()] : undefined;
    if (i === undefined) { const low = word.toLowerCase(); return (row) => names.some((_, j) => text(j, row).toLowerCase().includes(low)); }
    const wanted = number[i] ? Number(match[3]) : match[3], op = OPS[match[2]];
    return (row) => { const v = value(i, row); return v !== null && v !== undefined && op(number[i] ? v : String(v), wanted); };
  }
  function arrange() {
    const terms = input.value.trim().split(/\s+/).filter(Boolean).map(term);
    order = [];
    for (let row = 0; row < DATA.table.rows; row++) if (terms.every((t) => t(row))) order.push(row);
    if (sort.column >= 0) {
      const sign = sort.down ? -1 : 1, i = sort.column;
      order.sort((a, b) => {
        const [x, y] = [value(i, a), value(i, b)], [nx, ny] = [x === null || x === undefined, y === null || y === undefined];
        return nx || ny ? nx - ny || a - b : x < y ? -sign : x > y ? sign : a - b;
      });
    }
    [...head.children].forEach((cell, j) => j === sort.column ? cell.setAttribute("aria-sort", sort.down ? "descending" : "ascending") : cell.removeAttribute("aria-sort"));
    count.textContent = `${order.length.toLocaleString("en")} of ${DATA.table.rows.toLocaleString("en")} trainings`;
    place.scrollTop = 0;
    show();
  }
  const pad = (height) => { const row = document.createElement("tr"); row.className = "pad"; row.innerHTML = `<td colspan="${names.length}" style="height:${height}px"></td>`; return row; };
  function fill(from, to) {
    const rows = [];
    for (const row of order.slice(from, to)) {
      const line = document.createElement("tr");
      for (const [i, name] of names.entries()) {
        const cell = document.createElement("td");
        cell.textContent = text(i, row);
        kind(cell, i);
        if (cell.textContent.length > 40) cell.title = cell.textContent;
        if (name === "status" && cell.textContent === "failed") cell.classList.add("fail");
        line.append(cell);
      }
      rows.push(line);
    }
    return rows;
  }
  function show() {
    const from = Math.max(0, Math.floor(place.scrollTop / HEIGHT) - 12), to = Math.min(order.length, from + 60);
    body.replaceChildren(pad(from * HEIGHT), ...fill(from, to), pad((order.length - to) * HEIGHT));
  }
  place.addEventListener("scroll", show, { passive: true });
  input.addEventListener("input", arrange);
  arrange();
  return { show, print: (most) => body.replaceChildren(...fill(0, most)) };
})();

theme(dark.matches ? "dark" : "light");
