// ---- start

function start() {
  const state = DATA.every ? readKept() : null;
  addTools();
  startSlices(state?.view);
  startParallel();
  startScatter();
  startHighlight();
  makeColumnChoice();
  if (state) {
    restore(state);
  }
  makeHead();
  arrange();
  followAddress();
  setTheme(chosenTheme || preferredTheme());
  if (state) {
    restorePlace(state);
  }
  startReload(state);
}

start();
