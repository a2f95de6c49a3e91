"""What the results of a search suggest: suspiciously equal results, and brackets without any."""

from collections import Counter
from collections.abc import Iterator

from ..core.tree.outcome import Status
from ..snapshot.scan import Snapshot
from ..views.failures import by_cause
from .findings import Finding

SUSPICIOUS = 3  # equal results, or more


def suspicions(snapshot: Snapshot) -> Iterator[Finding]:
    """Findings that follow from a snapshot without reading anything more."""
    for bracket in snapshot.brackets:
        for view in bracket.stages:
            results = [o.result for o in view.outcomes if o.result is not None]
            if len(results) >= SUSPICIOUS and len(set(results)) == 1:
                what = f"all results of this stage are {results[0]:g}: does run.sh use its configuration?"
                yield Finding(f"bracket-{view.bracket_index}/stage-{view.stage.index}", what)
    result = {slot: outcome.result for slot, _, outcome, _ in snapshot.slots()}
    pairs = [(result[slot], result.get(o)) for slot, _, _, o in snapshot.slots() if o and result[slot] is not None]
    if len(pairs) >= SUSPICIOUS and all(own == before for own, before in pairs):
        what = "no promoted configuration changed its result with its budget: does run.sh use its budget ($2)?"
        yield Finding("the whole search", what)


def failures(snapshot: Snapshot) -> Iterator[Finding]:
    """Brackets that have ended without a result, and what has failed there, grouped by reason.

    If others in a bracket have a result, a failure is an outcome like any other.
    """
    for bracket in snapshot.brackets:
        views = bracket.stages
        counts = sum((view.counts for view in views), Counter[Status]())
        if bracket.stages_completed < len(views) or counts[Status.COMPLETED] or not counts[Status.FAILED]:
            continue
        index = bracket.bracket.index
        yield Finding(f"bracket-{index}", "has ended without any result.")
        failed = [(s, o.reason) for s, _, o, _ in snapshot.slots() if s.bracket == index and o.status is Status.FAILED]
        for reason, slots in by_cause(snapshot.path, failed):
            what = f"failed: {reason}. `hyband failures` shows the logs, `hyband retry` trains again."
            yield from (Finding(str(slot), what) for slot in slots)
