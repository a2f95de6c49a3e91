"""Failures by reason: numbers make no groups, and no attempt hides another."""

from ..conftest import Shell

FORGOTTEN = 'echo "np.float64(0.$x)" > "$1/result"'
HIDDEN = """mkdir "$1/out" 2>/dev/null || { echo "$1/out already exists" >&2; exit 1; }
echo "CUDA out of memory: tried to allocate 20 MiB" >&2; exit 1"""
KILLED = "[ $HYBAND_ATTEMPT = 1 ] && kill -9 $$; exit 3"
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
        assert text.index("CUDA out of memory") < text.index("already exists")
        assert "attempt-1.log:" in text
        assert "attempt-2.log:" in text


def test_the_reason_of_the_first_attempt_is_in_the_outcome(shell: Shell) -> None:
    search = shell.generate(0, 2)
    out = shell.snakemake(res=f"echo words; {KILLED}", check=False)
    reason = "run.sh exited with status 3 (attempt 1: run.sh was killed (status 137, signal 9): out of memory, or by the scheduler)"
    assert (search / "bracket-0/stage-0/config-0/outcome").read_text() == f"failed: {reason}\n"
    assert "S/bracket-0/stage-0/config-0/attempt-2.log ends with: words" in out
    assert f"1 failed - {reason}" in shell.run("hyband", "failures", "S")
