"""How the parts differ besides their results: plan, space, samplers, programs."""

from collections.abc import Iterator, Mapping, Sequence

from ...core.disk.files import read
from ...core.plan import Settings, short_number
from ...core.tree import layout
from ...core.tree.planfile import read_plan_data
from ...snapshot.rows import Row, parameter_names
from ...space.values import Value, value_text
from ..importance import is_seed
from .parts import Part

MOST_VALUES = 5
_PLAN = {  # settings of a plan, and their names for people
    "eta": "eta",
    "smax": "smax",
    "resume": "--resume",
    "repetitions": "repetitions",
    "folds": "folds",
}


def differences(parts: Sequence[Part]) -> list[str]:
    """Say how the parts differ, one line for each difference; empty if they only differ by chance."""
    found = [*_of_plans(parts), *_of_samplers(parts), *_of_spaces(parts), *_of_programs(parts)]
    return found + [f"{part.name}: {part.note}." for part in parts if part.note]


def _of_plans(parts: Sequence[Part]) -> Iterator[str]:
    plans = [part.snapshot.plan for part in parts]
    for name, words in _PLAN.items():
        yield from _line(words, parts, [_setting(plan.settings, name) for plan in plans])
    budgets = [", ".join(f"{b:g}" for b in sorted({row.budget for row in part.rows})) for part in parts]
    yield from _line("budgets", parts, budgets)
    yield from _line("brackets", parts, [str(len({row.bracket for row in part.rows})) for part in parts])
    yield from _line(
        "random seed", parts, [str(read_plan_data(part.snapshot.path).get("random_seed")) for part in parts]
    )
    if len({str(part.snapshot.path) for part in parts}) > 1:
        yield from _line("budget planned", parts, [short_number(plan.budget) for plan in plans])


def _setting(settings: Settings, name: str) -> str:
    value = getattr(settings, name, None)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _of_samplers(parts: Sequence[Part]) -> Iterator[str]:
    yield from _line("sampler", parts, [" and ".join(part.samplers) or "none" for part in parts])


def _of_programs(parts: Sequence[Part]) -> Iterator[str]:
    texts = [read(part.snapshot.path / layout.RUN) for part in parts]
    if len(set(texts)) > 1:
        yield "run.sh is not the same: the results may not be comparable."


def _of_spaces(parts: Sequence[Part]) -> Iterator[str]:
    names = [parameter_names(part.rows) for part in parts]
    for part, own in zip(parts, names, strict=True):
        if only := [name for name in own if not all(name in theirs for theirs in names)]:
            yield f"space: {part.name} has {', '.join(only)}, which not all have"
    texts = [ranges(part.rows) for part in parts]
    for name in (name for name in texts[0] if all(name in own for own in texts)):
        yield from _line(f"space: {name}", parts, [_kind(own[name]) for own in texts])


def _kind(text: str) -> str:
    """The part of a range that does not depend on chance: its words, or that it has numbers."""
    return "numbers" if " to " in text else text


def _line(what: str, parts: Sequence[Part], texts: Sequence[str]) -> Iterator[str]:
    if len(set(texts)) > 1:
        yield f"{what}: {'; '.join(f'{text} in {part.name}' for text, part in zip(texts, parts, strict=True))}"


def ranges(rows: Sequence[Row]) -> Mapping[str, str]:
    """For each parameter, the trained values: the lowest to highest number, or all texts.

    Random seeds are left out: they are not parameters of the space.

    >>> from types import SimpleNamespace
    >>> ranges([SimpleNamespace(parameters={"lr": v, "net": n}) for v, n in ((0.1, "a"), (3, "b"))])
    {'lr': '0.1 to 3', 'net': 'a, b'}
    """
    found: dict[str, list[Value]] = {}
    for row in rows:
        for name, value in row.parameters.items():
            if not is_seed(name):
                found.setdefault(name, []).append(value)
    return {name: _range(values) for name, values in found.items()}


def _range(values: Sequence[Value]) -> str:
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if numbers and len(numbers) == len(values) and min(numbers) < max(numbers):
        return f"{min(numbers):.3g} to {max(numbers):.3g}"
    texts = sorted({f"{value:.6g}" if isinstance(value, float) else value_text(value) for value in values})
    return ", ".join(texts[:MOST_VALUES]) + (
        f" and {len(texts) - MOST_VALUES} more" if len(texts) > MOST_VALUES else ""
    )
