// ---- the look of Plotly figures: axes, legend and fonts of the page

const COARSE = matchMedia("(pointer: coarse)"); // a finger: a swipe scrolls the page
const CONFIG = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };

function axisOf(axis) {
  const muted = style("--muted");
  const grid = style("--grid");
  return {
    gridcolor: grid,
    linecolor: grid,
    tickcolor: grid,
    zeroline: false,
    automargin: true,
    exponentformat: "power",
    tickfont: { color: muted, size: 12 },
    fixedrange: COARSE.matches,
    ...axis,
    title: { font: { color: muted, size: 13 }, standoff: 8, ...(axis.title || {}) },
  };
}

function legendOf(legend) {
  return {
    orientation: "h",
    x: 0,
    y: 1.02,
    yanchor: "bottom",
    font: { color: style("--muted"), size: 12 },
    traceorder: "normal",
    itemsizing: "constant",
    ...legend,
  };
}

/** Layout of a figure in the colours and fonts of the page. */
function layoutOf(figure, size) {
  const ink = style("--ink");
  const own = painted(figure.layout);
  const names = Object.keys(own).filter((key) => /^[xy]axis/.test(key));
  for (const name of new Set([...names, "xaxis", "yaxis"])) {
    own[name] = axisOf(own[name] || {});
  }
  return {
    ...size,
    margin: { l: 48, r: 14, t: 26, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: ink, size: 13 },
    hovermode: "closest",
    hoverlabel: {
      bgcolor: style("--card"),
      bordercolor: style("--faint"),
      font: { color: ink, size: 13 },
      align: "left",
    },
    dragmode: COARSE.matches ? false : "zoom",
    ...own,
    legend: legendOf(own.legend || {}),
  };
}
