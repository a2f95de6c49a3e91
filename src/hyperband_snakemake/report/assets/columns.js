// ---- the columns of all training runs; undefined is a missing value, null is None

const { columns, rows: rowCount, maximize } = DATA.table;
const columnNamed = new Map(columns.map((column, number) => [column.name, number]));
const PATH = columnNamed.get("path");
const paths = rowCount ? columns[PATH].words || [columns[PATH].value] : []; // all different, so they are in order
const rowAt = new Map(paths.map((path, row) => [path, row]));
const DIGITS = 7;

for (const column of columns) {
  column.noneRows = new Set(column.none || []);
}

function valueAt(column, row) {
  const { value, values, words, rows: isLink, noneRows } = columns[column];
  if (!values) {
    return value;
  }
  const found = values[row];
  if (isLink || words) {
    return found < 0 ? undefined : (isLink ? paths : words)[found];
  }
  return found === null ? (noneRows.has(row) ? null : undefined) : found;
}

function valueOf(name, row) {
  return valueAt(columnNamed.get(name), row);
}

/** A value as the search's tables write it. */
function textOf(value, digits = DIGITS) {
  if (value === undefined) {
    return "";
  }
  if (value === null) {
    return "null";
  }
  if (typeof value === "boolean") {
    return String(value);
  }
  const fraction = typeof value === "number" && !Number.isInteger(value);
  return String(fraction ? Number(value.toPrecision(digits)) : value);
}

function textAt(column, row, digits = DIGITS) {
  return textOf(valueAt(column, row), digits);
}

/** A column's name for people: a parameter's own name, unless it is taken by one of our columns. */
function shortName(column) {
  const { name, param } = columns[column];
  const own = param ? name.slice("param.".length) : name;
  return param && columnNamed.has(own) ? name : own;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Order of two values: numbers, then texts (config-2 before config-10), then None, then missing values. */
function compareValues(x, y) {
  const kinds = [x, y].map((value) => (value === undefined ? 3 : value === null ? 2 : typeof value === "number" ? 0 : 1));
  if (kinds[0] !== kinds[1] || kinds[0] > 1) {
    return kinds[0] - kinds[1];
  }
  return kinds[0] === 0 ? x - y : collator.compare(textOf(x), textOf(y));
}

/** Distinct values of a column in some rows, in order. */
function differentValues(column, rows) {
  const found = new Set();
  for (const row of rows) {
    found.add(valueAt(column, row));
  }
  found.delete(undefined);
  return [...found].sort(compareValues);
}

// ---- configurations: the row of each in stage 0, and how it did there

const allRows = [...Array(rowCount).keys()];
const bornRows = allRows.filter((row) => valueOf("stage", row) === 0);

/** Rows of one configuration, smallest budget first. */
const lifeOf = new Map();
for (const row of allRows) {
  const root = valueOf("root", row) ?? paths[row];
  if (!lifeOf.has(root)) {
    lifeOf.set(root, []);
  }
  lifeOf.get(root).push(row);
}
for (const life of lifeOf.values()) {
  life.sort((one, other) => valueOf("stage", one) - valueOf("stage", other));
}

function lifeAt(row) {
  return lifeOf.get(valueOf("root", row) ?? paths[row]);
}

function bornAt(row) {
  return lifeAt(row)[0];
}

/** Share in percent of other configurations first trained with the same budget that were better; equals share a place. */
function scoresAtBirth() {
  const byBudget = new Map();
  for (const row of bornRows) {
    if (valueOf("result", row) !== undefined) {
      const budget = valueOf("budget", row);
      if (!byBudget.has(budget)) {
        byBudget.set(budget, []);
      }
      byBudget.get(budget).push(row);
    }
  }
  const scores = new Map();
  for (const rows of byBudget.values()) {
    const badness = (row) => (maximize ? -1 : 1) * valueOf("result", row);
    rows.sort((one, other) => badness(one) - badness(other));
    for (let from = 0; from < rows.length && rows.length > 1; ) {
      let to = from;
      while (to < rows.length && badness(rows[to]) === badness(rows[from])) {
        to += 1;
      }
      for (const row of rows.slice(from, to)) {
        scores.set(row, (100 * (from + to - 1)) / 2 / (rows.length - 1));
      }
      from = to;
    }
  }
  return scores;
}
