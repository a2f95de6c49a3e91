// ---- a page of `hyband report --watch` reloads itself and keeps the reader's choices

const KEPT = `hyband ${location.pathname}`;
const QUIET = 3000; // milliseconds without a key or click before the page is reloaded
const SLOWER = 2; // factor for the pause each time nothing has changed
const SLOWEST = 16;

let lastTouch = 0;
let isPaused = false;
let unchanged = 0;

function readKept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) || "null");
  } catch {
    return null; // the browser has no storage for local files
  }
}

function keep() {
  const charts = {};
  for (const id of Object.keys(figures)) {
    const changes = changesOf(document.getElementById(id));
    if (changes) {
      charts[id] = changes;
    }
  }
  const focused = document.activeElement?.id || "";
  const details = Object.fromEntries([...document.querySelectorAll("details[id]")].map(({ id, open }) => [id, open]));
  const state = {
    made: DATA.made,
    unchanged,
    isPaused,
    focused,
    charts,
    details,
    theme: chosenTheme,
    filter: filterInput.value,
    selection: [filterInput.selectionStart, filterInput.selectionEnd],
    shown: [...shownColumns].map((column) => columns[column].name),
    sorting: sorting.map(({ column, down }) => ({ name: columns[column].name, down })),
    grid: [gridPlace.scrollTop, gridPlace.scrollLeft],
    panel: panelBody.scrollTop,
    axes: parallel.axes,
    brushes: [...parallel.brushes],
    colour: parallel.colour,
    view: sliced.view,
    pair,
    scroll: [scrollX, scrollY],
  };
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(state));
  } catch {
    // then the page starts in its initial state
  }
}

/** Restore choices from before the reload; names that no longer exist are left out. */
function restore(state) {
  chosenTheme = state.theme;
  Object.assign(wantedChanges, state.charts);
  filterInput.value = state.filter;
  shownColumns.clear();
  for (const name of [...state.shown, ...DATA.table.shown.filter((name) => !columnNamed.has(name))]) {
    if (columnNamed.has(name)) {
      shownColumns.add(columnNamed.get(name));
    }
  }
  sorting = state.sorting.filter(({ name }) => columnNamed.has(name)).map(({ name, down }) => ({ column: columnNamed.get(name), down }));
  for (const [id, open] of Object.entries(state.details)) {
    const details = document.getElementById(id);
    if (details) {
      details.open = open;
    }
  }
  restoreParameters(state);
}

function restoreParameters(state) {
  const known = (key) => quantityNamed.has(key);
  if (parallel.canvas && state.axes.length) {
    parallel.axes = state.axes.filter(known);
    parallel.colour = known(state.colour) ? state.colour : parallel.colour;
    document.getElementById("colour").value = parallel.colour;
    makeAxisChoice();
    layParallel();
    for (const [key, range] of state.brushes.filter(([key]) => known(key))) {
      setBrush(key, range);
    }
  }
  if (figures[PAIR]) {
    for (const name of ["x", "y", "colour"].filter((part) => known(state.pair[part]))) {
      pair[name] = state.pair[name];
      document.getElementById(`pair-${name}`).value = pair[name];
    }
    pair.cells = state.pair.cells;
    document.getElementById("pair-cells").checked = pair.cells;
  }
}

/** Restore the scroll position, once everything has its size. */
function restorePlace(state) {
  scrollTo({ left: state.scroll[0], top: state.scroll[1], behavior: "instant" });
  [gridPlace.scrollTop, gridPlace.scrollLeft] = state.grid;
  showRows();
  if (state.focused && panel.hidden) {
    document.getElementById(state.focused)?.focus({ preventScroll: true });
    if (state.focused === "filter") {
      filterInput.setSelectionRange(...state.selection);
    }
  }
}

function loadAgain() {
  const isBusy = Date.now() - lastTouch < QUIET || getSelection().toString() || document.hidden || ROOT.classList.contains("print");
  if (isPaused || isBusy) {
    setTimeout(loadAgain, 1000);
    return;
  }
  keep();
  location.reload();
}

function tellWatch() {
  const words = isPaused ? "does not reload" : `reloads every ${textOf(DATA.every, 3)} s`;
  document.getElementById("watch-words").textContent = `This page ${words}.`;
  document.getElementById("watch-pause").textContent = isPaused ? "Continue" : "Pause";
}

function startReload(state) {
  const place = document.getElementById("watch");
  if (!DATA.every || !place) {
    return;
  }
  history.scrollRestoration = "manual";
  isPaused = Boolean(state?.isPaused);
  unchanged = state && state.made === DATA.made ? state.unchanged + 1 : 0;
  tellWatch();
  document.getElementById("watch-pause").addEventListener("click", () => {
    isPaused = !isPaused;
    tellWatch();
  });
  for (const name of ["keydown", "pointerdown", "wheel", "touchmove"]) {
    addEventListener(name, () => (lastTouch = Date.now()), { passive: true });
  }
  setTimeout(loadAgain, 1000 * DATA.every * Math.min(SLOWEST, SLOWER ** unchanged));
}
