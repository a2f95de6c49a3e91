"""The file ``sampler.json``: how configurations are drawn, and which brackets get theirs while the search runs.

These are proposed once the brackets that they learn from have outcomes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from ..plan import Plan, Stage, exact_number, json_number
from . import layout
from .planfile import read_entries

FORMAT = 1
JOINED, KEPT = 1, 2  # what a tag at the end of a line does to its line end: removes it, or only where it stands alone
PUT_BACK = (
    "Put it back from a copy of the search; if the search was never extended, from one that is generated again with "
    "the same options and the random seed that plan.json names."
)


@dataclass(frozen=True)
class Learner:
    """Who proposes the configurations of a bracket, which share of them is random, and whose results it learns from.

    ``beside`` are brackets that are proposed before it and may still be running: it knows their configurations only.
    ``until`` is the largest budget whose results it learns from; None: all of them. ``prior_share`` is which share of
    what is not random follows the priors of the template; 0 in searches of earlier versions, whose proposals stay.
    """

    sampler: str
    random_share: float
    learns: tuple[int, ...]
    beside: tuple[int, ...] = ()
    until: Fraction | None = None
    prior_share: float = 0.0

    def awaited(self, plan: Plan) -> list[tuple[int, Stage]]:
        """All stages that have to end before it proposes, with the numbers of their brackets."""
        return [
            (bracket.index, stage)
            for bracket in plan.brackets
            if bracket.index in self.learns
            for stage in bracket.stages
            if self.until is None or stage.budget <= self.until
        ]


@dataclass(frozen=True)
class SamplerFile:
    """What ``sampler.json`` says: the brackets that are proposed while the search runs, the template and the seed.

    ``sampler`` is who was asked for configurations when the search was generated; what is added later may have another.
    ``line_ends``, `JOINED` or `KEPT`, is how the template is read: what is added later is written like the rest.
    """

    template: str = layout.CONFIG
    seed: int = 0
    learners: Mapping[int, Learner] = field(default_factory=dict)
    sampler: str = "random"
    line_ends: int = JOINED


def sampling_to_json(sampling: SamplerFile) -> str:
    """Text of ``sampler.json``."""
    brackets = {str(bracket): _learner_json(learner) for bracket, learner in sampling.learners.items()}
    data = {
        "format": FORMAT,
        "sampler": sampling.sampler,
        "template": sampling.template,
        "random_seed": sampling.seed,
        "brackets": brackets,
    } | ({"line_ends": sampling.line_ends} if sampling.line_ends != JOINED else {})
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _learner_json(learner: Learner) -> dict[str, Any]:
    data = asdict(learner) | {"until": None if learner.until is None else json_number(learner.until)}
    return {key: value for key, value in data.items() if value or key not in ("beside", "until", "prior_share")}


def _learner(one: Mapping[str, Any]) -> Learner:
    beside, until = one.get("beside", ()), one.get("until")  # not in searches of 0.1.0
    budget = None if until is None else exact_number(repr(until))
    return Learner(
        one["sampler"], one["random_share"], tuple(one["learns"]), tuple(beside), budget, one.get("prior_share", 0.0)
    )


def read_sampling(search: Path) -> SamplerFile | None:
    """Read ``sampler.json``; None where there is none.

    Raises:
        ValueError: it is there and means nothing.
    """
    path = search / layout.SAMPLER
    if not path.exists():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}; this version reads format {FORMAT}")  # noqa: TRY301
        learners = {int(bracket): _learner(one) for bracket, one in data["brackets"].items()}
        sampler, line_ends = data.get("sampler", "random"), data.get("line_ends", JOINED)  # as in 0.1.0
        return SamplerFile(data["template"], data["random_seed"], learners, sampler, line_ends)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path} cannot be used ({type(error).__name__}: {error})") from None


def lost_sampling(search: Path) -> str | None:
    """Say that ``sampler.json`` is lost, and how to get it back; None if it is there, or never was."""
    if (search / layout.SAMPLER).exists() or layout.SAMPLER not in (read_entries(search) or ()):
        return None
    return (
        f"{search / layout.SAMPLER} is missing. It says which brackets get their configurations while the search runs. "
        f"{PUT_BACK}"
    )


def lost_template(search: Path, sampling: SamplerFile) -> str | None:
    """Say that the template which proposals are drawn from is lost, and how to get it back; None if it is there."""
    path = search / layout.SPACE / sampling.template
    if path.is_file():
        return None
    return f"{path} is missing. Put the template there that the search was generated from."
