"""One training run outside of a search: what is wrong is named, and the search stays as it is."""

from fractions import Fraction
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.outcome import Status
from hyperband_snakemake.starting.pace import pace_text
from hyperband_snakemake.starting.trial import Tried, find_trial, remarks_before, train
from hyperband_snakemake.writing.create import NewSearch, Templates, create_search

from ..conftest import Shell, read_tree, write_tree
from ..helpers import wait_for

GOOD = 'echo "budget $2" && sed "s/x=//" "$1/config" > "$1/result"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def search_of(here: Path, run: str, settings: Settings | None = None) -> Path:
    templates = write_tree(here / "T", {"config": "x={{ uniform('x', 1, 2) }}\n", "run.sh": run})
    create_search(NewSearch(make_plan(settings or Settings(2, 3)), 1, templates=Templates(templates)), here / "S")
    return Path("S")


def tried(search: Path, budget: str | None = None) -> tuple[Tried, str]:
    printed = list[bytes]()
    found = train(find_trial(search, budget, search), printed.append)
    return found, b"".join(printed).decode()


def test_one_training_run_at_the_smallest_budget(here: Path) -> None:
    search = search_of(here, GOOD)
    before = read_tree(search)
    one = find_trial(search, None, search)
    found, printed = tried(search)
    assert found.outcome.status is Status.COMPLETED
    assert f"x={found.outcome.text}" in (search / "bracket-0/stage-0/config-0/config").read_text()
    assert printed == "budget 1\n"
    assert (found.findings, list(remarks_before(one))) == ((), [])
    assert read_tree(search) == before
    assert tried(search, "5")[1] == "budget 5\n"
    assert sorted(path.name for path in here.glob("hyband-try-*")) == ["hyband-try-1", "hyband-try-2"]


MISTAKES = [
    ("exit 3\n", "run.sh exited with status 3", ""),
    ("true\n", "wrote no result", "It wrote no number to $1/result, here hyband-try-1/result."),
    ('echo nan > "$1/result"\n', "not a number", ""),
    ("python3 -c 'import torchh'\n", "status 1", "torchh is missing in the environment where it ran."),
    ('cd / && cat "$1/config"\n', "status 1", 'write out=$(realpath "$1") before the cd'),
    ("echo \"argument --epochs: invalid int value: '$2'\"; exit 2\n", "status 2", "seems to reject the budget 1.5"),
    ("echo 'No score: nothing'; exit 1\n", "status 1", "--guaranteed-budget"),
    ("no-such-program\n", "a program in it was not found", ""),
]


@pytest.mark.parametrize(("run", "why", "finding"), MISTAKES)
def test_what_is_wrong_is_named(here: Path, run: str, why: str, finding: str) -> None:
    found, _ = tried(search_of(here, run, Settings(0, 3, max_budget=Fraction("1.5"))))
    assert found.outcome.status is Status.FAILED
    assert why in found.outcome.reason
    assert finding in "\n".join(found.findings)
    assert bool(finding) == bool(found.findings)


def test_what_run_sh_does_not_use_is_told_before(here: Path) -> None:
    search = search_of(here, "# uses $1 and $2\necho 1 > result\n")
    one, two = remarks_before(find_trial(search, None, search))
    assert one.startswith("S/run.sh does not use $1")
    assert two.startswith("S/run.sh does not use $2")


def test_what_is_left_running_is_ended_and_told(here: Path) -> None:
    found, _ = tried(search_of(here, 'sleep 1000 & echo $! > pid; echo 1 > "$1/result"\n'))
    assert "left something running" in found.findings[0]
    state = Path(f"/proc/{(here / 'pid').read_text().strip()}/stat")
    wait_for(lambda: not state.exists() or ") Z " in state.read_text())


@pytest.mark.parametrize(("settings", "cost"), [
    (Settings(2, 3, repetitions=2, folds=10), "--cost-one-epoch-full-dataset 0.111 --cost-unit seconds"),
    (Settings(2, 3, cost_one_epoch_full_dataset=Fraction(7)), "--cost-one-epoch-full-dataset 2 --cost-unit seconds")])
def test_the_time_of_the_whole_search(here: Path, settings: Settings, cost: str) -> None:
    search = search_of(here, GOOD, settings)
    text = pace_text(find_trial(search, "3", search), 6.0, 1)
    assert "22 training runs with budget 78 in all, takes about 2 min 36 s, 1 at a time" in text
    assert cost in text
    assert "Only 2 min 12 s, if these 6 s are start-up: --budget 9 tells" in text
    assert "tells" not in pace_text(find_trial(search, "9", search), 6.0, 1)


def test_the_command_for_a_search_and_for_templates(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": "x={{ uniform('x', 1, 2) }}\n", "run.sh": GOOD})
    out = shell.run("hyband", "try", "T")
    assert "budget 1\n" in out
    assert list(shell.cwd.iterdir()) == [shell.cwd / "T"]
    shell.generate(1, 3, template=shell.cwd / "T")
    out = shell.run("hyband", "try", "S", "--keep", "--workers", "3")
    assert "command: bash -- S/run.sh hyband-try-1 1 ''\n" in out
    assert "6 training runs" in out
    assert out.endswith("\nhyband run S\n")
    assert (shell.cwd / "hyband-try-1/result").exists()
    (shell.cwd / "S/run.sh").write_text("exit 1")
    failed = shell.try_run("hyband", "try", "S")
    assert failed.returncode == 1
    assert "Error: run.sh exited with status 1.\n  What it left is in hyband-try-2. Fix S/run.sh, then: hyband try S\n" in failed.stdout
    assert shell.try_run("hyband", "try", "nothing").returncode == 1


def test_as_many_threads_as_in_the_search(here: Path) -> None:
    """Snakemake limits libraries to one; times and scores of a trial are those of the search only if it does, too."""
    _, printed = tried(search_of(here, 'env | grep -c _THREADS=1; echo "$OMP_NUM_THREADS" > "$1/result"\n'))
    assert printed == "6\n"
