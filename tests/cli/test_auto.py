"""`hyband generate --sampler auto`: a whole search that learns, by one command."""

import json

import pytest

from ..conftest import Shell, write_tree
from ..helpers import RUN, learns

FINITE = "x: {{ choice('x', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) }}\n"
NUMBERS = "x: {{ uniform('x', -5, 5) }}\ny: {{ uniform('y', 0, 1) }}\n"
WORDS = ("2", "3", "--sampler", "auto", "--random-seed", "1", "--template-dir", "T")


def test_the_same_on_any_number_of_cores(shell: Shell) -> None:
    """It just runs to its end, and what is proposed does not depend on how many run at a time."""
    learns(shell)
    for name, cores in (("A", "1"), ("B", "6")):
        out = shell.run("hyband", "generate", *WORDS, "--parallel", "3", "--output-dir", name)
        assert "proposed by joint, a model of the results at all budgets" in out
        shell.snakemake(name, "--cores", cores)
    first, second = shell.status("A"), shell.status("B")
    assert first["complete"]
    assert [slot["result"] for slot in first["slots"]] == [slot["result"] for slot in second["slots"]]
    assert (shell.cwd / "A/config").read_text() == (shell.cwd / "B/config").read_text()
    words = shell.run("hyband", "extend", "A", "--undo", check=False)
    assert "was begun" in words


def test_what_is_chosen_and_why(shell: Shell) -> None:
    learns(shell, NUMBERS)
    out = shell.run("hyband", "generate", *WORDS, "--output-dir", "S")
    assert "a bracket of 9 configurations, spread evenly by sobol" in out
    assert "In all it costs 72.00 of at most 78.00 (--fit-cost)." in out


def test_a_space_that_is_too_small(shell: Shell) -> None:
    write_tree(shell.cwd / "T", {"config": FINITE, "run.sh": RUN})
    done = shell.try_run("hyband", "generate", *WORDS, "--output-dir", "S")
    assert done.returncode == 1
    assert "S was written with its first bracket alone." in done.stdout


@pytest.mark.parametrize(("options", "words"), [
    (["--bracket", "1"], "--bracket cannot be combined with --sampler auto"),
    (["--random-share", "0.5"], "--random-share cannot be combined with --sampler auto"),
    (["--fit-cost", "1"], "--fit-cost is too small: one bracket costs"),
])
def test_mistakes(shell: Shell, options: list[str], words: str) -> None:
    done = shell.try_run("hyband", "generate", "2", "3", "--sampler", "auto", *options)
    assert done.returncode == 2
    assert words in done.stdout


def test_the_plan_of_it(shell: Shell) -> None:
    """The same brackets, training runs and cost as `hyband generate` writes; without templates, and with the time."""
    words = ("2", "3", "--sampler", "auto", "--parallel", "4")
    out = shell.run("hyband", "plan", *words, "--workers", "2")
    data = json.loads(shell.run("hyband", "plan", *words, "--json"))
    learns(shell, NUMBERS)
    shell.run("hyband", "generate", *words, "--template-dir", "T", "--output-dir", "S")
    written = json.loads((shell.cwd / "S/plan.json").read_text())
    assert [b["bracket"] for b in data["brackets"]] == [b["bracket"] for b in written["brackets"]]
    trials = sum(len(b["stages"]) == 1 for b in written["brackets"])
    assert f"Then {trials} training runs at the largest budget, 4 at a time (--parallel), proposed by joint" in out
    assert "In all it costs 72.00 of at most 78.00 (--fit-cost)." in out
    assert f"Training runs  {data['trainings']}\n" in out
    assert "with 2 workers, busy" in out


@pytest.mark.parametrize("option", ["--refine", "--within"])
def test_what_its_plan_decides(shell: Shell, option: str) -> None:
    done = shell.try_run("hyband", "plan", "2", "3", "--sampler", "auto", option, "3")
    assert (done.returncode, f"{option} cannot be combined with --sampler auto" in done.stdout) == (2, True)


def test_parallel_alone(shell: Shell) -> None:
    done = shell.try_run("hyband", "generate", "2", "3", "--parallel", "3")
    assert (done.returncode, "--parallel needs --sampler auto" in done.stdout) == (2, True)
