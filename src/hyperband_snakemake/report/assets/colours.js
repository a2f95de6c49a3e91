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

const AS_IT_IS = new Set(["x", "y", "text", "hovertext", "customdata", "tickvals", "categoryarray"]);

function isNumber(value) {
  return value === null || typeof value === "number"; // null is where a line breaks
}

/** A copy of part of a figure, with words replaced by colours. */
function painted(value, key = "") {
  if (AS_IT_IS.has(key)) {
    return value; // large, and without colours
  }
  if (Array.isArray(value)) {
    const long = value.length > 20 && isNumber(value[value.length - 1]); // coordinates: large, and nothing to look up
    return long ? value : value.map((part) => painted(part));
  }
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, painted(part, name)]));
  }
  if (typeof value !== "string" || !value.startsWith("--")) {
    return value;
  }
  return value.startsWith("--depth:") ? depth(Number(value.slice("--depth:".length))) : style(value);
}
