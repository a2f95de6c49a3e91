"""What results show about the search space: computed once for texts, charts and the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..snapshot.rows import Row
from ..snapshot.scan import Snapshot
from .analysis import birth_scores
from .importance import Importance, Parameter, importances, varying
from .levels import in_order


@dataclass(frozen=True)
class SpaceView:
    """What varies between configurations.

    Attributes:
        parameters: most important first, with levels in the template's order.
        importances: the importance of each, by name.
        scores: the score of each configuration with a result at its first budget, by path; 0 % is the best.
    """

    parameters: tuple[Parameter, ...]
    importances: Mapping[str, Importance]
    scores: Mapping[str, float]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)


def space_of(snapshot: Snapshot, rows: Sequence[Row]) -> SpaceView:
    """Judge the parameters of a search.

    Raises:
        HybandError: NumPy or SciPy is not installed.
    """
    scores = birth_scores(rows, maximize=snapshot.plan.settings.maximize)
    parameters = in_order(varying(rows), snapshot, rows)
    found = importances(parameters, scores)
    place = {name: number for number, name in enumerate(found)}
    return SpaceView(tuple(sorted(parameters, key=lambda one: place[one.name])), found, scores)
