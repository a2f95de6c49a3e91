"""Random trouble on a real Slurm, in all modes side by side: nothing is lost, nothing is trained twice without a reason.

Each trouble happens to each mode, in a random order. ``HYBAND_TEST_CHAOS=60 pytest -m slurm -s tests/on_slurm/test_chaos.py``
makes sixty troubles of it, in larger searches; ``HYBAND_TEST_SEED`` orders them differently.
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from hyperband_snakemake.core.tree.record import Attempt, read_attempts
from hyperband_snakemake.snapshot.scan import scan

from .conftest import Cluster, answers, jobs_below, results, run, start_daemon, stop_daemon, wait_for
from .test_controller import beside, make_impatient
from .test_executor import generate as generate_for_the_plugin
from .test_steps import submit

pytestmark = [pytest.mark.slurm, pytest.mark.slow, pytest.mark.controller, pytest.mark.timeout(3000)]
TROUBLES = int(os.environ.get("HYBAND_TEST_CHAOS", "0"))  # 0: each one once, in small searches
SEED = int(os.environ.get("HYBAND_TEST_SEED", "587"))  # whose first five troubles are of five kinds, for all modes
NODES = ("node1", "node2")  # of the default partition
SIZES = {"steps": 2, "jobs": 2, "executor": 0}  # largest stage of each search, unless many troubles are asked for


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

    def __init__(self, cluster: Cluster, mode: str, rng: random.Random) -> None:
        self.cluster, self.mode, self.rng = cluster, mode, rng
        self.process: subprocess.Popen[str] | None = None
        self.search = cluster.shell.cwd / "S"
        pause = "sleep $((2 + RANDOM % 3))"
        if TROUBLES:
            pause = f"sleep $(({0 if mode == 'executor' else 16} + RANDOM % 16))"  # whose jobs take that long to begin
        self.res = cluster.training("sleep 1", pause)
        self.own: list[Callable[[], None]] = [self.stop_politely, self.kill, self.cancel, self.fill_the_disk]

    def generate(self) -> None:
        """Generate it, and the same search without Slurm, which is run to its end."""
        smax = SIZES[self.mode] + ((2 if self.mode == "executor" else 1) if TROUBLES else 0)
        if self.mode == "executor":
            generate_for_the_plugin(self.cluster, "--retries", "9", smax=smax)
            make_impatient(self.search)
        else:
            more = ["--workers", "3"] if self.mode == "steps" else []
            self.cluster.generate(self.mode, "--retries", "9", *more, smax=smax)
        self.cluster.shell.generate(smax, 2, output="calm")
        self.cluster.shell.snakemake("calm")

    @property
    def is_complete(self) -> bool:
        """Whether it has its winner, by a file alone: the disk may be full."""
        return (self.search / "best.json").exists()

    def begin(self) -> None:
        """Start the run, unless it runs."""
        if self.mode == "steps":
            if not jobs_below(self.cluster.shell.cwd):
                submit(self.cluster, self.res)
        elif self.process is None or self.process.poll() is not None:
            self.process = self.cluster.start(self.res, "-j", "4")

    @property
    def lives(self) -> bool:
        """Whether it is run."""
        return bool(jobs_below(self.cluster.shell.cwd)) if self.process is None else self.process.poll() is None

    def finish(self) -> None:
        """Run it to its end, as a user does who starts it again until it is complete."""
        for _ in range(5):
            self.begin()
            self.wait()
            if self.is_complete:
                break

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

    def cancel(self) -> None:
        """Cancel a job, or a job step."""
        jobs = sorted(jobs_below(self.cluster.shell.cwd))
        if jobs and self.mode == "steps":
            steps = run("squeue", "-h", "-s", "-j", jobs[0], "-o", "%i %j").splitlines()
            jobs = [number for number, _, name in (line.partition(" ") for line in steps) if name.startswith("b")]
        if jobs:
            subprocess.run(["scancel", self.rng.choice(jobs)], check=False, capture_output=True)

    def fill_the_disk(self) -> None:
        path = self.search / "fill"
        with path.open("wb", buffering=0) as file:
            block = bytes(4096)
            with contextlib.suppress(OSError):  # it is full
                while file.write(block):
                    pass
        self.wait_a_while()
        path.unlink()

    def wait_a_while(self) -> None:
        """Until a training run has begun or ended, or not that long."""
        before = len(self.cluster.lines)
        wait_for(lambda: len(self.cluster.lines) > before or self.is_complete or self.rng.random() < 0.05)

    def _scancel(self, *options: str) -> None:
        for job in jobs_below(self.cluster.shell.cwd):
            subprocess.run(["scancel", *options, job], check=False, capture_output=True)
        self.wait()

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(300)


def await_lines(searches: Sequence[Troubled], number: int) -> None:
    """Wait until this many training runs have begun or ended in all of these, or none of them can."""
    before = sum(len(search.cluster.lines) for search in searches)
    wait_for(lambda: sum(len(search.cluster.lines) for search in searches) >= before + number
             or all(search.is_complete or not search.lives for search in searches))  # fmt: skip


def lose_the_controller(searches: Sequence[Troubled]) -> None:
    stop_daemon("slurmctld")
    for search in searches:
        search.wait_a_while()
    start_daemon("slurmctld")
    wait_for(answers)


def lose_a_node(searches: Sequence[Troubled]) -> None:
    node = searches[0].rng.choice(NODES)
    run("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
    for search in searches:
        search.wait_a_while()
    subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], check=False, capture_output=True)  # unless it is up again


def troubles(searches: Sequence[Troubled], rng: random.Random) -> Iterator[tuple[str, Sequence[Troubled], Callable[[], None]]]:
    """What happens to whom: each thing once, in a random order, then each once again, for ever."""
    common = [partial(trouble, searches) for trouble in (lose_the_controller, lose_a_node)]
    once = [(f"{search.mode}: {trouble.__name__}", [search], trouble) for search in searches for trouble in search.own]
    once += [(f"all: {trouble.func.__name__}", searches, trouble) for trouble in common]
    while True:
        yield from rng.sample(once, len(once))


def explained(attempts: list[Attempt]) -> int:
    """How many of these attempts have a reason, or were cut off together with their run."""
    return sum(bool(attempt.reason) or not attempt.end for attempt in attempts)


def test_the_winners_are_those_of_calm_runs(cluster: Cluster, small_disk: Callable[[Path], bool]) -> None:
    pytest.importorskip("snakemake_executor_plugin_slurm")
    rng = random.Random(SEED)
    searches = [Troubled(beside(cluster, mode), mode, rng) for mode in SIZES]
    for search in searches:
        search.generate()
        if not small_disk(search.search):
            search.own.remove(search.fill_the_disk)
    number = TROUBLES or sum(len(search.own) for search in searches) + 2
    for name, troubled, trouble in islice(troubles(searches, rng), number):
        if all(search.is_complete for search in searches):
            break
        for search in searches:
            if not search.is_complete:
                search.begin()
        if TROUBLES:
            await_lines([search for search in searches if not search.is_complete], rng.randrange(1, 6))
        else:
            await_lines(troubled, 1)
        if not all(search.is_complete for search in troubled):
            print(f"{time.strftime('%T')} {name}", flush=True)
            trouble()
    for search in searches:
        search.finish()
        assert_nothing_is_lost(search)


def assert_nothing_is_lost(search: Troubled) -> None:
    """The calm run's winner, and each attempt but one of each training run has a reason in its record."""
    cluster, path = search.cluster, search.search
    cluster.assert_complete()
    assert results(path) == results(path.with_name("calm"))
    begun = Counter(line.split()[1] for line in cluster.lines if line.startswith("begin"))
    print(f"{search.mode}: {begun.total()} attempts of {len(begun)} training runs")
    for slot, *_ in scan(path).slots():
        name, attempts = f"b{slot.bracket}-s{slot.stage}-c{slot.config}", list(read_attempts(path / slot.path))
        assert 1 <= begun[name] <= explained(attempts) + 1, (search.mode, name, attempts)
        assert not any("status 120" in one.reason for one in attempts), "Python could not write, and run.sh had not begun"
        if begun[name] > 1:
            print(f"  {name}: {begun[name]} times; {'; '.join(one.reason or 'cut off' for one in attempts if one.reason or not one.end)}")
