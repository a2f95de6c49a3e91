"""A search in a notebook: ``import hyperband_snakemake as hb; s = hb.load("my-search")``, or one from `generate`."""

import math
import secrets
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, Unpack

from .cell import run_search, watch_search
from .core.plan import number_text
from .core.tree.outcome import Status
from .errors import UsageError
from .extras import require
from .planning.search_plan import Number, PlanOptions, plan
from .report.charts import charts_of
from .report.figures import painted
from .report.space_view import space_of
from .snapshot.rows import PREFIX, Row, make_rows
from .snapshot.scan import Snapshot, scan
from .space.values import value_text
from .views.export import objects
from .views.show import top_rows
from .writing.create import NewSearch, Templates, create_search
from .writing.remarks import remarks


@dataclass(frozen=True, repr=False)
class TrainingRun(Row):
    """One training run: ``result``, ``budget``, ``status``, and the other columns described in docs/columns.md.

    ``parameters`` has the drawn values by name: a list is a list, and None is a value. ``text`` is the
    configuration, and ``directory`` the path of its files.
    """

    def __repr__(self) -> str:
        return f"<{self.path}: {_state_text(self)}>"

    def _repr_html_(self) -> str:
        shown = {"budget": number_text(self.budget), **{n: value_text(v) for n, v in self.parameters.items()}}
        mark = " (edited after it was drawn)" if self.edited else ""
        return f"<b>{escape(self.path)}</b>: {escape(_state_text(self))}{mark}{_table(shown)}"


@dataclass(frozen=True, repr=False)
class Search:
    """The state of a search when it was loaded: the ``snapshot``, and a row in ``rows`` for each training run."""

    snapshot: Snapshot
    rows: tuple[TrainingRun, ...]

    @property
    def best(self) -> TrainingRun | None:
        """The best training run so far: the best result at the largest budget reached."""
        return next(iter(self.top(1)), None)

    def top(self, number: int = 10, stage: int | None = None) -> list[TrainingRun]:
        """The best training runs, best first, in the stage with this number or in all."""
        by_slot = {row.slot: row for row in self.rows}
        best = top_rows(self.rows, number, stage, maximize=self.snapshot.plan.settings.maximize)
        return [by_slot[row.slot] for row in best]

    def run(self, cores: int | None = None, *options: str) -> "Search":
        """Run the search to its end, as `hyband run` does, and show progress. Return the search in its new state.

        What has a result is not trained again. An interrupt (a notebook's stop button) only ends running training runs:
        run it again to continue.

        Args:
            cores: how many training runs at a time; by default the number of cores.
            options: further options of `hyband run` and Snakemake, such as "--gpus", "2".

        Raises:
            HybandError: it could not be run to its end; the text says why.
            KeyboardInterrupt: it was interrupted, and everything that was started has ended.
        """
        run_search(self.snapshot.path, [*([] if cores is None else ["--cores", str(cores)]), *options])
        return load(self.snapshot.path)

    def watch(self) -> "Search":
        """Show the progress of a search running elsewhere, until it ends or you interrupt. Return its new state."""
        watch_search(self.snapshot.path)
        return load(self.snapshot.path)

    def __repr__(self) -> str:
        return f"<search {self.snapshot.path}: {', '.join(f'{name} {text}' for name, text in self._facts.items())}>"

    def _repr_html_(self) -> str:
        best = self.best
        rest = "" if best is None else f"Best so far: {best._repr_html_()}"
        return f"<b>Search {escape(str(self.snapshot.path))}</b>{_table(self._facts)}{rest}"

    @property
    def _facts(self) -> dict[str, str]:
        number = Counter(row.status for row in self.rows)
        known = {status: str(number[status]) for status in map(str, Status) if number[status]}
        return {"training runs": str(len(self.rows)), **known}

    def frame(self) -> Any:
        """A pandas DataFrame with one row for each training run; the columns are those of `hyband export`.

        A drawn list is a list, integers stay integers if some are missing (``Int64``), and a parameter that a
        configuration does not have is missing (`pandas.isna`); if its value is None, the column ``none.NAME`` is true.

        Raises:
            HybandError: pandas is not installed.
        """
        pandas = require("pandas", "notebook")
        return pandas.DataFrame({name: _series(pandas, name, v) for name, v in objects(self.rows, math.nan).items()})

    def plot(self, name: str = "curves") -> Any:
        """A chart of `hyband report` as a Plotly figure, which a notebook displays.

        Args:
            name: ladder, spent, time, curves, correlation, timeline, cost, importance, parallel, slice-0 (the most
                important parameter), region-0 and so on.

        Raises:
            UsageError: there is no such chart, or it has nothing to show.
            HybandError: Plotly, NumPy or SciPy is not installed.
        """
        plotly = require("plotly.graph_objects", "report")
        charts = charts_of(self.snapshot, self.rows, space_of(self.snapshot, self.rows), time.time())
        if f"chart-{name}" not in charts:
            names = ", ".join(chart.removeprefix("chart-") for chart in charts) or "none: nothing has ended"
            raise UsageError(f"there is no chart {name!r} of this search; there are {names}.")
        chart = charts[f"chart-{name}"]
        return plotly.Figure(painted(chart.figure)).update_layout(template="plotly_white", height=chart.height + 60)


def load(path: str | Path) -> Search:
    """Read the present state of the search in a directory, running or not; call it again to see what is new.

    Raises:
        NotASearch: there is none, or its format is not supported by this version; it is a `HybandError`.

    >>> import hyperband_snakemake as hb
    >>> try:
    ...     hb.load("no-such-directory")
    ... except hb.HybandError as error:
    ...     print(type(error).__name__)
    NotASearch
    """
    snapshot = scan(Path(path))
    rows = (TrainingRun(**{one.name: getattr(row, one.name) for one in fields(Row)}) for row in make_rows(snapshot))
    return Search(snapshot, tuple(rows))


def generate(
    directory: str | Path,
    templates: str | Path | None = None,
    *,
    smax: int | None = None,
    eta: int = 3,
    fit_cost: Number | None = None,
    fit_configs: int | None = None,
    random_seed: int | None = None,
    sampler: str = "random",
    overwrite: bool = False,
    **options: Unpack[PlanOptions],
) -> Search:
    """Write a search into a directory, as `hyband generate` does. Call ``run`` of the returned search to run it.

    Args:
        directory: where to write it.
        templates: the directory with ``config`` and ``run.sh``, as `hyband init` makes it.  [default: iris]
        smax: see `plan`; the same holds for ``eta``, ``fit_cost`` and ``fit_configs``.
        eta: 1/eta of the configurations are promoted.
        fit_cost: the largest plan within this cost.
        fit_configs: the largest plan within this number of training runs.
        random_seed: determines all draws; chosen at random if not given.
        sampler: how configurations are chosen (docs/samplers.md).
        overwrite: delete an existing search there, with its results.
        options: see `PlanOptions`, such as ``max_budget`` and ``maximize``.

    Raises:
        HybandError: the templates cannot yield it, the directory is not empty, or a number is out of range.
    """
    found = plan(smax, eta, fit_cost=fit_cost, fit_configs=fit_configs, **options)
    seed = secrets.randbelow(2**32) if random_seed is None else random_seed
    source = Templates() if templates is None else Templates(Path(templates))
    share = 0.25 if sampler != "random" else 0.0
    new = NewSearch(found, seed, templates=source, sampler=sampler, random_share=share)
    create_search(new, Path(directory), overwrite=overwrite)
    for remark in remarks(source, Path(directory)):
        warnings.warn(remark, stacklevel=2)
    return load(directory)


def _series(pandas: Any, name: str, values: list[Any]) -> Any:
    """A column; None among numbers or truth values is a missing value, not another type."""
    kinds = {type(value) for value in values if value is not None}
    types = {frozenset({int}): "Int64", frozenset({bool}): "boolean"}
    if name.startswith(PREFIX) and None in values and frozenset(kinds) in types:
        return pandas.array(values, dtype=types[frozenset(kinds)])
    return pandas.Series(values, dtype=object) if kinds & {list, dict} or len(kinds) > 1 else values


def _state_text(row: Row) -> str:
    return f"{row.status}: {row.result:.6g}" if row.result is not None else row.status


def _table(shown: Mapping[str, str]) -> str:
    lines = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in shown.items())
    return f"<table>{''.join(lines)}</table>"
