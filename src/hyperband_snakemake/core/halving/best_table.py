"""A table of the best training runs for `snakemake --report`; `hyband report` shows far more."""

import html
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from ..disk.files import read, write
from ..plan import number_text
from ..tree import layout
from ..tree.layout import Slot
from ..tree.outcome import Outcome

SHOWN = 20  # runs in the table
STYLE = (
    "body{font:14px system-ui,sans-serif;color:#1b2733}pre{margin:0}"
    "td,th{text-align:left;vertical-align:top;padding:4px 14px 4px 0;border-bottom:1px solid #e4e9ee}"
)


def write_table(ranked: Sequence[tuple[Fraction, Slot, Outcome]]) -> None:
    """Write the table; ``ranked`` are the completed runs (budget, place and outcome), best first."""
    rows = [
        f"<tr><td>{place}</td><td>{html.escape(outcome.text)}</td><td>{number_text(budget)}</td><td>{slot}</td>"
        f"<td><pre>{html.escape(read(slot.path / layout.CONFIG) or '')}</pre></td></tr>"
        for place, (budget, slot, outcome) in enumerate(ranked[:SHOWN], 1)
    ]
    head = "<tr><th></th><th>result</th><th>budget</th><th>directory</th><th>configuration</th></tr>"
    start = f'<!doctype html><meta charset="utf-8"><title>Best training runs</title><style>{STYLE}</style>'
    write(Path(layout.BEST_TABLE), f"{start}<table>{head}{''.join(rows)}</table>\n")
