"""What `import hyperband_snakemake` offers: few names, typed, loaded where they are used."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import hyperband_snakemake as hb
from hyperband_snakemake.cell import Cell
from hyperband_snakemake.errors import UsageError

from .conftest import Shell, write_tree

HEAVY = {"click", "jinja2", "optuna", "plotly", "rich", "scipy", "snakemake", "yaml"}


def test_the_names() -> None:
    assert sorted(hb.__all__) == hb.__all__
    assert all(getattr(hb, name) is not None for name in hb.__all__)
    assert set(hb.__all__) <= set(dir(hb))
    assert callable(hb.plan)
    assert callable(hb.load)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = hb.nothing


def test_they_are_typed() -> None:
    assert (Path(hb.__file__).parent / "py.typed").is_file()


@pytest.mark.parametrize("does", ["", "; print(hb.plan(2, 3), file=sys.stderr)"])
def test_nothing_heavy_is_loaded(does: str) -> None:
    program = f"import sys, hyperband_snakemake as hb{does}; print(*({HEAVY} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(("command", "options"), [
    ("5 3 --repetitions 2 --folds 10 -t 0.0028", {"smax": 5, "repetitions": 2, "folds": 10, "cost_one_epoch_full_dataset": 0.0028}),
    ("--max-budget 100 --min-budget 1/3 --eta 4", {"eta": 4, "max_budget": 100, "min_budget": "1/3"}),
    ("--fit-cost 30 --resume", {"fit_cost": Fraction(30), "resume": True}),
])
def test_the_plan_of_the_command(shell: Shell, command: str, options: dict) -> None:
    printed = shell.run("hyband", "plan", *command.split())
    plan = hb.plan(**options)
    assert f"Training runs  {plan.trainings}\n" in printed
    assert f"Cost           {float(plan.cost):.2f}" in printed
    assert str(plan).startswith(f"Hyperband Search (cost: {float(plan.cost):.2f}")
    assert str(plan) in plan._repr_html_()


@pytest.mark.parametrize(("options", "said"), [
    ({}, "expected smax, max_budget, fit_cost or fit_configs"),
    ({"smax": -1}, "smax is -1; expected 0 to 20"),
    ({"smax": 2, "fit_configs": 9}, "give only one"),
    ({"smax": 2, "min_budget": 1}, "give only one"),
    ({"min_budget": 1}, "min_budget needs max_budget"),
    ({"max_budget": "much"}, "max_budget is 'much'; expected a number"),
    ({"max_budget": 9, "eta": 1}, "eta is 1"),
    ({"max_budget": 1, "min_budget": 2}, "min_budget is 2; expected at most"),
    ({"fit_cost": 0.5}, "fit_cost is too small"),
])
def test_what_makes_no_plan(options: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        hb.plan(**options)


TEMPLATE = {"config": "x: {{ uniform('x', 0, 1) }}\n", "run.sh": 'echo 1 > "$1/result"\n'}


def test_a_search_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_tree(tmp_path, {f"T/{name}": text for name, text in TEMPLATE.items()}))
    found = hb.generate("S", "T", max_budget=9, min_budget=3, maximize=True, random_seed=1)
    assert repr(found) == "<search S: training runs 6, pending 6>"
    assert found.snapshot.plan.settings.maximize
    assert found.best is None
    with pytest.raises(hb.HybandError, match="S already holds a search"):
        hb.generate("S", "T", max_budget=9)
    assert len(hb.generate("S", "T", smax=0, random_seed=1, overwrite=True).rows) == 1
    (tmp_path / "T/config").write_text("# x: {{ uniform('x', 0, 1) }}\n")
    with pytest.warns(UserWarning, match="looks like a comment"):
        hb.generate("S2", "T", smax=0)


@pytest.mark.parametrize(("program", "error", "said"), [
    ("echo Error: it broke >&2; exit 1", hb.HybandError, "it broke"),
    ("echo Error: no such option >&2; exit 2", UsageError, "no such option"),
    ("trap 'kill $!; touch stopped; exit 130' INT; sleep 60 & touch ready; wait", KeyboardInterrupt, None),
])
def test_a_search_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: str,
                         error: type[BaseException], said: str | None) -> None:
    """As `hyband run` does; what it starts is a stand-in here."""
    monkeypatch.chdir(write_tree(tmp_path, {f"T/{name}": text for name, text in TEMPLATE.items()}))
    (tmp_path / "python").write_text(f'#!/bin/bash\necho "$@" > given\n{program}\n')
    (tmp_path / "python").chmod(0o755)
    found = hb.generate("S", "T", smax=0)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    look, interrupts = Cell.look, iter([KeyboardInterrupt])

    def look_until_interrupted(cell: Cell) -> object:
        if (tmp_path / "ready").exists():
            for interrupt in interrupts:
                raise interrupt
        return look(cell)

    monkeypatch.setattr(Cell, "look", look_until_interrupted)
    with pytest.raises(error, match=said):
        found.run(2, "--keep-going")
    assert (tmp_path / "given").read_text() == "-m hyperband_snakemake run S --cores 2 --keep-going\n"
    assert (tmp_path / "stopped").exists() is (error is KeyboardInterrupt)
    assert ("run it again to continue" in capsys.readouterr().out) is (error is KeyboardInterrupt)
    assert found.watch().best is None
    assert capsys.readouterr().out == "Search - not begun, 0 of 1 training run done, budget 0 of 1 spent, no result yet\n"
