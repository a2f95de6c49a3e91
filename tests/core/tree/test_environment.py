"""The name of a run of snakemake, and the names that the shell programs write out as well."""

import os
import re
import signal
import socket
import subprocess

import pytest

from hyperband_snakemake.core.tree import environment, layout
from hyperband_snakemake.core.tree.environment import RunId

from ...conftest import ROOT

CORE = ROOT / "src/hyperband_snakemake/core"
PROGRAMS = {path.name: path.read_text(encoding="utf-8") for path in CORE.glob("*.sh")}
NAMES = {value for name, value in vars(environment).items() if name.isupper()}


def test_run_id() -> None:
    own = RunId.new()
    assert RunId.parse(own.text) == own
    assert (own.host, own.pid) == (socket.gethostname(), os.getpid())
    assert own.is_alive()
    assert RunId("elsewhere", 1, 1).is_alive()


@pytest.mark.parametrize("text", ["", "host", "host-1", "host-a-1", "host-1-b"])
def test_not_a_run_id(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        RunId.parse(text)
    monkeypatch.setenv(environment.RUN, text)
    assert environment.current_run() is None
    assert environment.is_run_alive()


def test_terminate() -> None:
    """Only a process of this host, and it may be gone."""
    process = subprocess.Popen(["sleep", "60"])
    RunId("elsewhere", process.pid, 1).terminate()
    assert process.poll() is None
    run = RunId(socket.gethostname(), process.pid, 1)
    run.terminate()
    assert process.wait(timeout=30) == -signal.SIGTERM
    run.terminate()
    assert not run.is_alive()


@pytest.mark.parametrize("host", ["node", "node-7.cluster"])
def test_the_waiting_program_reads_the_same(host: str) -> None:
    line = next(line for line in PROGRAMS["wait.sh"].splitlines() if "HYBAND_RUN" in line).partition(" #")[0]
    done = subprocess.run(["bash", "-c", f'{line}\necho "$main"'], env={environment.RUN: RunId(host, 4711, 9).text},
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "4711\n"


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_shell_programs_use_known_variables(program: str) -> None:
    assert set(re.findall(r"HYBAND_[A-Z_]+", PROGRAMS[program])) <= NAMES


@pytest.mark.parametrize("program", sorted(PROGRAMS.keys() - {"await.sh", "guard.sh", "place.sh"}))  # those name none
def test_the_shell_programs_use_known_files(program: str) -> None:
    """All that follows the directory of a slot, and what lies in slurm/."""
    known = {value for name, value in vars(layout).items() if name.isupper() and isinstance(value, str)}
    known |= {layout.LOG.format(1)}
    slot = r"(?:\$slot|config-\$(?:config|1))"
    used = set(re.findall(rf"{slot}/([a-z0-9.-]+)", PROGRAMS[program]))
    used |= set(re.findall(r"(slurm/[a-z]+)", PROGRAMS[program]))
    assert used
    assert used <= known
