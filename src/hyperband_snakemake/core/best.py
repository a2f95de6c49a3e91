"""``python hyperband best``: find the best configuration of the search and put it at its top."""

import json
import os
import sys
from fractions import Fraction
from pathlib import Path

from . import layout, ranking
from .files import copy, write
from .layout import Slot
from .outcome import Outcome, read_outcome
from .plan import Plan, number_text
from .planfile import json_number, read_plan
from .promote import result_text

SHOWN = 3


def main(_: list[str]) -> int:
    """Write ``config`` and ``best.json``."""
    finalists = rank_finalists(read_plan(Path()))
    search = Path(os.environ.get("HYBAND_SEARCH", "."))
    if not finalists:
        print(
            "No configuration has a result: every training failed. Each directory says why in the file outcome;\n"
            f"  the output of its training is beside it, such as {search}/bracket-*/stage-0/config-0/attempt-1.log",
            file=sys.stderr,
        )
        return 1
    budget, slot, outcome = finalists[0]
    origin = {"path": str(slot), "result": outcome.result, "budget": json_number(budget)}
    write(Path(layout.BEST), json.dumps(origin, indent=1) + "\n")
    copy(slot.path / layout.CONFIG, Path(layout.BEST_CONFIG))
    return 0


def rank_finalists(plan: Plan, search: Path = Path()) -> list[tuple[Fraction, Slot, Outcome]]:
    """Completed trainings of the last stages, best first: the largest budget before all smaller ones."""
    last = [
        (b.stages[-1].budget, Slot(b.index, len(b.stages) - 1, c))
        for b in plan.brackets
        for c in range(b.stages[-1].configurations)
    ]
    return ranking.order_across((budget, slot, read_outcome(search / slot.path)) for budget, slot in last)


def best_text(finalists: list[tuple[Fraction, Slot, Outcome]], search: Path, shown: Path) -> str:
    """Name the best configurations, as the last lines of a run; ``shown`` is the path of the search for people."""
    lines = [
        f"  {place}. {result_text(search / slot.path)} - {shown / slot.path} (budget {number_text(budget)})"
        for place, (budget, slot, _) in enumerate(finalists[:SHOWN], 1)
    ]
    return "\n".join(["Best configurations:", *lines, f"The best one is copied to {shown / layout.BEST_CONFIG}"])
