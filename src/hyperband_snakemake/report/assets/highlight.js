// ---- highlighting in charts what passes the filter

const stale = new Set(); // charts that still show an old filter

/** Which points of a trace pass; null if none stands for a configuration, or all pass. */
function passingPoints(data) {
  if (passingBorn.size === bornRows.length || !/markers/.test(data.mode || (data.type === "bar" ? "markers" : ""))) {
    return null;
  }
  const found = [];
  let isLinked = false;
  for (let number = 0; number < (data.x?.length || 0); number += 1) {
    const row = rowAt.get(pathOfPoint(data, number));
    if (row !== undefined) {
      isLinked = true;
      if (passingBorn.has(bornAt(row))) {
        found.push(number);
      }
    }
  }
  return isLinked ? found : null;
}

/** Coordinates of a line, with breaks at points that do not pass; null if all pass. */
function passingLine(data, whole) {
  if (data.type !== "scatter" || data.mode !== "lines" || !Array.isArray(data.customdata)) {
    return null;
  }
  const isPassing = (number) => {
    const row = rowAt.get(pathOfPoint(data, number));
    return row === undefined || passingBorn.has(bornAt(row));
  };
  return whole.map((value, number) => (value === null || isPassing(number) ? value : null));
}

async function highlight(chart) {
  stale.delete(chart.id);
  if (chart.id === PAIR || !chart.data) {
    return;
  }
  const points = chart.data.map(passingPoints);
  if (points.some((list, i) => list || chart.data[i].selectedpoints)) {
    // invisible dots, which only the pointer finds, stay invisible
    const faint = chart.data.map((data) => Math.min(0.08, data.marker?.opacity ?? 1));
    await Plotly.restyle(chart, { selectedpoints: points, "unselected.marker.opacity": faint });
  }
  const wholes = figures[chart.id]().data.map(({ y }) => y);
  const lines = chart.data.map((data, i) => passingLine(data, wholes[i]));
  const changed = lines.flatMap((line, i) => (line && line.some((value, at) => value !== chart.data[i].y[at]) ? [i] : []));
  if (changed.length) {
    await Plotly.restyle(chart, { y: changed.map((i) => lines[i]) }, changed);
  }
}

function highlightInSight() {
  for (const id of [...stale]) {
    const chart = document.getElementById(id);
    if (chart && distance(id) < 200) {
      highlight(chart);
    }
  }
}

function startHighlight() {
  const inSight = settled(200, highlightInSight);
  when("filtered", () => {
    for (const id of Object.keys(figures)) {
      stale.add(id);
    }
    inSight();
  });
  addEventListener("scroll", inSight, { passive: true });
}
