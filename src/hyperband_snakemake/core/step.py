"""``python hyperband step RUN_SH ARGUMENTS...``: start run.sh as a job step, on a free slice of the allocation.

srun replaces this program, so no extra process is needed.
"""

import os
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .plan.units import OptionError
from .slurm.notice import CARRIER, OPTION, notice_of
from .slurm.queue import clean_environment
from .slurm.request import Request, read_slurm
from .slurm.steps import KEPT, NOT_ASKED, SRUN, failing_nodes, note_asked
from .slurm.submission import grown_request
from .tree import layout
from .tree.environment import ATTEMPT, BRACKET, CONFIG, SEARCH, STAGE, STEP
from .tree.planfile import read_plan
from .tree.record import read_attempts


def main(argv: list[str]) -> int:
    """Become srun."""
    search = Path(os.environ[SEARCH])
    bracket, stage = int(os.environ[BRACKET]), int(os.environ[STAGE])
    directory = Path(argv[1])  # as run.sh got it: relative to where snakemake was started, which is our directory too
    mark = note_asked(directory, os.environ[ATTEMPT])
    try:
        slurm = read_slurm(search)
    except OptionError as error:
        print(f"{NOT_ASKED}{error}", flush=True)  # so it does not count as an attempt
        return 1
    if slurm is None:
        raise ValueError(f"{search / layout.SLURM} is missing. Write it again with `hyband slurm`")
    request = grown_request(slurm, bracket, read_plan(search).stage(bracket, stage), directory)
    notice = notice_of(request.extra)
    command = [*SRUN, f"--job-name=b{bracket}-s{stage}-c{os.environ[CONFIG]}"]
    command += within(request, os.environ).step_options
    nodes = failing_nodes(read_attempts(directory)[:-1])  # the last one is this start
    if 0 < len(nodes) < int(os.environ.get("SLURM_JOB_NUM_NODES", "1")):
        command += [f"--exclude={','.join(nodes)}"]
    command += [f"{OPTION}={CARRIER}@{notice.seconds}"] if notice and request.seconds else []
    environment = clean_environment() | {name: os.environ[name] for name in KEPT if name in os.environ}
    command += ["bash", "--", f"{search}/{layout.CORE}/guard.sh", str(mark), *argv]
    print(shlex.join(command), flush=True)
    try:
        return os.execvpe(command[0], command, environment | {STEP: "1"})  # noqa: S606
    except OSError as error:
        print(f"{NOT_ASKED}srun cannot be started: {error.strerror}. Is it in PATH on this node?", flush=True)
        return 1


def within(request: Request, environment: Mapping[str, str]) -> Request:
    """Ask for no more memory than the allocation has on a node, which a request raised after a failure may exceed.

    >>> within(Request(megabytes=400), {"SLURM_MEM_PER_CPU": "100", "SLURM_CPUS_ON_NODE": "3"}).megabytes
    300
    """
    per_cpu, cpus = environment.get("SLURM_MEM_PER_CPU", ""), environment.get("SLURM_CPUS_ON_NODE", "")
    most = environment.get("SLURM_MEM_PER_NODE", "")
    if per_cpu.isdecimal() and cpus.isdecimal():
        most = str(int(per_cpu) * int(cpus))
    if request.megabytes is None or not most.isdecimal() or int(most) == 0:
        return request
    return replace(request, megabytes=min(request.megabytes, int(most)))
