"""Stopping a run in which everything fails: a mistake in run.sh must not cost a whole search.

A failed configuration is an outcome like any other, as long as something succeeds. But if the first configurations
have all failed and no training run of the search has ever completed, they most likely share a cause. Then this run of
snakemake is stopped.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..plan import Plan, counted
from ..tree import environment, layout
from ..tree.environment import current_run
from ..tree.layout import Slot, slots_of
from ..tree.outcome import Outcome, Status, read_outcome
from ..tree.planfile import read_plan
from ..tree.reasons import by_reason
from .logs import cause_of, last_words, log_ends
from .starting import STEPS, again_command, is_outside, quoted, read_mode
from .stopping import is_run_stopped, stop_run

ENOUGH = 5  # failed configurations, if the search starts that many
LOG_LINES = 6


def stop_if_all_fail() -> None:
    """Stop the run of snakemake if everything in this search has failed. To be called after a failure was written.

    The search is scanned up to the first success: with a success this costs almost nothing, and without one the run
    ends soon. Does nothing if the user wants to continue regardless (HYBAND_KEEP_FAILING).
    """
    run = current_run()
    if run is None or keeps_failing() or is_run_stopped():
        return
    failures = _failures(read_plan(Path()))
    if failures:
        stop_run(run, _text(failures))


def keeps_failing() -> bool:
    """Whether the user has asked to continue even if everything fails."""
    return os.environ.get(environment.KEEP_FAILING, "") not in ("", "0")


@dataclass(frozen=True)
class _Failure:
    """A failed training run (perhaps a fold), and why it failed."""

    run: Slot
    reason: str


def _failures(plan: Plan) -> dict[Slot, _Failure]:
    """Give the failure of each failed configuration, if there are enough to stop; empty if anything succeeded."""
    found: dict[Slot, _Failure] = {}
    for slot, run, outcome in _ended(plan):
        if outcome.status is Status.COMPLETED:
            return {}
        found.setdefault(slot, _Failure(run, outcome.reason))
    started = sum(bracket.stages[0].configurations for bracket in plan.brackets)  # no others start without a success
    return found if len(found) >= min(ENOUGH, started) else {}


def _ended(plan: Plan) -> Iterator[tuple[Slot, Slot, Outcome]]:
    """Each completed or failed training run, with its configuration; folds come before the whole configuration."""
    for slot, stage in slots_of(plan):
        for run in (*(slot.runs(stage.fold_names) if stage.fold_names else ()), slot):
            outcome = read_outcome(run.path)
            if outcome.status in (Status.COMPLETED, Status.FAILED):
                yield slot, run, outcome


def _text(failures: dict[Slot, _Failure]) -> str:
    search = Path(os.environ.get(environment.SEARCH, "."))
    number, first = counted(len(failures), "configuration"), next(iter(failures))
    lines = [
        f"Error: {number} failed, and no training run of this search has ever succeeded. This run was stopped.",
        *_groups(failures),
        *_log(failures[first].run),
        f"  All of them, with the ends of their logs: hyband failures {quoted(search)}",
        f"  Fix the cause: {quoted(search)}/{layout.RUN} (the search has its own copy), or what it calls. Then",
        *_commands(search, first),
    ]
    return "\n".join(lines)


def _commands(search: Path, first: Slot) -> list[str]:
    """Give the commands to type once the cause is fixed, in the way this run was started (such as with sbatch)."""
    shown, mode = quoted(search), read_mode(Path())
    is_expected = "  If failures like these are to be expected here, continue without this check:"
    retry, again = f"    hyband retry {shown}", again_command(search, mode)
    if mode == STEPS and not is_outside(mode):
        return [retry, f"    {again}", is_expected, f"    {environment.KEEP_FAILING}=1 {again}"]
    run = f"    hyband run {shown}" + " --local" * is_outside(mode)
    return [
        retry,
        f"{run} {first}/{layout.OUTCOME}    # tries one configuration, and keeps its result",
        run,
        is_expected,
        f"{run} --keep-failing",
        f"  or: {environment.KEEP_FAILING}=1 {again}",
    ]


def _groups(failures: dict[Slot, _Failure]) -> Iterator[str]:
    causes = ((slot, cause_of(failure.run.path, failure.reason)) for slot, failure in failures.items())
    for reason, slots in by_reason(causes):
        yield f"  {len(slots)} failed - {reason}"
        yield f"    {', '.join(map(str, slots[:ENOUGH]))}{' and more' if len(slots) > ENOUGH else ''}"


def _log(run: Slot) -> Iterator[str]:
    """Give the end of the logs of the first failure."""
    for end in log_ends(run.path, LOG_LINES):
        yield f"  End of {run}/{end.title}:"
        yield from (f"    {line}" for line in end.lines or ["(nothing)"])


def end_of_log(slot: Slot) -> str:
    """A line that names the log of a failure and quotes its end; empty if there is no log."""
    name, words = last_words(slot.path)
    where = f"  {os.environ.get(environment.SEARCH, '.')}/{slot}/{name}"
    return f"{where} ends with: {words}\n" if words else f"{where} is empty\n" if name else ""
