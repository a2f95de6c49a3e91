"""`hyband slurm` and `hyband cancel`, and the Slurm options that they share with `hyband generate`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import click
import cloup

from ..core.plan.rules import UNITS
from ..core.slurm.request import MODES
from ..core.training.starting import STEPS, quoted, read_mode, start_command
from ..core.tree import layout
from ..slurm.cancel import cancel_jobs, stop_run
from ..slurm.living import ask_for_living, living_text
from ..slurm.options import SlurmOptions, kept_options
from ..slurm.prepare import leave_slurm, prepare_for_slurm
from ..snapshot.scan import scan
from ..writing.lock import held
from .common.ineffective import unused_for_slurm, without_effect
from .common.options import DIRECTORY, NUMBER, TIME_LIMIT, is_given, warn

Command = TypeVar("Command", bound=Callable[..., Any])

RULED_OPTIONS = {  # option -> help; each is repeatable, with a condition before the value
    "--partition": "Partition of the jobs.",
    "--account": "Account to charge.",
    "--qos": "Quality of service.",
    "--time": "Time limit of a training run, such as 2h (0: none); from the cost and --cost-unit if not given.",
    "--mem": "Memory of a training run, such as 16G.",
    "--cpus": "Cores of a training run.",
    "--gpus": "GPUs of a training run, such as 1 or a100:1; without Slurm: GPUs of this machine.",
    "--constraint": "Features that the node must have.",
    "--sbatch-extra": "Further options for sbatch, as on its command line.",
}
RULE = "Repeatable. A CONDITION is for some stages, such as 'budget>=27: 16G'."
OTHERS = [
    click.option("--cost-unit", type=click.Choice(list(UNITS)), help="Unit of the plan's costs, for time limits."),
    click.option(
        "--time-factor", type=NUMBER, default="3", show_default=True, help="Time limit divided by the expected time."
    ),
    click.option("--min-job-time", default="", help="Pack training runs so that no job is shorter, such as 10min."),
    click.option("--array", type=click.IntRange(0, 100_000), default=0, help="Submit job arrays of this size."),
    click.option(
        "--poll-seconds", type=click.IntRange(1, 3600), default=15, help="Seconds between two calls of squeue."
    ),
    click.option("--workers", type=click.IntRange(min=1), default=8, help="Mode steps: training runs at a time."),
    click.option("--allocation-time", type=TIME_LIMIT, default="", help="Mode steps: time limit of the allocation."),
]


def slurm_options(command: Command) -> Command:
    """Add the Slurm options; `options_of` takes them out of the command's arguments."""
    ruled = [
        click.option(name, multiple=True, metavar="[CONDITION:] VALUE", help=text)
        for name, text in RULED_OPTIONS.items()
    ]
    command = cloup.option_group("Jobs of a search", *OTHERS)(command)
    return cloup.option_group("Needs of a training run", RULE, *ruled)(command)


def options_of(mode: str, arguments: dict[str, Any]) -> SlurmOptions:
    """Take the Slurm options out of a command's arguments."""
    names = {name.lstrip("-"): name.lstrip("-").replace("-", "_") for name in RULED_OPTIONS}
    return SlurmOptions(
        mode,
        {option: arguments.pop(name) for option, name in names.items()},
        cost_unit=arguments.pop("cost_unit") or "",
        time_factor=float(Fraction(arguments.pop("time_factor"))),
        **{
            name: arguments.pop(name)
            for name in ("min_job_time", "array", "poll_seconds", "workers", "allocation_time")
        },
    )


def given_on_slurm() -> list[str]:
    """Slurm options on the command line of the running command."""
    others = ("cost_unit", "time_factor", "min_job_time", "array", "poll_seconds", "workers", "allocation_time")
    names = [*(name.lstrip("-").replace("-", "_") for name in RULED_OPTIONS), *others]
    return [f"--{name.replace('_', '-')}" for name in names if is_given(name)]


def with_kept(wanted: SlurmOptions, given: set[str], kept: Mapping[str, Any]) -> SlurmOptions:
    """Fill in what is not on the command line from what the search has kept."""
    rules = kept.get("options", {})
    options = {name: found or rules.get(name, ()) for name, found in wanted.options.items()}
    others = {name: value for name, value in kept.items() if name != "options" and name not in given}
    return replace(wanted, options=options, **others)


def how_to_run(search: Path, mode: str) -> str:
    """Give the command that starts a search."""
    command = start_command(search, mode)
    if mode in ("", "off", STEPS):
        return command
    return f"nohup {command} > {quoted(search / 'snakemake.log')} 2>&1 &"


@cloup.command()
@click.argument("search", type=DIRECTORY)
@click.argument("mode", metavar="MODE", type=click.Choice([*MODES, "off"]))
@slurm_options
def slurm(search: Path, mode: str, **arguments: Any) -> None:
    """Prepare a search for Slurm.

    \b
    MODE is
        steps     one allocation (submit.sh), each training run a job step in it
        jobs      snakemake on the login node, each training run a job
        executor  Snakemake's own Slurm plugin, each training run a job
        off       stop using Slurm

    Options that are not given are kept as they are in slurm.toml and submit.sh. An option for some stages has a
    condition on stage, bracket or budget:

    \b
        hyband slurm my-search jobs --mem 4G --mem 'budget>=27: 16G' --time 'budget>=27: 12:00:00'
    """
    plan = scan(search).plan
    given = {name for name in arguments if is_given(name)}
    wanted = with_kept(options_of(mode, arguments), given, kept_options(search, mode))
    before = read_mode(search)
    with held(search):
        if mode == "off":
            warn(leave_slurm(search))
        else:
            warn(prepare_for_slurm(search, search.resolve().name, plan, wanted))
            warn(without_effect(plan, search))
    warn(unused_for_slurm(given_on_slurm(), mode))
    if mode != "off":
        click.echo(f"The Slurm options are in {search / layout.SLURM}.")
    elif (search / layout.SLURM_OFF).exists():
        click.echo(f"The Slurm options are kept in {search / layout.SLURM_OFF}, in case you use Slurm again.")
    if before not in ("", mode) and (numbers := ask_for_living(search)):
        warn([living_text(search, numbers, "The next run waits for their results.")])
    click.echo("To run it:\n")
    click.echo(how_to_run(search, mode))


@cloup.command()
@click.argument("search", type=DIRECTORY)
def cancel(search: Path) -> None:
    """Cancel all Slurm jobs of a search. This does not count as an attempt.

    A run that still submits jobs is stopped first, on whatever node it runs, and so is a chain of allocations.

    \b
    Example:
        hyband cancel my-search
    """
    path = scan(search).path
    stopped = stop_run(path)
    if stopped.runner:
        click.echo(f"Stopped: {stopped.runner}")
    with held(path):
        numbers = cancel_jobs(path, stopped)
    click.echo(f"Cancelled: {', '.join(numbers)}" if numbers else "This search has no jobs in Slurm.")
