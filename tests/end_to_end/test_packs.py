"""Training runs that share a job on this machine keep all that each of them has alone.

With HYBAND_TEST_PACKS=1, the tests of laws and kills see their searches in packs, too (conftest.py).
"""

import json
import os
import signal
from pathlib import Path

import pytest

from ..conftest import Shell, pack_all, read_tree
from ..helpers import kill_all, start, wait_for

OK = 'echo 0.$x > "$1/result"'
LEDGER = f"echo $b-$s-$n >> ledger; {OK}"
HELD = "trap 'exit 1' INT; echo $n >> ledger; [ $n != 1 ] || { touch started; while [ ! -f go ]; do sleep 0.05; done; }; " + OK


def packed(shell: Shell, *options: str, smax: int = 2, most: int | str = 8, output: str = "S") -> Path:
    search = shell.generate(smax, 2, *options, output=output)
    pack_all(search, most)
    return search


def lines_of(search: Path) -> dict[str, list[dict[str, object]]]:
    """Attempts by slot."""
    files = search.glob("bracket-*/*/attempts/*")
    return {f"{p.parts[-4]}/{p.parts[-3]}/{p.name}": [json.loads(line) for line in p.read_text().splitlines()] for p in files}


@pytest.mark.parametrize("most", [8, "auto"])
def test_a_pack_leaves_what_each_leaves_alone(shell: Shell, most: int | str) -> None:
    """The same files, and the same environment for each run.sh."""
    alone, together = shell.generate(output="alone"), packed(shell, output="packs", most=most)
    res = 'env | grep ^HYBAND_ | grep -vE "HYBAND_(RECORD|RUN|SESSION)" | sed "s/packs/alone/" | sort; echo "$@" | sed "s/packs/alone/g"; ' + OK
    shell.snakemake("alone", res=res)
    out = shell.snakemake("packs", "--cores", "1", res=res)
    assert ("a few jobs train a stage together, since it is not known yet" if most == "auto" else "share a job (packs.toml)") in out
    assert out.count("rule train_bracket_0_stage_0_from_") == 1
    assert ("rule promote" in out) == (most != "auto")
    one, two = read_tree(alone), read_tree(together)
    for tree in (one, two):
        for name in [n for n in tree if n.startswith("hyperband/") or "/attempts/" in n or n in ("packs.toml", "plan.json")]:
            del tree[name]
    assert two == one
    for slot, (line,) in lines_of(alone).items():
        other = lines_of(together)[slot][0]
        assert {k: type(v) for k, v in other.items()} == {k: type(v) for k, v in line.items()}
        assert (other["exit"], other["result"], other["attempt"]) == (0, line["result"], 1)
    assert shell.planned("packs") == {}
    (together / "bracket-0/stage-0/config-2/outcome").unlink()
    assert shell.planned("packs")["train"] == 1


def test_a_failed_run_harms_none_of_its_pack(shell: Shell) -> None:
    search = packed(shell, smax=3)
    fails = '[ $b$s$n != 001 ] || { echo "no $HYBAND_ATTEMPT"; exit 3; }; [ $b$s$n != 003 ] || { echo nan > "$1/result"; exit; }; '
    shell.snakemake(res=fails + LEDGER)
    slots = shell.slots()
    assert [slots[0, 0, c]["status"] for c in range(8)] == ["completed", "failed", "completed", "failed"] + 4 * ["completed"]
    assert [line["exit"] for line in lines_of(search)["bracket-0/stage-0/config-1"]] == [3, 3]
    assert [(search / f"bracket-0/stage-0/config-1/attempt-{a}.log").read_text() for a in (1, 2)] == ["no 1\n", "no 2\n"]
    ledger = (shell.cwd / "ledger").read_text().split()
    assert len(ledger) == len(set(ledger)) == len(slots) - 2


@pytest.mark.parametrize(("who", "most"), [("all", 8), ("snakemake", 8), ("pack", 8), ("Ctrl-C", 8),
                                          ("snakemake", "auto"), ("pack", "auto"), ("SIGTERM", "auto")])
def test_whatever_ends_a_pack_nothing_is_lost_or_trained_twice(shell: Shell, who: str, most: int | str) -> None:
    """In the middle of a pack of four: the first has ended, the second runs, the others have not begun."""
    search = packed(shell, "--bracket", "0", most=most)
    process = start(shell, HELD, "--cores", "1")
    wait_for((shell.cwd / "started").exists)
    record = search / "bracket-0/stage-0/attempts/config-1"
    pid = json.loads(record.read_text() + "}")["pid"]
    if who == "all":
        kill_all(process)
    elif who == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)
    elif who == "SIGTERM":  # snakemake waits for the pack, which is told
        os.kill(process.pid, signal.SIGTERM)
        wait_for((search / ".snakemake/packs/ending").exists)
    else:
        os.kill(process.pid if who == "snakemake" else pid, signal.SIGKILL)
    if who not in ("pack", "SIGTERM"):
        process.wait(180)
    (shell.cwd / "go").touch()
    if who == "snakemake":  # what runs may end, and counts
        wait_for(lambda: not Path(f"/proc/{pid}").exists() or b"pack.py" not in Path(f"/proc/{pid}/cmdline").read_bytes())
        assert (shell.cwd / "ledger").read_text().split() == ["0", "1"]
    process.wait(180)
    if who == "SIGTERM":
        assert (shell.cwd / "ledger").read_text().split() == ["0", "1"]
    shell.snakemake(res=HELD)
    first = ["0", "1"] if who in ("snakemake", "SIGTERM") else ["0", "1", "1"]
    ledger = (shell.cwd / "ledger").read_text().split()
    if most == "auto":  # what was begun in this run comes last: another job may have it
        ledger.sort(key=first.__contains__, reverse=True)
        first.sort()
    assert sorted(ledger[:len(first)]) == first
    assert len(ledger) == len(first) + 2 + 2 + 1
    attempts = lines_of(search)
    assert {slot for slot, lines in attempts.items() if len(lines) > 1} <= {"bracket-0/stage-0/config-1"}
    assert all(sum(line.get("exit") == 0 for line in lines) == 1 for lines in attempts.values())
    assert shell.status()["complete"]


def test_what_fails_everywhere_stops_a_pack(shell: Shell) -> None:
    packed(shell, "--retries", "0", smax=4, most=16)
    done = shell.try_run("snakemake", "--snakefile", "S/Snakefile", "--cores", "1", env={"RES": "echo x >> ledger; exit 3"})
    assert (done.returncode, "5 configurations failed" in done.stdout) == (1, True)
    assert (shell.cwd / "ledger").read_text() == "x\n" * 5


def test_limits_carried_files_and_places_hold_in_packs(shell: Shell) -> None:
    """Whatever is not plain is done in the pack's own process, for one training run after the other."""
    search = packed(shell, "--carry", "model", "--time", "1h", "--retries", "0")
    (search / "run.sh").write_text((search / "run.sh").read_text() + "# HYBAND_SLOT\n")
    out = shell.snakemake(res='cat "$1/model" >> "$1/was" 2>/dev/null || true; echo $b$s$n$HYBAND_SLOT >> ledger; echo $n > "$1/model"; ' + OK)
    assert shell.status()["complete"], out
    for origin in search.glob("bracket-*/stage-*/config-*/origin"):
        below = search / origin.read_text().split()[1]
        assert (origin.parent / "was").read_bytes() == (below / "model").read_bytes()
    assert {word[3:] for word in (shell.cwd / "ledger").read_text().split()} <= {"0", "1"}
    assert not any(path.read_bytes() for path in search.glob("run.places/slot-*"))


def test_folds_in_packs(shell: Shell) -> None:
    packed(shell, "--folds", "2", "--parallel-folds", smax=1)
    shell.snakemake(res="echo $b$s$n$4 >> ledger; " + OK)
    ledger = (shell.cwd / "ledger").read_text().split()
    assert len(ledger) == len(set(ledger)) == 2 * len(shell.slots())
    assert shell.status()["complete"]


def test_one_that_is_asked_for_is_trained_alone(shell: Shell) -> None:
    packed(shell)
    shell.snakemake("S", "bracket-0/stage-0/config-1/outcome", res=LEDGER)
    assert (shell.cwd / "ledger").read_text().split() == ["0-0-1"]
