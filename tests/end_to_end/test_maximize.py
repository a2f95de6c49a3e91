"""--maximize: files hold what training wrote, and every choice follows the direction."""

import json

import hyperband_snakemake as hb

from ..conftest import Shell


def test_the_highest_is_promoted_and_wins(shell: Shell) -> None:
    """Two searches with opposite signs make the same choices."""
    low, high = shell.generate(3, 2, output="low"), shell.generate(3, 2, "--maximize", output="high")
    shell.snakemake("low", res='echo "-0.$x" > "$1/result"')
    shell.snakemake("high", res='echo "0.$x" > "$1/result"')
    for table in low.glob("bracket-*/stage-*/promotion"):
        same = (high / table.relative_to(low)).read_text()
        assert table.read_text().replace("-0.", "0.") == same
    assert (low / "config").read_text() == (high / "config").read_text()
    best = json.loads((high / "best.json").read_text())
    results = [float(p.read_text()) for p in high.glob("bracket-*/stage-*/config-*/result")]
    assert best["result"] == max(results)
    assert shell.status("high")["best"]["result"] == max(results)
    text = shell.run("hyband", "status", "high")
    tops = [float(line.split()[1]) for line in text.splitlines() if line.strip().startswith("1. ")]
    assert max(tops) == round(max(results), 4)
    assert f"{max(results):.6g}" in shell.run("hyband", "top", "high", "-n", "1")
    assert hb.load(high).best.result == max(results)


def test_failures_never_win(shell: Shell) -> None:
    shell.generate(1, 2, "--maximize", "--retries", "0")
    shell.snakemake(res='if [[ $n == 0 ]]; then echo nan > "$1/result"; else echo "-0.$x" > "$1/result"; fi')
    slots = shell.slots()
    assert slots[0, 0, 0]["status"] == "failed"
    assert slots[0, 1, 0]["origin"] == "bracket-0/stage-0/config-1"
