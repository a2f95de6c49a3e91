"""Failures by what their logs tell: numbers, paths and exit statuses make no groups, and no attempt hides another."""

from pathlib import Path

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.core.tree.record import end_text, start_text
from hyperband_snakemake.snapshot.rows import make_rows
from hyperband_snakemake.snapshot.scan import scan
from hyperband_snakemake.views.failures import failures_of, failures_text

from ..conftest import Shell, write_tree

FORGOTTEN = 'echo "np.float64(0.$x)" > "$1/result"'
HIDDEN = """mkdir "$1/out" 2>/dev/null || { echo "$1/out already exists" >&2; exit 1; }
echo "CUDA out of memory: tried to allocate 20 MiB" >&2; exit 1"""
KILLED = "[ $HYBAND_ATTEMPT = 1 ] && kill -9 $$; exit 3"
KILLED_WORDS = "run.sh was killed (status 137, signal 9): out of memory, or by the scheduler"
KEEP_FAILING = {"HYBAND_KEEP_FAILING": "1"}


def test_numbers_make_no_groups(shell: Shell) -> None:
    shell.generate(2, 2, "--retries", "0")
    shell.snakemake(res=f"[ $b$s$n = 000 ] && exit 2; [ $b$s$n = 001 ] && exit 3; {FORGOTTEN}", check=False, env=KEEP_FAILING)
    text = shell.run("hyband", "failures", "S")
    groups = [line for line in text.splitlines() if " failed - " in line]
    assert [group.partition(" - ")[0] for group in groups] == ["8 failed", "1 failed", "1 failed"]
    assert "an object with a number in it; write float(x) instead of x" in groups[0]
    assert "Failed: 8 - result: it holds 'np.float64(0." in shell.run("hyband", "status", "S")


def test_the_first_attempt_is_shown_where_the_second_hides_it(shell: Shell) -> None:
    shell.generate(1, 2, "--bracket", "1")
    shell.snakemake(res=HIDDEN, check=False, env=KEEP_FAILING)
    for command in (["failures", "S"], ["show", "S", "bracket-1/stage-0/config-0"]):
        text = shell.run("hyband", *command)
        logs = text.partition("attempt-1.log")[2]
        assert logs.index("CUDA out of memory") < logs.index("already exists")
        assert "attempt-1.log:" in text
        assert "attempt-2.log:" in text


def test_the_reason_of_the_first_attempt_is_in_the_outcome(shell: Shell) -> None:
    search = shell.generate(0, 2)
    out = shell.snakemake(res=f"echo words; {KILLED}", check=False)
    reason = f"run.sh exited with status 3 (attempt 1: {KILLED_WORDS})"
    assert (search / "bracket-0/stage-0/config-0/outcome").read_text() == f"failed: {reason}\n"
    assert "S/bracket-0/stage-0/config-0/attempt-2.log ends with: words" in out
    assert f"1 failed - words (run.sh exited with status 3); attempt 1: {KILLED_WORDS}" in shell.run("hyband", "failures", "S")


def failing(path: Path, *failures: tuple[int, str]) -> Path:
    """A search with this many failures, each with an exit status and a log."""
    files = {"plan.json": plan_to_json(make_plan(Settings(2, 3)))}
    for c, (status, log) in enumerate(failures):
        own, reason = f"bracket-0/stage-0/config-{c}", f"run.sh exited with status {status}"
        record = start_text(1, "run") + end_text(seconds=1, status=status, result="", reason=reason)
        files |= {f"{own}/attempts": record, f"{own}/outcome": f"failed: {reason}\n", f"{own}/attempt-1.log": log}
    return write_tree(path, files)


def test_the_line_that_tells_something_makes_the_groups(tmp_path: Path) -> None:
    """Not the exit status, nor numbers and paths, nor how far a bar had come."""
    memory, lost = "{}\rRuntimeError: CUDA out of memory. Tried to allocate {} MiB\n", "FileNotFoundError: no /data/{}/x.npy\n"
    search = failing(tmp_path / "S", (1, memory.format("3 %", 20)), (7, memory.format("90 %", 512)), (1, lost.format("a")),
                     (1, memory.format("", 1)), (1, lost.format("b")), (3, ""), (3, "epoch 3\n"), (1, "x\n\x1b[31mKeyError: 'a\tb\x07'\x1b[0m\n"))
    groups = failures_of(scan(search), make_rows(scan(search)))
    assert [(len(group.rows), group.reason) for group in groups] == [
        (3, "RuntimeError: CUDA out of memory. Tried to allocate 20 MiB"), (2, "FileNotFoundError: no /data/a/x.npy"),
        (1, "run.sh exited with status 3"), (1, "epoch 3 (run.sh exited with status 3)"), (1, "KeyError: 'a    b'")]
    assert "\x1b" not in failures_text(scan(search), make_rows(scan(search)))


def test_a_log_that_changes_after_a_retry_is_read_again(tmp_path: Path) -> None:
    for words in ("KeyError: 'a'", "KeyError: 'lr'"):
        search = failing(tmp_path / "S", (1, f"{words}\n" * len(words)))
        assert failures_of(scan(search), make_rows(scan(search)))[0].reason == words
        (search / "bracket-0/stage-0/config-0/attempts").unlink()
