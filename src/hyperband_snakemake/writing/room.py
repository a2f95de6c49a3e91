"""Checking, before anything is changed, that a search space has room for what is to be added."""

from collections.abc import Iterable, Sequence

from ..core.plan import Bracket, counted
from ..core.tree import layout
from ..core.tree.configurations import read_proposal
from ..core.tree.layout import Slot
from ..errors import SpaceTooSmall
from ..snapshot.scan import Snapshot
from ..snapshot.template import template_of
from ..space.distinct import Seen
from ..space.tally import Tally, shortage


def first_slots(brackets: Iterable[Bracket]) -> list[Slot]:
    """Give the stage 0 slots of these brackets, which need one configuration each."""
    return [Slot(b.index, 0, config) for b in brackets for config in range(b.stages[0].configurations)]


def refuse_without_room(snapshot: Snapshot, template: str, wanted: Sequence[Bracket], used: Seen) -> None:
    """Do nothing if the space has enough new configurations for these brackets, or if that is unknown.

    Configurations that other brackets still have to propose are reserved for those.

    Args:
        snapshot: the search that they are added to.
        template: the template's name.
        wanted: brackets whose configurations will be drawn or proposed.
        used: the configurations in use.

    Raises:
        SpaceTooSmall: there are not enough.
        TemplateError: the template cannot be rendered.
    """
    proposed_later = [
        bracket
        for bracket in snapshot.plan.brackets
        if bracket.index in snapshot.proposed and read_proposal(bracket.index, snapshot.path) is None
    ]
    asked, later = first_slots(wanted), first_slots(proposed_later)
    if not asked:
        return
    found = shortage(template_of(snapshot, template), [*later, *asked], used)
    if found is not None:
        raise _no_room(snapshot, template, found, len(asked), len(later))


def _no_room(snapshot: Snapshot, template: str, found: Tally, asked: int, later: int) -> SpaceTooSmall:
    path = snapshot.path / layout.SPACE / template
    left = max(0, found.left - later)
    use = found.total - found.left
    reserved = f", and brackets that are still to be proposed need {later}" if later else ""
    return SpaceTooSmall(
        f"{_asked(asked)}, but {f'only {left}' if left else 'none'} {'is' if left <= 1 else 'are'} left: {path} yields "
        f"{counted(found.total, 'different configuration')}, of which {use} {'is' if use == 1 else 'are'} in use"
        f"{reserved}.{_rejected(found.rejected)}\n  {_advice(path, left)} Nothing was changed."
    )


def no_more_found(snapshot: Snapshot, template: str, found: int, asked: int, rejected: str) -> SpaceTooSmall:
    """Build the error for a space that cannot be counted, when repeated draws find nothing new."""
    path = snapshot.path / layout.SPACE / template
    return SpaceTooSmall(
        f"{_asked(asked)}, but only {found} could be found in {path} that the search does not have."
        f"{_rejected(rejected)}\n  {_advice(path, found)} Nothing was changed."
    )


def _asked(number: int) -> str:
    return f"{counted(number, 'new configuration')} {'was' if number == 1 else 'were'} asked for"


def _rejected(why: str) -> str:
    return f"\n  Others were rejected: {why}" if why else ""


def _advice(path: object, left: int) -> str:
    fewer = f"Ask for {left}{' or fewer' if left > 1 else ''}, or draw" if left else "Draw"
    return f"{fewer} from more values in {path}."
