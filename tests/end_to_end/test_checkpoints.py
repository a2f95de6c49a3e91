"""A promoted configuration goes on from its checkpoint; what is not promoted gives its space back."""

import os
import pickle
import signal
from pathlib import Path

import numpy as np
import pytest

from hyperband_snakemake.core.tree import layout

from ..conftest import Shell, read_tree, write_tree
from ..helpers import finished, start, wait_for
from ..preloaded import preloaded

# counts units of budget in its checkpoint, one at a time, and says from where it went on
COUNTING = """#!/usr/bin/env bash
done=$(cat "$1/checkpoint" 2>/dev/null || echo 0)
echo "$HYBAND_BRACKET $HYBAND_STAGE $HYBAND_CONFIG $HYBAND_ATTEMPT from $done previous ${3:+yes} $HYBAND_PREVIOUS_BUDGET" >> "$HYBAND_START/ledger"
while ((done < $2)); do
    done=$((done + 1))
    echo $done > "$1/checkpoint.tmp" && mv "$1/checkpoint.tmp" "$1/checkpoint"
    echo unit >> "$HYBAND_START/units"
    [[ ! -e $HYBAND_START/stop-at || $done != $(cat "$HYBAND_START/stop-at") ]] || { touch "$HYBAND_START/waits"; sleep 100; }
done
echo "0.$(cat "$1/config" | tr -cd 0-9)" > "$1/result"
"""
CARRY = ("--resume", "--carry", "checkpoint", "--discard", "checkpoint*")


def template(shell: Shell) -> Path:
    return write_tree(shell.cwd / "T", {"config": "x: {{ range(1000, 9999) | random }}\n", "run.sh": COUNTING})


def search(shell: Shell, *options: str, output: str = "S") -> Path:
    return shell.generate(2, 3, *options, output=output, template=template(shell))


def ledger(shell: Shell) -> list[str]:
    return sorted((shell.cwd / "ledger").read_text().splitlines())


def test_each_unit_of_budget_is_trained_once(shell: Shell) -> None:
    """2 3 resumed: 9 + 3 x 2 + 6, then 5 x 3 + 6, then 3 x 9: 69 instead of 81 units, as planned and as status counts."""
    finished(shell, 2, 3, *CARRY, template=template(shell))
    assert len((shell.cwd / "units").read_text().split()) == 21 + 21 + 27
    status = shell.status()
    assert (status["budget"], status["budget_spent"], status["cost_remaining"]) == (69, 69, 0)
    assert "0 1 2 1 from 1 previous yes 1" in ledger(shell)
    assert "0 2 0 1 from 3 previous yes 3" in ledger(shell)
    assert "1 0 0 1 from 0 previous  " in ledger(shell)


def test_the_same_results_without(shell: Shell) -> None:
    resumed, whole = search(shell, *CARRY, output="R"), search(shell, output="W")
    shell.snakemake("R")
    shell.snakemake("W")
    names = (layout.RESULT, layout.CONFIG, layout.PROMOTION)
    mine, theirs = ({k: v for k, v in read_tree(s).items() if k.rpartition("/")[2] in names} for s in (resumed, whole))
    assert mine == theirs
    assert "0 1 0 1 from 0 previous yes 1" in ledger(shell)  # $3 is there in both, to use or not


def test_what_is_discarded(shell: Shell) -> None:
    """Those that were not promoted have lost their checkpoint and nothing else; the promoted and the last ones keep it."""
    path = finished(shell, 2, 3, *CARRY, template=template(shell))
    has = {slot.parent.relative_to(path).as_posix(): (slot.parent / "checkpoint").exists() for slot in path.glob("bracket-*/*/*/result")}
    kept = {origin.read_text().split()[1] for origin in path.glob("bracket-*/*/*/origin")}
    last = {name for name in has if name.startswith(("bracket-0/stage-2", "bracket-1/stage-1", "bracket-2"))}
    assert {name for name, there in has.items() if there} == kept | last
    assert len(has) == 22
    assert "discarded checkpoint* of 6 configurations, " in (path / "bracket-0/stage-0/promotion.log").read_text()
    assert "Disk - " in shell.run("hyband", "status", path)
    assert shell.status()["disk_bytes"] > 0


def test_a_discard_that_was_cut_off_is_made_up_for(shell: Shell) -> None:
    path = finished(shell, 2, 3, *CARRY, template=template(shell))
    table = (path / "bracket-0/stage-0/promotion").read_text()
    lost = next(path / f"bracket-0/stage-0/config-{c}" for c in range(9) if f"\t{c}\t" not in table)
    (lost / "checkpoint").write_text("left over")
    (path / "config").unlink()
    shell.snakemake()
    assert not (lost / "checkpoint").exists()


def test_a_cut_off_training_goes_on_from_its_own_checkpoint(shell: Shell) -> None:
    """Killed at the seventh of nine units, after it had taken three along: it trains two more, not six."""
    path = search(shell, *CARRY, "--bracket", "0")
    (shell.cwd / "stop-at").write_text("7")
    process = start(shell, "")
    wait_for((shell.cwd / "waits").exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (shell.cwd / "stop-at").unlink()
    shell.snakemake()
    assert "0 2 0 2 from 7 previous yes 3" in ledger(shell)
    assert len((shell.cwd / "units").read_text().split()) == 21
    assert (path / "bracket-0/stage-2/config-0/checkpoint").read_text() == "9\n"


def test_an_origin_that_was_lost(shell: Shell) -> None:
    """The table of the promotion knows it, too."""
    path = search(shell, *CARRY, "--bracket", "0")
    shell.snakemake("S", "--until", "promote_bracket_0_stage_0")
    for origin in path.glob("bracket-0/stage-1/*/origin"):
        origin.unlink()
    shell.snakemake()
    assert [line for line in ledger(shell) if line.startswith("0 1")] == [f"0 1 {c} 1 from 1 previous yes 1" for c in range(3)]


@pytest.mark.parametrize("pattern", ["../*", "/tmp/*", "", ".", "a**b", "models/**.pt", "***"])
def test_patterns_that_lead_out_or_mean_nothing(shell: Shell, pattern: str) -> None:
    done = shell.try_run("hyband", "generate", "1", "2", "-o", "S", "--discard", pattern)
    assert done.returncode == 2
    assert "Error: --discard is" in done.stdout
    assert "such as 'checkpoint*'" in done.stdout


@pytest.mark.slow
def test_the_example_is_the_same_to_the_last_digit(shell: Shell) -> None:
    """A network that went on from stage to stage equals one that was trained in one go: each weight, and all results."""
    shell.run("hyband", "init", "T", "--example", "digits")
    for output, options in (("W", ()), ("R", ("--resume", "--carry", "checkpoint", "--discard", "checkpoint"))):
        shell.run("hyband", "generate", "--max-budget", "4", "--min-budget", "2", "--eta", "2", "--random-seed", "1",
                  "--template-dir", "T", "--output-dir", output, *options)
    whole, resumed = shell.cwd / "W", shell.cwd / "R"
    with preloaded([whole, resumed], "yaml", "sklearn.datasets", "sklearn.model_selection", "sklearn.neural_network"):
        for output in ("W", "R"):
            shell.snakemake(output)
    assert (whole / "best.json").read_text().replace("W/", "") == (resumed / "best.json").read_text().replace("R/", "")
    last = sorted(path.relative_to(resumed) for path in resumed.glob("bracket-*/*/*/checkpoint") if path.parent.parent.name == "stage-1")
    for path in [*last, Path("bracket-1/stage-0/config-0/checkpoint")]:
        (one, epochs), (two, same) = (pickle.loads((tree / path).read_bytes()) for tree in (whole, resumed))
        assert epochs == same == 4
        for a, b in zip(one.coefs_ + one.intercepts_, two.coefs_ + two.intercepts_, strict=True):
            assert np.array_equal(a, b)
    assert last
    assert "Resuming after epoch 2" in (resumed / last[0].parent / "log.log").read_text()
    assert "Resuming after epoch 0" in (whole / last[0].parent / "log.log").read_text()
