"""Brackets whose configurations are proposed while the search runs, once those that they learn from have outcomes.

The file ``bracket-B/proposal`` holds all of them; it is written once, whole, and final. The directories of stage 0 are
filled from it, and lost files come back from it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import layout
from .files import read, write
from .layout import Slot

FORMAT = 1


@dataclass(frozen=True)
class Sampling:
    """Who proposes, as ``sampler.json`` says.

    Args:
        name: of the sampler.
        random_share: how many of the proposals are random ones.
        template: name of the configurations' template.
        seed: of the search.
        learns: for each bracket that is proposed, the brackets that it learns from.
        samplers: a sampler for single brackets, where it is another one.
    """

    name: str
    random_share: float = 0.0
    template: str = layout.CONFIG
    seed: int = 0
    learns: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    samplers: Mapping[int, str] = field(default_factory=dict)


def sampling_to_json(sampling: Sampling) -> str:
    """Text of ``sampler.json``."""
    data = {
        "format": FORMAT,
        "sampler": sampling.name,
        "random_share": sampling.random_share,
        "template": sampling.template,
        "random_seed": sampling.seed,
        "learns": {str(bracket): list(others) for bracket, others in sampling.learns.items()},
        "samplers": {str(bracket): name for bracket, name in sampling.samplers.items()},
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_sampling(search: Path) -> Sampling | None:
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
        return Sampling(
            data["sampler"],
            data["random_share"],
            data["template"],
            data["random_seed"],
            {int(bracket): tuple(others) for bracket, others in data["learns"].items()},
            {int(bracket): name for bracket, name in data["samplers"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path} cannot be used ({type(error).__name__}: {error})") from None


def read_proposal(bracket: int, search: Path = Path()) -> dict[str, Any] | None:
    """Read the proposal for a bracket; None if there is none yet."""
    text = read(search / layout.proposal_path(bracket))
    try:
        data = json.loads(text) if text is not None else None
    except ValueError:  # edited: as good as none
        return None
    return data if isinstance(data, dict) and isinstance(data.get("configurations"), list) else None


def restore_proposed(slot: Slot, search: Path = Path()) -> None:
    """Write what is missing of a proposed configuration of stage 0."""
    directory = search / slot.path
    if slot.stage or (directory / layout.CONFIG).exists():
        return
    proposal = read_proposal(slot.bracket, search)
    if proposal is None or slot.config >= len(proposal["configurations"]):
        return
    one = proposal["configurations"][slot.config]
    directory.mkdir(parents=True, exist_ok=True)
    if one.get("parameters") is not None:
        write(directory / layout.PARAMETERS, one["parameters"])
    write(directory / layout.CONFIG, one["config"])
