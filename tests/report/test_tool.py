"""The page as a tool: panels, brushes, filters, keys, files; in one browser, on few pages, since each takes seconds."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from hyperband_snakemake.report.page import report_html
from hyperband_snakemake.snapshot.rows import Row, make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.export import csv_text

from ..synthetic import make, odd_config_text
from .conftest import drawn, opened

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
SHOWN = "order.length"


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search over a conditional space with odd names."""
    return make(tmp_path_factory.mktemp("odd") / "S", 3, 3, config=odd_config_text)


@pytest.fixture(scope="module")
def rows(search: Path) -> tuple[Row, ...]:
    return make_rows(scan(search))


@pytest.fixture(scope="module")
def file(search: Path) -> Path:
    """Its page as `hyband report --watch` writes it."""
    path = search.parent / "page.html"
    path.write_text(report_html(scan(search), every=3600), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def first_look(browser: Any, file: Path) -> Any:
    return opened(browser, file, address="#bracket-0/stage-1/config-3")


@pytest.fixture
def page(first_look: Any) -> Iterator[Any]:
    """The page without what another test has left."""
    yield first_look
    first_look.evaluate("filterInput.value = ''; sorting = []; tell('cleared'); arrange(); closePanel()")


def filtered(page: Any, text: str) -> int:
    return int(page.evaluate("text => { filterInput.value = text; arrange(); return order.length; }", text))


def test_a_link_opens_a_panel(page: Any, search: Path, rows: tuple[Row, ...]) -> None:
    row = next(row for row in rows if row.path == "bracket-0/stage-1/config-3")
    page.wait_for_selector("#panel[data-shown='bracket-0/stage-1/config-3']")
    text = page.locator("#panel").inner_text()
    life = [other for other in rows if other.root == row.root]
    for words in (*(other.path for other in life), f"{row.result:.6g}", "node0", "exit status 0", "outcome", "Differences from the best",
                  (search / row.path / "config").read_text().splitlines()[0]):
        assert words in text
    best = scan(search).best
    assert best
    named = {line.split("\t")[0] for line in text.split("Differences from the best")[1].split("more are the same")[0].splitlines()}
    ours, theirs = row.parameters, next(other for other in rows if other.slot == best[1]).parameters
    differ = {name for name in {*ours, *theirs} if (name in ours, ours.get(name)) != (name in theirs, theirs.get(name))}
    assert differ
    assert differ <= named
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert "#" not in page.url


def test_a_failed_one_has_its_log(page: Any, rows: tuple[Row, ...]) -> None:
    failed = next(row.path for row in rows if row.status == "failed")
    page.evaluate("path => openPanel(path)", failed)
    page.wait_for_selector(f"#panel[data-shown='{failed}']")
    assert "epoch 2: loss nan" in page.locator("#panel").inner_text()
    page.keyboard.press("Escape")


FILTERS: dict[str, Callable[[Row], object]] = {
    "größe>3": lambda row: row.parameters["größe"] > 3,
    "GRÖSSE = 1 größe=2": lambda row: row.parameters["größe"] == 2,  # the first names no column
    "net[0]=2": lambda row: row.parameters["net[0]"] == 2,
    '"learning rate" < 0.5': lambda row: row.parameters["learning rate"] < 0.5,
    "C<0.5": lambda row: row.parameters["C"] < 0.5,
    "c<5.5": lambda row: row.parameters["c"] < 5.5,
    "budget >= 9 budget<27": lambda row: 9 <= row.budget < 27,
    "result<-0.7": lambda row: row.result is not None and row.result < -0.7,
    "param.result=a": lambda row: row.parameters["result"] == "a",
    "param.status!=on": lambda row: row.parameters["status"] == "off",
    "max_depth=none": lambda row: row.parameters["max_depth"] is None,
    "max_depth!=None": lambda row: row.parameters["max_depth"] is not None,
    "max_depth > 2": lambda row: (row.parameters["max_depth"] or 0) > 2,
    "momentum=absent": lambda row: "momentum" not in row.parameters,
    "momentum=none": lambda _: True,  # never None: said, and left out
    "reason != none": lambda row: row.reason,
    "mode=fast": lambda row: row.parameters["mode"] == "Fast",
    "mode=faster": lambda _: False,
    "bos=<s>": lambda row: row.parameters["bos"] == "<s>",
    "bos='&amp;'": lambda row: row.parameters["bos"] == "&amp;",
    "<b>bold</b>": lambda _: True,  # that looks like a term without a name
    "'<b>bold</b>'=true": lambda row: row.parameters["<b>bold</b>"] is True,
    "stage=2 stage=2": lambda row: row.stage == 2,
    "bracket=0": lambda row: row.bracket == 0,
    "layers=x": lambda _: True,
    "layers=": lambda _: True,
    '"-hf" meta': lambda _: True,
    '"Be kind."': lambda row: "Be kind." in str(row.parameters["prompt"]),
    "solver=sgd momentum>0.7": lambda row: row.parameters.get("momentum", 0) > 0.7,
}
SAID = {"GRÖSSE = 1 größe=2": "Is it “größe”", "momentum=none": "momentum=absent", "mode=faster": "never “faster”. It is Fast, slow", "layers=x": "“x” is not one",
        "layers=": "value is missing", "<b>bold</b>": "begins with the name of a column"}


def test_filters_know_every_name(page: Any, rows: tuple[Row, ...]) -> None:
    """By hand on the rows themselves; what cannot be meant is said."""
    assert {"bracket", "root", "start", "spread", "param.größe", "param.net[0]"} <= set(page.evaluate("columns.map(c => c.name)"))
    look = "texts => texts.map(text => { filterInput.value = text; arrange(); return [order.length, problemPlace.textContent]; })"
    for (text, is_meant), (count, said) in zip(FILTERS.items(), page.evaluate(look, list(FILTERS)), strict=True):
        assert count == sum(bool(is_meant(row)) for row in rows), text
        assert SAID.get(text, "") in said, text
        assert bool(said) == (text in SAID), (text, said)


def test_brushes_filter_the_table_and_the_charts(page: Any, rows: tuple[Row, ...]) -> None:
    page.evaluate("parallel.axes = ['param.layers', 'param.solver', 'score']; layParallel()")
    upper = page.locator("#parallel .thumb").nth(1)
    upper.focus()
    for _ in range(3):
        upper.press("ArrowDown")
    page.evaluate("arrange()")
    kept = {row.root for row in rows if row.stage == 0 and row.parameters["layers"] <= 3}
    assert page.evaluate(SHOWN) == sum(row.root in kept for row in rows)
    assert upper.get_attribute("aria-valuetext") == "3"
    page.locator("#parallel").scroll_into_view_if_needed()
    place = page.locator("#parallel canvas").bounding_box()
    solver = page.evaluate("axisX(1)")
    page.mouse.move(place["x"] + solver, place["y"] + place["height"] * 0.42)
    page.mouse.down()
    page.mouse.move(place["x"] + solver, place["y"] + place["height"] * 0.57, steps=4)
    page.mouse.up()
    page.evaluate("arrange()")
    middle = sorted({str(row.parameters["solver"]) for row in rows})[1]
    kept = {row.root for row in rows if row.root in kept and row.parameters["solver"] == middle}
    assert page.evaluate(SHOWN) == sum(row.root in kept for row in rows)
    page.evaluate("highlight(document.getElementById('chart-curves'))")
    points = page.evaluate("document.getElementById('chart-curves').data.flatMap(t => t.selectedpoints ? t.selectedpoints.map(i => pathOfPoint(t, i)) : [])")
    assert points
    by_path = {row.path: row for row in rows}
    assert {by_path[path].root for path in points} <= kept
    page.click("#unbrush")
    assert page.evaluate(SHOWN) == len(rows)


def test_keys_do_everything(page: Any) -> None:
    """Headings sort, rows and dots open their panel, and the focus comes back."""
    heading = page.locator("#grid th button", has_text="path").first
    heading.focus()
    page.keyboard.press("Space")
    first = [paths.split("/")[-1] for paths in page.locator("#grid tbody tr:not(.pad) td:first-child").all_inner_texts()[:11]]
    assert first == [f"config-{i}" for i in range(11)]  # and not 0, 1, 10
    page.keyboard.press("Enter")
    assert page.locator("#grid th[aria-sort=descending]").inner_text().strip() == "path"
    page.locator("#grid tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    path = page.evaluate("document.activeElement.textContent")
    assert path == page.evaluate("paths[order[1]]")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#panel[data-shown='{path}']")
    assert page.evaluate("document.activeElement.id") == "panel-title"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == path
    chart = page.locator("#chart-curves")
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    said = page.locator("#said").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel:not([hidden])")
    assert page.locator("#panel-title").inner_text() in said
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "chart-curves"


def test_a_click_on_a_dot_opens_its_panel(page: Any) -> None:
    """Where a dot is comes from Plotly, which has no other way to tell."""
    page.locator("#chart-pair").scroll_into_view_if_needed()
    spot = page.evaluate("""() => {
      const chart = document.getElementById("chart-pair");
      const { xaxis, yaxis } = chart._fullLayout;
      const trace = chart.data.find(({ mode }) => mode === "markers");
      const box = chart.getBoundingClientRect();
      return [box.left + xaxis._offset + xaxis.d2p(trace.x[5]), box.top + yaxis._offset + yaxis.d2p(trace.y[5]), trace.customdata[5]];
    }""")
    page.mouse.move(spot[0], spot[1])
    page.mouse.click(spot[0], spot[1])
    page.wait_for_selector("#panel:not([hidden])")
    assert page.locator("#panel-title").inner_text() == spot[2]
    page.keyboard.press("Escape")


def test_dots_and_lines_do_not_mislead(page: Any) -> None:
    """Dots of a level that are chosen among many lie on both sides of it; a line passes below an axis on which it has no value."""
    means = page.evaluate("""() => {
      const one = { order: ["a"], value: () => "a" };
      const { x, y } = dotsOf(byLot([...Array(9999).keys()], 300), one, one, [], {});
      return [x, y].map((places) => places.reduce((sum, place) => sum + place) / places.length);
    }""")
    assert means == pytest.approx([0, 0], abs=0.03)
    assert page.evaluate("lineY(undefined) > axisY(0) + 10")


def test_it_saves_what_it_shows(page: Any, rows: tuple[Row, ...], tmp_path: Path) -> None:
    """The table as `hyband export` writes it, and a chart as a picture and a drawing."""
    filtered(page, "stage=0")
    with page.expect_download() as download:
        page.click("#csv")
    download.value.save_as(tmp_path / "own.csv")
    own, whole = ({line["path"]: line for line in csv.DictReader(io.StringIO(text))}
                  for text in ((tmp_path / "own.csv").read_text(encoding="utf-8"), csv_text(rows)))
    assert own.keys() == {row.path for row in rows if row.stage == 0}
    numbers = ("result", "param.learning_rate", "budget", "total_seconds")
    assert all(float(own[path][name] or 0) == float(whole[path][name] or 0) for path in own for name in numbers)
    texts = ("status", "promoted_to", "param.bos", "param.prompt", "param.<b>bold</b>")
    assert all(own[path][name] == whole[path][name] for path in own for name in texts)
    for kind, begin in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        page.locator("#chart-curves").focus()
        with page.expect_download() as download:
            page.locator(".framed:has(#chart-curves) button", has_text=kind).click()
        download.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(begin)
    assert page.troubles == []


def test_it_loads_itself_again_as_it_was(page: Any) -> None:
    path = page.evaluate("paths[7]")
    filtered(page, "stage=0")
    page.evaluate("""async path => {
      sortBy(columnNamed.get("param.C"));
      await Plotly.relayout("chart-curves", { "yaxis.range[0]": -0.9, "yaxis.range[1]": -0.6 });
      await Plotly.restyle("chart-curves", { visible: "legendonly" }, [1]);
      setBrush("score", [0.25, 1]);
      arrange();
      pair.x = "param.C";
      document.getElementById("grid").scrollTop = 40;
      document.getElementById("curves").scrollIntoView({ behavior: "instant" });
      openPanel(path);
    }""", path)
    page.wait_for_selector(f"#panel[data-shown='{path}']")
    look = """() => JSON.stringify([filterInput.value, order, sorting, [...parallel.brushes], pair, selectedPath, scrollY, gridPlace.scrollTop,
      document.getElementById("chart-curves")._fullLayout.yaxis.range, document.getElementById("chart-curves").data.map(t => t.visible)])"""
    before = page.evaluate(look)
    page.evaluate("window.isOld = true; lastTouch = 0; loadAgain()")
    page.wait_for_function("!window.isOld")
    drawn(page)
    page.wait_for_selector(f"#panel[data-shown='{path}']")
    assert json.loads(page.evaluate(look)) == json.loads(before)
    assert page.troubles == []


def problems_of(page: Any) -> dict[str, list[str]]:
    """What axe finds, by its rules: the places."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return {one["id"]: [node["html"][:120] for node in one["nodes"]] for one in found["violations"]}


PAGES = {
    "finished": ("light", 1300, {}),
    "half": ("dark", 1300, {"done": 0.5}),
    "not begun": ("dark", 400, {"done": 0}),
    "single": ("light", 1300, {"brackets": (2,)}),
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: Any, tmp_path: Path, name: str) -> None:
    scheme, width, how = PAGES[name]
    (tmp_path / "page.html").write_text(report_html(scan(make(tmp_path / "S", 2, 3, **how))), encoding="utf-8")
    page = opened(browser, tmp_path / "page.html", scheme, width)
    assert problems_of(page) == {}
    assert page.troubles == []
    page.context.close()


def test_a_swipe_scrolls_a_phone(browser: Any, file: Path) -> None:
    """Wherever it begins, also over a chart, which it does not zoom; and axe finds nothing there, with a panel open."""
    page = opened(browser, file, width=400, has_touch=True, is_mobile=True)
    touch = page.context.new_cdp_session(page)
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    for place in ("#chart-curves", "#parallel canvas", "#chart-pair"):
        page.evaluate("place => document.querySelector(place).scrollIntoView({ block: 'center' })", place)
        box = page.locator(place).bounding_box()
        x, y, before = 200, box["y"] + box["height"] / 2, page.evaluate("scrollY")
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 11):
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 18 * step}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_function("before => scrollY - before > 100", arg=before)
    assert page.evaluate("[...document.querySelectorAll('figure.chart')].filter(changesOf).length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    page.evaluate("openPanel(DATA.best)")
    page.wait_for_selector("#panel[data-shown]")
    assert problems_of(page) == {}
    page.context.close()
