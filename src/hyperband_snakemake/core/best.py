"""``python hyperband best``: find the best configuration and copy it to the top of the search."""

import json
import os
import shlex
import sys
from fractions import Fraction
from pathlib import Path

from .disk.files import copy, write
from .halving.best import rank_all, read_all, tied_with_best
from .halving.best_table import write_table
from .halving.discard import discard
from .halving.settled import reopen
from .plan import Plan, json_number
from .tree import layout
from .tree.configurations import find_drawn, give_copies
from .tree.environment import SEARCH
from .tree.folds import read_folds, spread
from .tree.layout import Slot
from .tree.outcome import Outcome
from .tree.planfile import read_plan


def main(_: list[str]) -> int:
    """Write ``config``, ``best.json``, and a table for `snakemake --report`."""
    plan = read_plan(Path())
    outcomes = read_all(plan)
    if reopen(outcomes):
        return 1
    ranked = rank_all(plan, outcomes)
    if not ranked:
        shown = shlex.quote(os.environ.get(SEARCH, "."))
        print(
            f"Error: no configuration has a result: every training run failed. Why: hyband failures {shown}\n"
            f"  Fix the cause, for instance in {shown}/{layout.RUN}. Then: hyband retry {shown}",
            file=sys.stderr,
        )
        return 1
    slot = ranked[0][1]
    _write_origin(plan, ranked)
    lasts = (Slot(b.index, b.stages[-1].index, c) for b in plan.brackets for c in range(b.stages[-1].configurations))
    for last in lasts:  # the promotions have checked the others
        if (drawn := find_drawn(last)) is not None and last.path.is_dir():
            give_copies(last.path, drawn)
    write_table(ranked)
    best = find_drawn(slot)
    if best is None:
        copy(slot.path / layout.CONFIG, Path(layout.BEST_CONFIG))
    else:  # whatever is in its slot
        write(Path(layout.BEST_CONFIG), best.text)
    for bracket in plan.brackets:  # left over where a promotion was interrupted or something was still running
        for stage in bracket.stages[:-1]:
            if done := discard(plan, bracket.index, stage.index, best=slot):
                print(f"bracket {bracket.index}, stage {stage.index}: {done}")
    return 0


def _write_origin(plan: Plan, ranked: list[tuple[Fraction, Slot, Outcome]]) -> None:
    """Write where the best comes from, how much its folds differ, and which slots have the same result."""
    budget, slot, outcome = ranked[0]
    origin: dict[str, object] = {"path": str(slot), "result": outcome.result, "budget": json_number(budget)}
    if plan.stage(slot.bracket, slot.stage).fold_names:
        origin["spread"] = spread(read_folds(slot.path))
    if ties := tied_with_best(ranked):
        origin["ties"] = [str(other) for other in ties]
    write(Path(layout.BEST), json.dumps(origin, indent=1) + "\n")
