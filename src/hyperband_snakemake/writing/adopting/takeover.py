"""What is taken over from an old tree: promotions, and the contents of each slot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...core.halving import ranking
from ...core.plan import Bracket, Plan
from ...core.tree.layout import Slot
from ...core.tree.outcome import Outcome, Status
from ...errors import HybandError
from .old_tree import OldSlot, OldTree

UNKNOWN = "nan"  # the result of a promoted configuration if its file is gone

Table = tuple[tuple[int, str], ...]  # for each slot of the next stage: number and result of what was promoted into it


@dataclass(frozen=True)
class TakenBracket:
    """A bracket to take over, with the numbers of our plan.

    ``slots`` are old directories that keep their place. ``loose`` are those whose promotion is redone: they are found
    by their configurations. ``tables`` are the existing promotions, by stage.
    """

    bracket: Bracket
    texts: tuple[str, ...]
    slots: Mapping[Slot, OldSlot]
    loose: Mapping[Slot, OldSlot]
    tables: Mapping[int, Table]
    notes: tuple[str, ...] = ()


def take_over(tree: OldTree, plan: Plan, drawn: Mapping[Slot, str]) -> Iterator[TakenBracket]:
    """Give each bracket to take over; ``drawn`` has the configurations that the template and the seed yield.

    Raises:
        HybandError: a configuration of stage 0 is lost.
    """
    for old, bracket in enumerate(plan.brackets):
        texts = tuple(_text(tree, drawn, Slot(old, 0, c), bracket.index) for c in range(len(_first(bracket))))
        yield _take(tree, old, bracket, texts)


def _first(bracket: Bracket) -> range:
    return range(bracket.stages[0].configurations)


def _text(tree: OldTree, drawn: Mapping[Slot, str], there: Slot, index: int) -> str:
    found = tree.slots.get(there)
    if found is not None and found.text is not None:
        return found.text
    if (text := drawn.get(Slot(index, 0, there.config))) is not None:
        return text
    raise HybandError(
        f"{tree.path / there.path} has no configuration. Put its file config back, or give the --template-dir and "
        "--random-seed that the search was generated with: then it is drawn again. Nothing was written."
    )


def _take(tree: OldTree, old: int, bracket: Bracket, texts: tuple[str, ...]) -> TakenBracket:
    """Follow the promotions upwards as long as they are complete."""
    slots, loose, tables, notes = dict[Slot, OldSlot](), dict[Slot, OldSlot](), dict[int, Table](), list[str]()
    below, is_whole = texts, True
    for stage in bracket.stages:
        there = {c: tree.slots.get(Slot(old, stage.index, c)) for c in range(stage.configurations)}
        found = {c: one for c, one in there.items() if one is not None and (stage.index == 0 or one.text is not None)}
        if stage.index and is_whole:
            table, why = _table(tree, Slot(old, stage.index, 0), below, found, stage.configurations)
            is_whole = table is not None
            if table is not None:
                tables[stage.index - 1] = table
                below = tuple(below[number] for number, _ in table)
            elif why:
                notes.append(why)
        place = slots if is_whole else loose
        place |= {Slot(bracket.index, stage.index, c): one for c, one in found.items()}
    notes += _ties(bracket, slots, tables)
    return TakenBracket(bracket, texts, slots, loose, tables, tuple(notes))


def _table(
    tree: OldTree, first: Slot, below: Sequence[str], found: Mapping[int, OldSlot], size: int
) -> tuple[Table | None, str]:
    """Reconstruct the promotion into a stage; None unless each of its slots has a configuration of the stage below.

    If several below have the same text, assume the one with the best result.
    """
    if not found:
        return None, ""
    stage = f"bracket-{first.bracket}/stage-{first.stage}"
    again = "That promotion is redone by our rule; existing results are used if they are promoted again."
    results = [tree.slots.get(Slot(first.bracket, first.stage - 1, number)) for number in range(len(below))]
    outcomes = [one.outcome if one and one.outcome else Outcome(Status.PENDING) for one in results]
    best = ranking.rank(outcomes)
    order = [*best, *(number for number in range(len(below)) if number not in best)]
    table, free = dict[int, tuple[int, str]](), list(order)
    for c, one in sorted(found.items()):
        number = next((number for number in free if below[number] == one.text), None)
        if number is None:
            return None, (
                f"{tree.path}/{stage}/config-{c} has a configuration that is not in stage {first.stage - 1}, so it "
                f"is unknown which one was promoted. {again}"
            )
        free.remove(number)
        origin = results[number]
        table[c] = number, origin.raw if origin is not None and origin.outcome is not None else UNKNOWN
    if len(table) < size:
        return None, f"{tree.path}/{stage} has {len(table)} of {size} configurations: an incomplete promotion. {again}"
    return tuple(table[c] for c in range(size)), ""


def _ties(bracket: Bracket, slots: Mapping[Slot, OldSlot], tables: Mapping[int, Table]) -> Iterator[str]:
    """Yield a note where equal results decide a promotion that is still to be made."""
    for stage, above in zip(bracket.stages, bracket.stages[1:], strict=False):
        if stage.index in tables:
            continue
        found = (slots.get(Slot(bracket.index, stage.index, c)) for c in range(stage.configurations))
        results = sorted(one.outcome.result for one in found if one and one.outcome and one.outcome.result is not None)
        cut = above.configurations
        if len(results) > cut and results[cut - 1] == results[cut]:
            yield (
                f"bracket {bracket.index}, stage {stage.index}: equal results ({results[cut]:g}) decide who is "
                "promoted. This version takes the lower number, the original may take another."
            )
        return
