"""The limits of a search's training runs as text, one line for each stage."""

from collections.abc import Iterator

from ..core.plan import Plan, number_text
from ..core.plan.rules import Limits
from ..core.plan.units import duration_text, memory_text


def limits_text(plan: Plan, limits: Limits) -> str:
    """Limits for the first attempt of a training run, by bracket and stage.

    >>> from hyperband_snakemake.core.plan import Settings, make_plan
    >>> from hyperband_snakemake.core.plan.rules import rules_from
    >>> print(limits_text(make_plan(Settings(1, 2)), Limits(rules_from("time", ["30min", "budget>=2: 1.5h"]))))
    bracket  stage  budget        time  memory
          0      0       1      30 min       -
          0      1       2  1 h 30 min       -
          1      0       2  1 h 30 min       -
    """
    rows = [("bracket", "stage", "budget", "time", "memory"), *_rows(plan, limits)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True)) for row in rows)


def _rows(plan: Plan, limits: Limits) -> Iterator[tuple[str, ...]]:
    for bracket in plan.brackets:
        for stage in bracket.stages:
            limit = limits.of(bracket.index, stage)
            time = duration_text(limit.seconds) if limit.seconds else "-"
            memory = memory_text(limit.megabytes) if limit.megabytes else "-"
            yield str(bracket.index), str(stage.index), number_text(stage.budget), time, memory
