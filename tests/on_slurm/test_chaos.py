"""Random trouble on a real Slurm, in each mode: nothing is lost, nothing is trained twice without a reason.

``HYBAND_TEST_CHAOS=60 pytest -m slurm -s tests/on_slurm/test_chaos.py`` makes sixty troubles of it, in a larger search;
``HYBAND_TEST_SEED`` makes others.
"""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.record import Attempt, read_attempts
from hyperband_snakemake.snapshot.scan import scan

from .conftest import Cluster, answers, jobs_below, run, start_daemon, stop_daemon, wait_for
from .test_executor import generate as generate_for_the_plugin
from .test_steps import submit

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.controller, pytest.mark.timeout(3000)]
TROUBLES = int(os.environ.get("HYBAND_TEST_CHAOS", "3"))
FEW = 10
SEED = int(os.environ.get("HYBAND_TEST_SEED", "1"))


NODES = ("node1", "node2")  # of the default partition


@pytest.fixture
def small_disk(cluster: Cluster) -> Iterator[Callable[[Path], bool]]:
    """Put a search on a file system of its own, of 64 MB; whether that is possible here."""
    mounted = []

    def move(search: Path) -> bool:
        aside = search.rename(search.with_name("aside"))
        search.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64M", "tmpfs", search], check=False, capture_output=True)
        mounted.extend([search] * (done.returncode == 0))
        shutil.copytree(aside, search, dirs_exist_ok=True, symlinks=True)
        shutil.rmtree(aside)
        return done.returncode == 0

    yield move
    for job in jobs_below(cluster.shell.cwd):
        subprocess.run(["scancel", job], check=False, capture_output=True)
    for path in mounted:
        subprocess.run(["umount", "--lazy", path], check=True)


class Troubled:
    """A search in one mode, its run as a process or an allocation, and what happens to both."""

    def __init__(self, cluster: Cluster, mode: str, rng: random.Random, *, is_small: bool) -> None:
        self.cluster, self.mode, self.rng = cluster, mode, rng
        self.process: subprocess.Popen[str] | None = None
        self.res = cluster.training("sleep 1", "sleep $((RANDOM % 3))")
        self.troubles: list[Callable[[], None]] = [self.stop_politely, self.kill, self.cancel_a_job, self.lose_the_controller,
                                                    self.lose_a_node, *[self.fill_the_disk] * is_small]

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
        self._wait_a_while()
        start_daemon("slurmctld")
        wait_for(answers)

    def lose_a_node(self) -> None:
        node = self.rng.choice(NODES)
        run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
        self._wait_a_while()
        subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], check=False, capture_output=True)  # unless it is up again

    def fill_the_disk(self) -> None:
        path = self.cluster.shell.cwd / "S/fill"
        with path.open("wb", buffering=0) as file:
            block = bytes(4096)
            with contextlib.suppress(OSError):  # it is full
                while file.write(block):
                    pass
        self._wait_a_while()
        path.unlink()

    def _wait_a_while(self) -> None:
        before = len(self.cluster.lines)
        wait_for(lambda: len(self.cluster.lines) > before or self.rng.random() < 0.05)

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
def test_the_winner_is_that_of_a_calm_run(cluster: Cluster, small_disk: Callable[[Path], bool], mode: str) -> None:
    smax = (1 if mode == "executor" else 2) + (TROUBLES > FEW)
    if mode == "executor":
        pytest.importorskip("snakemake_executor_plugin_slurm")
        generate_for_the_plugin(cluster, "--retries", "9", smax=smax)
    else:
        cluster.generate(mode, "--retries", "9", *(["--workers", "3"] if mode == "steps" else []), smax=smax)
    cluster.shell.generate(smax, 2, output="calm")
    cluster.shell.snakemake("calm")
    rng = random.Random(f"{SEED} {mode}")
    search = Troubled(cluster, mode, rng, is_small=small_disk(cluster.shell.cwd / "S"))
    for number in range(TROUBLES):
        search.begin()
        before = len(cluster.lines)
        wait_for(lambda before=before: len(cluster.lines) > before + rng.randrange(4) or is_complete(cluster))
        if number > FEW and is_complete(cluster):
            break
        trouble = rng.choice(search.troubles)
        print(f"{time.strftime('%T')} {mode}, {number}: {trouble.__name__}", flush=True)
        trouble()
    for _ in range(5):
        search.begin()
        search.wait()
        if is_complete(cluster):
            break
    cluster.assert_complete()
    best = [json.loads((cluster.shell.cwd / name / "best.json").read_text()) for name in ("S", "calm")]
    assert best[0] == best[1]
    path = cluster.shell.cwd / "S"
    begun = Counter(line.split()[1] for line in cluster.lines if line.startswith("begin"))
    print(f"{mode}: {begun.total()} attempts of {len(begun)} training runs")
    for slot, *_ in scan(path).slots():
        name = f"b{slot.bracket}-s{slot.stage}-c{slot.config}"
        assert begun[name] >= 1
        assert begun[name] - 1 <= explained(list(read_attempts(path / slot.path))), (name, slot)


def is_complete(cluster: Cluster) -> bool:
    """Whether the search has its winner, by a file alone: the disk may be full."""
    return (cluster.shell.cwd / "S/best.json").exists()
