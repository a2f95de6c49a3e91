"""Training runs that do what they like in their directory: the right number counts, and the right configuration wins."""

import json
import os
import random
import re
import signal
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.record import record_path

from ..conftest import FIXTURE, Shell, write_tree
from ..helpers import start, wait_for

CONFIG = "x: {{ uniform('x', 0.1, 0.9) }}\n"
# which of these a training run does is decided by its slot and attempt; each that ends well leaves the right number
RUN = """\
x=$(sed -n 's/^x: //p' "$1/config")
wrong() { echo -99 > "$1/result"; }
attempt=$HYBAND_ATTEMPT
RANDOM=$((HYBAND_BRACKET * 1000 + HYBAND_STAGE * 100 + HYBAND_CONFIG * 10 + attempt))
if [[ ! ${CALM:-} ]]; then
    case $((RANDOM % 14)) in
        0) rm -rf "$1" && mkdir -p "$1" ;;
        1) mv "$1/config" "$1/my-config" ;;
        2) rm "$1/config" && mkdir "$1/config" ;;
        3) echo '{"values": {"x": 5}, "space": {}, "seeds": {}}' > "$1/parameters.json"; echo 'x: 5' > "$1/config" ;;
        4) echo '{"attempt": 1, "end": "x", "exit": 0, "result": "-99", "reason": ""}' > "$1/attempts" ;;
        5) echo 'completed: -99' > "$1/outcome" ;;
        6) mkdir "$1/outcome" "$1/attempts" "$1/attempt-2.log" ;;
        7) wrong "$1"; ((attempt > 1)) || exit 1 ;;
        8) wrong "$1"; ((attempt > 1)) || kill -9 $$ ;;
        9) wrong "$1"; ((attempt > 1)) || kill -9 $PPID $$ ;;
        10) ln -sf /dev/null "$1/config"; ln -sf /dev/null "$1/outcome" ;;
        11) rm -rf "$1"/*; ((attempt > 1)) || exit 1 ;;
        12) mkdir "$1/result"; ((attempt > 1)) || exit 0; rmdir "$1/result" ;;
        13) trap 'wrong "$1"; exit 0' INT TERM HUP; for _ in 1 2 3 4; do sleep 0.05; done ;;
    esac
fi
echo "$x$2" > "$1/result"
"""
NORMAL = 'echo "$x" > "$1/result"; '
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ROUNDS = int(os.environ.get("HYBAND_TEST_MISBEHAVIOUR", "1"))  # for more luck, more


@pytest.fixture
def template(shell: Shell) -> Path:
    return write_tree(shell.cwd / "T", {"config": CONFIG, "run.sh": RUN})


def calm(shell: Shell, template: Path, *options: str) -> Path:
    search = shell.generate(3, 2, *options, template=template, output="calm")
    shell.run("snakemake", "--snakefile", "calm/Snakefile", "-j", "4", env={"CALM": "1"})
    return search


def assert_the_same(search: Path, calm: Path) -> None:
    for path in [calm / "config", *calm.glob("bracket-*/proposal"), *calm.glob("bracket-*/stage-*/promotion")]:
        assert (search / path.relative_to(calm)).read_text() == path.read_text(), path
    for path in calm.glob("bracket-*/stage-*/config-*/*"):
        if path.name in ("config", "parameters.json", "result"):
            assert (search / path.relative_to(calm)).read_text() == path.read_text(), path


def test_nothing_that_a_training_run_does_changes_the_winner(shell: Shell, template: Path) -> None:
    sound = calm(shell, template, "--sampler", "tpe")
    search = shell.generate(3, 2, "--sampler", "tpe", "--retries", "3", template=template)
    out = shell.snakemake("S", "-j", "4")
    assert_the_same(search, sound)
    assert "both are restored as drawn" in out
    assert "0 findings. The search is complete." in shell.run("hyband", "check", "--fix", "S")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nor_when_the_search_is_stopped_at_random_moments(shell: Shell, template: Path) -> None:
    sound = calm(shell, template)
    rng = random.Random(7)
    for number in range(ROUNDS):
        search = shell.generate(3, 2, "--retries", "3", template=template, output=f"S{number}")
        for _ in range(6):
            before = ended(search)
            process = start(shell, "", "-j", "4", search=search.name)
            wait_for(lambda: ended(search) >= before + rng.randint(1, 6) or process.poll() is not None)  # noqa: B023
            if process.poll() is None:
                os.killpg(process.pid, rng.choice(SIGNALS))
            process.wait(180)
        shell.snakemake(search.name, "-j", "4")
        assert_the_same(search, sound)


def ended(search: Path) -> int:
    return len(list(search.glob("bracket-*/stage-*/config-*/outcome")))


@pytest.mark.parametrize("text", ["", '{"attempt": 1, "start": "2026-01-01T00:00:00Z", "host": "h", "pid": 1, "run": "h-1-1"'])
def test_a_number_whose_record_is_lost_is_not_one_that_was_put_there_by_hand(shell: Shell, text: str) -> None:
    """After a power cut a file may be there and empty, or lack its second half."""
    search = shell.generate(1, 2)
    slot = search / "bracket-0/stage-0/config-0"
    write_tree(slot, {"attempt-1.log": "", "result": "-99\n"})
    write_tree(record_path(slot).parent, {"config-0": text})
    shell.snakemake(res='echo "$1" >> trained; echo 0.$x > "$1/result"')
    assert "S/bracket-0/stage-0/config-0" in (shell.cwd / "trained").read_text().split()
    assert shell.slots()[0, 0, 0]["result"] > 0


@pytest.mark.parametrize("outcome", ["completed: []\n", "completed: -0.1", "failed: no\n", "", "completed: -99\n"])
def test_the_record_outweighs_an_outcome_that_was_cut_short(shell: Shell, outcome: str) -> None:
    search = shell.generate(1, 2)
    shell.snakemake("S", "--until", "train_bracket_0_stage_0", "train_bracket_1_stage_0", res='echo 0.5$n > "$1/result"')
    (search / "bracket-0/stage-0/config-0/outcome").write_text(outcome)
    shell.snakemake(res='echo 0.5$n > "$1/result"')
    assert shell.slots()[0, 1, 0]["origin"] == "bracket-0/stage-0/config-0"
    assert {slot["status"] for slot in shell.slots().values()} == {"completed"}


def test_a_configuration_that_was_edited_before_it_was_trained_is_as_drawn_again(shell: Shell) -> None:
    search = shell.generate(1, 2)
    slot = search / "bracket-0/stage-0/config-1"
    drawn = (slot / "config").read_text()
    (slot / "config").write_text("mine\n")
    out = shell.snakemake()
    assert "bracket-0/stage-0/config-1: config or parameters.json was changed before it was trained." in out
    assert ((slot / "config").read_text(), (slot / "config.replaced-1").read_text()) == (drawn, "mine\n")


def test_no_second_attempt_where_the_first_may_still_write(shell: Shell) -> None:
    """run.sh has handed its work to somebody else and left: it is told so, and nobody else gets the number."""
    shell.generate(0, 2)
    late = 'echo $HYBAND_ATTEMPT >> begun; setsid bash -c \'exec {HYBAND_RECORD}>&-; while [ ! -e "$0/go" ]; do sleep 0.05; done\' "$1" & '
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile", env={"RES": late.replace("{HYBAND_RECORD}", "199")})
    (shell.cwd / "S/bracket-0/stage-0/config-0/go").touch()
    assert done.returncode == 1
    assert (shell.cwd / "begun").read_text() == "1\n"
    assert "It is not tried again, because processes it has started may still write there" in shell.slots()[0, 0, 0]["reason"]


def test_results_that_come_late_are_pointed_out_once(shell: Shell) -> None:
    shell.generate(1, 2)
    late = '(sleep 2; echo 0.$x > "$1/result") &'
    out = shell.run("snakemake", "--snakefile", "S/Snakefile", env={"RES": late, "HYBAND_RESULT_WAIT": "20"})
    assert len(re.findall(r"^\d results? arrived after run\.sh had ended, up to ", out, re.MULTILINE)) == 1


PIPES = {
    "a configuration that becomes a pipe": NORMAL + 'rm "$1/config"; mkfifo "$1/config"',
    "a configuration without an end": NORMAL + 'ln -sf /dev/zero "$1/config"',
    "what was drawn, without an end": NORMAL + 'rm -f "$1/parameters.json"; ln -s /dev/zero "$1/parameters.json"',
    "a log of a failure": '[ $b$s$n = 001 ] && { rm "$1/attempt-1.log"; mkfifo "$1/attempt-1.log"; exit 3; }; ' + NORMAL,
    "a log without a result": '[ $b$s$n = 001 ] && { rm "$1/attempt-1.log"; ln -s /dev/zero "$1/attempt-1.log"; exit 0; }; ' + NORMAL,
    "an outcome": 'mkfifo "$1/outcome"; ' + NORMAL,
    "a result": '[ $b$s$n = 001 ] && { mkfifo "$1/result"; exit 0; }; ' + NORMAL,
    "a record": NORMAL + '[ $b$s$n = 001 ] && { rm "$1/../attempts/config-1"; mkfifo "$1/../attempts/config-1"; }; true',
    "a slot above": '[ $b$s = 00 ] && { mkdir -p "$1/../../stage-1/attempts"; for name in attempts/config-0 config-0/config '
                    'config-0/origin config-0/attempt-1.log; do mkdir -p "$1/../../stage-1/config-0"; '
                    'mkfifo "$1/../../stage-1/$name" || true; done; }; ' + NORMAL,
}


@pytest.mark.parametrize("kind", PIPES)
def test_pipes_and_devices_under_our_names_stop_nothing(shell: Shell, kind: str) -> None:
    """Nobody waits for a pipe, and a device without an end fills no memory; what is in the way is kept."""
    search = shell.generate(1, 2, "--retries", "0", template=template_of_fixture(shell))
    shell.try_run("snakemake", "--snakefile", "S/Snakefile", env={"RES": PIPES[kind]}, timeout=120)
    status = [slot["status"] for slot in shell.slots().values()]
    assert sorted(status) == ["completed"] * 4 + ["failed" if "exit" in PIPES[kind] else "completed"]
    assert shell.try_run("hyband", "check", "--fix", "S", timeout=60).returncode in (0, 1)
    for slot in search.glob("bracket-*/stage-*/config-*"):
        assert (slot / "config").is_file()
    assert (search / "config").read_text() == (search / json.loads((search / "best.json").read_text())["path"] / "config").read_text()


def template_of_fixture(shell: Shell) -> Path:
    return write_tree(shell.cwd / "T", {"config": CONFIG.replace("0.1, 0.9", "1, 9"), "run.sh": (FIXTURE / "run.sh").read_text()})
