// ---- quantities that an axis or a colour can show, and the position of a value on it, from 0 to 1

const LONGEST_LABEL = 18;
const NONE_BAND = 0.12; // share of a numeric axis that is reserved for None

const scores = scoresAtBirth();

/** Row of a configuration (given by its row in stage 0) at one budget. */
function rowAtBudget(row, budget) {
  return lifeAt(row).find((other) => valueOf("budget", other) === budget);
}

/** A number that the table has as text because it is too large, as precisely as a script can represent it. */
function numberFrom(value) {
  const number = typeof value === "string" ? Number(value) : value;
  return Number.isNaN(number) ? undefined : number;
}

const budgets = differentValues(columnNamed.get("budget"), allRows);
const quantities = [
  ...DATA.table.parameters.map(({ column: name, name: label, levels, log }) => {
    const column = columnNamed.get(name);
    const value = levels ? (row) => valueAt(column, row) : (row) => numberFrom(valueAt(column, row));
    return { key: name, label, log, order: levels, kind: "parameter", value, text: (row, digits) => textAt(column, row, digits) };
  }),
  { key: "score", label: "initial score", unit: " %", kind: "result", better: -1, isFlipped: true, value: (row) => scores.get(row) },
  ...budgets.map((budget) => ({
    key: `result at ${budget}`,
    label: `result at budget ${textOf(budget, 6)}`,
    kind: "result",
    better: maximize ? 1 : -1,
    value: (row) => {
      const other = rowAtBudget(row, budget);
      return other === undefined ? undefined : valueOf("result", other);
    },
  })),
  { key: "seconds", label: "seconds of the first training run", kind: "cost", better: -1, value: (row) => valueOf("total_seconds", row) },
].filter(({ value, order }) => bornRows.some((row) => (order ? value(row) !== undefined : typeof value(row) === "number")));
const quantityNamed = new Map(quantities.map((quantity) => [quantity.key, quantity]));

/** A quantity with its scale: the `place` of a value, and labels with their places. */
function scaleOf(quantity) {
  quantity.scale ||= quantity.order ? levelScale(quantity) : numberScale(quantity);
  return quantity.scale;
}

function levelScale({ value, order }) {
  const known = new Map(order.map((level, number) => [level, number]));
  const levels = [...new Set(bornRows.map(value))].filter((level) => level !== undefined);
  const at = (level) => known.get(level) ?? known.size;
  levels.sort((one, other) => at(one) - at(other) || compareValues(one, other));
  const places = new Map(levels.map((level, number) => [level, levels.length > 1 ? number / (levels.length - 1) : 0.5]));
  const names = distinctLabels(levels);
  return {
    levels,
    names,
    place: (found) => places.get(found),
    labels: levels.map((level, number) => ({ at: places.get(level), text: names[number] })),
    textAt: (at) => names[Math.round(at * (levels.length - 1))],
  };
}

function numberScale({ value, log, isFlipped }) {
  const values = bornRows.map(value);
  const numbers = values.filter((found) => typeof found === "number").sort((one, other) => one - other);
  const hasNone = values.some((found) => found === null);
  const isLog = Boolean(log) && numbers[0] > 0;
  const [f, back] = isLog ? [Math.log10, (found) => 10 ** found] : [(found) => found, (found) => found];
  const low = f(numbers[0]);
  const high = f(numbers[numbers.length - 1]);
  const bottom = hasNone ? NONE_BAND : 0;
  const place = (found) => {
    if (typeof found !== "number") {
      return found === null ? 0 : undefined;
    }
    const at = high > low ? bottom + ((f(found) - low) / (high - low)) * (1 - bottom) : (1 + bottom) / 2;
    return isFlipped ? 1 - at : at; // the best is on top
  };
  const ends = high > low ? [numbers[0], numbers[numbers.length - 1]] : [numbers[0]];
  const ticks = ticksBetween(low, high, isLog);
  const labels = [...ends, ...ticks].map((found) => ({ at: place(found), text: brief(found) }));
  return {
    log: isLog,
    ticks,
    place,
    labels: [...(hasNone ? [{ at: 0, text: "null" }] : []), ...withRoom(labels)],
    textAt: (at) => {
      const share = ((isFlipped ? 1 - at : at) - bottom) / (1 - bottom);
      return share < 0 ? "null" : brief(back(low + share * (high - low)), 3);
    },
  };
}

/** About five round numbers between `low` and `high`; powers of ten on a logarithmic scale. */
function ticksBetween(low, high, isLog) {
  if (!(high > low)) {
    return [];
  }
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = isLog ? Math.max(1, Math.round(rough)) : [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const ticks = [];
  for (let number = Math.ceil(low / step); number * step <= high; number += 1) {
    ticks.push(isLog ? 10 ** (number * step) : Number((number * step).toPrecision(12)));
  }
  return ticks;
}

/** Labels that do not overlap earlier ones. */
function withRoom(labels) {
  const kept = [];
  for (const label of labels) {
    if (kept.every((other) => Math.abs(other.at - label.at) > 0.06)) {
      kept.push(label);
    }
  }
  return kept;
}

/** Short, distinct texts for values: common beginnings are left out first. */
function distinctLabels(values, longest = LONGEST_LABEL) {
  const same = new Set();
  const texts = values.map((value) => visible(textOf(value, 6)));
  const twice = texts.map((text, i) => texts.indexOf(text) !== i || texts.lastIndexOf(text) !== i);
  const plain = texts.map((text, i) => (twice[i] && typeof values[i] === "string" ? `'${text}'` : text)); // '1' beside 1
  return plain.map((text) => {
    const common = plain.filter((other) => other !== text && other.slice(0, longest - 1) === text.slice(0, longest - 1));
    let short = shortened(text, longest, common.length ? commonStart([text, ...common]) : 0);
    for (let number = 2; same.has(short); number += 1) {
      short = `${shortened(text, longest - 4, 0)} (${number})`;
    }
    same.add(short);
    return short;
  });
}

function commonStart(texts) {
  let length = 0;
  while (texts.every((text) => length < text.length && text[length] === texts[0][length])) {
    length += 1;
  }
  return length;
}

function shortened(text, longest, from) {
  if (text.length <= longest) {
    return text;
  }
  const start = from ? Math.min(Math.max(0, from - 3), text.length - longest + 1) : 0;
  const rest = start ? `…${text.slice(start)}` : text;
  return rest.length <= longest ? rest : `${rest.slice(0, longest - 1)}…`;
}

/** A text with line ends, and blanks without other text, made visible. */
function visible(text) {
  const shown = text.replaceAll("\n", "⏎").replaceAll("\t", "⇥").replaceAll("\r", "");
  return shown.trim() ? shown : `'${shown}'`;
}

/** A text escaped for Plotly, which would interpret <b> and $x$ as markup. */
function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("$", "&#36;").replace(/^--/, "&#45;-");
}

/** How good a configuration is in a quantity, from 0 to 1, by its rank among all; for colours. */
function goodness(quantity) {
  if (!quantity.goodness) {
    const known = bornRows.filter((row) => quantity.value(row) !== undefined);
    const sign = quantity.better ?? 1;
    const { order } = quantity;
    const place = order ? scaleOf(quantity).place : null;
    const key = (row) => (place ? place(quantity.value(row)) : quantity.value(row) ?? -Infinity);
    known.sort((one, other) => sign * (key(one) - key(other)));
    quantity.goodness = new Map(known.map((row, number) => [row, known.length > 1 ? number / (known.length - 1) : 1]));
  }
  return quantity.goodness;
}

/** Options for a select element, grouped by kind. */
function fillChoice(select, chosen, kinds = ["parameter", "result", "cost"]) {
  const titles = { parameter: "Parameters", result: "Results", cost: "Cost" };
  for (const kind of kinds) {
    const own = quantities.filter((quantity) => quantity.kind === kind);
    if (own.length) {
      select.append(make("optgroup", { label: titles[kind] }, ...own.map(({ key, label }) => make("option", { value: key }, label))));
    }
  }
  select.value = chosen;
}

// ---- configurations that pass the filter and the brushes

let passingBorn = new Set(bornRows);

when("filtered", () => {
  passingBorn = order.length === rowCount ? new Set(bornRows) : new Set(order.map(bornAt));
});
