"""What fails everywhere stops the run, early and with what to do; what fails here and there does not."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Shell

BROKEN = "echo no-such-module >&2; exit 3"
SAID = "no training run of this search has ever succeeded. This run was stopped."


def run(shell: Shell, *options: str, res: str, env: dict[str, str] | None = None) -> Any:
    return shell.try_run("snakemake", "--snakefile", "S/Snakefile", "--cores", "2", *options, env={"RES": res} | (env or {}))


def statuses(shell: Shell) -> list[str]:
    return [slot["status"] for slot in shell.slots().values()]


def trained(search: Path) -> list[str]:
    return sorted(path.name for path in search.glob("bracket-*/stage-*/attempts/*"))


def test_the_first_five_stop_the_run_and_nothing_is_lost(shell: Shell) -> None:
    search = shell.generate(3, 2)
    done = run(shell, res=BROKEN)
    assert done.returncode == 1
    numbers = re.findall(rf"Error: ([56]) configurations failed, and {re.escape(SAID)}", done.stdout)  # two run at a time
    assert len(numbers) == 2  # when it happens, and at the end
    text = done.stdout[done.stdout.rindex("Error: "):]
    for words in (f"{numbers[1]} failed - no-such-module (run.sh exited with status 3)", "    no-such-module\n", "Fix the cause: S/run.sh ", "hyband retry S",
                  "hyband run S bracket-0/stage-0/config-", "hyband run S --keep-failing", "HYBAND_KEEP_FAILING=1 snakemake"):
        assert words in text
    failed = statuses(shell).count("failed")
    assert failed in (5, 6)  # two run at a time
    assert set(statuses(shell)) == {"failed", "pending"}
    assert not list(search.glob("bracket-*/stage-*/promotion"))

    again = run(shell, res=BROKEN)  # nothing was fixed: the next failure stops it
    assert again.returncode == 1
    assert SAID in again.stdout
    assert failed < statuses(shell).count("failed") <= failed + 2

    shell.run("hyband", "retry", "S")
    one = "bracket-0/stage-0/config-0"
    assert run(shell, f"{one}/outcome", res='echo 0.5 > "$1/result"').returncode == 0
    assert statuses(shell).count("completed") == 1
    run(shell, res='echo 0.$x > "$1/result"')
    assert set(statuses(shell)) == {"completed"}
    assert shell.status()["complete"]
    assert not (search / "run.stopped").exists()


def test_hyband_run_says_just_that(shell: Shell) -> None:
    shell.generate(3, 2)
    done = shell.try_run("hyband", "run", "S", "--cores", "2", env={"RES": BROKEN})
    assert done.returncode == 1
    assert done.stdout.count(SAID) == 1
    assert "WorkflowError" not in done.stdout
    line = next(line for line in done.stdout.splitlines() if line.startswith("Failed: "))
    assert re.fullmatch(r"Failed: (\S+) - no-such-module \(run.sh exited with status 3\) \(S/\1/attempt-2.log\)", line)


@pytest.mark.parametrize("way", ["option", "variable"])
def test_whoever_wants_it_continues(shell: Shell, way: str) -> None:
    shell.generate(2, 2)
    if way == "option":
        done = shell.try_run("hyband", "run", "S", "--keep-failing", "--cores", "2", env={"RES": BROKEN})
    else:
        done = run(shell, res=BROKEN, env={"HYBAND_KEEP_FAILING": "1"})
    assert done.returncode == 1
    assert ("Every training run failed." if way == "option" else "no configuration has a result") in done.stdout
    assert SAID not in done.stdout
    assert set(statuses(shell)) == {"failed", "empty"}


def test_a_single_success_is_enough_to_continue(shell: Shell) -> None:
    """Even if everything else fails, and in a later run."""
    shell.generate(3, 2)
    one = 'echo 0.5 > "$1/result"'
    run(shell, "bracket-3/stage-0/config-3/outcome", res=one)
    done = run(shell, res=BROKEN)
    assert (done.returncode, SAID in done.stdout) == (0, False)
    assert statuses(shell).count("completed") == 1
    assert "21 of 35 configurations failed. Why: hyband failures S" in done.stdout


def test_what_runs_is_finished(shell: Shell) -> None:
    shell.generate(3, 2)
    slow = 'until [ -e S/run.stopped ]; do sleep 0.05; done; echo 0.5 > "$1/result"'
    done = run(shell, res=f"mkdir first 2>/dev/null && {{ {slow}; }} || {{ {BROKEN}; }}")
    assert done.returncode == 1
    assert sorted(status for status in statuses(shell) if status != "pending") == ["completed"] + 5 * ["failed"]


@pytest.mark.parametrize(("options", "number"), [(("0", "2"), 1), (("3", "2", "--bracket", "3"), 4), (("2", "2", "--bracket", "1", "--retries", "0"), 3)])
def test_fewer_are_enough_where_fewer_are_started(shell: Shell, options: tuple[str, ...], number: int) -> None:
    search = shell.generate(*map(int, options[:2]), *options[2:])
    done = run(shell, res=BROKEN)
    assert done.returncode == 1
    assert f"Error: {number} configuration{'s' * (number > 1)} failed, and {SAID}" in done.stdout
    assert not list(search.glob("bracket-*/stage-*/promotion"))


def test_folds_of_one_configuration_are_one_failure(shell: Shell) -> None:
    """All five folds of a bad configuration fail first, and the search continues; where all fail, it stops."""
    search = shell.generate(1, 2, "--bracket", "0", "--folds", "5", "--parallel-folds", "--retries", "0")
    bad = "bracket-0/stage-0/config-0/outcome"
    assert run(shell, bad, res=BROKEN).returncode == 0
    done = run(shell, res='[ $s$n = 00 ] && exit 3; echo 0.$x > "$1/result"')
    assert (done.returncode, SAID in done.stdout) == (0, False)
    other = shell.generate(1, 2, "--bracket", "0", "--folds", "2", "--parallel-folds", "--retries", "0", output="A")
    done = shell.try_run("snakemake", "--snakefile", "A/Snakefile", "--cores", "2", env={"RES": BROKEN})
    assert (done.returncode, SAID in done.stdout) == (1, True)
    assert not list(other.glob("bracket-*/stage-*/promotion"))
    shell.run("hyband", "retry", "A")  # also those that are pending, with a failed fold
    shell.snakemake("A", res='echo 0.$x > "$1/result"')
    assert {slot["status"] for slot in shell.slots("A").values()} == {"completed"}
    assert list(search.glob("bracket-*/stage-*/promotion"))


def test_failures_of_several_runs_count_together_until_a_retry(shell: Shell) -> None:
    shell.generate(3, 2, "--retries", "0")
    slots = [f"bracket-0/stage-0/config-{c}/outcome" for c in range(8)]
    assert run(shell, *slots[:4], res=BROKEN).returncode == 0
    shell.run("hyband", "retry", "S")
    assert run(shell, *slots[:4], res=BROKEN).returncode == 0
    assert run(shell, *slots[4:], res=BROKEN).returncode == 1
    assert statuses(shell).count("failed") in (5, 6)


def test_a_program_of_an_older_run_is_not_kept_from_training(shell: Shell) -> None:
    """What an earlier run has left in run.stopped holds for that run alone, also without the hooks that take it away."""
    search = shell.generate(1, 2)
    (search / "run.stopped").write_text("elsewhere-1-1\nError: before\n")
    run(shell, "--no-hooks", res='echo 0.$x > "$1/result"')
    assert set(statuses(shell)) == {"completed"}


def test_a_training_run_is_not_started_in_a_run_that_was_stopped(shell: Shell) -> None:
    """As where a job has waited in the queue of a cluster; nothing is used up."""
    search = shell.generate(1, 2)
    (search / "run.stopped").write_text("node-1-1\nError: before\n")
    env = shell.env | {"HYBAND_RUN": "node-1-1", "HYBAND_PYTHON": str(Path(shell.run("which", "python").strip())),
                       "HYBAND_START": str(shell.cwd), "HYBAND_SEARCH": "S", "RES": 'echo 0.5 > "$1/result"'}
    command = ["bash", "hyperband/train.sh", "0", "0", "1", "0"]
    done = subprocess.run(command, cwd=search, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, "not started" in done.stderr, trained(search)) == (1, True, [])
    done = subprocess.run(command, cwd=search, env=env | {"HYBAND_RUN": "node-1-2"}, capture_output=True, text=True, check=False)
    assert (done.returncode, trained(search)) == (0, ["config-0"])
