"""Makes a search ready for Slurm: writes ``slurm.toml``, its scripts, the profile, and the launch lines in run.sh."""

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from .allocation import asks_for_the_same, kept_allocation, put_aside, submit_values
from .core.plan import Plan
from .core.slurm.packs import packs_of
from .core.slurm.request import MODES, RULED, Slurm, slurm_from_toml
from .core.slurm.units import SlurmError
from .core.tree import layout
from .core.tree.files import read, write, write_bytes
from .errors import HybandError, UsageError
from .space.rendering import Renderer

PURPOSES = {
    "steps": "one allocation (submit.sh), each training a job step in it",
    "jobs": "snakemake on the login node, each training a job (job.sh)",
    "executor": "Snakemake's Slurm plugin, each training a job",
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
    "sbatch-extra": "  # further options of sbatch, as on its command line",
}
_KINDS = {  # of the options that are no rules
    "cost-unit": (str,),
    "time-factor": (int, float),
    "min-job-time": (str,),
    "array": (int,),
    "poll-seconds": (int, float),
}
_PACKAGE = Path(str(resources.files("hyperband_snakemake")))
_TEMPLATES = Renderer(_PACKAGE / "templates", _PACKAGE / "launchers")
_BLOCK = re.compile(r"^# >>> hyband slurm >>>.*?^# <<< hyband slurm <<<\n", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Wish:
    """What the user asked for: ``options`` maps names of `RULED` to rules as written; the rest as in slurm.toml."""

    mode: str
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cost_unit: str = ""
    time_factor: float = 3
    min_job_time: str = ""
    array: int = 0
    poll_seconds: float = 15
    workers: int = 8
    allocation_time: str = ""


def prepare_for_slurm(search: Path, name: str, plan: Plan, wish: Wish) -> list[str]:
    """Write all that the mode needs into a search, and take away what another mode had needed.

    ``name`` is that of its directory once it is in place. What the user has changed in the profile or in ``submit.sh``
    is kept beside it.

    Returns:
        What is to be said about it, in lines.

    Raises:
        UsageError: an option means nothing, or does not fit the mode.
        HybandError: the Snakefile is not one that knows of Slurm.
    """
    text = _TEMPLATES.render(f"slurm/{layout.SLURM}", _toml(wish))
    slurm = _checked(text, plan, wish)
    if "search.program(" not in (read(search / layout.SNAKEFILE) or ""):
        raise HybandError(
            f"{search / layout.SNAKEFILE} does not ask for the program that trains (search.program). Take that line "
            "from the Snakefile that `hyband init` writes, or leave --slurm out and call srun in run.sh."
        )
    files = {layout.SLURM: text, layout.PROFILE: _profile(name, wish.mode)}
    if wish.mode == "steps":
        files[layout.SUBMIT_SCRIPT] = _submit(name, plan, slurm, wish)
    if wish.mode == "jobs":
        files[layout.JOB_SCRIPT] = _TEMPLATES.render(f"slurm/{layout.JOB_SCRIPT}", {})
    _refuse_foreign(search, files)
    adapted = _is_adapted(search, name, plan)
    told = [*_keep_old_profile(search, name), *_write(search, files, adapted=adapted)]
    (search / layout.SLURM_OFF).unlink(missing_ok=True)
    _put_into(search / layout.RUN, _TEMPLATES.render("slurm/launch.sh", {}) if wish.mode == "steps" else "")
    return told


def _refuse_foreign(search: Path, files: Collection[str]) -> None:
    """Scripts of these names may be the user's own, from the template directory."""
    for script in {layout.SUBMIT_SCRIPT, layout.JOB_SCRIPT} & set(files):
        text = read(search / script)
        if text is not None and not ("hyperband/pack.sh" in text or "plan.json" in text):
            raise HybandError(f"{script} is a file of yours; this mode needs that name. Rename yours, then try again.")


def kept_options(search: Path, mode: str) -> dict[str, object]:
    """Give what ``slurm.toml`` says, by the names of `Wish`, as far as it is readable and fits the mode.

    Without Slurm it is what it said before Slurm was left. Rules are under ``options``, as they are written there. Mode
    ``steps`` has more in its script.
    """
    allocation = kept_allocation(search) if mode == "steps" else {}
    try:
        data = tomllib.loads(_last_toml(search))
    except tomllib.TOMLDecodeError:
        return allocation
    unfit = {"steps": {"array", "min-job-time"}, "executor": {"array"}}.get(mode, set())
    names = [name for name, kinds in _KINDS.items() if name not in unfit and type(data.get(name)) in kinds]
    kept: dict[str, object] = {name.replace("-", "_"): data[name] for name in names}
    rules = {name: data[name] if isinstance(data[name], list) else [data[name]] for name in RULED if name in data}
    options = {name: tuple(str(r) for r in found if r != "") for name, found in rules.items()}
    return allocation | kept | {"options": options}


def _last_toml(search: Path) -> str:
    return next((text for name in (layout.SLURM, layout.SLURM_OFF) if (text := read(search / name)) is not None), "")


def leave_slurm(search: Path) -> list[str]:
    """Let a search run without Slurm again; its scripts stay, and slurm.toml beside its name, in case of a return.

    Returns:
        What is to be said about it, in lines.
    """
    told = _keep_old_profile(search, search.resolve().name)
    write(search / layout.PROFILE, _TEMPLATES.render(layout.PROFILE, {}))
    if (search / layout.SLURM).exists():
        (search / layout.SLURM).replace(search / layout.SLURM_OFF)
    _put_into(search / layout.RUN, "")
    return told


def _checked(text: str, plan: Plan, wish: Wish) -> Slurm:
    try:
        slurm = slurm_from_toml(text)
        for bracket in plan.brackets:
            for stage in bracket.stages:
                slurm.request(bracket.index, stage)
                packs_of(plan, stage, slurm)
    except SlurmError as error:
        raise UsageError(f"--{error}.") from None
    if wish.mode == "executor" and wish.array:
        raise UsageError("--array is for the mode jobs: the plugin's job arrays lose results. Use --min-job-time.")
    if wish.mode == "steps" and (wish.array or wish.min_job_time):
        raise UsageError("--array and --min-job-time are for modes that submit jobs; a job step costs next to nothing.")
    return slurm


def _toml(wish: Wish) -> dict[str, object]:
    values = {
        name: rules[0]
        if len(rules) == 1 and rules[0].isdecimal()
        else json.dumps(rules[0] if len(rules) == 1 else list(rules), ensure_ascii=False)
        for name in RULED
        for rules in [wish.options.get(name) or (("1",) if name == "cpus" else ("",))]
    }
    return {
        "mode": wish.mode,
        "purpose": PURPOSES[wish.mode],
        "options": values,
        "comments": COMMENTS,
        "cost_unit": wish.cost_unit,
        "time_factor": f"{wish.time_factor:g}",
        "min_job_time": wish.min_job_time,
        "array": wish.array,
        "poll_seconds": f"{wish.poll_seconds:g}",
    }


def _submit(name: str, plan: Plan, slurm: Slurm, wish: Wish) -> str:
    values = submit_values(name, plan, slurm, wish.workers, wish.allocation_time)
    return _TEMPLATES.render(f"slurm/{layout.SUBMIT_SCRIPT}", values)


def _is_adapted(search: Path, name: str, plan: Plan) -> bool:
    """Whether submit.sh is not what would be written for slurm.toml as it is."""
    old = read(search / layout.SUBMIT_SCRIPT)
    kept: dict[str, Any] = kept_allocation(search)
    try:
        slurm = slurm_from_toml(_last_toml(search))
        return old is not None and old != _submit(name, plan, slurm, Wish("steps", **kept))
    except (SlurmError, tomllib.TOMLDecodeError):
        return True  # nobody knows what it was written for


def _write(search: Path, files: Mapping[str, str], *, adapted: bool) -> list[str]:
    """Write, but spare scripts that may be adapted; what is to be said about them."""
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
        return _TEMPLATES.render(layout.PROFILE, {})
    prefix = re.sub(r"[^_a-zA-Z0-9-]+", "-", name)[:40]
    return _TEMPLATES.render(f"slurm/{mode}.yaml", {"name": prefix or "search"})


def _keep_old_profile(search: Path, name: str) -> list[str]:
    """Put a profile aside that is none of ours; what is to be said about it."""
    old = read(search / layout.PROFILE)
    ours = {_profile(name, mode) for mode in (*MODES, "off")}
    return [] if old is None or old in ours else [put_aside(search / layout.PROFILE, "before-slurm")]


def _put_into(script: Path, launch: str) -> None:
    """Put the launch lines after the first line and the comments below it, in the place of earlier ones."""
    text = script.read_bytes().decode("utf-8", errors="surrogateescape")
    bare = _BLOCK.sub("", text)
    lines = bare.splitlines(keepends=True)
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    new = "".join([*lines[:head], launch, *lines[head:]])
    if new != text:
        mode = script.stat().st_mode
        write_bytes(script, new.encode("utf-8", errors="surrogateescape"))
        script.chmod(mode)
