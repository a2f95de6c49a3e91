"""The record of each extension in plan.json, so that the last one can be undone."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.plan import json_number
from ..core.tree.planfile import COMMANDS, plan_from_json

EXTENSIONS = "extensions"  # a list of what each extension added, oldest first
_OWN = ("brackets", COMMANDS, EXTENSIONS)  # keys of plan.json that are handled separately

Data = Mapping[str, Any]  # plan.json, or a part of it


@dataclass(frozen=True)
class Added:
    """What one extension added to a search.

    Args:
        command: the command line that requested it; empty if a program did.
        brackets: numbers of the new brackets.
        grown: brackets that got another stage, as they were in plan.json before.
        before: earlier values of other keys in plan.json that changed.
        absent: keys that plan.json did not have before.
    """

    command: tuple[str, ...]
    brackets: tuple[int, ...]
    grown: tuple[Data, ...]
    before: Data
    absent: tuple[str, ...] = ()

    @property
    def stages(self) -> dict[int, int]:
        """The earlier number of stages of each bracket that got another one."""
        return {bracket["bracket"]: len(bracket["stages"]) for bracket in self.grown}


def added_to(old: Data, new: Data, command: Sequence[str]) -> Added:
    """Describe what an extension adds to plan.json."""
    known = {bracket["bracket"]: bracket for bracket in old["brackets"]}
    changed = [key for key, value in new.items() if key not in _OWN and (key not in old or old[key] != value)]
    lost = {COMMANDS: old[COMMANDS]} if COMMANDS in old and COMMANDS not in new else {}
    return Added(
        command=tuple(command),
        brackets=tuple(b["bracket"] for b in new["brackets"] if b["bracket"] not in known),
        grown=tuple(known[b["bracket"]] for b in new["brackets"] if known.get(b["bracket"], b) != b),
        before=lost | {key: old[key] for key in changed if key in old},
        absent=tuple(key for key in changed if key not in old),
    )


def read_last(data: Data) -> Added | None:
    """Read what the last extension added; None if plan.json does not say."""
    try:
        last = data[EXTENSIONS][-1]
        words, numbers = tuple(map(str, last["command"])), tuple(map(int, last["brackets"]))
        added = Added(words, numbers, tuple(last["grown"]), dict(last["before"]), tuple(last["absent"]))
        added.stages  # noqa: B018 (it can be read, too)
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return added


def without(data: Data, added: Added) -> dict[str, Any]:
    """Give plan.json as it was before its last extension (``added``)."""
    old = {key: value for key, value in data.items() if key not in added.absent} | dict(added.before)
    if old.get(COMMANDS) and tuple(old[COMMANDS][-1]) == added.command:
        old[COMMANDS] = old[COMMANDS][:-1]
    old[EXTENSIONS] = data[EXTENSIONS][:-1]
    grown = {bracket["bracket"]: bracket for bracket in added.grown}
    kept = (bracket for bracket in data["brackets"] if bracket["bracket"] not in added.brackets)
    old["brackets"] = [grown.get(bracket["bracket"], bracket) for bracket in kept]
    return {key: value for key, value in old.items() if value or key not in (COMMANDS, EXTENSIONS)}


def with_less(data: Data, added: Added, brackets: Collection[int]) -> dict[str, Any]:
    """Give plan.json without these brackets of its last extension; the rest of the extension stays."""
    left = replace(added, brackets=tuple(b for b in added.brackets if b not in brackets))
    kept = [bracket for bracket in data["brackets"] if bracket["bracket"] not in brackets]
    less = {**data, EXTENSIONS: [*data[EXTENSIONS][:-1], vars(left)], "brackets": kept}
    return less | {"cost": json_number(plan_from_json(json.dumps(less)).cost)}


def data_text(data: Data) -> str:
    """Text of plan.json, in the form that `plan_to_json` writes."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
