"""Proposals of a search, one after the other, as its program makes them: what they learn from, and that they differ."""

import itertools
import json
from pathlib import Path

import pytest

from hyperband_snakemake.propose import main
from hyperband_snakemake.samplers.names import OPTUNA

from ..conftest import Shell, write_tree


def refined(shell: Shell, sampler: str, parameters: int, *options: str) -> Path:
    """A search of one bracket, 9 configurations at budget 1, 3 at 3 and 1 at 9, to which ten trials are added."""
    names = [f"p{n}" for n in range(parameters)]
    config = "".join(f"{name}: {{{{ uniform('{name}', 0, 1) }}}}\n" for name in names)
    template = write_tree(shell.cwd / "T", {"config": config, "run.sh": "exit 3\n"})
    search = shell.generate(2, 3, "--bracket", "0", template=template)
    for stage, survivors in enumerate([9, 3, 1]):
        for c in range(survivors):
            end(search, f"bracket-0/stage-{stage}/config-{c}", values(search, 0, c))
        if stage:
            table = "".join(f"{c}\t{c}\t0.5\n" for c in range(survivors))
            write_tree(search, {f"bracket-0/stage-{stage - 1}/promotion": f"slot\tfrom\tresult\n{table}"})
    shell.run("hyband", "refine", "S", "--trials", "10", "--sampler", sampler, *options)
    return search


def proposal(search: Path, bracket: int) -> dict:
    return json.loads((search / f"bracket-{bracket}/proposal").read_text())


def values(search: Path, bracket: int, config: int = 0) -> list[float]:
    return list(json.loads(proposal(search, bracket)["configurations"][config]["parameters"])["values"].values())


def end(search: Path, slot: str, point: list[float], outcome: str = "") -> None:
    """Let a training run end, with the distance from some point as its result."""
    result = sum((x - 0.3 - 0.05 * i) ** 2 for i, x in enumerate(point))
    write_tree(search, {f"{slot}/outcome": outcome or f"completed: {result}\n"})


@pytest.mark.parametrize("parameters", [3, 6, 10])
@pytest.mark.parametrize("sampler", [*OPTUNA, "optuna.samplers.NSGAIISampler"])
def test_ten_refinements_in_a_row(shell: Shell, sampler: str, parameters: int) -> None:
    """All differ, from the first one on, and learn from results at the largest budget as soon as there are three."""
    if sampler == "gp":
        pytest.importorskip("torch")
    search = refined(shell, sampler, parameters)
    for bracket in range(1, 11):
        assert main(search, bracket) == 0
        end(search, f"bracket-{bracket}/stage-0/config-0", values(search, bracket))
    learned = [proposal(search, bracket)["learned"] for bracket in range(1, 11)]
    assert learned[0] == {"budget": "1", "results": 9}
    assert learned[1] == {"budget": "1", "results": 9, "running": 1}
    assert learned[2:] == [{"budget": "9", "results": number} for number in range(3, 11)]
    assert {proposal(search, bracket)["configurations"][0]["by"] for bracket in range(1, 11)} == {sampler}
    points = [values(search, 0), *(values(search, bracket) for bracket in range(1, 11))]
    for one, other in itertools.combinations(points, 2):
        assert max(abs(x - y) for x, y in zip(one, other, strict=True)) > 0.005


@pytest.mark.parametrize("sampler", OPTUNA)
def test_refinements_that_all_fail(shell: Shell, sampler: str) -> None:
    """Nothing is found at the largest budget: what was tried there is known all the same, and is not tried again."""
    if sampler == "gp":
        pytest.importorskip("torch")
    search = refined(shell, sampler, 3)
    for bracket in range(1, 7):
        assert main(search, bracket) == 0
        end(search, f"bracket-{bracket}/stage-0/config-0", [], "failed: exit status 3\n")
        learned = {"budget": "1", "results": 9} | ({"running": bracket - 1} if bracket > 1 else {})
        assert proposal(search, bracket)["learned"] == learned
    points = [values(search, bracket) for bracket in range(1, 7)]
    for one, other in itertools.combinations(points, 2):
        assert max(abs(x - y) for x, y in zip(one, other, strict=True)) > 0.005


def test_what_runs_beside_a_proposal_is_known_but_not_its_result(shell: Shell) -> None:
    """Three at a time: the k-th learns from those up to the (k - 3)-th, whether those between have ended or not.

    The programs of an earlier version may ask for any of them first.
    """
    search = refined(shell, "tpe", 3, "--parallel", "3")
    assert main(search, 3) == 0
    assert (search / "bracket-2/proposal").exists()
    for bracket in range(1, 11):
        assert main(search, bracket) == 0
        end(search, f"bracket-{bracket}/stage-0/config-0", values(search, bracket))
    learned = [proposal(search, bracket)["learned"] for bracket in range(1, 11)]
    small = [{"budget": "1", "results": 9} | ({"running": n} if n else {}) for n in (0, 1, 2, 3)]
    assert learned == [*small, *({"budget": "9", "results": n, "running": 2} for n in range(3, 9))]
    assert len({tuple(values(search, bracket)) for bracket in range(1, 11)}) == 10

    before = {bracket: (search / f"bracket-{bracket}/proposal").read_bytes() for bracket in range(1, 11)}
    for bracket in range(1, 11):
        (search / f"bracket-{bracket}/proposal").unlink()
        (search / f"bracket-{bracket}/stage-0/config-0/outcome").unlink()
    for bracket in range(1, 11):  # the same, where none ends earlier than it has to
        if bracket > 3:
            end(search, f"bracket-{bracket - 3}/stage-0/config-0", values(search, bracket - 3))
        assert main(search, bracket) == 0
        assert (search / f"bracket-{bracket}/proposal").read_bytes() == before[bracket]


def test_a_trial_is_the_same_whatever_was_promoted_meanwhile(shell: Shell) -> None:
    """It waits for the 9 results at budget 1 alone. Bracket 1 begins at 3: of its configurations none is known to it."""
    config = "".join(f"p{n}: {{{{ uniform('p{n}', 0, 1) }}}}\n" for n in range(6))
    template = write_tree(shell.cwd / "T", {"config": config, "run.sh": "exit 3\n"})
    search = shell.generate(2, 3, "--bracket", "0", "--bracket", "1", template=template)
    shell.run("hyband", "refine", "S", "--trials", "1", "--sampler", "tpe")
    for c in range(9):
        end(search, f"bracket-0/stage-0/config-{c}", values(search, 0, c))
    assert main(search, 2) == 0
    early = (search / "bracket-2/proposal").read_bytes()
    assert proposal(search, 2)["learned"] == {"budget": "1", "results": 9}
    (search / "bracket-2/proposal").unlink()
    for c in range(5):
        end(search, f"bracket-1/stage-0/config-{c}", values(search, 1, c))
    write_tree(search, {"bracket-1/stage-0/promotion": "slot\tfrom\tresult\n0\t3\t0.5\n"})
    assert main(search, 2) == 0
    assert (search / "bracket-2/proposal").read_bytes() == early


def test_joint_learns_from_all_budgets(shell: Shell) -> None:
    """And from what runs beside it as unknown; five in a row all differ."""
    search = refined(shell, "joint", 3, "--parallel", "2")
    for bracket in range(1, 6):
        assert main(search, bracket) == 0
        if bracket > 1:
            end(search, f"bracket-{bracket - 1}/stage-0/config-0", values(search, bracket - 1))
    learned = [proposal(search, bracket)["learned"] for bracket in range(1, 6)]
    assert learned[0] == {"budget": "1", "results": 9}  # one of the first two does not wait for the larger ones
    assert learned[1:] == [{"budgets": ["1", "3", "9"], "results": n, "running": 1} for n in range(13, 17)]
    points = [values(search, bracket) for bracket in range(1, 6)]
    assert len(set(map(tuple, points))) == 5
