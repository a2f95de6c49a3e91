"""A real Slurm: slurm-up brings it up on one machine. Without one these tests are skipped, or fail where it is required."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hyperband_snakemake.core.slurm.jobs import jobs_path
from hyperband_snakemake.core.tree.record import record_path

from ..conftest import FIXTURE, Shell
from ..helpers import finished

HERE = Path(__file__).parent
LAB = Path(os.environ.get("SLAB_DIR", "/var/lib/slurm-lab"))
APART = "apart"  # the partition for tests with this mark, which need all of its nodes or break one: one at a time
APART_NODES, APART_CPUS = ("node3", "node4"), 20  # CPUs of both


def run(*words: str) -> str:
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
    assert done.returncode == 0, done.stdout
    return done.stdout


def answers() -> bool:
    try:
        done = subprocess.run(["scontrol", "ping"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    except OSError:
        return False
    return done.returncode == 0


@pytest.fixture(scope="session")
def slurm() -> None:
    if answers():
        return
    text = "no Slurm here; tests/on_slurm/slurm-up brings one up (Debian, root)"
    if os.environ.get("HYBAND_TEST_SLURM") == "required":
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session", autouse=True)
def no_pandas(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let no Python that is started from here, in a job as well, import pandas: nobody here needs it.

    Snakemake's plugin imports it for a report that is not asked for; that is a third of what each start of Snakemake takes.
    """
    directory = tmp_path_factory.mktemp("without")
    (directory / "pandas.py").write_text("class DataFrame: pass\nclass Series: pass\nclass Index: pass\n")
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{directory}:{before}" if before else str(directory)


@pytest.fixture(scope="session")
def accounting(slurm: None) -> bool:  # noqa: ARG001
    return "slurmdbd" in run("scontrol", "show", "config").split("AccountingStorageType")[1].split("\n")[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of those on Slurm the slow ones come first: where several run at a time, none of them is left for the end."""
    if all(HERE in item.path.parents for item in items):
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(autouse=True)
def clean(request: pytest.FixtureRequest) -> Iterator[None]:
    """No job of a test is left behind it, and all nodes are up that it may have broken; what others do is not touched."""
    if request.node.get_closest_marker("slurm") is None:
        yield
        return
    request.getfixturevalue("slurm")
    directory = request.getfixturevalue("tmp_path")
    yield
    if request.node.get_closest_marker("controller") and not answers():
        start_daemon("slurmctld")
        wait_for(answers)
    is_apart = request.node.get_closest_marker("apart") is not None
    if is_apart:
        for name in APART_NODES:
            subprocess.run(["scontrol", "update", f"nodename={name}", "state=resume"], check=False, capture_output=True)

    def left() -> set[str]:
        return jobs_below(directory) | (set(run("squeue", "-h", "-p", "apart,urgent", "-o", "%A").split()) if is_apart else set())

    if jobs := left():
        subprocess.run(["scancel", *jobs], check=False)
    wait_for(lambda: not left())
    if is_apart:
        wait_for(lambda: run("sinfo", "-h", "-N", "-p", APART, "-o", "%T").split() == ["idle", "idle"])


def jobs_below(directory: Path) -> set[str]:
    """Numbers of the jobs in the queue that were submitted below a directory."""
    lines = [line.partition(" ") for line in run("squeue", "-h", "-o", "%A %Z").splitlines()]
    return {number for number, _, path in lines if Path(path).is_relative_to(directory)}


def wait_for(condition: Callable[[], Any], seconds: float = 240) -> Any:
    """Ask until it holds; ever less often, for many a condition is a program that others here pay for."""
    begin, pause = time.monotonic(), 0.05
    while not (found := condition()):
        assert time.monotonic() < begin + seconds, "waited in vain"
        time.sleep(pause)
        pause = min(1.1 * pause, 0.5)
    return found


def pid_of(daemon: str) -> int:
    return int((LAB / "run" / f"{daemon}.pid").read_text())


def is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


def stop_daemon(daemon: str, number: int = signal.SIGTERM) -> None:
    pid = pid_of(daemon)
    os.kill(pid, number)
    wait_for(lambda: is_dead(pid))


def start_daemon(daemon: str) -> None:
    name, _, node = daemon.partition("-")
    subprocess.run([name, *(["-N", node] if node else [])], check=True, start_new_session=True,
                   env=os.environ | {"SLAB_TAG": str(LAB)}, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for((LAB / "run" / f"{daemon}.pid").exists)  # by which it is stopped again


@pytest.fixture
def cluster(shell: Shell, slurm: None) -> "Cluster":  # noqa: ARG001
    return Cluster(shell)


class Cluster:
    """Searches of a user on the cluster. Each training adds lines to the file ``ledger``: begin, and end."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.ledger = shell.cwd / "ledger"

    def generate(self, mode: str, *options: str, smax: int = 1, eta: int = 2, **more: Any) -> Path:
        return self.shell.generate(smax, eta, "--slurm", mode, "--poll-seconds", "1", *options, **more)

    @staticmethod
    def training(work: str = ":", otherwise: str = ":") -> str:
        """Behaviour of the fixture: ``work`` for the configuration 0 of bracket 0, stage 0, in its first attempt."""
        return (
            'here=b$b-s$s-c$n; echo "begin $here $HYBAND_ATTEMPT" >> ledger; '
            f'if [[ $here-$HYBAND_ATTEMPT == b0-s0-c0-1 ]]; then {work}; else {otherwise}; fi; '
            'echo 0.$x > "$1/result"; echo "end $here $HYBAND_ATTEMPT" >> ledger'
        )

    def start(self, res: str, *options: str, search: str = "S", env: dict[str, str] | None = None) -> Any:
        """Start snakemake as the leader of a group of processes; its output goes to ``snakemake.log``."""
        with (self.shell.cwd / "snakemake.log").open("a") as log:
            return self.shell.start("snakemake", "--snakefile", f"{search}/Snakefile", *options, stdout=log, stderr=log,
                                    env={"RES": res} | (env or {}))

    @property
    def lines(self) -> list[str]:
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    def wait_for_line(self, text: str) -> None:
        wait_for(lambda: text in self.lines)

    def job(self, slot: str = "bracket-0/stage-0/config-0", search: str = "S") -> str:
        """Number of the newest job of a slot."""
        text = jobs_path(self.shell.cwd / search / slot).read_text()
        return text.rpartition('"job": "')[2].partition('"')[0]

    def reasons(self, slot: str = "bracket-0/stage-0/config-0", search: str = "S") -> list[str]:
        """Reasons of all attempts of a slot that did not end well."""
        import json
        lines = record_path(self.shell.cwd / search / slot).read_text().splitlines()
        return [data["reason"] for data in map(json.loads, lines) if data["reason"]]

    def assert_same_as_without(self, *plan: str, smax: int = 2, eta: int = 2, template: Path = FIXTURE) -> None:
        """The search is complete, and its results, promotions and winner are, byte for byte, those of a run without Slurm."""
        self.assert_complete()
        calm = finished(self.shell, smax, eta, *plan, template=template, output="calm")
        assert results(self.shell.cwd / "S") == results(calm)

    def assert_complete(self, search: str = "S") -> None:
        assert {slot["status"] for slot in self.shell.status(search)["slots"]} == {"completed"}
        assert (self.shell.cwd / search / "config").exists()


def results(search: Path) -> dict[str, str]:
    names = ("result", "promotion", "best.json", "config")
    return {path.relative_to(search).as_posix(): path.read_text() for path in search.rglob("*") if path.name in names}
