// ---- the content of a panel

function partsOfPanel(row, data) {
  const slot = data?.slots[paths[row]] || {};
  const text = data?.texts[paths[bornAt(row)]];
  const parts = [
    summaryOf(row),
    part("History", lifeTable(row)),
    part(differTitle(row), differences(row)),
    part("Configuration", text === undefined ? lead(leftOut(data, "texts", "config")) : textBlock(text)),
    part("Attempts", attemptsList(slot.attempts, data)),
    part("End of its logs", logsOf(slot, data)),
    part("Files", filesOf(row, slot, data)),
  ];
  return parts.filter(Boolean);
}

function part(title, content) {
  return content && make("section", { class: "part" }, make("h3", {}, title), content);
}

function lead(text) {
  return make("p", { class: "lead" }, text);
}

function leftOut(data, what, file) {
  const show = `hyband show ${DATA.search} ${selectedPath}`;
  if (!data) {
    return `This browser cannot unpack it. See: ${show}`;
  }
  return data.left_out.includes(what) ? `Left out to keep this page small. See: ${show}` : `There is no ${file} yet.`;
}

function summaryOf(row) {
  const rank = valueOf("rank", row);
  const at = ` at budget ${textOf(valueOf("budget", row), 6)}`;
  const ranked = allRows.filter((other) => ["bracket", "stage"].every((n) => valueOf(n, other) === valueOf(n, row)) && valueOf("rank", other) !== undefined);
  const place = rank === undefined ? "" : `, place ${rank} of ${ranked.length} in its stage`;
  const isBest = lifeAt(row).some((other) => paths[other] === DATA.best);
  const best = isBest ? make("span", { class: "win" }, " The best configuration so far.") : null;
  const className = valueOf("status", row) === "failed" ? "fail" : null;
  return make("p", {}, make("strong", { class: className }, stateText(row)), `${at}${place}.`, best);
}

function rowsTable(head, lines, className = null) {
  const cells = head.map((name) => make("th", { scope: "col" }, name));
  return make("div", { class: "scroll", tabindex: 0 }, make("table", { class: className }, make("thead", {}, make("tr", {}, ...cells)), make("tbody", {}, ...lines)));
}

function tableLine(cells, className = null) {
  return make("tr", { class: className }, ...cells.map((cell) => make("td", {}, cell)));
}

function lifeTable(row) {
  const lines = lifeAt(row).map((other) => {
    const path = paths[other];
    const where = other === row ? make("b", {}, path) : make("a", { href: `#${path}` }, path);
    const [budget, rank, seconds] = ["budget", "rank", "total_seconds"].map((name) => valueOf(name, other));
    const state = resultText(other) || valueOf("status", other);
    return tableLine([where, textOf(budget, 6), state, textOf(rank), textOf(seconds, 5)]);
  });
  return rowsTable(["where", "budget", "result", "rank", "seconds"], lines, "life");
}

function parameterColumns() {
  return columns.flatMap((column, number) => (column.param && column.values ? [number] : []));
}

function differTitle(row) {
  return DATA.best && !isSame(row, rowAt.get(DATA.best)) ? "Differences from the best" : "Parameters";
}

function isSame(row, other) {
  return other !== undefined && lifeAt(row) === lifeAt(other);
}

/** Parameters in which a configuration differs from the best; for the best itself, all that vary. */
function differences(row) {
  const best = DATA.best ? rowAt.get(DATA.best) : undefined;
  const isBest = best === undefined || isSame(row, best);
  const all = parameterColumns();
  const texts = (column, of) => [textAt(column, of) || "(absent)"];
  const differing = all.filter((column) => (isBest ? valueAt(column, row) !== undefined : valueAt(column, row) !== valueAt(column, best)));
  if (!differing.length) {
    return all.length ? lead("None in its parameters.") : null;
  }
  const name = (column) => make("b", {}, columns[column].name.replace(/^param\./, ""));
  const lines = differing.map((column) => tableLine([name(column), texts(column, row)[0], ...(isBest ? [] : texts(column, best))]));
  const table = rowsTable(isBest ? ["parameter", "value"] : ["parameter", "here", "best"], lines);
  const same = all.length - differing.length;
  return make("div", {}, table, isBest || !same ? null : lead(`${same} more ${same === 1 ? "is" : "are"} the same.`));
}

function textBlock(text) {
  const copy = make("button", { type: "button", class: "copy" }, "Copy");
  copy.addEventListener("click", async () => {
    copy.textContent = (await copied(text)) ? "Copied" : "Select it, then copy";
  });
  return make("div", { class: "copied" }, copy, make("pre", { tabindex: 0 }, text));
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "away", "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy"); // the only way that browsers allow for local files
    area.remove();
    return done;
  }
}

function attemptText({ attempt, retry, start, end, seconds, host, exit, reason, job, fold }) {
  const of = fold ? `fold ${fold}: ` : "";
  if (retry) {
    return `${of}${retry} another chance (hyband retry)`;
  }
  const took = end ? `${textOf(seconds, 5)} s` : "no end recorded";
  const more = [exit === undefined ? "" : `exit status ${exit}`, job ? `job ${job}` : "", reason || ""].filter(Boolean);
  return `${of}${start || "?"} on ${host || "?"}: ${[took, ...more].join(", ")}`;
}

function attemptsList(attempts, data) {
  if (!attempts?.length) {
    return lead(data ? "Not started yet, or nothing is recorded." : leftOut(data));
  }
  const items = attempts.map((attempt) => make("li", { value: attempt.attempt ?? null }, attemptText(attempt)));
  return make("ol", {}, ...items);
}

function logsOf({ logs, attempts }, data) {
  if (!logs) {
    const isLarge = attempts?.length && !data?.all_logs;
    return isLarge ? lead(`In a search this large, the page has logs only of the best and of some of each kind of failure. See: hyband show ${DATA.search} ${selectedPath}`) : null;
  }
  const blocks = logs.map(({ title, lines }) =>
    make("div", {}, make("h4", {}, title), lines.length ? make("pre", { tabindex: 0 }, lines.join("\n")) : lead("It is empty."))
  );
  return blocks.length ? make("div", {}, ...blocks) : lead("No log.");
}

function filesOf(row, { files }, data) {
  if (!files) {
    return data?.left_out.includes("files") ? lead(leftOut(data, "files")) : null;
  }
  const place = `${DATA.search}/${paths[row]}`;
  const items = files.map((name) => make("li", {}, make("code", {}, name)));
  return make("div", {}, lead(place), make("ul", { class: "files" }, ...items));
}
