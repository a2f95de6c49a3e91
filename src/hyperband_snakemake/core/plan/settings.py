"""What the user asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Settings:
    """What the user asks for; see `make_plan` for the meaning of each number.

    ``start_cost`` is what each run costs in addition to its budget. ``resume``: a promoted configuration continues
    where it left off, so it only costs the added budget. ``maximize`` says which results are better. ``carry`` and
    ``discard`` are file patterns: what a promoted configuration brings along, and what is deleted for configurations
    that are not promoted. ``parallel_folds``: each fold of each repetition is a separate training run, and their
    ``aggregate`` is the configuration's result; ``repetitions_at_stage`` ("2=5": five from stage 2 on) sets more
    repetitions for higher stages.
    """

    smax: int
    eta: int
    repetitions: int = 1
    folds: int = 1
    cost_one_epoch_full_dataset: Fraction = Fraction(1)
    guaranteed_budget: Fraction = Fraction(0)
    last_stage: int | None = None
    retries: int = 1
    max_budget: Fraction | None = None
    min_budget: Fraction | None = None
    bracket_sizes: str = "paper"
    integer_budgets: bool = False
    repeat: int = 1
    resume: bool = False
    start_cost: Fraction = Fraction(0)
    maximize: bool = False
    carry: tuple[str, ...] = ()
    discard: tuple[str, ...] = ()
    parallel_folds: bool = False
    aggregate: str = "mean"
    repetitions_at_stage: tuple[str, ...] = ()

    @property
    def R(self) -> Fraction | int:  # noqa: N802 (the paper's letter, and the name that templates know)
        """Largest budget of the search, without the guaranteed budget; eta to the power of smax unless given."""
        return int(self.eta**self.smax) if self.max_budget is None else self.max_budget

    @property
    def unit_cost(self) -> Fraction:
        """Cost of one unit of budget for one configuration in stage 0.

        With k folds, one epoch sees (k - 1) / k of the data, and there are k of them for each repetition.

        >>> Settings(5, 3, repetitions=2, folds=10, cost_one_epoch_full_dataset=Fraction("0.0028")).unit_cost
        Fraction(63, 1250)
        """
        return self.unit_cost_at(0)

    def unit_cost_at(self, stage: int) -> Fraction:
        """Cost of one unit of budget for one configuration in a stage."""
        return self.repetitions_at(stage) * self.cost_one_epoch_full_dataset * max(1, self.folds - 1)

    def repetitions_at(self, stage: int) -> int:
        """How often the cross-validation is repeated in a stage.

        >>> settings = Settings(3, 3, repetitions=2, parallel_folds=True, repetitions_at_stage=("1=3", "3=10"))
        >>> [settings.repetitions_at(stage) for stage in range(4)]
        [2, 3, 3, 10]
        """
        return max([self.repetitions, *(number for first, number in self._more_repetitions() if stage >= first)])

    def _more_repetitions(self) -> Iterator[tuple[int, int]]:
        for text in self.repetitions_at_stage:
            first, _, number = text.partition("=")
            yield int(first), int(number)
