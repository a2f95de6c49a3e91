"""What is wrong or suspicious in a search: found and explained, and repaired where that is safe."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..core.plan import Stage
from ..core.tree import layout
from ..core.tree.files import read, write
from ..core.tree.layout import Slot
from ..core.tree.number import NotANumber, parse_number
from ..core.tree.outcome import Outcome, Status, read_outcome, read_result
from ..core.tree.planfile import read_entries
from ..core.tree.promotion import read_table, restore_config
from ..core.tree.proposals import PUT_BACK, read_proposal
from ..core.tree.record import read_attempts, since_retry
from ..plural import counted
from ..snapshot.scan import Snapshot
from ..views.failures import by_reason
from .lock import held

SHOWN = 5  # of each kind
ENOUGH = 3  # equal results before they are suspicious

ANEW = "Copy it from a new search that the same version generates; plan.json names it as generator."
HOW = {  # to get back what a search is run by
    layout.SNAKEFILE: ANEW,
    layout.RUN: "Take it from your template directory, or from a search that is generated from that.",
    layout.CORE: ANEW,
}
LOST = {  # what happens without these, and how to get them back
    layout.CHECKSUMS: f"nobody sees that a configuration was edited. {PUT_BACK}",
    layout.SAMPLER: f"brackets that wait for configurations cannot be run without it, and nothing added. {PUT_BACK}",
    layout.SPACE: "nothing can be proposed or drawn without it. Put the template there that the search came from.",
    layout.PROFILE: f"snakemake needs more options, and stops at failures, without it. {ANEW}",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what kind (a sentence that explains it), and how to repair it if that is safe."""

    where: str
    what: str
    repair: Callable[[], str] | None = None


def check_search(snapshot: Snapshot) -> list[Finding]:
    """All findings, by reading every file of ours."""
    sums = _checksums(snapshot.path)
    findings = [*_missing(snapshot), *_strangers(snapshot), *suspicions(snapshot), *_failures(snapshot)]
    for slot, stage, outcome, origin in snapshot.slots():
        findings += _config_findings(snapshot, slot, origin, sums)
        for training in slot.runs(stage.fold_names):
            directory = snapshot.path / training.path
            status = (read_outcome(directory) if training.fold else outcome).status
            if status in (Status.COMPLETED, Status.FAILED):
                findings += _result_findings(training, directory, status)
        if stage.fold_names:
            findings += _findings_of_folds(snapshot, slot, stage, outcome)
    return findings


def suspicions(snapshot: Snapshot) -> Iterator[Finding]:
    """Those findings that a snapshot shows without reading anything more."""
    for bracket in snapshot.brackets:
        for view in bracket.stages:
            results = [o.result for o in view.outcomes if o.result is not None]
            if len(results) >= ENOUGH and len(set(results)) == 1:
                what = f"all results of this stage are {results[0]:g}: does the training read its configuration?"
                yield Finding(f"bracket-{view.bracket_index}/stage-{view.stage.index}", what)
    result = {slot: outcome.result for slot, _, outcome, _ in snapshot.slots()}
    pairs = [(result[slot], result.get(o)) for slot, _, _, o in snapshot.slots() if o and result[slot] is not None]
    if len(pairs) >= ENOUGH and all(own == before for own, before in pairs):
        what = "no promoted configuration changed its result with its budget: does the training use its budget ($2)?"
        yield Finding("the whole search", what)


def check_text(snapshot: Snapshot, findings: Sequence[Finding]) -> str:
    """The findings for people, by kind; and whether the search is complete."""
    lines = []
    for what, number in Counter(finding.what for finding in findings).items():
        places = [finding.where for finding in findings if finding.what == what]
        more = f" and {number - SHOWN} more" if number > SHOWN else ""
        lines.append(f"{', '.join(places[:SHOWN])}{more}:\n  {what}")
    if any(finding.repair for finding in findings):
        lines.append(f"Some of this can be repaired: hyband check --fix {snapshot.path}")
    return "\n".join([*lines, f"{counted(len(findings), 'finding')}. {_state(snapshot)}"])


def _state(snapshot: Snapshot) -> str:
    """Whether the search is complete, in a sentence; if it is not, what is missing."""
    slots, failed = snapshot.plan.slots, f", {snapshot.failed} failed" if snapshot.failed else ""
    if snapshot.complete:
        return f"The search is complete{failed}."
    if snapshot.done < slots:
        return f"The search is not complete: {snapshot.done} of {counted(slots, 'configuration')} done{failed}."
    if snapshot.best is None:
        return f"The search has ended without a result: {snapshot.failed} of {counted(slots, 'configuration')} failed."
    return f"The search has not yet put its best configuration at its top{failed}: run snakemake again."


def _failures(snapshot: Snapshot) -> Iterator[Finding]:
    """What has failed, those for the same reason in the same words; and brackets that have ended without a result."""
    failed = ((slot, outcome.reason) for slot, _, outcome, _ in snapshot.slots() if outcome.status is Status.FAILED)
    for reason, slots in by_reason(failed):
        what = f"failed: {reason}. `hyband failures` shows the logs, `hyband retry` trains again."
        yield from (Finding(str(slot), what) for slot in slots)
    for bracket in snapshot.brackets:
        views = bracket.stages
        if bracket.stages_completed == len(views) and not any(view.counts[Status.COMPLETED] for view in views):
            yield Finding(f"bracket-{bracket.bracket.index}", "has ended without any result.")


def repair(snapshot: Snapshot, findings: Iterable[Finding]) -> list[str]:
    """Repair what is safe; what was done, a line each.

    Raises:
        HybandError: the search is being run.
    """
    with held(snapshot.path):
        return [finding.repair() for finding in findings if finding.repair]


def _checksums(search: Path) -> dict[str, str]:
    lines = (read(search / layout.CHECKSUMS) or "").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _missing(snapshot: Snapshot) -> Iterator[Finding]:
    """Files without which the search does not run, and tables of promotions that were made."""
    for name in (layout.SNAKEFILE, layout.RUN, layout.CORE):
        if not (snapshot.path / name).exists():
            yield Finding(name, f"is missing: the search cannot be run without it. {HOW[name]}")
    entries = read_entries(snapshot.path) or ()  # a search of an earlier version has fewer
    for name, what in LOST.items():
        template = snapshot.sampling.template if name == layout.SPACE and snapshot.sampling else ""
        if name.partition("/")[0] in entries and not (snapshot.path / name / template).exists():
            yield Finding((Path(name) / template).as_posix(), f"is missing: {what}")
    for slot, stage, _, origin in snapshot.slots():
        trained = any((snapshot.path / one.path / layout.ATTEMPTS).exists() for one in slot.runs(stage.fold_names))
        if slot.stage and origin is None and trained:
            yield Finding(str(slot), "was trained, but the table of its promotion is missing or names another number.")


def _strangers(snapshot: Snapshot) -> Iterator[Finding]:
    """Slots that the plan does not have: a tree mixed from two searches."""
    planned = {str(slot) for slot, *_ in snapshot.slots()}
    for path in sorted(snapshot.path.glob("bracket-*/stage-*/config-*")):
        name = path.relative_to(snapshot.path).as_posix()
        if name not in planned:
            yield Finding(name, "is not in plan.json: files of another search? They are not used.")


def _config_findings(snapshot: Snapshot, slot: Slot, origin: Slot | None, sums: dict[str, str]) -> Iterator[Finding]:
    path = snapshot.path / slot.path / layout.CONFIG
    try:
        own = path.read_bytes()
    except OSError:
        own = None
    if origin is None:
        wanted = sums.get(f"{slot}/{layout.CONFIG}")
        proposed = slot.stage == 0 and read_proposal(slot.bracket, snapshot.path)
        if proposed and own is None:
            what = "its configuration is missing; its proposal has it."
            yield Finding(str(slot), what, lambda: _restore(snapshot, slot, None))
        elif proposed and own != proposed["configurations"][slot.config]["config"].encode():
            yield Finding(str(slot), "its configuration was changed after it was proposed.")
        elif slot.stage == 0 and own is None and slot.bracket not in snapshot.proposed:
            yield Finding(str(slot), "its configuration is missing.")
        elif own is not None and wanted and sha256(own).hexdigest() != wanted:
            yield Finding(str(slot), "its configuration was changed after the search was generated.")
        return
    source = snapshot.path / origin.path / layout.CONFIG
    before = source.read_bytes() if source.is_file() else None
    if own is None and before is not None:
        yield Finding(
            str(slot), "its configuration is missing; its origin has it.", lambda: _restore(snapshot, slot, origin)
        )
    elif own is not None and before is not None and own != before:
        yield Finding(str(slot), f"its configuration differs from that of its origin, {origin}.")
    promoted = (read_table(origin.bracket, origin.stage, snapshot.path) or [])[slot.config]
    now = (read(snapshot.path / origin.path / layout.RESULT) or "").strip()
    if promoted and now and now != promoted[1]:
        yield Finding(str(slot), "the result for which it was promoted is not the one that its origin has now.")


def _restore(snapshot: Snapshot, slot: Slot, origin: Slot | None) -> str:
    restore_config(slot, origin, snapshot.path)
    return f"{slot}/{layout.CONFIG} was copied from {origin or layout.proposal_path(slot.bracket)}"


def _result_findings(slot: Slot, directory: Path, status: Status) -> Iterator[Finding]:
    attempts = since_retry(read_attempts(directory))
    good = [attempt for attempt in attempts if attempt.good]
    text = read(directory / layout.RESULT)
    if status is Status.COMPLETED:
        if not good:
            yield Finding(str(slot), "has a result, but no attempt that ended well: put there by hand?")
        elif text is None:
            yield Finding(str(slot), "its result is missing; the record has it.", lambda: _rewrite(slot, directory))
        elif not _same_number(text, good[-1].result):
            yield Finding(str(slot), "its result is not the one that its training left: edited, or written later?")
    elif text is not None and read_result(directory).status is Status.COMPLETED:
        what = "has failed, but a number came later: does run.sh wait for what it starts (sbatch needs --wait)?"
        yield Finding(str(slot), what)


def _findings_of_folds(snapshot: Snapshot, slot: Slot, stage: Stage, outcome: Outcome) -> Iterator[Finding]:
    """What is wrong with a configuration as a whole whose folds are trainings of their own."""
    directory = snapshot.path / slot.path
    own = read(directory / layout.CONFIG)
    for fold in slot.runs(stage.fold_names):
        config = read(snapshot.path / fold.path / layout.CONFIG)
        if None not in (own, config) and own != config:
            yield Finding(str(fold), "its configuration is not that of the other folds.")
    text = read(directory / layout.RESULT)
    if outcome.status is Status.COMPLETED and text is None:
        what = "its result is missing; its outcome has it."
        yield Finding(str(slot), what, lambda: _rewrite_whole(slot, directory, outcome))
    elif outcome.status is Status.COMPLETED and text is not None and not _same_number(text, outcome.text):
        yield Finding(str(slot), "its result is not the one that was made of its folds: edited, or written later?")


def _rewrite_whole(slot: Slot, directory: Path, outcome: Outcome) -> str:
    write(directory / layout.RESULT, outcome.text + "\n")
    return f"{slot}/{layout.RESULT} was written from its {layout.OUTCOME}"


def _rewrite(slot: Slot, directory: Path) -> str:
    write(directory / layout.RESULT, read_attempts(directory)[-1].result + "\n")
    return f"{slot}/{layout.RESULT} was written from the record"


def _same_number(one: str, two: str) -> bool:
    try:
        return parse_number(one.encode()) == parse_number(two.encode())
    except NotANumber:
        return False
