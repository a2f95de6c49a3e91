// ---- paper: light, in the paper's width before charts are drawn; a wide table in several parts below each other

const ROWS_PRINTED = 40;
const DIGITS_PRINTED = 4;
const LETTERS_ACROSS = 100; // characters across a printed table
const LONGEST_PRINTED = 34; // characters in a cell
const NOT_PRINTED = new Set(["path", "total_seconds", "attempts", "host", "promoted_to"].map((name) => columnNamed.get(name)));
const paper = document.getElementById("paper");

let themeBeforePrint = "";

function printedText(column, row) {
  return shortened(visible(textAt(column, row, DIGITS_PRINTED) || " ").replace(/^' '$/, ""), LONGEST_PRINTED, 0);
}

/** Columns in parts that fit the paper, each starting with the path; without columns that only matter on screen. */
function printedParts(rows) {
  const widthOf = (column) => 2 + Math.max(Math.min(14, shortName(column).length), ...rows.map((row) => printedText(column, row).length));
  const parts = [];
  let room = 0;
  for (const column of listedColumns().filter((other) => !NOT_PRINTED.has(other))) {
    const width = widthOf(column);
    if (width > room) {
      parts.push([PATH]);
      room = LETTERS_ACROSS - widthOf(PATH);
    }
    parts[parts.length - 1].push(column);
    room -= width;
  }
  return parts;
}

function printedTable(part, rows, number, count) {
  const head = make("tr", {}, ...part.map((column) => make("th", { class: columns[column].number ? "n" : null }, shortName(column))));
  const lines = rows.map((row) =>
    make("tr", {}, ...part.map((column) => make("td", { class: columns[column].number ? "n" : null }, printedText(column, row))))
  );
  const title = count > 1 ? make("caption", {}, `Columns, part ${number + 1} of ${count}`) : null;
  return make("table", {}, title, make("thead", {}, head), make("tbody", {}, ...lines));
}

function beforePrint() {
  themeBeforePrint = ROOT.dataset.theme;
  ROOT.dataset.theme = "light";
  ROOT.classList.add("print");
  for (const id of Object.keys(figures)) {
    draw(id);
  }
  if (parallel.canvas) {
    layoutParallel();
    drawParallel();
  }
  const rows = order.slice(0, ROWS_PRINTED);
  const parts = rows.length ? printedParts(rows) : [];
  paper.replaceChildren(...parts.map((part, number) => printedTable(part, rows, number, parts.length)));
  tellCount(rows.length);
}

function afterPrint() {
  ROOT.classList.remove("print");
  ROOT.dataset.theme = ""; // so that everything is redrawn
  setTheme(themeBeforePrint);
  paper.replaceChildren();
  if (parallel.canvas) {
    layoutParallel();
  }
  tellCount(order.length);
}

addEventListener("beforeprint", beforePrint);
addEventListener("afterprint", afterPrint);
