"""The page: its numbers, and what a browser without network makes of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.planning.growth import at_full_budget, more_brackets
from hyperband_snakemake.report.page import report_html
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.export import FORMATS, write_rows

from ..conftest import Shell, write_tree
from ..synthetic import make
from .conftest import opened

FAILING = 'if ((s == 0 && n % 5 == 1)); then exit 3; fi; echo "0.$x" > "$1/result"'
MARKS = ".scatterlayer path, .barlayer path, .heatmaplayer image"


def embedded(html: str) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert match
    data: dict[str, Any] = json.loads(match[1])
    return data


def column(data: dict[str, Any], name: str) -> list[Any]:
    packed = next(column for column in data["table"]["columns"] if column["name"] == name)
    if "values" not in packed:
        return [packed.get("value")] * data["table"]["rows"]
    return [None if code == -1 else packed["words"][code] for code in packed["values"]] if "words" in packed else packed["values"]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(script|style).*?</\1>", "", html)))


def test_the_numbers_are_those_of_status(shell: Shell) -> None:
    shell.generate(2, 3)
    shell.snakemake(res=FAILING)
    shell.run("hyband", "report", "S", "-o", "page.html")
    html, status = (shell.cwd / "page.html").read_text(encoding="utf-8"), shell.status()
    data = embedded(html)
    slots = {s["path"].removeprefix("S/"): s for s in status.pop("slots")}
    assert data["summary"] == status
    shown = zip(*(column(data, name) for name in ("path", "status", "result", "budget", "reason")), strict=True)
    assert sorted(shown) == sorted((p, s["status"], s["result"], s["budget"], s["reason"]) for p, s in slots.items())
    failed = sum(s["status"] == "failed" for s in slots.values())
    assert failed > 0
    for words in (f"Training runs done {status['done']} of {status['trainings']}", f"Budget spent {status['budget_spent']} of {status['budget']}",
                  f"Best result {status['best']['result']:.6g} at budget {status['best']['budget']}", f"Failed {failed}",
                  f"{failed} failed, for 1 reason", "Drawn as bracket-"):
        assert words in text_of(html)


def test_folds_are_counted_once(shell: Shell) -> None:
    """A search whose folds are training runs of their own is complete when its configurations are, and cost what was planned."""
    shell.generate(1, 2, "--folds", "3", "--parallel-folds", "--repetitions-at-stage", "1=2")
    shell.snakemake()
    html, status = report_html(scan(shell.cwd / "S")), shell.status()
    text = text_of(html)
    assert f"Training runs done {status['trainings']} of {status['trainings']}" in text
    assert f"Cost {status['cost']:.6g} of {status['cost']:.6g} planned" in text
    bars = embedded(html)["charts"]["chart-timeline"]["figure"]["data"][-2]["text"]
    assert len(bars) == status["trainings"] == 2 * 3 + 1 * 6 + 2 * 3
    assert any("<br>fold 1-2<br>" in bar for bar in bars)


def test_the_state_is_in_words(tmp_path: Path) -> None:
    from hyperband_snakemake.core.run import lock

    search = make(tmp_path / "S", 2, 3, done=0.5)
    done = scan(search).done
    assert f"not running, {done} of 22 training runs done" in text_of(report_html(scan(search)))
    held = lock.take(search, "test")
    assert f"> running, {done} of 22 training runs done" in text_of(report_html(scan(search))).replace("S running", "> running")
    lock.release(held)
    assert "not begun" in text_of(report_html(scan(make(tmp_path / "T", 2, 3, done=0))))


def test_iterations_are_told_apart(tmp_path: Path) -> None:
    """Each is a row of panels and a part of the table; what was added at the largest budget is no iteration."""
    plan = at_full_budget(more_brackets(make_plan(Settings(2, 3)), [], repeat=1), [2])
    html = report_html(scan(make(tmp_path / "S", 2, 3, plan=plan)))
    for words in ("6 brackets of 2 iterations and 1 more", "Iteration 1 0 0 1 9", "Iteration 2 3 0 1 9", "Added at budget 9: 2 of the configurations"):
        assert words in text_of(html)
    layout = embedded(html)["charts"]["chart-ladder"]["figure"]["layout"]
    assert [note["text"] for note in layout["annotations"]] == [f"Bracket {b}" for b in range(6)]
    assert [layout[axis]["title"]["text"] for axis in ("yaxis", "yaxis4")] == ["Iteration 1: rank", "Iteration 2: rank"]
    assert layout["yaxis"]["domain"][0] > layout["yaxis4"]["domain"][1]


def test_wasted_time_is_the_same_in_both_places(tmp_path: Path) -> None:
    """The tile and the words below the chart say the same; no line ends before a percent sign."""
    html = report_html(scan(make(tmp_path / "S", 3, 3, seed=2)))
    tile = re.search(r"<small>(.+?) of training time wasted \((.+?)\)</small>", html)
    assert tile
    assert "\xa0%" in tile[2]
    assert f"{tile[1]} ({tile[2].replace(chr(0xa0), ' ')}) of it on failures" in html


def test_a_search_that_has_not_begun_has_a_page(tmp_path: Path) -> None:
    search = write_tree(tmp_path / "S", {"plan.json": plan_to_json(make_plan(Settings(2, 3)))})
    html = report_html(scan(search))
    assert embedded(html)["charts"] == {}
    assert "Training runs done 0 of 22" in text_of(html)


def test_a_page_is_the_same_from_the_same_search(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    snapshot, now = scan(make(tmp_path / "S", 3, 3)), datetime(2026, 1, 1, tzinfo=UTC)
    assert report_html(snapshot, now) == report_html(snapshot, now)


def test_no_text_of_a_search_can_leave_its_place(tmp_path: Path) -> None:
    search = make(tmp_path / "S", 2, 3)
    evil = "</script><script>document.title='x'</script><b>{{ css }}"
    for directory in search.glob("bracket-*/stage-0/config-*"):
        (directory / "config").write_text(f'x: "{evil}{directory.name}"\ny: {directory.name[-1]}\n')
    html = report_html(scan(search))
    assert "<script>document" not in html
    assert "<b>{{" not in html
    assert evil in column(embedded(html), "param.x")[0]


def test_no_value_is_too_strange(browser: Any, tmp_path: Path) -> None:
    """What JSON has no number for, results at the ends of the range, records that somebody wrote by hand."""
    search = make(tmp_path / "S", 3, 3)
    for i, directory in enumerate(sorted(search.glob("bracket-*/stage-0/config-*"))):
        text = (directory / "config").read_text()
        strange = f"x: {['.nan', '.inf', '1.0', '-.inf', '1e400'][i % 5]}\nbig: {10**400 if i % 2 else 3}\n'<b>\u00fc \"q\"</b>': {i % 3}\nnone: null\n"
        (directory / "config").write_text(text + strange)
        name, line = [("attempts", 'garbage\n{"attempt": 1, "start": "yesterday", "end": "x"}\n'), ("outcome", "completed: 1e308\n"),
                      ("attempts", '{"attempt": 1, "start": "2026-03-02T08:00:00", "end": "2026-03-02T07:00:00Z", "seconds": -5, "exit": 0}\n'),
                      ("outcome", "completed: -1e308\n"), ("untouched", "")][min(i, 4)]
        write_tree(directory, {name: line})
    (tmp_path / "page.html").write_text(report_html(scan(search)), encoding="utf-8")
    page = opened(browser, tmp_path / "page.html")
    assert page.troubles == []
    for suffix in FORMATS:
        write_rows(make_rows(scan(search)), tmp_path / f"rows{suffix}")
    json.loads((tmp_path / "rows.json").read_text(), parse_constant=pytest.fail)


def test_it_asks_nobody_for_anything(tmp_path: Path) -> None:
    html = report_html(scan(make(tmp_path / "S", 2, 3)))
    head = html[: html.index("<body>")]
    assert "default-src 'none'" in head
    assert not re.findall(r"""<(?:link|img|script|iframe)[^>]+(?:src|href)=""", html)
    assert "@import" not in head
    assert "url(" not in head


def test_size_of_twenty_thousand_configurations(tmp_path: Path) -> None:
    """The limit is 25 MB for 20,000: 5 for the library, 4 for charts, which show a random part, and a tenth of the rest for a tenth."""
    from plotly.offline import get_plotlyjs

    html = report_html(scan(make(tmp_path / "S", 7, 3, brackets=(0,))))  # 2187
    charts = len(json.dumps(embedded(html)["charts"], ensure_ascii=False, separators=(",", ":")).encode())
    assert charts < 4e6
    assert len(html.encode()) - len(get_plotlyjs().encode()) - charts < 16e6 * 2187 / 20_000


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a finished search with failures."""
    directory = tmp_path_factory.mktemp("page")
    path = directory / "page.html"
    path.write_text(report_html(scan(make(directory / "S", 4, 3))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def light(browser: Any, page_file: Path) -> Any:
    """The page as it is opened; drawing its charts takes seconds, so a test leaves them as they were."""
    return opened(browser, page_file)


@pytest.fixture(scope="module")
def dark(browser: Any, page_file: Path) -> Any:
    return opened(browser, page_file, "dark")


CHARTS = {"ladder", "spent", "time", "curves", "correlation", "importance", "pair", "timeline", "slice-0", "region-0"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_has_marks(request: pytest.FixtureRequest, scheme: str) -> None:
    page = request.getfixturevalue(scheme)
    charts = page.locator("figure.chart").all()
    assert {f"chart-{name}" for name in CHARTS} <= {chart.get_attribute("id") for chart in charts}
    for chart in charts:
        name, frame = chart.get_attribute("id"), chart.bounding_box()
        boxes = [b for mark in chart.locator(MARKS).all()[:40] if (b := mark.bounding_box()) and b["width"] + b["height"] > 1]
        assert boxes, name
        assert any(b["x"] >= frame["x"] - 1 and b["y"] >= frame["y"] - 1 and b["x"] + b["width"] <= frame["x"] + frame["width"] + 1
                   for b in boxes), name
        unknown = "e => [...e.querySelectorAll('path')].map(p => p.getAttribute('style') || '').filter(s => s.includes('NaN') || s.includes('--'))"
        assert chart.evaluate(unknown) == [], name
    assert page.troubles == []


def test_marks_are_as_many_as_trainings(light: Any, page_file: Path) -> None:
    page = light
    status = scan(page_file.parent / "S")
    failed = sum(outcome.status == "failed" for _, _, outcome, _ in status.slots())
    drawn = page.locator("#chart-timeline").evaluate("e => e.data.filter(t => t.name === 'failed')[0].x.length / 3")
    assert drawn == failed
    assert page.locator("#chart-importance .barlayer .point > path").count() == page.locator("[id^=chart-slice]").count()


def test_light_and_dark_differ_in_every_colour_of_ground_and_ink(light: Any) -> None:
    page = light
    look = "() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color, document.querySelector('#chart-curves .xtick text').style.fill]"
    before = page.evaluate(look)
    page.click("#theme")
    page.wait_for_selector("html[data-theme=dark][data-drawn=yes]", state="attached")
    after = page.evaluate(look)
    page.click("#theme")
    page.wait_for_selector("html[data-theme=light][data-drawn=yes]", state="attached")
    assert page.evaluate(look) == before
    assert all(one != two for one, two in zip(before, after, strict=True))
    assert page.troubles == []


def test_the_table_sorts_and_filters(light: Any, page_file: Path) -> None:
    page = light
    slots = list(scan(page_file.parent / "S").slots())
    failed = sum(outcome.status == "failed" for _, _, outcome, _ in slots)
    assert failed > 0
    page.fill("#filter", "status=failed")
    rows = page.locator("#grid tbody tr:not(.pad)")
    assert rows.count() == failed
    page.fill("#filter", "status=completed budget>=9")
    page.locator("#grid th button", has_text="result").click()
    shown = [float(text) for text in page.locator("#grid tbody tr:not(.pad) td:nth-child(3)").all_inner_texts()]
    expected = sorted(o.result for _, stage, o, _ in slots if o.result is not None and stage.budget >= 9)
    assert shown == pytest.approx(expected[: len(shown)])
    assert len(shown) >= 30
    assert page.locator("#count").inner_text() == f"{len(expected)} of {len(slots)} training runs"
    assert page.troubles == []


def test_it_prints(dark: Any) -> None:
    """Each title is on the page of the chart that it is about, and the table says how much of it is printed."""
    from io import BytesIO

    from pypdf import PdfReader

    page = dark
    texts = [re.sub(r"\s+", " ", sheet.extract_text()) for sheet in PdfReader(BytesIO(page.pdf(format="A4"))).pages]
    assert page.troubles == []
    for title, label in (("Promotions", "rank in the stage"), ("Best result so far", "budget spent by the whole search"),
                         ("Learning curves over the stages", "budget of the training"), ("Is a small budget a good proxy?", "... and at budget"),
                         ("Parameters", "share explained"), ("Parallel coordinates", "learning_rate"), ("Timeline", "minutes since the"),
                         ("By parameter", "15 %")):
        assert [title in text for text in texts] == [title in text and label in text for text in texts], title
    assert any("40 of 206 training runs" in text for text in texts)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("[...document.querySelectorAll('#paper table')].every(e => e.scrollWidth <= document.querySelector('#paper').clientWidth)")
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")


OVERLAPS = """figure => {
  const found = [];
  const frame = figure.getBoundingClientRect();
  for (const kind of ["g[class*=xaxislayer]", "g[class*=yaxislayer]", ".legend", ".barlayer"]) {
    for (const layer of figure.querySelectorAll(kind)) {
      const boxes = [...layer.querySelectorAll("text")].filter(t => t.textContent && getComputedStyle(t).opacity !== "0" && t.style.opacity !== "0")
        .map(t => [t.textContent, t.getBoundingClientRect(), t.getAttribute("transform") || ""]);
      for (const [text, box] of boxes.filter(([, box]) => box.width)) {  // one without a width is hidden
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1) found.push(text + " is cut off");
      }
      const level = boxes.filter(([, , transform]) => !/rotate\\((?!0)/.test(transform));
      for (const [i, [one, a]] of level.entries()) for (const [two, b] of level.slice(i + 1)) {
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3) found.push(one + " over " + two);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("width", [1300, 400])
def test_no_label_is_cut_off_or_lies_on_another(request: pytest.FixtureRequest, browser: Any, page_file: Path, width: int) -> None:
    page = request.getfixturevalue("light") if width == 1300 else opened(browser, page_file, width=width)
    assert {name: found for chart in page.locator("figure.chart").all() if (found := chart.evaluate(OVERLAPS)) and (name := chart.get_attribute("id"))} == {}
    assert page.evaluate("document.documentElement.scrollWidth") == width  # nothing sticks out of the page either


def test_every_chart_is_one_of_plotly_in_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plotly refuses a property that it does not know."""
    import hyperband_snakemake as hb
    from hyperband_snakemake import notebook
    from hyperband_snakemake.errors import UsageError

    loaded = hb.load(make(tmp_path / "S", 4, 3))
    charts = notebook.charts_of(loaded.snapshot, loaded.rows, notebook.space_of(loaded.snapshot, loaded.rows), 0.0)
    assert loaded.plot().data
    monkeypatch.setattr(notebook, "charts_of", lambda *_: charts)  # each plot makes all of them, which takes seconds
    for name in charts:
        figure = loaded.plot(name.removeprefix("chart-"))
        assert figure.data
        assert '"--' not in figure.to_json()
    with pytest.raises(UsageError, match=r"no chart .pie.*ladder"):
        loaded.plot("pie")
