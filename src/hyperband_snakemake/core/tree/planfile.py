"""plan.json: the plan of a search, for people and programs to read. Its format has a version number."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..disk.archives import is_archived
from ..plan import Bracket, Plan, PlanError, Settings, Stage, exact_number, json_number
from . import layout

FORMAT = 1
ARCHIVED = 2  # the same, of a search in which brackets are archived: what knows no archives must not read it
READ = (FORMAT, ARCHIVED)
COMMANDS = "commands"  # the command lines that made the search, each a list of words: ["generate", "3", "3", ...]


_ALWAYS = frozenset(  # settings that every plan.json has
    ["smax", "eta", "repetitions", "folds", "cost_one_epoch_full_dataset", "guaranteed_budget", "last_stage", "retries"]
)
_CONVERT: dict[Any, Callable[[Any], Any]] = {  # type of a setting -> how to convert the value in the file
    Fraction: Fraction,
    Fraction | None: Fraction,
    tuple[str, ...]: tuple,
}


def plan_to_json(plan: Plan, **more: object) -> str:
    """Text of plan.json: format, settings, ``more`` entries of the caller, then brackets and stages."""
    settings = {
        key: json_number(value) if isinstance(value, Fraction) else value for key, value in vars(plan.settings).items()
    }
    brackets = [
        {
            "bracket": bracket.index,
            "cost": json_number(bracket.cost),
            "stages": [
                {
                    "stage": stage.index,
                    "configurations": stage.configurations,
                    "budget": json_number(stage.budget),
                    "cost": json_number(stage.cost),
                    **({} if stage.added is None else {"added": json_number(stage.added)}),
                    **({"repetitions": stage.repetitions, "folds": stage.folds} if stage.fold_names else {}),
                }
                for stage in bracket.stages
            ],
        }
        for bracket in plan.brackets
    ]
    whole = {"format": FORMAT, **more, **settings, "cost": json_number(plan.cost), "brackets": brackets}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def plan_from_json(text: str) -> Plan:
    """Read what `plan_to_json` wrote.

    Raises:
        PlanError: the text is not a plan, or has another format.
    """
    try:
        data: Mapping[str, Any] = json.loads(text, parse_float=exact_number)
        if data["format"] not in READ:
            raise PlanError(  # noqa: TRY301
                f"has format {data['format']} (written by {data.get('generator', 'an unknown version')}); "
                f"this version reads formats {FORMAT} and {ARCHIVED}."
            )
        settings = Settings(
            smax=data["smax"],
            eta=data["eta"],
            repetitions=data["repetitions"],
            folds=data["folds"],
            cost_one_epoch_full_dataset=Fraction(data["cost_one_epoch_full_dataset"]),
            guaranteed_budget=Fraction(data["guaranteed_budget"]),
            last_stage=data["last_stage"],
            retries=data["retries"],
            **_later(data),
        )
        return Plan(settings, tuple(_bracket_from_json(b) for b in data["brackets"]))
    except PlanError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise PlanError(f"is not a plan ({type(error).__name__}: {error}).") from None


def _later(data: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that are missing from a plan.json of an earlier version."""
    later = [field for field in fields(Settings) if field.name not in _ALWAYS and data.get(field.name) is not None]
    return {field.name: _CONVERT.get(field.type, _as_it_is)(data[field.name]) for field in later}


def _as_it_is(value: Any) -> Any:
    return value


def _bracket_from_json(data: Mapping[str, Any]) -> Bracket:
    if not data["stages"]:
        raise ValueError("a bracket without stages")
    return Bracket(data["bracket"], tuple(_stage_from_json(stage) for stage in data["stages"]))


def _stage_from_json(data: Mapping[str, Any]) -> Stage:
    added = None if data.get("added") is None else Fraction(data["added"])
    apart = data.get("repetitions", 0), data.get("folds", 0)
    return Stage(data["stage"], data["configurations"], Fraction(data["budget"]), Fraction(data["cost"]), added, *apart)


def without_archived(plan: Plan, search: Path) -> Plan:
    """Give the plan without the brackets that are archived, in which nothing is left to do."""
    there = (b for b in plan.brackets if not is_archived(search / layout.bracket_path(b.index)))
    return replace(plan, brackets=tuple(there))


def read_plan_data(search: Path) -> dict[str, Any]:
    """Read plan.json as raw data, including entries that are not part of the plan; empty if it cannot be read."""
    try:
        data = json.loads((search / layout.PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def read_commands(search: Path) -> list[list[str]] | None:
    """Command lines that made the search, oldest first, each starting with "generate", "extend" or "refine".

    Options and directories are as typed. None if the search does not record them, like those of earlier versions.
    """
    commands = read_plan_data(search).get(COMMANDS)
    if not isinstance(commands, list) or not commands or not all(isinstance(words, list) for words in commands):
        return None
    whole = all(words and all(isinstance(word, str) for word in words) for words in commands)
    return commands if whole else None


def read_entries(search: Path) -> frozenset[str] | None:
    """Top-level names in a search when it was generated; None if plan.json does not list them."""
    entries = read_plan_data(search).get("entries")
    if not isinstance(entries, list):
        return None
    return frozenset(name for name in entries if isinstance(name, str) and "/" not in name and name not in (".", ".."))


def read_plan(search: Path) -> Plan:
    """Read the plan of the search in this directory.

    Raises:
        PlanError: there is no plan, or it cannot be read; the text names the file.
    """
    path = search / layout.PLAN
    try:
        return plan_from_json(path.read_text(encoding="utf-8"))
    except PlanError as error:
        raise PlanError(f"{path} {error}") from None
    except (FileNotFoundError, NotADirectoryError) as error:
        if (search / layout.CORE / "__main__.py").exists():
            raise PlanError(
                f"{path} is lost. Put it back, or generate the search again in another directory, with the same "
                f"command and the same seed ({layout.SAMPLER} names it), and copy it from there."
            ) from None
        raise PlanError(
            f"There is no search in {search} ({layout.PLAN} cannot be read: {error.strerror}). "
            "Expected the directory that `hyband generate --output-dir` wrote."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise PlanError(f"{path} cannot be read: {reason}.") from None
