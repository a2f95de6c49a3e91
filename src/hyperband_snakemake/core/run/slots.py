"""What a run of snakemake checks in the slots of a search before it starts anything, and after it has ended."""

import os
from collections.abc import Iterator
from pathlib import Path

from ..disk.archives import DamagedArchive, find_archive
from ..disk.files import exists
from ..halving.lost_proposal import CopyIsMissing, read_copies, restore_proposal
from ..plan import Plan, counted
from ..training.attempt import result_wait
from ..tree import layout
from ..tree.configurations import find_drawn, find_other_table, give_copies
from ..tree.environment import RESULT_WAIT, SEARCH
from ..tree.layout import slots_of
from ..tree.promotion import damage_text, is_damaged
from ..tree.record import read_attempts, record_path
from .rules import Rules


def why_not(rules: Rules) -> str:
    """Say why nothing may be trained in the present state of the search, and what to do; empty if nothing is wrong."""
    try:
        for one in rules.plan.brackets:
            find_archive(rules.search / layout.bracket_path(one.index))
    except DamagedArchive as error:
        return str(error)
    for bracket, _ in rules.lost_proposals():
        try:
            read_copies(rules.plan, bracket, rules.search)
        except CopyIsMissing as error:
            return str(error)
    for number, stage in rules.stages():
        if is_damaged(number, stage.index, rules.search):
            return damage_text(number, stage.index, os.environ.get(SEARCH, "."))
    return ""


def bring_back(rules: Rules) -> Iterator[str]:
    """Before anything is trained, restore what was lost or changed; a line for each kind."""
    for bracket, sampler in rules.lost_proposals():
        yield restore_proposal(rules.plan, bracket, sampler, rules.search)
    if text := give_copies_back(rules.unpacked, rules.search):
        yield text
    others = [slot for slot, _ in slots_of(rules.unpacked) if find_other_table(slot, rules.search) is not None]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        yield (
            f"{others[0]}{more}: the promotion table names a different configuration from the one that was trained "
            "there. Was an older table put back? Its configuration stays; hyband check says what to do."
        )


def give_copies_back(plan: Plan, search: Path) -> str:
    """Make sure that slots still to be trained hold what was drawn. Say what was done; empty if nothing was."""
    changed = []
    for slot, _ in slots_of(plan):
        path = search / slot.path
        if path.is_dir() and not exists(path / layout.OUTCOME) and not exists(record_path(path)):
            drawn = find_drawn(slot, search)
            if drawn is not None and give_copies(path, drawn):
                changed.append(slot)
    if not changed:
        return ""
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    return (
        f"{changed[0]}{more}: {layout.CONFIG} or {layout.PARAMETERS} was changed before it was trained. Both are "
        f"restored as drawn; the changed files are kept as NAME.{layout.REPLACED}-1. To train a configuration of your "
        "own: hyband extend --config FILE"
    )


def late_text(plan: Plan, search: Path) -> str:
    """Point out results that arrived after run.sh had ended; empty if there were none."""
    late = {
        slot: max((attempt.late for attempt in read_attempts(search / slot.path)), default=0)
        for configuration, stage in slots_of(plan)
        for slot in configuration.runs(stage.fold_names)
    }
    number, longest = sum(map(bool, late.values())), max(late.values(), default=0)
    if not number:
        return ""
    last = max(late, key=lambda slot: late[slot])
    return (
        f"{counted(number, 'result')} arrived after run.sh had ended, up to {longest:g} s later ({last}). "
        f"One that comes more than {result_wait():g} s later ({RESULT_WAIT}) does not count: "
        "let run.sh wait for what it starts (sbatch --wait)."
    )
