"""What going on from checkpoints saves: the digits example with and without, in turns.

    python benchmarks/resume.py [TURNS [MAX_EPOCHS]]
"""

import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = {"scratch": [], "resumed": ["--resume", "--carry", "checkpoint", "--discard", "checkpoint"]}


def main() -> None:
    """Print epochs trained, seconds of processor time and wall-clock, disk in use; medians of the turns."""
    turns, epochs = (int(word) for word in [*sys.argv[1:], *("3", "1620")[len(sys.argv) - 1 :]])
    rows: dict[str, list[tuple[float, ...]]] = {case: [] for case in CASES}
    with tempfile.TemporaryDirectory() as work:
        run(work, "hyband", "init", "T", "--example", "digits")
        for turn in range(turns):
            for case, options in CASES.items():
                output = f"{case}-{turn}"
                words = ["--template-dir", "T", "--output-dir", output, "--random-seed", "1", *options]
                run(work, "hyband", "generate", "--max-budget", str(epochs), "--min-budget", str(epochs / 27), *words)
                begin, before = time.monotonic(), processor_seconds()
                run(work, "snakemake", "--snakefile", f"{output}/Snakefile", "--cores", "2")
                times = (processor_seconds() - before, time.monotonic() - begin)
                rows[case].append((trained_epochs(Path(work, output)), *times, disk(work, output)))
                print(case, *(f"{number:.0f}" for number in rows[case][-1]), file=sys.stderr, flush=True)
    print("| search | epochs | processor time | wall-clock | disk |\n|---|--:|--:|--:|--:|")
    for case, found in rows.items():
        trained, busy, wall, size = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"| {case} | {trained:.0f} | {busy:.0f} s | {wall:.0f} s | {size / 1000:.1f} MB |")


def run(work: str, *words: str) -> str:
    """Run a command there; what it printed."""
    return subprocess.run(words, cwd=work, check=True, capture_output=True, text=True).stdout


def trained_epochs(search: Path) -> int:
    """Epochs that were trained, by the logs of the programs."""
    logs = [path.read_text() for path in search.glob("bracket-*/*/*/log.log")]
    begins = (int(line.split()[-1]) for log in logs for line in log.splitlines() if line.startswith("Going on"))
    ends = (int(re.findall(r"^Epoch (\d+)", log, re.MULTILINE)[-1]) for log in logs)
    return sum(ends) - sum(begins)


def processor_seconds() -> float:
    """Processor time of all programs that were started here and have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def disk(work: str, output: str) -> int:
    """Kilobytes on disk, without those of Snakemake."""
    return int(run(work, "du", "-sk", "--exclude=.snakemake", output).split()[0])


if __name__ == "__main__":
    main()
