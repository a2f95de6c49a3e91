"""The file ``sampler.json``: how configurations are drawn, and which brackets get theirs while the search runs.

Those brackets are proposed once the brackets that they learn from have outcomes.
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
JOINED, KEPT = 1, 2  # a tag at the end of a line removes the line end: always, or only if it is alone there
PUT_BACK = (
    "Put it back from a copy of the search; if the search was never extended, from one that is generated again with "
    "the same options and the random seed that plan.json names."
)


@dataclass(frozen=True)
class Learner:
    """How a bracket's configurations are proposed: the sampler, the share of random ones, and what it learns from.

    ``beside`` are brackets that are proposed before it and may still be running: only their configurations are known.
    It learns from results up to the budget ``until``; None means from all of them. ``prior_share`` is the share of
    proposals not drawn at random that follow the template's priors: 0 in searches of earlier versions.
    """

    sampler: str
    random_share: float
    learns: tuple[int, ...]
    beside: tuple[int, ...] = ()
    until: Fraction | None = None
    prior_share: float = 0.0

    def awaited(self, plan: Plan) -> list[tuple[int, Stage]]:
        """All stages that must end before it proposes, with their bracket numbers."""
        return [
            (bracket.index, stage)
            for bracket in plan.brackets
            if bracket.index in self.learns
            for stage in bracket.stages
            if self.until is None or stage.budget <= self.until
        ]


@dataclass(frozen=True)
class SamplerFile:
    """The content of ``sampler.json``: brackets that are proposed while the search runs, the template and the seed.

    ``sampler`` is the one chosen when the search was generated; brackets that are added later may have another.
    ``line_ends`` (`JOINED` or `KEPT`) is how the template is read, so that later configurations look like the rest.
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
    beside, until = one.get("beside", ()), one.get("until")  # missing in searches made by 0.1.0
    budget = None if until is None else exact_number(repr(until))
    return Learner(
        one["sampler"], one["random_share"], tuple(one["learns"]), tuple(beside), budget, one.get("prior_share", 0.0)
    )


def read_sampling(search: Path) -> SamplerFile | None:
    """Read ``sampler.json``; None if there is none.

    Raises:
        ValueError: it exists but is not valid.
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
    """Say that ``sampler.json`` is lost, and how to get it back; None if it exists, or never did."""
    if (search / layout.SAMPLER).exists() or layout.SAMPLER not in (read_entries(search) or ()):
        return None
    return (
        f"{search / layout.SAMPLER} is missing. It says which brackets get their configurations while the search runs. "
        f"{PUT_BACK}"
    )


def lost_template(search: Path, sampling: SamplerFile) -> str | None:
    """Say that the template for proposals is lost, and how to get it back; None if it exists."""
    path = search / layout.SPACE / sampling.template
    if path.is_file():
        return None
    return f"{path} is missing. Put the template that the search was generated from back there."
