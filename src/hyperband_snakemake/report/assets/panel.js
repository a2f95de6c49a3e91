// ---- a panel for each configuration: #bracket-0/stage-1/config-3 opens it

const panel = document.getElementById("panel");
const panelTitle = document.getElementById("panel-title");
const panelBody = document.getElementById("panel-body");
let opener = null; // the element that gets the focus back
let openerRow = undefined; // or its table row, which may be redrawn
let selectedPath = "";
let panelData = null;

/** The packed data for panels, unpacked once. */
function panelsData() {
  panelData ||= unpack(document.getElementById("panels").textContent).catch(() => null);
  return panelData;
}

async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function isSelected(row) {
  return selectedPath !== "" && lifeAt(row).some((other) => paths[other] === selectedPath);
}

function resultText(row) {
  const [result, spread] = ["result", "spread"].map((name) => valueOf(name, row));
  return result === undefined ? "" : textOf(result, 6) + (spread === undefined ? "" : ` ± ${textOf(spread, 3)}`);
}

function stateText(row) {
  const reason = valueOf("reason", row);
  return `${valueOf("status", row)}${resultText(row) ? `: ${resultText(row)}` : ""}${reason ? `: ${reason}` : ""}`;
}

function openPanel(path, from = document.activeElement) {
  if (!rowAt.has(path)) {
    return;
  }
  if (panel.hidden) {
    rememberOpener(from);
  }
  if (decodeURIComponent(location.hash.slice(1)) === path) {
    showPanel(path);
  } else {
    location.hash = path; // handled like a click on a link
  }
}

function rememberOpener(element) {
  opener = element;
  openerRow = element?.closest?.("tr[data-row]")?.dataset.row;
}

function closePanel() {
  if (panel.hidden) {
    return;
  }
  panel.hidden = true;
  selectedPath = "";
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  tell("selected");
  const link = openerRow === undefined ? null : linkOf(Number(openerRow));
  const back = link || (opener?.isConnected ? opener : filterInput);
  opener = null;
  back.focus({ preventScroll: true });
}

/** Open or close the panel according to the address. */
function followAddress() {
  const path = SLOT.exec(decodeURIComponent(location.hash))?.[0] || "";
  if (rowAt.has(path)) {
    showPanel(path);
  } else if (path) {
    announce(`This search has no ${path}`);
  } else if (!location.hash) {
    closePanel(); // the browser went back
  }
}

async function showPanel(path) {
  const row = rowAt.get(path);
  const isNew = selectedPath !== path;
  selectedPath = path;
  if (panel.hidden) {
    if (!opener) {
      rememberOpener(document.activeElement);
    }
    panel.hidden = false;
  }
  panelTitle.textContent = path;
  const data = await panelsData();
  if (selectedPath !== path) {
    return; // another panel was opened meanwhile
  }
  panelBody.replaceChildren(...partsOfPanel(row, data));
  if (isNew) {
    panelBody.scrollTop = 0;
    panelTitle.focus({ preventScroll: true });
    tell("selected");
  }
  panel.dataset.shown = path;
}

/** Neighbours in the table, by the buttons in the panel. */
function stepPanel(step) {
  const at = order.indexOf(rowAt.get(selectedPath));
  const next = order[at + step];
  if (at >= 0 && next !== undefined) {
    openPanel(paths[next]);
  }
}

document.getElementById("panel-close").addEventListener("click", closePanel);
document.getElementById("panel-before").addEventListener("click", () => stepPanel(-1));
document.getElementById("panel-after").addEventListener("click", () => stepPanel(1));
addEventListener("hashchange", followAddress);
addEventListener("keydown", (event) => event.key === "Escape" && closePanel());
when("selected", showRows);
