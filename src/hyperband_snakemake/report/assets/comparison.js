// ---- the comparison page: its charts, light and dark, on screen and on paper

function drawAll() {
  const size = ROOT.classList.contains("print") ? (place) => ({ width: place.clientWidth }) : () => ({});
  for (const [id, figure] of Object.entries(DATA.charts)) {
    const place = document.getElementById(id);
    const layout = layoutOf(figure, { height: place.clientHeight, ...size(place) });
    Plotly.react(place, painted(figure.data), { ...layout, showlegend: true }, CONFIG);
  }
  ROOT.dataset.drawn = "yes";
}

let themeBeforePrint = "";

addEventListener("beforeprint", () => {
  themeBeforePrint = ROOT.dataset.theme;
  ROOT.classList.add("print");
  ROOT.dataset.theme = "light";
  drawAll();
});
addEventListener("afterprint", () => {
  ROOT.classList.remove("print");
  ROOT.dataset.theme = ""; // so that everything is redrawn
  setTheme(themeBeforePrint);
});
when("theme", drawAll);
setTheme(preferredTheme());
