"""Prepares a search for Slurm: writes ``slurm.toml``, its scripts, the profile, and the launch lines in run.sh."""

import functools
import json
import re
import tomllib
from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from ..core.disk.files import read, write, write_bytes
from ..core.plan import Plan
from ..core.plan.units import OptionError
from ..core.slurm.packs import packs_of
from ..core.slurm.request import MODES, RULED, SlurmConfig, slurm_from_toml
from ..core.tree import layout
from ..errors import HybandError, UsageError
from ..snapshot.snakefile import abilities_in
from ..space.jinja.rendering import Renderer
from .options import SlurmOptions, last_toml
from .submit_script import asks_for_the_same, kept_allocation, put_aside, submit_values

PURPOSES = {
    "steps": "one allocation (submit.sh), each training run a job step in it",
    "jobs": "snakemake on the login node, each training run a job (job.sh)",
    "executor": "Snakemake's Slurm plugin, each training run a job",
}
COMMENTS = {
    "partition": "",
    "account": "",
    "qos": "",
    "time": '  # such as "12:00:00", "1-6", "90min"',
    "mem": '  # such as "16G"',
    "cpus": "",
    "gpus": '  # such as "1" or "a100:2"',
    "constraint": "",
    "sbatch-extra": "  # further sbatch options, as on its command line",
}
_PACKAGE = Path(str(resources.files("hyperband_snakemake")))
_BLOCK = re.compile(r"^# >>> hyband slurm >>>.*?^# <<< hyband slurm <<<\n", re.DOTALL | re.MULTILINE)


@functools.cache
def _templates() -> Renderer:
    return Renderer(_PACKAGE / "templates", _PACKAGE / "slurm" / "templates")


def _render(name: str, values: Mapping[str, object]) -> str:
    return _templates().render(name, values)


def prepare_for_slurm(search: Path, name: str, plan: Plan, wanted: SlurmOptions) -> list[str]:
    """Write everything the mode needs into a search, and remove what another mode needed.

    ``name`` is the final name of its directory. A profile or ``submit.sh`` that the user has changed is kept under
    another name.

    Returns:
        Lines for the user about it.

    Raises:
        UsageError: an option is not valid, or does not fit the mode.
        HybandError: the Snakefile does not support Slurm.
    """
    text = _render(layout.SLURM, _toml(wanted))
    slurm = _checked(text, plan, wanted)
    if not abilities_in(search).submits:
        raise HybandError(
            f"{search / layout.SNAKEFILE} does not support Slurm. Take the Snakefile of a search that the same "
            "version generates (plan.json names it as generator), or leave --slurm out and call srun in run.sh."
        )
    files = {layout.SLURM: text, layout.PROFILE: _profile(name, wanted.mode)}
    if wanted.mode == "steps":
        files[layout.SUBMIT_SCRIPT] = _submit(name, plan, slurm, wanted)
    if wanted.mode == "jobs":
        files[layout.JOB_SCRIPT] = _render(layout.JOB_SCRIPT, {})
    _refuse_foreign(search, files)
    adapted = _is_adapted(search, name, plan)
    told = [*_keep_old_profile(search, name), *_write(search, files, adapted=adapted)]
    (search / layout.SLURM_OFF).unlink(missing_ok=True)
    _put_into(search / layout.RUN, _render("launch.sh", {}) if wanted.mode == "steps" else "")
    return told


def _refuse_foreign(search: Path, files: Collection[str]) -> None:
    """Refuse to overwrite scripts with these names that are the user's own, from the template directory."""
    for script in {layout.SUBMIT_SCRIPT, layout.JOB_SCRIPT} & set(files):
        text = read(search / script)
        if text is not None and not ("hyperband/pack.sh" in text or "plan.json" in text):
            raise HybandError(f"{script} is your own file; this mode needs that name. Rename yours, then try again.")


def leave_slurm(search: Path) -> list[str]:
    """Let a search run without Slurm again. Its scripts stay, and slurm.toml is renamed, in case Slurm is used again.

    Returns:
        Lines for the user about it.
    """
    told = _keep_old_profile(search, search.resolve().name)
    write(search / layout.PROFILE, _render(layout.PROFILE, {}))
    if (search / layout.SLURM).exists():
        (search / layout.SLURM).replace(search / layout.SLURM_OFF)
    _put_into(search / layout.RUN, "")
    return told


def _checked(text: str, plan: Plan, wanted: SlurmOptions) -> SlurmConfig:
    try:
        slurm = slurm_from_toml(text)
        for bracket in plan.brackets:
            for stage in bracket.stages:
                slurm.request(bracket.index, stage)
                packs_of(plan, stage, slurm)
    except OptionError as error:
        raise UsageError(f"{'--' if error.option else ''}{error}.") from None
    if wanted.mode == "executor" and wanted.array:
        raise UsageError("--array is for the mode jobs: the plugin's job arrays lose results. Use --min-job-time.")
    if wanted.mode == "steps" and (wanted.array or wanted.min_job_time):
        raise UsageError("--array and --min-job-time are for modes that submit jobs; a job step costs next to nothing.")
    return slurm


def _toml(wanted: SlurmOptions) -> dict[str, object]:
    values = {
        name: rules[0]
        if len(rules) == 1 and rules[0].isdecimal()
        else json.dumps(rules[0] if len(rules) == 1 else list(rules), ensure_ascii=False)
        for name in RULED
        for rules in [wanted.options.get(name) or (("1",) if name == "cpus" else ("",))]
    }
    return {
        "mode": wanted.mode,
        "purpose": PURPOSES[wanted.mode],
        "options": values,
        "comments": COMMENTS,
        "cost_unit": wanted.cost_unit,
        "time_factor": f"{wanted.time_factor:g}",
        "min_job_time": wanted.min_job_time,
        "array": wanted.array,
        "poll_seconds": f"{wanted.poll_seconds:g}",
    }


def _submit(name: str, plan: Plan, slurm: SlurmConfig, wanted: SlurmOptions) -> str:
    values = submit_values(name, plan, slurm, wanted.workers, wanted.allocation_time)
    return _render(layout.SUBMIT_SCRIPT, values)


def _is_adapted(search: Path, name: str, plan: Plan) -> bool:
    """Whether submit.sh differs from what would be written for the present slurm.toml."""
    old = read(search / layout.SUBMIT_SCRIPT)
    kept: dict[str, Any] = kept_allocation(search)
    try:
        slurm = slurm_from_toml(last_toml(search))
        return old is not None and old != _submit(name, plan, slurm, SlurmOptions("steps", **kept))
    except (OptionError, tomllib.TOMLDecodeError):
        return True  # it is unknown what it was written for


def _write(search: Path, files: Mapping[str, str], *, adapted: bool) -> list[str]:
    """Write, but keep scripts that may have been adapted. Return the lines for the user about them."""
    told = []
    for name, text in files.items():
        path, old = search / name, read(search / name)
        if name == layout.JOB_SCRIPT and old is not None:
            continue
        if name == layout.SLURM and old is not None and not _is_toml(old):
            told.append(put_aside(path))
        if name == layout.SUBMIT_SCRIPT and old is not None and adapted:
            if asks_for_the_same(old, text):
                continue
            told.append(put_aside(path))
        write(path, text)
    return told


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _profile(name: str, mode: str) -> str:
    if mode in ("steps", "off"):
        return _render(layout.PROFILE, {})
    prefix = re.sub(r"[^_a-zA-Z0-9-]+", "-", name)[:40]
    return _render(f"{mode}.yaml", {"name": prefix or "search"})


def _keep_old_profile(search: Path, name: str) -> list[str]:
    """Rename a profile that is not ours. Return the line for the user about it."""
    old = read(search / layout.PROFILE)
    ours = {_profile(name, mode) for mode in (*MODES, "off")}
    return [] if old is None or old in ours else [put_aside(search / layout.PROFILE, "before-slurm")]


def _put_into(script: Path, launch: str) -> None:
    """Put the launch lines after the first line and the comments below it, replacing earlier ones."""
    text = script.read_bytes().decode("utf-8", errors="surrogateescape")
    bare = _BLOCK.sub("", text)
    lines = bare.splitlines(keepends=True)
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    new = "".join([*lines[:head], launch, *lines[head:]])
    if new != text:
        mode = script.stat().st_mode
        write_bytes(script, new.encode("utf-8", errors="surrogateescape"))
        script.chmod(mode)
