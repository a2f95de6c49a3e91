"""Each fold of each repetition as a training of its own."""

import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.planning.forecast import files

from ..conftest import Shell, read_tree, write_tree
from ..helpers import finished, start, wait_for

RUN = """#!/usr/bin/env bash
echo "$1 $2 $4 $5 $HYBAND_FOLD $HYBAND_REPETITION $HYBAND_CONFIG ${3:+previous}" >> "$HYBAND_START/ledger"
eval "${RES:-:}"
echo "0.$(cat "$1/config" | tr -cd 0-9)$4$5" > "$1/result"
"""


FOLDS = ("--parallel-folds", "-k", "3", "-r", "2")
FAILS = "[[ $1 != */bracket-0/stage-0/config-0/* || $4$5 != 10 ]] || exit 3"


def template(shell: Shell) -> Path:
    return write_tree(shell.cwd / "T", {"config": "x: {{ range(1000, 9999) | random }}\n", "run.sh": RUN})


def search(shell: Shell, *options: str, smax: int = 1, eta: int = 2, output: str = "S") -> Path:
    return shell.generate(smax, eta, *FOLDS, *options, output=output, template=template(shell))


def ledger(shell: Shell) -> list[str]:
    return sorted((shell.cwd / "ledger").read_text().splitlines())


def test_each_fold_once(shell: Shell) -> None:
    """1 2: two, then one of them, and two: five configurations of six folds each."""
    path = finished(shell, 1, 2, *FOLDS, template=template(shell))
    lines = [line.split() for line in ledger(shell)]
    assert len(lines) == 30
    assert len({line[0] for line in lines}) == 30
    for line in lines:
        fold, repetition = line[2:4]
        assert line[4:6] == [fold, repetition]
        assert line[0].endswith(f"/config-{line[6]}/fold-{repetition}-{fold}")
        assert (line[-1] == "previous") == ("stage-1" in line[0])
    status = shell.status()
    assert (status["trainings"], status["configurations"], status["done"], status["complete"]) == (30, 5, 5, True)
    slot = path / "bracket-0/stage-0/config-0"
    values = [float((slot / f"fold-{r}-{f}/result").read_text()) for r in range(2) for f in range(3)]
    assert float((slot / "result").read_text()) == pytest.approx(sum(values) / 6)
    assert [row.split("\t") for row in (slot / "folds").read_text().splitlines()[1:]] == [
        [str(r), str(f), (slot / f"fold-{r}-{f}/result").read_text().strip()] for r in range(2) for f in range(3)]
    assert " +- 0.0000" in shell.run("hyband", "status", "S")
    assert "  fold 1-2    1. 20" in shell.run("hyband", "show", "S", "best")
    assert "The search is complete" in shell.run("hyband", "check", "S")
    assert shell.planned() == {}


@pytest.mark.parametrize(("how", "expected"), [("median", 0.3), ("min", 0.1), ("max", 0.9), ("mean", 2.2 / 6)])
def test_aggregates(shell: Shell, how: str, expected: float) -> None:
    search(shell, "--aggregate", how, smax=0)
    shell.snakemake(res='echo 0.$((1 + 2 * $4 + 4 * ($5 == 1 && $4 == 2))) > "$1/result"; exit')  # .1 .3 .5, .1 .3 .9
    assert shell.slots()[0, 0, 0]["result"] == pytest.approx(expected)


@pytest.mark.parametrize("how", ["mean", "median"])
def test_folds_near_the_largest_number(shell: Shell, how: str) -> None:
    """A training that diverges: neither the sum of its folds nor their spread is a number any more, their mean is."""
    search(shell, "--aggregate", how, smax=0)
    shell.snakemake(res='echo "$((1 - 2 * ($4 == 0))).7e308" > "$1/result"; exit')  # of three folds, one is negative
    assert shell.slots()[0, 0, 0]["result"] == pytest.approx({"mean": 1.7e308 / 3, "median": 1.7e308}[how])
    for command in (["status", "S"], ["show", "S", "best"], ["export", "S", "-o", "rows.csv"]):
        assert "Traceback" not in shell.run("hyband", *command)


def test_a_failed_fold_is_named(shell: Shell) -> None:
    path = finished(shell, 1, 2, *FOLDS, template=template(shell), res=FAILS)
    slot = shell.slots()[0, 0, 0]
    assert (slot["status"], slot["reason"]) == ("failed", "repetition 0, fold 1: run.sh exited with status 3")
    assert shell.slots()[0, 1, 0]["origin"] == "bracket-0/stage-0/config-1"
    assert "0\t1\tnan\n" in (path / "bracket-0/stage-0/config-0/folds").read_text()
    found = shell.try_run("hyband", "check", "S").stdout
    assert "0 findings. The search is complete, 1 failed." in found
    before = len(ledger(shell))
    shell.run("hyband", "retry", "S", "--redo-promotions")
    shell.snakemake()
    assert len(ledger(shell)) in (before + 1, before + 1 + 6)  # that fold alone; and what it promotes, if it does
    assert shell.slots()[0, 0, 0]["status"] == "completed"


def test_a_retry_waits_for_no_fold(shell: Shell) -> None:
    """One fold has left something running: it is named, and nothing is done."""
    path = search(shell, "--retries", "0", smax=0)
    shell.snakemake(res="[[ $4$5 != 11 ]] || { sleep 300 & echo $! > left; exit 3; }",
                    env={"HYBAND_KEEP_FAILING": "1"}, check=False)
    try:
        done = shell.try_run("hyband", "retry", "S", timeout=30)
    finally:
        os.kill(int((shell.cwd / "left").read_text()), signal.SIGKILL)
    assert (done.returncode, "config-0/fold-1-1 still has something running (process" in done.stdout) == (1, True)
    assert (path / "bracket-0/stage-0/config-0/outcome").read_text().startswith("failed: repetition 1, fold 1: ")


def test_where_the_output_is_if_all_have_failed(shell: Shell) -> None:
    """The log that is shown is that of a fold that failed, also while others are still running."""
    path = search(shell, "--retries", "0", smax=0)
    waits = 'while [ ! -e "$HYBAND_START/S/run.stopped" ]; do sleep 0.1; done; exit'
    out = shell.snakemake("S", "--cores", "6", res=f"[[ $4$5 != 11 ]] || exit 3; {waits}", check=False)
    name = next(line.split()[2].removesuffix(":") for line in out.splitlines() if line.startswith("  End of "))
    assert name == "bracket-0/stage-0/config-0/fold-1-1/attempt-1.log"
    assert (path / name).is_file()


def test_an_empty_slot_trains_nothing(shell: Shell) -> None:
    search(shell, smax=1)
    shell.snakemake(res="[[ $1 != *bracket-0/stage-0* ]] || exit 3")
    assert shell.slots()[0, 1, 0]["status"] == "empty"
    assert not [line for line in ledger(shell) if "bracket-0/stage-1" in line]


def test_more_repetitions_further_up(shell: Shell) -> None:
    """Stage 1 has three repetitions; the third one is new there, and has nothing to go on from. All files are as predicted."""
    path = search(shell, "--repetitions-at-stage", "1=3", "--resume", "--bracket", "0")
    shell.snakemake()
    lines = [line.split() for line in ledger(shell) if "stage-1" in line]
    assert sorted((line[3], line[2], line[-1] == "previous") for line in lines) == [
        (str(r), str(f), r < 2) for r in range(3) for f in range(3)]
    out = shell.run("hyband", "plan", "1", "2", "--parallel-folds", "-k", "3", "-r", "2", "--repetitions-at-stage", "1=3", "--resume")
    assert "Training runs  33\n" in out
    found = [p for p in path.rglob("*") if p.is_file() and not {".snakemake", "hyperband"} & set(p.parts)]
    assert len(found) == files(read_plan(path))


def test_killed_between_folds(shell: Shell) -> None:
    search(shell, "--bracket", "0")
    process = start(shell, "[[ -e go || $1$4$5 != *bracket-0/stage-0/config-0/*21 ]] || sleep 100")
    wait_for(lambda: (shell.cwd / "ledger").exists() and len(ledger(shell)) >= 4)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (shell.cwd / "go").touch()
    out = shell.snakemake()
    assert shell.status()["complete"], out


HALF = '{"attempt": 1, "start": "2026-01-01T00:00:00Z", "host": "h", "pid": 1, "run": "h-1-1"'


@pytest.mark.parametrize("lost", [{"attempts/config-0-fold-0-1": HALF}, {"attempts/config-0-fold-0-1": "", "config-0/fold-0-1/outcome": ""}])
def test_a_fold_whose_record_was_cut_short_is_trained_again(shell: Shell, lost: dict[str, str]) -> None:
    """It has an outcome and a result, as after a power cut; its configuration has none yet."""
    path = finished(shell, 1, 2, *FOLDS, "--bracket", "0", template=template(shell), until=["train_bracket_0_stage_0"])
    write_tree(path / "bracket-0/stage-0", lost)
    (shell.cwd / "ledger").unlink()
    out = shell.snakemake(check=False)
    assert "bracket-0/stage-0/config-0/fold-0-1 has no outcome yet (1 in all). Run snakemake again." in out
    shell.snakemake()
    assert [line.split()[0] for line in ledger(shell) if "bracket-0/stage-0" in line] == ["S/bracket-0/stage-0/config-0/fold-0-1"]
    assert shell.status()["complete"]


@pytest.mark.parametrize("lost", ["fold-0-1", "fold-*", "../attempts/config-0-fold-0-1 fold-0-1/outcome fold-0-1/result"])
@pytest.mark.parametrize("status", ["completed", "failed"])
def test_folds_that_were_lost_come_back(shell: Shell, lost: str, status: str) -> None:
    """What is done is done: neither is a fold trained again, nor does its configuration get another result."""
    path = finished(shell, 1, 2, *FOLDS, template=template(shell), res=FAILS if status == "failed" else None)
    slot = path / "bracket-0/stage-0/config-0"
    before = {name: (slot / name).read_text() for name in ("result", "outcome", "folds")}
    assert before["outcome"].startswith(status)
    for pattern in lost.split():
        for gone in slot.glob(pattern):
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    (shell.cwd / "ledger").unlink()
    shell.snakemake(res="echo 0.1 > $1/result; echo trained >> $HYBAND_START/ledger; exit")
    assert not (shell.cwd / "ledger").exists()
    assert {name: (slot / name).read_text() for name in before} == before
    assert shell.status()["complete"]


def test_a_result_of_a_configuration_put_there_by_hand(shell: Shell) -> None:
    """It counts, as without folds: none of its folds is trained, and it is promoted as it is."""
    path = search(shell, "--bracket", "0")
    slot = path / "bracket-0/stage-0/config-1"
    (slot / "result").write_text("-7.5\n")
    assert shell.slots()[0, 0, 1]["result"] == -7.5
    shell.snakemake()
    assert not [line for line in ledger(shell) if "bracket-0/stage-0/config-1/" in line]
    assert len(ledger(shell)) == 12
    assert (slot / "result").read_text() == "-7.5\n"
    assert (path / "bracket-0/stage-0/promotion").read_text().endswith("0\t1\t-7.5\n")
    assert shell.planned() == {}


def test_a_fold_that_writes_the_result_of_its_configuration(shell: Shell) -> None:
    """Just the numbers in the directories of the folds count."""
    path = search(shell, smax=0)
    seen = "hyband status S --json > $HYBAND_START/seen-$4-$5.json"
    shell.snakemake(res=f"echo -9 > $1/../result; {seen}; echo 0.$((4 + $4)) > $1/result; exit")
    assert (path / "bracket-0/stage-0/config-0/result").read_text() == "0.5\n"
    for status in shell.cwd.glob("seen-*.json"):
        assert json.loads(status.read_text())["done"] == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--repetitions-at-stage", "2"], "expected STAGE=REPETITIONS"),
        (["--repetitions-at-stage", "1=1"], "no fewer than in stage 0, 2"),
    ],
)
def test_mistakes(shell: Shell, options: list[str], said: str) -> None:
    done = shell.try_run("hyband", "plan", "1", "2", "-k", "3", "-r", "2", "--parallel-folds", *options)
    assert (done.returncode, said in done.stdout) == (2, True)
    assert "needs --parallel-folds" in shell.run("hyband", "plan", "1", "2", "--repetitions-at-stage", "1=3", check=False)
    assert "--aggregate needs --parallel-folds" in shell.run("hyband", "plan", "1", "2", "--aggregate", "max", check=False)


STAGE = "s=${1#*stage-}; s=${s%%/*}; "
NUMBER = 'echo "0.$4$5$(tr -cd 0-9 < $1/config)$s" > $1/result; exit'
FORGED = {
    "the directory below": STAGE + '[[ $3 ]] && cp -rn "$3/../." "$1/.."; ',
    "an outcome": STAGE + 'echo 0.00001 > $1/../result; echo "completed: 0.00001" > $1/../outcome; ',
    "no outcome": STAGE + "echo empty > $1/../outcome; ",
    "a failure": STAGE + 'echo "failed: no" > $1/../outcome; ',
    "a record": STAGE + 'echo \'{"attempt": 1, "end": "x", "exit": 0, "result": "-9", "reason": ""}\' > $1/../attempts; ',
}


@pytest.mark.parametrize("kind", FORGED)
@pytest.mark.parametrize("stopped", [False, True])
def test_a_configuration_has_the_number_that_its_folds_have_made(shell: Shell, kind: str, stopped: bool) -> None:
    """Whatever a fold writes into its directory, also where the run is stopped before all folds have ended."""
    few = ("--parallel-folds", "-k", "2", "--bracket", "0")
    sound = finished(shell, 1, 2, *few, res=STAGE + NUMBER, output="sound", template=template(shell))
    path = shell.generate(1, 2, *few, template=template(shell))
    if stopped:
        stop = FORGED[kind] + "[[ $s == 1 && $4$5 == 10 ]] && { until [ -s $1/../../attempts/config-0-fold-0-0 ]; do sleep 0.05; done; "
        process = start(shell, stop + "touch go; sleep 100; }; " + NUMBER, "--cores", "2")
        wait_for(lambda: (shell.cwd / "go").exists() or process.poll() is not None)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for _ in range(3):
        if shell.try_run("snakemake", "--snakefile", "S/Snakefile", env={"RES": FORGED[kind] + NUMBER}).returncode == 0:
            break
    for name in (n for n in read_tree(sound) if n.endswith(("outcome", "promotion", "best.json", "/config", "result"))):
        assert (path / name).read_text() == (sound / name).read_text(), name
    assert "0 findings" in shell.run("hyband", "check", "S")


def test_an_outcome_that_folds_have_not_made_is_found_and_made_again(shell: Shell) -> None:
    path = finished(shell, 1, 2, *FOLDS, template=template(shell))
    slot = path / "bracket-0/stage-1/config-0"
    before = (slot / "outcome").read_text()
    (slot / "outcome").write_text("completed: 0.00001\n")
    assert "its outcome does not match its folds (completed: 0.00001)" in shell.run("hyband", "check", "S", check=False)
    assert "the next run makes it from the folds" in shell.run("hyband", "check", "--fix", "S", check=False)
    shell.snakemake()
    assert (slot / "outcome").read_text() == before
    (slot / "folds").unlink()
    assert shell.status()["complete"]
