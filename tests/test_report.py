"""The page: its numbers, and what a browser without network makes of it."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.report import report_data, report_html
from hyperband_snakemake.scan import scan

from .conftest import Shell

FAILING = 'if ((s == 0 && n % 5 == 1)); then exit 3; fi; echo "0.$x" > "$1/result"'


@pytest.fixture
def search(shell: Shell) -> Path:
    path = shell.generate(2, 3)
    shell.snakemake(res=FAILING)
    return path


def embedded(html: str) -> dict[str, Any]:
    match = re.search(r'<script id="data" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert match
    data: dict[str, Any] = json.loads(match[1])
    return data


def column(data: dict[str, Any], name: str) -> list[Any]:
    packed = data["columns"][name]
    return [packed["words"][code] for code in packed["codes"]] if isinstance(packed, dict) else packed


@pytest.mark.usefixtures("search")
def test_the_numbers_are_those_of_status(shell: Shell) -> None:
    shell.run("hyband", "report", "S", "-o", "page.html")
    data, status = embedded((shell.cwd / "page.html").read_text(encoding="utf-8")), shell.status()
    for name in ("trainings", "done", "budget", "budget_spent", "complete"):
        assert data["summary"][name] == status[name], name
    best = data["summary"]["best"]
    assert (best["result"], best["budget"], f"S/{best['path']}") == tuple(status["best"][k] for k in ("result", "budget", "path"))
    for name in ("status", "result", "budget", "origin", "reason"):
        assert column(data, name) == [slot[name] for slot in status["slots"]], name
    failed = [slot for slot in status["slots"] if slot["status"] == "failed"]
    assert failed
    assert sum(number for _, number in data["failures"]) == data["summary"]["counts"]["failed"] == len(failed)


def test_a_search_that_has_not_begun_has_a_page(shell: Shell) -> None:
    data = report_data(scan(shell.generate(1, 2)))
    assert data["summary"]["best"] is None
    assert data["summary"]["done"] == 0


def test_no_text_of_a_search_can_leave_its_place(search: Path) -> None:
    evil = "</script><script>document.title='x'</script>{{style}}{{script}}"
    (search / "bracket-0/stage-0/config-0/config").write_text(f'x: "{evil}"\n')
    html = report_html(scan(search))
    assert evil not in html
    assert column(embedded(html), "param.x")[0] == evil
    assert html.count("<script") == 2


def test_it_asks_nobody_for_anything(search: Path) -> None:
    html = report_html(scan(search))
    assert "default-src 'none'" in html
    assert not re.findall(r"""(?:src|href)=["'](?!#)|@import|url\(""", html)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        reason = "no Chromium in PATH, or no playwright: apt-get install chromium; pip install playwright"
        if os.environ.get("HYBAND_TEST_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(browser: Any, path: Path, scheme: str = "light") -> Any:
    """The page in a browser without network; any error or request fails the test."""
    page = browser.new_context(color_scheme=scheme, offline=True).new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("console", lambda message: page.troubles.append(message.text))
    page.on("request", lambda request: page.troubles.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_chart_has_marks(browser: Any, search: Path, tmp_path: Path, scheme: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(report_html(scan(search)), encoding="utf-8")
    page = opened(browser, path, scheme)
    charts = {chart.get_attribute("aria-label"): chart for chart in page.locator("svg").all()}
    wanted = ["Ladder of bracket 0", "Ladder of bracket 2", "Best so far against Time since the start", "Learning curves",
              "Rank correlation of pairs of stages", "Slice of x", "Parallel coordinates", "Failures by reason", "Timeline"]
    assert set(wanted) <= set(charts)
    for name, chart in charts.items():
        box = chart.locator(".mark").evaluate_all(
            "marks => marks.map(m => [m.getBBox(), getComputedStyle(m)]).map(([b, s]) => [b.x, b.y, s.stroke])")
        assert box, name
        assert all("rgb" in stroke or "color" in stroke or "oklab" in stroke for *_, stroke in box), (name, box)
    ladder = charts["Ladder of bracket 0"].locator(".mark").evaluate_all("m => m.map(p => p.getAttribute('d')).join('')")
    assert ladder.count("h0") == 9 + 3 + 1
    assert page.troubles == []


def test_the_table_sorts_and_filters(browser: Any, search: Path, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(report_html(scan(search)), encoding="utf-8")
    page = opened(browser, path)
    rows, slots = page.locator("#all tbody tr"), list(scan(search).slots())
    page.fill("#all input", "status=failed stage=0")
    failed = [slot for slot, _, outcome, _ in slots if outcome.status == "failed" and slot.stage == 0]
    assert rows.count() == len(failed) > 0
    page.fill("#all input", "status=completed")
    page.get_by_role("button", name="result").click()
    shown = [float(text) for text in rows.locator("td:nth-child(4)").all_inner_texts()]
    assert shown == sorted(shown)
    assert len(shown) == sum(outcome.result is not None for _, _, outcome, _ in slots)
    assert page.troubles == []
