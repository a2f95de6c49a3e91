"""What the search costs beyond its trainings: wall-clock per training with a trivial run.sh, everything in one run.

``make bench``, or ``python benchmarks/overhead.py [SMAX ...]``. Compared are, on the same machine in the same minutes:
``xargs -P 2`` over the same run.sh (the floor), a search as shipped, the same with ``--pack auto``, and through a
Snakefile with one rule for each configuration (``one_rule_each.smk``, which looks natural and does not scale).
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
TEMPLATE = HERE / "trivial"
REPEATS = 3
SLOWEST_BASELINE = 5  # beyond this smax the baseline takes minutes


def seconds(command: list[str], **options: object) -> float:
    """Wall-clock of a command that must succeed."""
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.perf_counter() - begin


def generate(work: Path, smax: int, *options: str) -> tuple[Path, int]:
    """A new search, and how many trainings it has."""
    search = work / "search"
    shutil.rmtree(search, ignore_errors=True)
    subprocess.run(
        ["hyband", "generate", str(smax), "3", "--template-dir", TEMPLATE, "-o", search, *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    plan = json.loads((search / "plan.json").read_text())
    return search, sum(s["configurations"] for b in plan["brackets"] for s in b["stages"])


def floor(work: Path, smax: int) -> float:
    """Milliseconds for each run.sh, two at a time, started by xargs."""
    search, _ = generate(work, smax)
    slots = "\n".join(str(p.parent) for p in search.glob("bracket-*/stage-0/config-*/config"))
    count = slots.count("\n") + 1
    command = ["xargs", "-P", "2", "-I{}", "bash", str(search / "run.sh"), "{}", "1"]
    return 1000 * seconds(command, input=slots.encode()) / count


def shipped(work: Path, smax: int) -> float:
    """Milliseconds for each training of the plain command."""
    search, n = generate(work, smax)
    return 1000 * seconds(["snakemake", "--snakefile", str(search / "Snakefile"), "--cores", "2"], cwd=work) / n


def packed(work: Path, smax: int) -> float:
    """Milliseconds for each training run where several share a job; nothing is known yet of how long they take."""
    search, n = generate(work, smax, "--pack", "auto")
    return 1000 * seconds(["snakemake", "--snakefile", str(search / "Snakefile"), "--cores", "2"], cwd=work) / n


def one_rule_each(work: Path, smax: int) -> float:
    """Milliseconds for each training with one rule for each configuration."""
    search, n = generate(work, smax, "--snakefile-template", "one_rule_each.smk")
    return 1000 * seconds(["snakemake", "--snakefile", str(search / "Snakefile"), "--cores", "2"], cwd=work) / n


def main() -> None:
    """Print a table; medians of several turns, so that what else the machine does hits all alike."""
    sizes = [int(word) for word in sys.argv[1:]] or [4, 5, 6]
    print(f"{os.cpu_count()} cores, medians of {REPEATS}; milliseconds per training\n")
    columns = "xargs -P 2 | as shipped | x xargs | --pack auto | x xargs | one rule each | x shipped"
    print(f"| search | training runs | {columns} |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for smax in sizes:
        ways: list[Callable[[Path, int], float]] = [floor, shipped, packed]
        if smax <= SLOWEST_BASELINE:
            ways.append(one_rule_each)
        with tempfile.TemporaryDirectory() as folder:
            turns = [[way(Path(folder), smax) for way in ways] for _ in range(REPEATS)]
            n = generate(Path(folder), smax)[1]
        low, ours, packs, *rest = [statistics.median(column) for column in zip(*turns, strict=True)]
        other = f"{rest[0]:.1f} | {rest[0] / ours:.1f}" if rest else "- | -"
        ratios = f"{ours:.1f} | {ours / low:.1f} | {packs:.1f} | {packs / low:.1f}"
        print(f"| {smax} 3 | {n} | {low:.2f} | {ratios} | {other} |", flush=True)


if __name__ == "__main__":
    main()
