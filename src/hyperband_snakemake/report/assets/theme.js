// ---- light and dark

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const themeButton = document.getElementById("theme");
let chosenTheme = ""; // set by a click; until then the browser decides

function preferredTheme() {
  return prefersDark.matches ? "dark" : "light";
}

function setTheme(name) {
  if (ROOT.dataset.theme === name) {
    return;
  }
  ROOT.dataset.theme = name;
  themeButton.setAttribute("aria-pressed", String(name === "dark"));
  tell("theme");
}

function followBrowser() {
  if (!chosenTheme) {
    setTheme(preferredTheme());
  }
}

function switchTheme() {
  chosenTheme = ROOT.dataset.theme === "dark" ? "light" : "dark";
  setTheme(chosenTheme);
}

themeButton.addEventListener("click", switchTheme);
prefersDark.addEventListener("change", followBrowser);
