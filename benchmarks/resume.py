"""What going on from checkpoints saves: the digits example with and without, in turns.

    python benchmarks/resume.py [TURNS]
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = {"anew": [], "resumed": ["--resume", "--carry", "checkpoint", "--discard", "checkpoint"]}


def main() -> None:
    """Print a table: epochs trained, seconds of all trainings together, wall-clock, disk in use; medians of the turns."""
    turns = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    rows: dict[str, list[tuple[int, float, float, int]]] = {case: [] for case in CASES}
    with tempfile.TemporaryDirectory() as work:
        run(work, "hyband", "init", "T", "--example", "digits")
        for turn in range(turns):
            for case, options in CASES.items():
                output = f"{case}-{turn}"
                run(work, "hyband", "generate", "3", "3", "--template-dir", "T", "-o", output, "--random-seed", "1", *options)
                begin = time.monotonic()
                run(work, "snakemake", "--snakefile", f"{output}/Snakefile", "--cores", "2")
                rows[case].append((*measure(Path(work, output)), time.monotonic() - begin, disk(work, output)))
    print("| search | epochs | seconds of trainings | wall-clock | disk |\n|---|--:|--:|--:|--:|")
    for case, found in rows.items():
        epochs, trained, wall, size = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"| {case} | {epochs:.0f} | {trained:.0f} | {wall:.0f} s | {size / 1000:.1f} MB |")


def run(work: str, *words: str) -> str:
    """Run a command there; what it printed."""
    return subprocess.run(words, cwd=work, check=True, capture_output=True, text=True).stdout


def measure(search: Path) -> tuple[int, float]:
    """Epochs that were trained, by the logs, and seconds of all trainings, by the records."""
    epochs, seconds = 0, 0.0
    for record in search.glob("bracket-*/*/*/attempts"):
        seconds += float(record.read_text().rpartition('"seconds": ')[2].partition(",")[0])
        epochs += 10 * (record.parent / "log.log").read_text().count("\nEpoch")
    return epochs, seconds


def disk(work: str, output: str) -> int:
    """Kilobytes on disk, without those of Snakemake."""
    return int(run(work, "du", "-sk", "--exclude=.snakemake", output).split()[0])


if __name__ == "__main__":
    main()
