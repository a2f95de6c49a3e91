"""The environment of a training program: which one is active now, and how run.sh activates it."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ADVICE = """\
# ADAPT: the environment of your program, activated here because such scripts often do not work under `set -u`. One of
#   venv       source /path/to/.venv/bin/activate
#   conda      source /path/to/miniconda3/etc/profile.d/conda.sh; conda activate NAME
#   modules    module load python/3.11 cuda/12
# or before the program below
#   uv         uv run --project /path/to/project
#   apptainer  apptainer exec --nv image.sif
"""
_OWN = re.compile(
    r"(.*/)?(uv|poetry|pipenv|pixi|hatch|conda|mamba|micromamba|apptainer|singularity|docker|podman|srun|nix)"
)


@dataclass(frozen=True)
class Activation:
    """Lines for run.sh that activate an environment, and the reason for them; empty if nothing must be activated."""

    lines: tuple[str, ...] = ()
    why: str = ""


def find_activation(program: str, variables: Mapping[str, str]) -> Activation:
    """Find how to activate the environment in which a command works here.

    Args:
        program: the first word of the command.
        variables: the environment variables.
    """
    if _OWN.fullmatch(program) or "/" in program:  # it brings its own environment, or belongs to one
        return Activation()
    if venv := variables.get("VIRTUAL_ENV", ""):
        script = Path(venv) / "bin/activate"
        if script.is_file():
            return Activation((f"source {shlex.quote(str(script))}",), f"the environment {venv} is active here")
    prefix, conda = variables.get("CONDA_PREFIX", ""), variables.get("CONDA_EXE", "")
    if prefix and conda:
        script = Path(conda).parents[1] / "etc/profile.d/conda.sh"
        name = variables.get("CONDA_DEFAULT_ENV") or prefix
        lines = (f"source {shlex.quote(str(script))}", f"conda activate {shlex.quote(name)}")
        return Activation(lines, f"the conda environment {name} is active here")
    if modules := variables.get("LOADEDMODULES", ""):
        words = " ".join(shlex.quote(module) for module in modules.split(":") if module)
        return Activation((f"module load {words}",), "these modules are loaded here")
    return Activation()


def environment_lines(activation: Activation) -> Sequence[str]:
    """Write the part of run.sh that activates an environment."""
    return [*ADVICE.strip().splitlines(), *activation.lines, "set -euo pipefail"]
