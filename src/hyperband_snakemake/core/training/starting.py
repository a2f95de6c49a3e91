"""The command that starts a run of a search, and where a run may start: in mode steps, only within an allocation.

Elsewhere, such as on a login node, that mode would train everything on the machine where snakemake is started.
"""

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from ..disk.files import read
from ..tree import environment, layout

STEPS = "steps"
PROFILE_OPTION = "--workflow-profile"


def quoted(path: Path) -> str:
    """Quote a path so that it can be pasted after a command or an option."""
    text = str(path)
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def read_mode(search: Path) -> str:
    """Read the Slurm mode of a search; empty without Slurm. If slurm.toml has a mistake, its line may still do."""
    text = read(search / layout.SLURM)
    if text is None:
        return ""
    import tomllib  # noqa: PLC0415 (slow, and without Slurm there is no such file)

    try:
        mode = tomllib.loads(text).get("mode", "")
    except tomllib.TOMLDecodeError:
        match = re.search(r'^mode\s*=\s*"(\w+)"', text, re.MULTILINE)
        return match[1] if match else ""
    return mode if isinstance(mode, str) else ""


def start_command(shown: Path, mode: str) -> str:
    """Give the command that starts or continues a search in this Slurm mode; ``shown`` is its path for the user.

    >>> start_command(Path("my-search"), "steps"), start_command(Path("my search"), "jobs")
    ('sbatch my-search/submit.sh', "snakemake --snakefile 'my search/Snakefile'")
    """
    if mode == STEPS:
        return f"sbatch {quoted(shown / layout.SUBMIT_SCRIPT)}"
    return f"snakemake --snakefile {quoted(shown / layout.SNAKEFILE)}"


def again_command(shown: Path, mode: str) -> str:
    """Give the command that continues a search the way it runs now: in a new allocation, or outside of any."""
    if not is_outside(mode):
        return start_command(shown, mode)
    return f"{environment.HERE}=1 " * _is_confirmed() + start_command(shown, "")


def is_outside(mode: str) -> bool:
    """Whether the mode needs an allocation and this process is not in one."""
    return mode == STEPS and not os.environ.get("SLURM_JOB_ID")


def refusal(shown: Path, mode: str) -> str:
    """Say why a run may not start here; empty if it may, also because the user confirmed it or there is no Slurm."""
    if not is_outside(mode) or _is_confirmed() or not _has_slurm():
        return ""
    return (
        "this search is meant for a Slurm allocation (mode steps); started here, it would train everything on "
        f"{os.uname().nodename}. Nothing was started.\n"
        f"  To submit it: {start_command(shown, mode)}\n"
        f"  To train on this machine all the same: hyband run {quoted(shown)} --local\n"
        f"    or: {environment.HERE}=1 {start_command(shown, '')}"
    )


def note(mode: str) -> str:
    """Say that a run started here trains on this machine, contrary to its mode; empty if that is no surprise."""
    if not is_outside(mode):
        return ""
    why = f"outside of an allocation ({environment.HERE}=1)" if _has_slurm() else "and there is no Slurm here (sbatch)"
    return f"Mode steps, {why}: all training runs start on this machine."


def profile_note(search: Path, start: Path, arguments: Sequence[str], shown: Path) -> str:
    """Say that Snakemake uses a profile from the directory where it was started, not the search's; empty if not so.

    It looks there first, and may find the profile of another workflow, whose options do not suit a search.
    """
    own = Path(layout.PROFILE).parent
    if start.samefile(search) or not (search / own).exists() or gives_profile(arguments):
        return ""
    taken = next((name for name in (own.name, str(own)) if (start / name).exists()), None)
    if taken is None:
        return ""
    return f"Snakemake uses {start / taken}, not the profile of this search. Add {profile_option(shown)}"


def profile_option(search: Path) -> str:
    """Give the option that makes Snakemake use the profile of a search, wherever it is started."""
    return f"{PROFILE_OPTION} {quoted(search / Path(layout.PROFILE).parent)}"


def gives_profile(arguments: Sequence[str]) -> bool:
    """Whether a Snakemake command line has the option for the workflow profile, perhaps abbreviated."""
    return any(argument.startswith("--workflow-p") for argument in arguments)


def _is_confirmed() -> bool:
    return os.environ.get(environment.HERE, "") not in ("", "0")


def _has_slurm() -> bool:
    import shutil  # noqa: PLC0415 (slow, and training runs do not need it)

    return shutil.which("sbatch") is not None
