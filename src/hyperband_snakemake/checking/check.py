"""Finding and explaining what is wrong or suspicious in a search, and repairing it if that is safe."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from ..core.disk.files import exists, read, read_bytes, write
from ..core.plan import Stage, counted
from ..core.tree import layout
from ..core.tree.configurations import Drawn, find_drawn, find_other_table, give_copies, has_copies, is_left_empty
from ..core.tree.layout import Slot
from ..core.tree.number import NotANumber, parse_number
from ..core.tree.outcome import Outcome, Status, read_outcome, read_result, read_verdict, verdict_text
from ..core.tree.planfile import read_entries
from ..core.tree.promotion import is_damaged, read_table
from ..core.tree.proposals import PUT_BACK
from ..core.tree.record import read_attempts, record_path, since_retry
from ..snapshot.original import read_adopted
from ..snapshot.scan import Snapshot
from ..snapshot.template import joined_lines_of
from ..snapshot.trained import is_edited, read_checksums
from ..writing.archiving.marks import refuse_archived
from ..writing.lock import held
from ..writing.retry import redo_promotion
from .carried import findings_of_carried
from .findings import Finding
from .results import failures, suspicions

SHOWN = 5  # findings of each kind
ANEW = "Copy it from a new search that the same version generates; plan.json names it as generator."
HOW = {  # how to restore the files that run a search
    layout.SNAKEFILE: ANEW,
    layout.RUN: "Take it from your template directory, or from a search that was generated from it.",
    layout.CORE: ANEW,
}
LOST = {  # what happens without these, and how to get them back
    layout.CHECKSUMS: f"without it, edited configurations are not noticed. {PUT_BACK}",
    layout.SAMPLER: f"without it, brackets that wait for configurations cannot run, and none can be added. {PUT_BACK}",
    layout.SPACE: "without it, nothing can be proposed or drawn. Put the search's template back there.",
    layout.PROFILE: f"snakemake needs more options, and stops at failures, without it. {ANEW}",
}


def check_search(snapshot: Snapshot) -> list[Finding]:
    """All findings, from reading all of the search's own files."""
    sums = read_checksums(snapshot.path)
    findings = [*_missing(snapshot), *_line_ends(snapshot), *_strangers(snapshot), *suspicions(snapshot)]
    findings += failures(snapshot)
    for slot, stage, outcome, origin in snapshot.slots():
        findings += _config_findings(snapshot, slot, origin, sums)
        for training in slot.runs(stage.fold_names):
            directory = snapshot.path / training.path
            status = (read_outcome(directory) if training.fold else outcome).status
            if status in (Status.COMPLETED, Status.FAILED):
                findings += _result_findings(training, directory, status)
        if stage.fold_names:
            findings += _findings_of_folds(snapshot, slot, stage, outcome)
    findings += _damaged_tables(snapshot)
    return [*findings, *findings_of_carried(snapshot)]


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


def repair(snapshot: Snapshot, findings: Sequence[Finding]) -> list[str]:
    """Repair what can be repaired safely. Return a line for each repair.

    Raises:
        HybandError: the search is running, or something to be repaired is archived.
    """
    within = [b for b in snapshot.archived if any(o.repair and o.where.startswith(f"bracket-{b}/") for o in findings)]
    refuse_archived(snapshot.path, within, "something in it is to be repaired")
    with held(snapshot.path):
        return [finding.repair() for finding in findings if finding.repair]


def _missing(snapshot: Snapshot) -> Iterator[Finding]:
    """Missing files that the search needs to run, and missing promotion tables."""
    for name in (layout.SNAKEFILE, layout.RUN, layout.CORE):
        if not (snapshot.path / name).exists():
            yield Finding(name, f"is missing: the search cannot be run without it. {HOW[name]}")
    entries = read_entries(snapshot.path) or ()  # a search made by an earlier version has fewer
    for name, what in LOST.items():
        template = snapshot.sampling.template if name == layout.SPACE and snapshot.sampling else ""
        if name.partition("/")[0] in entries and not (snapshot.path / name / template).exists():
            yield Finding((Path(name) / template).as_posix(), f"is missing: {what}")
    for slot, stage, _, origin in snapshot.slots():
        trained = any(exists(record_path(snapshot.path / one.path)) for one in slot.runs(stage.fold_names))
        if slot.stage and origin is None and trained:
            yield Finding(str(slot), "was trained, but its promotion table is missing or names another configuration.")


def _damaged_tables(snapshot: Snapshot) -> Iterator[Finding]:
    for view in (view for bracket in snapshot.brackets for view in bracket.stages[:-1]):
        bracket, stage = view.bracket_index, view.stage.index
        if is_damaged(bracket, stage, snapshot.path):
            where = f"{layout.stage_path(bracket, stage)}/{layout.PROMOTION}"
            what = (
                "is damaged: the table is incomplete. A run refuses to start. Put it back from a copy of the search, "
                f"or have it renamed to {layout.PROMOTION}.{layout.REPLACED}-N: the next run makes it again."
            )
            yield Finding(where, what, partial(_put_aside, snapshot, bracket, stage, where))


def _put_aside(snapshot: Snapshot, bracket: int, stage: int, where: str) -> str:
    redo_promotion(snapshot, bracket, stage)
    return f"{where} was put aside, and those above it: the next run makes them again, and results stay"


def _line_ends(snapshot: Snapshot) -> Iterator[Finding]:
    """Windows line ends in run.sh, and line ends that a template loses."""
    script = snapshot.path / layout.RUN
    if script.is_file() and b"\r\n" in script.read_bytes():
        what = f"its lines end in CR LF, which bash treats as part of words and file names: sed -i 's/\\r$//' {script}"
        yield Finding(layout.RUN, what)
    for line in joined_lines_of(snapshot):
        what = (
            "the next line is joined to this one, which ends with a tag or comment. The version that generated this "
            "search did that, and later configurations are drawn the same way. New searches keep the lines apart."
        )
        template = snapshot.sampling.template if snapshot.sampling else ""
        yield Finding(f"{layout.SPACE}/{template}, line {line}", what)


def _strangers(snapshot: Snapshot) -> Iterator[Finding]:
    """Slots that are not in the plan: the tree is a mix of two searches."""
    planned = {str(slot) for slot, *_ in snapshot.slots()}
    for path in sorted(snapshot.path.glob("bracket-*/stage-*/config-*")):
        name = path.relative_to(snapshot.path).as_posix()
        if name not in planned:
            yield Finding(name, "is not in plan.json: files of another search? They are not used.")


def _config_findings(snapshot: Snapshot, slot: Slot, origin: Slot | None, sums: dict[str, str]) -> Iterator[Finding]:
    path = snapshot.path / slot.path
    own, drawn = read_bytes(path / layout.CONFIG), find_drawn(slot, snapshot.path)
    if is_left_empty(slot, snapshot.path):
        if own is not None:
            yield Finding(str(slot), "is empty by its proposal, but has a configuration: put there by hand?")
    elif slot.stage == 0 and drawn is None:
        if slot.bracket not in snapshot.proposed:
            yield Finding(str(slot), "its configuration is missing.")
    elif drawn is not None and is_edited(slot, drawn.text, sums):
        yield Finding(str(slot), "its configuration was changed after the search was generated.")
    elif drawn is not None and (slot.stage == 0 or origin is not None) and not has_copies(path, drawn):
        what = "missing" if own is None else "not what was drawn: the training run or somebody else changed it"
        what = f"its copy of the configuration or of what was drawn is {what}."
        yield Finding(str(slot), what, lambda: _restore(path, slot, drawn))
    if find_other_table(slot, snapshot.path) is not None:
        table = f"{layout.stage_path(slot.bracket, slot.stage - 1)}/{layout.PROMOTION}"
        what = (
            f"was trained with the configuration of {origin}, but {table} names another one. Was an older table put "
            f"back? Put the right one back. If it is lost: mv {table} {table}.old, and run snakemake again. It is made "
            "again from the results, and training runs are found by their configuration."
        )
        yield Finding(str(slot), what)
        return
    promoted = origin and (read_table(origin.bracket, origin.stage, snapshot.path) or [])[slot.config]
    if origin and promoted:
        now = (read(snapshot.path / origin.path / layout.RESULT) or "").strip()
        if now and now != promoted[1]:
            yield Finding(str(slot), "the result for which it was promoted is not the present result of its origin.")


def _restore(path: Path, slot: Slot, drawn: Drawn) -> str:
    give_copies(path, drawn)
    return f"{slot}/{layout.CONFIG} was restored as drawn"


def _result_findings(slot: Slot, directory: Path, status: Status) -> Iterator[Finding]:
    attempts = since_retry(read_attempts(directory))
    good = [attempt for attempt in attempts if attempt.good]
    text = read(directory / layout.RESULT)
    if status is Status.COMPLETED:
        adopted = None if good else read_adopted(directory)
        if adopted is not None and text is not None:
            if not _same_number(text, adopted):
                yield Finding(str(slot), "its result is not the one that it was adopted with: edited?")
        elif not good:
            yield Finding(str(slot), "has a result but no successful attempt; was it put there by hand?")
        elif text is None:
            yield Finding(str(slot), "its result is missing; the record has it.", lambda: _rewrite(slot, directory))
        elif not _same_number(text, good[-1].result):
            yield Finding(str(slot), "its result is not the one that its training run left: edited, or written later?")
    elif text is not None and read_result(directory).status is Status.COMPLETED:
        what = "has failed, but a number came later: does run.sh wait for what it starts (sbatch needs --wait)?"
        yield Finding(str(slot), what)


def _findings_of_folds(snapshot: Snapshot, slot: Slot, stage: Stage, outcome: Outcome) -> Iterator[Finding]:
    """What is wrong with a configuration as a whole, if its folds are separate training runs."""
    directory = snapshot.path / slot.path
    own = read(directory / layout.CONFIG)
    for fold in slot.runs(stage.fold_names):
        config = read(snapshot.path / fold.path / layout.CONFIG)
        if None not in (own, config) and own != config:
            yield Finding(str(fold), "its configuration is not that of the other folds.")
    text, said = read(directory / layout.RESULT), read_verdict(directory)
    if said is not None and outcome.status is Status.PENDING:
        what = f"its outcome does not match its folds ({verdict_text(said).strip()}): the next run makes it again."
        yield Finding(str(slot), what, lambda: _reopen(slot, directory))
    if outcome.status is Status.COMPLETED and text is None:
        what = "its result is missing; its outcome has it."
        yield Finding(str(slot), what, lambda: _rewrite_whole(slot, directory, outcome))
    elif outcome.status is Status.COMPLETED and text is not None and not _same_number(text, outcome.text):
        yield Finding(str(slot), "its result does not match its folds: edited, or written later?")


def _reopen(slot: Slot, directory: Path) -> str:
    (directory / layout.OUTCOME).unlink(missing_ok=True)
    return f"{slot}/{layout.OUTCOME} was removed: the next run makes it from the folds"


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
