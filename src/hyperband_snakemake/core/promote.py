"""``python hyperband promote BRACKET STAGE``: give the best configurations of a stage the slots of the next one."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .disk.files import refuse_unreadable, write
from .halving import ranking
from .halving.discard import discard
from .halving.rearrange import rearrange
from .halving.settled import reopen
from .plan import counted, number_text
from .tree import layout, promotion
from .tree.apart import put
from .tree.configurations import Drawn, find_drawn, give_copies
from .tree.environment import SEARCH
from .tree.folds import read_whole
from .tree.layout import Slot
from .tree.outcome import EMPTY, Outcome, Status, failed, verdict_text
from .tree.planfile import read_plan


def main(argv: list[str]) -> int:
    """Promote, write the table last, and print what was done. A promotion made before is not changed."""
    bracket, stage = map(int, argv)
    plan = read_plan(Path())
    if promotion.read_table(bracket, stage) is not None:
        print(f"bracket {bracket}, stage {stage}: promoted before")
        _say(discard(plan, bracket, stage))
        return 0
    if promotion.is_damaged(bracket, stage):
        print(f"Error: {promotion.damage_text(bracket, stage, os.environ.get(SEARCH, '.'))}", file=sys.stderr)
        return 1
    here, above = plan.stage(bracket, stage), plan.stage(bracket, stage + 1)
    slots = [Slot(bracket, stage, c) for c in range(here.configurations)]
    drawn = {slot: find_drawn(slot) for slot in slots}
    outcomes = [_read(slot, drawn[slot], here.fold_names) for slot in slots]
    if reopen(dict(zip(slots, outcomes, strict=True))):
        return 1
    _give_copies_back(drawn)
    chosen = ranking.promote(outcomes, above.configurations, maximize=plan.settings.maximize)
    table = [None if number is None else (number, outcomes[number].text) for number in chosen]
    targets = [Slot(bracket, stage + 1, c) for c in range(above.configurations)]
    origins = [None if entry is None else (slots[entry[0]], entry[1]) for entry in table]
    for target in targets:
        if target.path.is_dir() and (one := find_drawn(target)) is not None:
            give_copies(target.path, one)
    texts = [None if origin is None else drawn[origin[0]] for origin in origins]
    rearrange(targets[0].path.parent, {one.text: t.path for one, t in zip(texts, targets, strict=True) if one})
    for target, origin, one in zip(targets, origins, texts, strict=True):
        _fill(target, origin, one, number_text(here.budget), plan.settings.carry)
    write(layout.stage_path(bracket, stage) / layout.PROMOTION, promotion.table_text(table))
    filled = sum(entry is not None for entry in table)
    failures = sum(o.status is Status.FAILED for o in outcomes)
    print(
        f"bracket {bracket}, stage {stage}: {filled} of {here.configurations} promoted"
        + (f", {failures} failed" if failures else "")
        + (f", {counted(len(table) - filled, 'slot')} left empty" if filled < len(table) else "")
    )
    _say(discard(plan, bracket, stage))
    return 0


def _read(slot: Slot, drawn: Drawn | None, folds: Sequence[str]) -> Outcome:
    """Read the outcome. A slot whose configuration cannot be recovered cannot be promoted."""
    outcome = read_whole(slot.path, folds)
    if outcome.status is Status.FAILED:
        refuse_unreadable(slot.path / layout.RESULT, slot.path / layout.OUTCOME)
    if outcome.status is Status.COMPLETED and drawn is None:
        refuse_unreadable(slot.path / layout.CONFIG, layout.proposal_path(slot.bracket))
        return failed(f"{layout.CONFIG} is missing")
    return outcome


def _give_copies_back(drawn: Mapping[Slot, Drawn | None]) -> None:
    """Restore configurations that training runs changed or removed, and report it in one line."""
    wrong = [slot for slot, one in drawn.items() if one is not None and give_copies(slot.path, one)]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        print(
            f"{wrong[0]}{more}: the training run changed or removed {layout.CONFIG} or {layout.PARAMETERS}. Its result "
            f"counts, and both are restored as drawn; the changed files are kept as NAME.{layout.REPLACED}-1.",
            file=sys.stderr,
        )


def _fill(
    target: Slot, origin: tuple[Slot, str] | None, drawn: Drawn | None, budget: str, carry: Sequence[str]
) -> None:
    """Give a slot its configuration; if there is none for it, write an outcome that says so."""
    target.path.mkdir(parents=True, exist_ok=True)
    if origin is None or drawn is None:
        put(target.path / layout.OUTCOME, verdict_text(EMPTY))
        return
    put(target.path / layout.ORIGIN, promotion.origin_text(*origin, budget, carry))
    give_copies(target.path, drawn)


def _say(text: str) -> None:
    if text:
        print(text)
