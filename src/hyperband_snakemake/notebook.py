"""A search in a notebook: ``import hyperband_snakemake as hb; s = hb.load("my-search")``, or one made by `generate`."""

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
    """One training run: ``result``, ``budget``, ``status``, and the other columns that docs/columns.md describes.

    ``parameters`` has the values that were drawn, by name: a list is a list, and None is a value. ``text`` is the
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
    """A search as it was when it was loaded: the ``snapshot``, and one of ``rows`` for each training run."""

    snapshot: Snapshot
    rows: tuple[TrainingRun, ...]

    @property
    def best(self) -> TrainingRun | None:
        """The best training so far: the best result at the largest budget reached."""
        return next(iter(self.top(1)), None)

    def top(self, number: int = 10, stage: int | None = None) -> list[TrainingRun]:
        """The best training runs, best first, of one stage number or of all."""
        by_slot = {row.slot: row for row in self.rows}
        best = top_rows(self.rows, number, stage, maximize=self.snapshot.plan.settings.maximize)
        return [by_slot[row.slot] for row in best]

    def run(self, cores: int | None = None, *options: str) -> "Search":
        """Run the search to its end, as `hyband run` does, and show how far it is; the search as it is then.

        What has a result is not trained again. An interrupt (the stop button of a notebook) ends what runs and nothing
        else: run it again to continue.

        Args:
            cores: how many training runs at a time; as many as there are cores if not given.
            options: others of `hyband run` and Snakemake, such as "--gpus", "2".

        Raises:
            HybandError: it could not be run to its end; the text says why.
            KeyboardInterrupt: it was interrupted, and all that was started has ended.
        """
        run_search(self.snapshot.path, [*([] if cores is None else ["--cores", str(cores)]), *options])
        return load(self.snapshot.path)

    def watch(self) -> "Search":
        """Show how far a search is that runs elsewhere, until it ends or you interrupt; the search as it is then."""
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
        """A pandas DataFrame, one row for each training run; the columns are those of `hyband export`.

        A list that was drawn is a list, whole numbers stay whole where some have none (``Int64``), and a parameter that
        a configuration does not have is missing (`pandas.isna`); where it is None, the column ``none.NAME`` is true.

        Raises:
            HybandError: pandas is not installed.
        """
        pandas = require("pandas", "notebook")
        return pandas.DataFrame({name: _series(pandas, name, v) for name, v in objects(self.rows, math.nan).items()})

    def plot(self, name: str = "curves") -> Any:
        """A chart of `hyband report` as a figure of Plotly; it shows itself in a notebook.

        Args:
            name: ladder, spent, time, curves, correlation, timeline, cost, importance, parallel, slice-0 (the most
                important parameter), region-0 and so on.

        Raises:
            UsageError: there is no such chart, or nothing to show in it.
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
    """Write a search into a directory, as `hyband generate` does; ``run`` of what it gives runs it.

    Args:
        directory: where it is written.
        templates: the directory of ``config`` and ``run.sh``, as `hyband init` makes it.  [default: iris]
        smax: see `plan`, as ``eta``, ``fit_cost`` and ``fit_configs``.
        eta: one configuration in ``eta`` is promoted.
        fit_cost: the largest plan within this cost.
        fit_configs: the largest plan within this number of training runs.
        random_seed: determines all draws; drawn if not given.
        sampler: who chooses the configurations (docs/samplers.md).
        overwrite: delete a search that is there, with its results.
        options: see `PlanOptions`, such as ``max_budget`` and ``maximize``.

    Raises:
        HybandError: the templates do not yield it, there is something in the directory, or a number is out of range.
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
    """A column; None of a number or of true and false is a missing value, not another type."""
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
