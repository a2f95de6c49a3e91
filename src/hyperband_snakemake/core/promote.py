"""``python hyperband promote BRACKET STAGE``: give the best configurations of a stage the slots of the next one."""

import sys
from collections.abc import Sequence
from pathlib import Path

from .halving import ranking
from .halving.discard import discard
from .halving.rearrange import rearrange
from .plan import number_text
from .tree import layout, promotion
from .tree.files import write
from .tree.layout import Slot
from .tree.outcome import EMPTY, Outcome, Status, failed, read_outcome, verdict_text
from .tree.planfile import read_plan


def main(argv: list[str]) -> int:
    """Promote, write the table last, and print what was done. A promotion that was made stays as it is."""
    bracket, stage = map(int, argv)
    plan = read_plan(Path())
    if promotion.read_table(bracket, stage) is not None:
        print(f"bracket {bracket}, stage {stage}: promoted before")
        _say(discard(plan, bracket, stage))
        return 0
    here, above = plan.stage(bracket, stage), plan.stage(bracket, stage + 1)
    slots = [Slot(bracket, stage, c) for c in range(here.configurations)]
    outcomes = [_read(slot) for slot in slots]
    open_slots = [slot for slot, o in zip(slots, outcomes, strict=True) if o.status in (Status.PENDING, Status.RUNNING)]
    if open_slots:
        print(f"{open_slots[0]} has no outcome yet ({len(open_slots)} in all). Run snakemake again.", file=sys.stderr)
        return 1
    chosen = ranking.promote(outcomes, above.configurations, maximize=plan.settings.maximize)
    table = [None if number is None else (number, outcomes[number].text) for number in chosen]
    targets = [Slot(bracket, stage + 1, c) for c in range(above.configurations)]
    _move_up(targets, table, slots, number_text(here.budget), plan.settings.carry)
    write(layout.stage_path(bracket, stage) / layout.PROMOTION, promotion.table_text(table))
    filled = sum(entry is not None for entry in table)
    failures = sum(o.status is Status.FAILED for o in outcomes)
    print(
        f"bracket {bracket}, stage {stage}: {filled} of {here.configurations} promoted"
        + (f", {failures} failed" if failures else "")
        + (f", {len(table) - filled} slots left empty" if filled < len(table) else "")
    )
    _say(discard(plan, bracket, stage))
    return 0


def _move_up(
    targets: Sequence[Slot],
    table: Sequence[tuple[int, str] | None],
    slots: Sequence[Slot],
    budget: str,
    carry: Sequence[str],
) -> None:
    """Give each target its configuration; where there is none for it, its outcome says so."""
    for target in targets:
        promotion.restore_lost(target)
    rearrange(targets, [entry and slots[entry[0]] for entry in table])
    for target, entry in zip(targets, table, strict=True):
        if entry is None:
            target.path.mkdir(parents=True, exist_ok=True)
            write(target.path / layout.OUTCOME, verdict_text(EMPTY))
        else:
            origin = slots[entry[0]]
            promotion.place(target, origin, promotion.origin_text(origin, entry[1], budget, carry))


def _say(text: str) -> None:
    if text:
        print(text)


def _read(slot: Slot) -> Outcome:
    """Read the outcome; what has lost its configuration cannot be promoted."""
    outcome = read_outcome(slot.path)
    if outcome.status is Status.COMPLETED:
        promotion.restore_lost(slot)
        if not (slot.path / layout.CONFIG).is_file():
            return failed(f"{layout.CONFIG} is missing")
    return outcome
