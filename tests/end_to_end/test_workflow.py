"""A search as a part of a bigger workflow of Snakemake: the example, cut off and continued, and what leads to a new search."""

import collections
import json
import re
import shutil
from pathlib import Path

from ..conftest import ROOT, Shell, write_tree
from ..helpers import kill_below, wait_for

EXAMPLE = ROOT / "examples/workflow"
WAITS = 'echo "start $1" >> ledger\n[[ $1 != */bracket-0/stage-1/* ]] || until [[ -e go ]]; do sleep 0.05; done\n'
PAGE = ROOT / "docs/workflow.md"


def copied(shell: Shell) -> Path:
    """The example, with a run.sh that keeps a ledger and waits in the middle of the search until there is a file `go`."""
    shutil.copytree(EXAMPLE, shell.cwd, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".snakemake", "data", "search", "best"))
    run = shell.cwd / "search-space/run.sh"
    begin, end = run.read_text().split("python train.py")
    run.write_text(f'{begin}{WAITS}python train.py{end}echo "end $1" >> ledger\n')
    return shell.cwd


def ledger(directory: Path) -> collections.Counter[str]:
    path = directory / "ledger"
    return collections.Counter(path.read_text().splitlines() if path.exists() else [])


def waits(directory: Path) -> bool:
    return any("start search/bracket-0/stage-1/" in line for line in ledger(directory))


def test_a_workflow_that_is_cut_off_twice_trains_nothing_twice(shell: Shell) -> None:
    """First Snakemake alone is killed and the search goes on, which the next run waits for; then everything is."""
    here = copied(shell)
    begin = ("snakemake", "--cores", "2")
    try:
        first = shell.start(*begin)
        wait_for(lambda: waits(here))
        first.kill()
        first.wait()
        shell.run("snakemake", "--unlock")
        with (here / "printed").open("w") as printed:
            second = shell.start(*begin, stdout=printed, stderr=printed)
            wait_for(lambda: "Waiting for it to end." in (here / "printed").read_text())
        assert set(ledger(here).values()) == {1}
    finally:
        kill_below(here)
    second.wait()
    done = {line for line in ledger(here) if line.startswith("end ")}
    assert done
    (here / "go").touch()
    shell.run("snakemake", "--unlock")
    shell.run(*begin)
    assert shell.status("search")["complete"]
    lines = ledger(here)
    assert {line: number for line, number in lines.items() if line.startswith("end ") and number > 1} == {}
    again = {line.removeprefix("start ") for line, number in lines.items() if line.startswith("start ") and number > 1}
    assert again & {line.removeprefix("end ") for line in done} == set()
    assert again == {place for place in again if "/bracket-0/stage-1/" in place}  # those that were cut off
    assert json.loads((here / "evaluation.json").read_text())["epochs"] == 100

    assert not (here / "search.replaced-1").exists()

    # finished: nothing to do; other data: a new search, and the old one stays as it was
    assert "Nothing to be done" in shell.run(*begin)
    before = (here / "search/best.json").read_bytes()
    raw = here / "raw.csv"
    raw.write_text(raw.read_text().replace("x,y\n", "x,y\n0.5,1.1\n"))
    shell.run(*begin, "--until", "generate")
    assert shell.status("search.replaced-1")["complete"]
    assert (here / "search.replaced-1/best.json").read_bytes() == before
    status = shell.status("search")
    assert {slot["status"] for slot in status["slots"]} == {"pending"}


def test_a_search_is_no_module(shell: Shell) -> None:
    """It would have neither a lock nor the end of a run; so it says where to put it, with and without a directory."""
    shell.generate(0, 2)
    for line in ("", '    config: {"base_dir": "S"}\n'):
        (shell.cwd / "Snakefile").write_text(f'module m:\n    snakefile: "S/Snakefile"\n{line}use rule * from m as m_*\n')
        done = shell.try_run("snakemake", "-n")
        assert done.returncode == 1
        assert f"{shell.cwd}/S cannot be a module of another workflow" in done.stdout
        assert "hyband run --wait" in done.stdout


def test_the_profile_of_another_workflow(shell: Shell) -> None:
    """Where Snakemake is started, it takes a profile from there: hyband run names that of the search, plain snakemake prints a note."""
    search = shell.generate(0, 2)
    write_tree(shell.cwd, {"profiles/default/config.yaml": "dry-run: true\ncores: 1\n"})
    out = shell.snakemake("S", "--dry-run")
    assert "Using workflow specific profile profiles/default " in out
    shell.run("hyband", "run", "S")
    assert shell.status()["complete"]
    (shell.cwd / "profiles/default/config.yaml").write_text("cores: 1\n")
    (search / "config").unlink()
    note = f"Snakemake uses {shell.cwd}/profiles/default, not the profile of this search."
    assert f"{note} Add --workflow-profile S/profiles/default\n" in shell.snakemake()
    (search / "config").unlink()
    assert note not in shell.snakemake("S", "--workflow-profile", "S/profiles/default")


def test_the_page_shows_rules_of_the_example() -> None:
    snakefile = (EXAMPLE / "Snakefile").read_text()
    rules = re.findall(r"(?ms)^```python\n(.*?)^```", PAGE.read_text())
    assert rules
    assert rules[0].strip() in snakefile
