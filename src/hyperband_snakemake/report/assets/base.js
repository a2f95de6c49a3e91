// ---- what all other parts use

const DATA = JSON.parse(document.getElementById("data").textContent);
const ROOT = document.documentElement;
const SLOT = /bracket-\d+\/stage-\d+\/config-\d+/;

/** An element with attributes and children; texts become text, never markup. */
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

/** Call a function whenever something of this name has happened. */
function when(name, listener) {
  (listeners[name] ||= []).push(listener);
}

function tell(name) {
  for (const listener of listeners[name] || []) {
    listener();
  }
}

/** A function that is called once, as soon as it was not called again for some milliseconds. */
function settled(milliseconds, work) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, milliseconds);
  };
}

/** Say something to those who do not see the page. */
function announce(text) {
  document.getElementById("said").textContent = text;
}

/** A number with as many digits as people read. */
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
