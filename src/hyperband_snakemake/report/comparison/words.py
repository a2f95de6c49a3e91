"""The comparison in words and as a text table, for `hyband compare` and for the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...core.halving.ranking import badness
from ...core.plan import counted
from ...snapshot.durations import duration
from ...views.fitting import cut
from ...views.state import state_of
from ...views.words import result_text
from .measures import Measures, common_budgets, least_spent, measures_of, pairings
from .parts import ORIGINAL, Part
from .spaces import differences

CAUTION = "Each search is one draw: with another random seed, a small difference may be reversed."
WIDEST = 28  # characters of a name in the table


@dataclass(frozen=True)
class Comparison:
    """Parts with their numbers: a ``table`` of lines, each with a name and a text for each part; and ``words``."""

    parts: tuple[Part, ...]
    budget: float | None
    equal: float
    measures: tuple[Measures, ...]

    @property
    def table(self) -> list[tuple[str, tuple[str, ...]]]:
        """The numbers as text."""
        at = f"at budget {self.budget:g}" if self.budget is not None else ""
        lines = [
            ("state", [state_of(part.snapshot).words for part in self.parts]),
            ("configurations trained", [str(m.configurations) for m in self.measures]),
            ("training runs done", [f"{m.trained} of {m.runs}" for m in self.measures]),
            ("failed", [str(m.failed) for m in self.measures]),
            ("budget spent", [f"{m.spent:.6g}" for m in self.measures]),
            ("time of all training runs", [duration(m.seconds) for m in self.measures]),
            (f"best {at}", [result_text(m.best.result) if m.best else "-" for m in self.measures]),
            ("  its place", [m.best.path if m.best else "-" for m in self.measures]),
            (f"best {at} after {self.equal:.6g} spent", [result_text(m.equal) for m in self.measures]),
        ]
        if any(m.best_own and m.best_own.budget != self.budget for m in self.measures):
            own = [
                f"{result_text(m.best_own.result)} at {m.best_own.budget:g}" if m.best_own else "-"
                for m in self.measures
            ]
            lines.append(("best at its largest budget", own))
        if self.budget is None:
            lines = [
                line for line in lines if not line[0].startswith(("best  ", "best ", "  its")) or "largest" in line[0]
            ]
        return [(name, tuple(texts)) for name, texts in lines]

    @property
    def words(self) -> list[str]:
        """Conclusions from the numbers."""
        return [*self._result_words(), *self._pair_words()]

    def _result_words(self) -> list[str]:
        if self.budget is None:
            return ["They have no budget in common at which all have a result, so their results cannot be compared."]
        maximize = self.parts[0].maximize
        whole = _winner(self.parts, [m.best.result if m.best else None for m in self.measures], maximize=maximize)
        equal = _winner(self.parts, [m.equal for m in self.measures], maximize=maximize)
        return [
            f"Best at budget {self.budget:g}, the largest that all have: {whole}.",
            f"After the same budget in all, {self.equal:.6g}: {equal}.",
            *self._extension_words(),
        ]

    def _extension_words(self) -> list[str]:
        """The best before and after the search's extensions."""
        if self.parts[0].name != ORIGINAL or any(part.snapshot is not self.parts[0].snapshot for part in self.parts):
            return []
        results = [m.best.result for m in self.measures if m.best and m.best.result is not None]
        before, after = results[0], min(results, key=lambda one: badness(one, maximize=self.parts[0].maximize))
        at = f"the best at budget {self.budget:g}"
        if after == before:
            return [f"The search was extended, and {at} stayed {result_text(before)}."]
        return [f"The search was extended, and {at} went from {result_text(before)} to {result_text(after)}."]

    def _pair_words(self) -> list[str]:
        found = []
        for one in pairings(self.parts):
            n, m = one.numbers
            how = "are not clearly better or worse than"
            if one.is_clear:
                how = "are better than" if one.share > 0.5 else "are worse than"  # noqa: PLR2004
            found.append(
                f"New configurations at budget {one.budget:g}: those of {one.first} {how} those of {one.second} "
                f"(better in {100 * one.share:.0f} % of all pairs, {n} and {m} results)."
            )
        return found


def _winner(parts: Sequence[Part], results: Sequence[float | None], *, maximize: bool) -> str:
    known = [(result, part.name) for result, part in zip(results, parts, strict=True) if result is not None]
    if len(known) < len(parts):
        lacking = [part.name for part, result in zip(parts, results, strict=True) if result is None]
        return f"{' and '.join(lacking)} had no result there yet"
    known.sort(key=lambda one: badness(one[0], maximize=maximize))
    if known[0][0] == known[-1][0]:
        return f"all reached {result_text(known[0][0])}"
    best = [name for result, name in known if result == known[0][0]]
    others = [f"{result_text(result)} in {name}" for result, name in known[len(best) :]]
    return f"{' and '.join(best)} with {result_text(known[0][0])} ({', '.join(others)})"


def compare(parts: Sequence[Part]) -> Comparison:
    """Work out the comparison."""
    budget = max(common_budgets(parts), default=None)
    equal = least_spent(parts)
    return Comparison(tuple(parts), budget, equal, tuple(measures_of(part, budget, equal) for part in parts))


def compare_text(comparison: Comparison) -> str:
    """The table, then conclusions and how the parts differ, as plain text."""
    names = tuple(cut(part.name, WIDEST) for part in comparison.parts)
    rows = [("", names), *comparison.table]
    first = max(len(name) for name, _ in rows)
    widths = [max(len(texts[i]) for _, texts in rows) for i in range(len(names))]
    lines = [
        "  ".join([f"{name:<{first}}", *(f"{t:>{w}}" for t, w in zip(texts, widths, strict=True))])
        for name, texts in rows
    ]
    lines += [
        "",
        *comparison.words,
        CAUTION,
    ]
    differ = differences(comparison.parts)
    lines += [
        "",
        f"They differ in {counted(len(differ), 'point')}:" if differ else "They have the same plan, space and program.",
    ]
    return "\n".join(line.rstrip() for line in [*lines, *(f"  {one}" for one in differ)])
