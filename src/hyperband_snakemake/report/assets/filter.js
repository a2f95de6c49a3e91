// ---- the filter: words anywhere in a row, and terms such as "learning rate" < 0.01

const OPERATOR = /^(?:!=|<=|>=|=|<|>)/;
const HOLDS = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};
const NAMED_VALUES = 6; // values of a column that a message lists

/** Parts of a filter: {word, quoted} or {name, operator, value, quoted}. */
function partsOf(text) {
  const parts = [];
  let rest = text.trimStart();
  while (rest) {
    const first = operandOf(rest, true);
    rest = first.rest.trimStart();
    const operator = OPERATOR.exec(rest)?.[0];
    if (!operator) {
      parts.push({ word: first.text });
      rest = first.rest.trimStart();
      continue;
    }
    const second = operandOf(rest.slice(operator.length).trimStart(), false);
    parts.push({ name: first.text, operator, value: second.text, quoted: second.quoted });
    rest = second.rest.trimStart();
  }
  return parts;
}

/** The first name or value of a text, in quotes or until a blank; a name ends at an operator as well. */
function operandOf(text, isName) {
  const quote = text[0];
  const end = quote === '"' || quote === "'" ? text.indexOf(quote, 1) : -1;
  if (end > 0) {
    return { text: text.slice(1, end), rest: text.slice(end + 1), quoted: true };
  }
  const found = (isName ? /^(?:[^\s=<>!]|!(?!=))*/ : /^\S*/).exec(text)[0];
  return { text: found, rest: text.slice(found.length), quoted: false };
}

/** The column with a name: exactly, for a parameter with or without "param.", else ignoring case. */
function findColumn(name) {
  const exact = columnNamed.get(name) ?? columnNamed.get(`param.${name}`);
  if (exact !== undefined) {
    return { column: exact };
  }
  const folded = name.normalize().toLowerCase();
  const alike = columns.flatMap((column, number) => {
    const full = column.name.normalize().toLowerCase();
    return full === folded || full === `param.${folded}` ? [number] : [];
  });
  return alike.length === 1 ? { column: alike[0] } : { problem: noColumn(name, alike) };
}

function noColumn(name, alike) {
  if (alike.length) {
    return `“${name}” may be ${alike.map((column) => `“${shortName(column)}”`).join(" or ")}: write it with the same capitals.`;
  }
  const names = columns.map((_, column) => shortName(column));
  const near = names.filter((other) => isNear(name.toLowerCase(), other.toLowerCase()));
  const hint = near.length ? `Is it ${near.slice(0, 3).map((other) => `“${other}”`).join(" or ")}?` : `Columns: ${names.join(", ")}.`;
  return name ? `No column is called “${name}”. ${hint}` : "A term begins with the name of a column, such as budget >= 9.";
}

/** Whether two names are similar: one contains the other, or they differ by a letter or two. */
function isNear(one, other) {
  if (one.length > 2 && (other.includes(one) || one.includes(other))) {
    return true;
  }
  let line = [...Array(other.length + 1).keys()];
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next.push(Math.min(next[j - 1] + 1, line[j] + 1, line[j - 1] + (one[i - 1] !== other[j - 1])));
    }
    line = next;
  }
  return line[other.length] <= (one.length > 4 ? 2 : 1);
}

/** A word as a test for a row: it occurs in one of its columns. */
function wordTest(word) {
  const wanted = word.toLowerCase();
  const tests = columns.map((column, number) => {
    if (column.words || column.rows) {
      const texts = (column.rows ? paths : column.words).map((value) => textOf(value, 17).toLowerCase().includes(wanted));
      return (row) => texts[column.values[row]] === true;
    }
    const isPossible = column.values === undefined || /\d|null/.test(wanted);
    return isPossible ? (row) => textAt(number, row, 17).toLowerCase().includes(wanted) : () => false;
  });
  return { test: (row) => tests.some((test) => test(row)) };
}

/** A term as a test for a row, or the problem with it. */
function termTest({ name, operator, value, quoted }) {
  const { column, problem } = findColumn(name);
  if (problem) {
    return { problem };
  }
  const shown = shortName(column);
  if (!value && !quoted) {
    return { problem: `A value is missing after “${shown} ${operator}”.` };
  }
  const isEqual = operator === "=" || operator === "!=";
  if (!quoted && isEqual && ["none", "null", "absent"].includes(value.toLowerCase())) {
    return missingTest(column, operator, value);
  }
  const number = Number(value);
  if (columns[column].number) {
    if (quoted || value === "" || Number.isNaN(number)) {
      return { problem: `“${shown}” holds numbers, and “${value}” is not one.` };
    }
    return { test: comparison(column, operator, (found) => found - number) };
  }
  return textTest(column, operator, value, number);
}

/** None is a value (in our own columns: no value); absent is a parameter that the configuration does not have. */
function missingTest(column, operator, value) {
  const isAbsent = value.toLowerCase() === "absent" || !columns[column].param;
  const isWanted = (row) => {
    const found = valueAt(column, row);
    return isAbsent ? found === undefined : found === null || (typeof found === "string" && found === value);
  };
  if (!isAbsent && !allRows.some(isWanted)) {
    const name = shortName(column);
    return { problem: `“${name}” is never None; ${name}=absent asks for configurations that do not have it.` };
  }
  return { test: (row) => isWanted(row) === (operator === "=") };
}

function textTest(column, operator, value, number) {
  const texts = new Set(allRows.map((row) => textAt(column, row, 17)));
  const exact = texts.has(value);
  const folded = value.toLowerCase();
  const alike = exact || [...texts].some((text) => text.toLowerCase() === folded);
  if ((operator === "=" || operator === "!=") && !alike) {
    const known = differentValues(column, allRows).map((found) => textOf(found));
    const told = known.slice(0, NAMED_VALUES).join(", ") + (known.length > NAMED_VALUES ? ", ..." : "");
    return { test: (row) => operator === "!=" && valueAt(column, row) !== undefined, note: `“${shortName(column)}” is never “${value}”. It is ${told}.` };
  }
  const isNumeric = value !== "" && !Number.isNaN(number);
  return {
    test: comparison(column, operator, (found) => {
      if (typeof found === "number" && isNumeric) {
        return found - number;
      }
      const text = textOf(found, 17);
      if (operator === "=" || operator === "!=") {
        return exact ? Number(text !== value) : Number(text.toLowerCase() !== folded);
      }
      return collator.compare(text, value);
    }),
  };
}

/** A row passes if it has a value that compares to the wanted one as required. */
function comparison(column, operator, order) {
  const holds = HOLDS[operator];
  return (row) => {
    const value = valueAt(column, row);
    if (value === undefined) {
      return false;
    }
    return value === null && columns[column].number ? operator === "!=" : holds(order(value));
  };
}

/** All tests of a filter, and its problems; terms with a problem are left out. */
function readFilter(text) {
  const found = partsOf(text).map((part) => (part.operator ? termTest(part) : wordTest(part.word)));
  return {
    tests: found.flatMap(({ test }) => (test ? [test] : [])),
    problems: found.flatMap(({ problem }) => (problem ? [problem] : [])),
    notes: found.flatMap(({ note }) => (note ? [note] : [])),
  };
}
