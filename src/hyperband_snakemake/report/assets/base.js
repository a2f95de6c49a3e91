// ---- helpers for all other parts

const DATA = JSON.parse(document.getElementById("data").textContent);
const ROOT = document.documentElement;
const SLOT = /bracket-\d+\/stage-\d+\/config-\d+/;

/** An element with attributes and children; strings become text nodes, never markup. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) {
      element.addEventListener(key.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const listeners = {};

/** Call a function whenever an event with this name has happened. */
function when(name, listener) {
  (listeners[name] ||= []).push(listener);
}

function tell(name) {
  for (const listener of listeners[name] || []) {
    listener();
  }
}

/** Debounce a function: it runs once it has not been called for some milliseconds. */
function settled(milliseconds, work) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
}

/** Announce something to screen readers. */
function announce(text) {
  document.getElementById("said").textContent = text;
}

/** A number with only as many digits as people want to read. */
function brief(value, digits = 4) {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) {
    return String(value);
  }
  const text = String(Number(value.toPrecision(digits)));
  const short = value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e");
  const isLong = text.length > digits + 3 || Math.abs(value) < 1e-3; // zeros are hard to count
  return isLong && short.length < text.length ? short : text;
}

function save(name, content, type) {
  const url = content instanceof Blob ? URL.createObjectURL(content) : URL.createObjectURL(new Blob([content], { type }));
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
