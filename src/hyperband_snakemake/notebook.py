"""A search in a notebook: ``import hyperband_snakemake as hb; s = hb.load("my-search")``."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import UsageError
from .extras import require
from .report.charts import charts_of
from .report.figures import painted
from .snapshot.rows import Row, make_rows
from .snapshot.scan import Snapshot, scan
from .views.export import table
from .views.show import top_rows


@dataclass(frozen=True)
class Search:
    """A search as it was when it was loaded: the ``snapshot``, and one of ``rows`` for each training run.

    A row has ``path``, ``budget``, ``status``, ``result`` (None without one), ``parameters`` by name, ``seconds`` and
    the other columns that docs/columns.md describes.
    """

    snapshot: Snapshot
    rows: tuple[Row, ...]

    @property
    def best(self) -> Row | None:
        """The best training so far: the best result at the largest budget reached."""
        return next(iter(top_rows(self.rows, 1, maximize=self.snapshot.plan.settings.maximize)), None)

    def top(self, number: int = 10, stage: int | None = None) -> list[Row]:
        """The best trainings, best first, of one stage number or of all."""
        return top_rows(self.rows, number, stage, maximize=self.snapshot.plan.settings.maximize)

    def frame(self) -> Any:
        """A pandas DataFrame, one row for each training; the columns are those of `hyband export`.

        Raises:
            HybandError: pandas is not installed.
        """
        return require("pandas", "notebook").DataFrame(table(self.rows))

    def plot(self, name: str = "curves") -> Any:
        """A chart of `hyband report` as a figure of Plotly; it shows itself in a notebook.

        Args:
            name: ladder, spent, time, curves, correlation, timeline, cost, importance, parallel, slice-0 (the most
                important parameter), region-0 and so on.

        Raises:
            UsageError: there is no such chart, or nothing to show in it.
            HybandError: Plotly or Optuna is not installed.
        """
        plotly = require("plotly.graph_objects", "report")
        charts = charts_of(self.snapshot, self.rows, time.time())
        if f"chart-{name}" not in charts:
            names = ", ".join(chart.removeprefix("chart-") for chart in charts) or "none: nothing has ended"
            raise UsageError(f"there is no chart {name!r} of this search; there are {names}.")
        chart = charts[f"chart-{name}"]
        return plotly.Figure(painted(chart.figure)).update_layout(template="plotly_white", height=chart.height + 60)


def load(path: str | Path) -> Search:
    """Read the search in a directory, running or not, as it is now; call it again to see what is new.

    Raises:
        NotASearch: there is none, or one of a format that this version cannot read; it is a `HybandError`.

    >>> import hyperband_snakemake as hb
    >>> try:
    ...     hb.load("no-such-directory")
    ... except hb.HybandError as error:
    ...     print(type(error).__name__)
    NotASearch
    """
    snapshot = scan(Path(path))
    return Search(snapshot, make_rows(snapshot))
