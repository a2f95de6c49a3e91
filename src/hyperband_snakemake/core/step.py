"""``python hyperband step RUN_SH ARGUMENTS...``: start run.sh again as a job step, on a free slice of the allocation.

It takes the place of this program, so it costs no process.
"""

import os
import shlex
from pathlib import Path

from .slurm.queue import clean_environment
from .slurm.request import read_slurm
from .slurm.submission import grown_request
from .tree.environment import BRACKET, CONFIG, SEARCH, STAGE, STEP
from .tree.planfile import read_plan

KEPT = ("SLURM_JOB_ID", "SLURM_JOBID")


def main(argv: list[str]) -> int:
    """Become srun. Without ``slurm.toml`` a step asks for one processor."""
    search = Path(os.environ[SEARCH])
    bracket, stage = int(os.environ[BRACKET]), int(os.environ[STAGE])
    slurm = read_slurm(search)
    assert slurm is not None
    directory = Path(argv[1])  # as run.sh got it, seen from where snakemake was started, and so are we
    request = grown_request(slurm, bracket, read_plan(search).stage(bracket, stage), directory)
    command = ["srun", "--exact", "--nodes=1", "--ntasks=1", "--export=ALL", "--input=none", "--unbuffered", "--quiet"]
    command += [f"--job-name=b{bracket}-s{stage}-c{os.environ[CONFIG]}", *request.step_options]
    environment = clean_environment() | {name: os.environ[name] for name in KEPT if name in os.environ}
    command += ["bash", "--", *argv]
    print(shlex.join(command), flush=True)
    os.execvpe(command[0], command, environment | {STEP: "1"})  # noqa: S606
