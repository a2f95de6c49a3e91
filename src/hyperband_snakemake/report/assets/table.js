// ---- the table: sorted and filtered here; only visible rows are in the page

const ROW_HEIGHT = 28; // as in the style sheet
const ROWS_AHEAD = 12;
const ROWS_SHOWN = 60;

const gridPlace = document.getElementById("grid");
const filterInput = document.getElementById("filter");
const countPlace = document.getElementById("count");
const problemPlace = document.getElementById("problems");
const gridHead = make("tr");
const gridBody = make("tbody");
gridPlace.append(make("table", { "aria-label": "All training runs" }, make("thead", {}, gridHead), gridBody));

const shownColumns = new Set(DATA.table.shown.map((name) => columnNamed.get(name)));
let order = allRows; // indices of the listed rows
let passing = new Set(allRows); // the same, as a set
let sorting = []; // {column, down}, the last that was asked for first
const brushTests = new Map(); // further filters: tests for a row, by name

function listedColumns() {
  const ordered = DATA.table.shown.map((name) => columnNamed.get(name));
  const others = columns.map((_, column) => column).filter((column) => !ordered.includes(column));
  return [...ordered, ...others].filter((column) => shownColumns.has(column));
}

function sortBy(column) {
  const before = sorting.find((key) => key.column === column);
  const isFirst = sorting[0] === before;
  sorting = [{ column, down: Boolean(before && isFirst && !before.down) }, ...sorting.filter((key) => key !== before)];
  arrange();
  announce(`Sorted by ${shortName(column)}, ${sorting[0].down ? "descending" : "ascending"}`);
}

function makeHead() {
  const cells = listedColumns().map((column) => {
    const button = make("button", { type: "button", title: `Sort by ${columns[column].name}`, onclick: () => sortBy(column) }, shortName(column));
    return make("th", { scope: "col", class: columns[column].number ? "n" : null, "data-column": column }, button);
  });
  gridHead.replaceChildren(...cells);
  markSorted();
}

function markSorted() {
  for (const cell of gridHead.children) {
    const isFirst = Number(cell.dataset.column) === sorting[0]?.column;
    if (isFirst) {
      cell.setAttribute("aria-sort", sorting[0].down ? "descending" : "ascending");
    } else {
      cell.removeAttribute("aria-sort");
    }
  }
}

/** Order of two rows by the clicked columns, last clicked first; missing values come last in any order. */
function compareRows(one, other) {
  for (const { column, down } of sorting) {
    const [x, y] = [valueAt(column, one), valueAt(column, other)];
    const found = compareValues(x, y);
    if (found) {
      return x === undefined || y === undefined || !down ? found : -found;
    }
  }
  return one - other;
}

function tellCount(shown, what = "training runs") {
  countPlace.textContent = `${shown.toLocaleString("en")} of ${rowCount.toLocaleString("en")} ${what}`;
}

function tellProblems({ problems, notes }) {
  const nothing = !order.length && rowCount ? [`No training run passes ${brushTests.size ? "the filter and the brushes" : "all terms"}.`] : [];
  problemPlace.textContent = [...problems.map((problem) => `${problem} This term is left out.`), ...notes, ...nothing].join(" ");
  filterInput.toggleAttribute("aria-invalid", problems.length > 0);
}

/** Filter and sort. */
function arrange() {
  const found = readFilter(filterInput.value);
  const tests = [...found.tests, ...brushTests.values()];
  order = allRows.filter((row) => tests.every((test) => test(row)));
  passing = new Set(order);
  if (sorting.length) {
    order.sort(compareRows);
  }
  tellProblems(found);
  markSorted();
  tellCount(order.length);
  document.getElementById("clear").hidden = !filterInput.value && !brushTests.size;
  gridPlace.scrollTop = 0;
  showRows();
  tell("filtered");
}

/** An empty row, as high as all rows that are not in the page. */
function spacer(rows) {
  const cell = make("td", { colspan: shownColumns.size });
  cell.style.height = `${rows * ROW_HEIGHT}px`;
  return make("tr", { class: "pad", "aria-hidden": "true" }, cell);
}

function cellOf(column, row, digits) {
  const text = textAt(column, row, digits);
  const { name, number } = columns[column];
  const isFailed = name === "status" && text === "failed";
  const cell = make("td", { class: number ? "n" : isFailed ? "fail" : null, title: text.length > 40 ? text : null });
  cell.append(SLOT.test(text) && rowAt.has(text) ? make("a", { href: `#${text}` }, text) : text);
  return cell;
}

function lineOf(row) {
  const line = make("tr", { "data-row": row, class: isSelected(row) ? "selected" : null });
  line.append(...listedColumns().map((column) => cellOf(column, row, DIGITS)));
  return line;
}

function showRows() {
  const focused = gridBody.contains(document.activeElement) ? document.activeElement.closest("tr")?.dataset.row : undefined;
  const from = Math.max(0, Math.floor(gridPlace.scrollTop / ROW_HEIGHT) - ROWS_AHEAD);
  const to = Math.min(order.length, from + ROWS_SHOWN);
  const lines = order.slice(from, to).map((row) => lineOf(row));
  gridBody.replaceChildren(spacer(from), ...lines, spacer(order.length - to));
  if (focused !== undefined) {
    linkOf(Number(focused))?.focus({ preventScroll: true });
  }
}

function linkOf(row) {
  return gridBody.querySelector(`tr[data-row="${row}"] a`);
}

/** Arrow keys move from row to row. */
function stepRows(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity };
  const line = event.target.closest("tbody tr");
  if (!line || !(event.key in steps)) {
    return;
  }
  event.preventDefault();
  const at = order.indexOf(Number(line.dataset.row)) + steps[event.key];
  const row = order[Math.max(0, Math.min(order.length - 1, at))];
  const top = order.indexOf(row) * ROW_HEIGHT;
  if (top < gridPlace.scrollTop || top > gridPlace.scrollTop + gridPlace.clientHeight - 3 * ROW_HEIGHT) {
    gridPlace.scrollTop = Math.max(0, top - gridPlace.clientHeight / 2);
    showRows();
  }
  linkOf(row)?.focus({ preventScroll: true });
}

function clickRow(event) {
  const line = event.target.closest("tr[data-row]");
  if (line && !event.target.closest("a") && !getSelection().toString()) {
    openPanel(paths[Number(line.dataset.row)], linkOf(Number(line.dataset.row)));
  }
}

// ---- which columns are shown

function makeColumnChoice() {
  const boxes = columns.map((_, column) => {
    const box = make("input", { type: "checkbox", checked: shownColumns.has(column) });
    box.addEventListener("change", () => {
      shownColumns[box.checked ? "add" : "delete"](column);
      makeHead();
      showRows();
    });
    return make("label", {}, box, ` ${shortName(column)}`);
  });
  document.getElementById("columns").append(...boxes);
}

// ---- the table as a file

function csvCell(text) {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A cell in which None, missing values and similar-looking texts are distinct. */
function writtenCell(column, row) {
  const value = valueAt(column, row);
  const { param, written } = columns[column];
  const isOwn = typeof value === "string" && param && !written; // a text from the search, not converted from another value
  return csvCell(isOwn && (value === "" || value === "null" || value.startsWith('"')) ? JSON.stringify(value) : textOf(value, 17));
}

/** The listed rows with all columns, as `hyband export` writes them. */
function csvText() {
  const head = columns.map(({ name }) => csvCell(name)).join(",");
  const lines = order.map((row) => columns.map((_, column) => writtenCell(column, row)).join(","));
  return [head, ...lines].join("\n") + "\n";
}

gridPlace.addEventListener("scroll", showRows, { passive: true });
gridPlace.addEventListener("keydown", stepRows);
gridBody.addEventListener("click", clickRow);
filterInput.addEventListener("input", settled(rowCount > 5000 ? 150 : 0, arrange));
document.getElementById("csv").addEventListener("click", () => save(`${DATA.name}.csv`, csvText(), "text/csv"));
document.getElementById("clear").addEventListener("click", () => {
  filterInput.value = "";
  tell("cleared");
  arrange();
  filterInput.focus();
});
