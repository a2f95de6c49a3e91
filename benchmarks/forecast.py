"""How well `hyband plan --workers` predicts a real run: wall-clock of both, and their ratio.

``python benchmarks/forecast.py [RUNS]``, on a machine that does nothing else: eight workers, training runs that sleep
half a second to start and half a second for each unit of budget. What counts is the time from the start of the first
training run to the end of the last.
"""

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from hyperband_snakemake.core.plan.brackets import Plan
from hyperband_snakemake.core.tree.planfile import read_plan
from hyperband_snakemake.planning.simulate import simulate

WORKERS = 8
RUN = """echo $(date +%s.%N) >> "$CLOCK"
for ((i = 0; i <= $2; i++)); do sleep 0.5; done
echo $HYBAND_CONFIG > "$1/result"
echo $(date +%s.%N) >> "$CLOCK"
"""


def generate(work: Path) -> tuple[Path, Plan]:
    """A search of 69 training runs, and its plan."""
    template = work / "templates"
    template.mkdir()
    (template / "config").write_text("x: {{ range(10000000) | random }}\n")
    (template / "run.sh").write_text(RUN)
    options = ["-t", "0.5", "--start-cost", "0.5", "--template-dir", template, "-o", work / "search"]
    subprocess.run(["hyband", "generate", "3", "3", *options], check=True, stdout=subprocess.DEVNULL)
    return work / "search", read_plan(work / "search")


def seconds(work: Path) -> tuple[float, float]:
    """What a real run takes, and what was predicted."""
    search, plan = generate(work)
    clock = work / "clock"
    command = ["env", f"CLOCK={clock}", "snakemake", "--snakefile", search / "Snakefile", "--cores", str(WORKERS)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work)
    times = [float(line) for line in clock.read_text().splitlines()]
    return max(times) - min(times), float(simulate(plan, WORKERS).wall)


def main() -> None:
    """Print a line for each run, and the median of their ratios."""
    ratios = []
    for _ in range(int(sys.argv[1]) if sys.argv[1:] else 3):
        with tempfile.TemporaryDirectory() as folder:
            took, predicted = seconds(Path(folder))
        ratios.append(took / predicted)
        print(f"{took:.2f} s, predicted {predicted:.2f} s: {ratios[-1]:.3f}", flush=True)
    print(f"median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
