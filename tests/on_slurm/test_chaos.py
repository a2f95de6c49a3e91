"""Random trouble on a real Slurm, in each mode: nothing is lost, nothing is trained twice without a reason.

``HYBAND_TEST_CHAOS=60 pytest -m slurm tests/on_slurm/test_chaos.py`` makes sixty troubles of it; the seed is printed.
"""

import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable

import pytest

from hyperband_snakemake.core.tree.record import Attempt, read_attempts
from hyperband_snakemake.snapshot.scan import scan

from .conftest import Cluster, answers, jobs_below, start_daemon, stop_daemon, wait_for
from .test_executor import generate as generate_for_the_plugin
from .test_steps import submit

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.controller, pytest.mark.timeout(3000)]
TROUBLES = int(os.environ.get("HYBAND_TEST_CHAOS", "3"))
SEED = int(os.environ.get("HYBAND_TEST_SEED", "1"))


class Troubled:
    """A search in one mode, its run as a process or an allocation, and what happens to both."""

    def __init__(self, cluster: Cluster, mode: str, rng: random.Random) -> None:
        self.cluster, self.mode, self.rng = cluster, mode, rng
        self.process: subprocess.Popen[str] | None = None
        self.res = cluster.training("sleep 1", "sleep $((RANDOM % 3))")
        self.troubles: list[Callable[[], None]] = [self.stop_politely, self.kill, self.cancel_a_job, self.lose_the_controller]

    def begin(self) -> None:
        """Start the run, unless it runs."""
        if self.mode == "steps":
            if not jobs_below(self.cluster.shell.cwd):
                submit(self.cluster, self.res)
        elif self.process is None or self.process.poll() is not None:
            self.process = self.cluster.start(self.res)

    def wait(self) -> None:
        if self.mode == "steps":
            wait_for(lambda: not jobs_below(self.cluster.shell.cwd), 600)
        else:
            assert self.process is not None
            self.process.wait(600)

    def stop_politely(self) -> None:
        if self.mode == "steps":
            self._scancel("--batch", "--signal=TERM")
        else:
            self._signal(self.rng.choice([signal.SIGINT, signal.SIGTERM]))

    def kill(self) -> None:
        if self.mode == "steps":
            self._scancel()
        else:
            self._signal(signal.SIGKILL)

    def cancel_a_job(self) -> None:
        jobs = sorted(jobs_below(self.cluster.shell.cwd))
        if self.mode != "steps" and jobs:
            subprocess.run(["scancel", self.rng.choice(jobs)], check=False, capture_output=True)

    def lose_the_controller(self) -> None:
        stop_daemon("slurmctld")
        before = len(self.cluster.lines)
        wait_for(lambda: len(self.cluster.lines) > before or self.rng.random() < 0.05)
        start_daemon("slurmctld")
        wait_for(answers)

    def _scancel(self, *options: str) -> None:
        for job in jobs_below(self.cluster.shell.cwd):
            subprocess.run(["scancel", *options, job], check=False, capture_output=True)
        self.wait()

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(300)


def explained(attempts: list[Attempt]) -> int:
    """How many of these attempts have a reason, or were cut off together with their run."""
    return sum(bool(attempt.reason) or not attempt.end for attempt in attempts)


@pytest.mark.parametrize("mode", ["steps", "jobs", "executor"])
def test_the_winner_is_that_of_a_calm_run(cluster: Cluster, mode: str) -> None:
    if mode == "executor":
        pytest.importorskip("snakemake_executor_plugin_slurm")
        generate_for_the_plugin(cluster, "--retries", "9")
    else:
        cluster.generate(mode, "--retries", "9", *(["--workers", "3"] if mode == "steps" else []), smax=2)
    smax = 1 if mode == "executor" else 2
    cluster.shell.generate(smax, 2, output="calm")
    cluster.shell.snakemake("calm")
    rng = random.Random(f"{SEED} {mode}")
    search = Troubled(cluster, mode, rng)
    for _ in range(TROUBLES):
        search.begin()
        before = len(cluster.lines)
        wait_for(lambda before=before: len(cluster.lines) > before + rng.randrange(4) or cluster.shell.status()["complete"])
        trouble = rng.choice(search.troubles)
        print(trouble.__name__)
        trouble()
    for _ in range(5):
        search.begin()
        search.wait()
        if cluster.shell.status()["complete"]:
            break
    cluster.assert_complete()
    best = [json.loads((cluster.shell.cwd / name / "best.json").read_text()) for name in ("S", "calm")]
    assert best[0] == best[1]
    path = cluster.shell.cwd / "S"
    begun = Counter(line.split()[1] for line in cluster.lines if line.startswith("begin"))
    for slot, *_ in scan(path).slots():
        name = f"b{slot.bracket}-s{slot.stage}-c{slot.config}"
        assert begun[name] >= 1
        assert begun[name] - 1 <= explained(list(read_attempts(path / slot.path))), (name, slot)
