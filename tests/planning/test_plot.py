"""The picture of a plan: each kind of file, the same bytes each time, and what it says when it cannot."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.errors import HybandError
from hyperband_snakemake.planning.plot import write_picture
from hyperband_snakemake.planning.simulate import simulate

from ..conftest import Shell


def test_svg_has_each_number_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    plan = make_plan(Settings(2, 3))
    for name in ("one.svg", "two.svg"):
        write_picture(plan, simulate(plan, 4), tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    texts = [e.text for e in ET.parse(tmp_path / "one.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert {"22 training runs, cost 78.00", "bracket 2", "9", "5", "worker"} <= set(texts)
    assert any(text.startswith("4 workers: ") for text in texts if text)


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7, 40, 1000])
def test_workers_are_whole(tmp_path: Path, workers: int) -> None:
    """At most a dozen marks beside the rows, each at a worker, the first among them."""
    plan = make_plan(Settings(2, 3))
    write_picture(plan, simulate(plan, workers), tmp_path / "p.svg")
    root = ET.parse(tmp_path / "p.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    axes = next(e for e in root.iter(f"{space}g") if e.get("id") == "axes_2")
    side = next(e for e in axes if e.get("id") == "matplotlib.axis_4")
    marks = [t.text for t in side.iter(f"{space}text") if t.text != "worker"]
    assert marks[0] == "0"
    assert 1 <= len(marks) <= 12
    assert all(mark and mark.isdigit() and int(mark) < workers for mark in marks)


def test_png_and_page(shell: Shell) -> None:
    shell.run("hyband", "plan", "2", "3", "--plot", "p.png")
    shell.run("hyband", "plan", "2", "3", "--workers", "2", "--plot", "p.html")
    assert (shell.cwd / "p.png").read_bytes().startswith(b"\x89PNG")
    page = (shell.cwd / "p.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "<svg" in page
    assert "Hyperband Search (cost: 78.00)" in page


@pytest.mark.parametrize(("name", "said"), [("p.pdf", "ends in .svg"), ("no/p.svg", "no directory no")])
def test_mistakes(shell: Shell, name: str, said: str) -> None:
    done = shell.try_run("hyband", "plan", "2", "3", "--plot", name)
    assert (done.returncode, "Traceback" in done.stdout) == (2, False)
    assert said in done.stdout


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(HybandError, match=r"hyband\[plot\]"):
        write_picture(make_plan(Settings(1, 2)), None, tmp_path / "p.svg")


def test_it_is_not_imported_unless_needed() -> None:
    code = "import sys, hyperband_snakemake.cli; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
