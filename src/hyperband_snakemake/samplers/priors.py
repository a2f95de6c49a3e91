"""What a template expects (``prior=``, weights), for samplers that learn: a share of proposals, which decays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..core.tree.layout import Slot
from ..space.distinct import Render
from ..space.distributions import Distribution, Integer, Uniform
from ..space.draws import RenderedConfig
from ..space.generator import Source

OF_WEIGHTS = 0.5  # the share to begin with where there are weights alone: a choice does not record that of its prior
HALVED_BY = 3  # this many results at the largest budget halve the share
ALL = 1.0

Template = Callable[[Slot, Source, Any], RenderedConfig]


def expected_share(spaces: Sequence[Mapping[str, Mapping[str, Any]]]) -> float:
    """Say which share of proposals may follow what a template expects: 0 where it expects nothing.

    >>> expected_share([{"x": {"kind": "uniform", "prior": {"share": 0.8}}, "y": {"kind": "choice", "weights": [2]}}])
    0.8
    >>> expected_share([{"x": {"kind": "uniform"}}])
    0.0
    """
    parameters = [one for space in spaces for one in space.values()]
    shares = [float(one["prior"]["share"]) for one in parameters if "prior" in one]
    return max(shares, default=OF_WEIGHTS if any("weights" in one for one in parameters) else 0.0)


def share_after(share: float, results: int) -> float:
    """Let the share decay with the number of results at the largest budget, so that a wrong prior costs little.

    >>> [round(share_after(0.5, results), 2) for results in (0, 3, 15)]
    [0.5, 0.25, 0.08]
    """
    return share * HALVED_BY / (HALVED_BY + results)


def as_expected(template: Template) -> Render:
    """Draw each parameter that has a prior from there alone, and the others as the template says."""

    def render(slot: Slot, source: Source) -> RenderedConfig:
        return template(slot, source, lambda _, one: _certain(one).draw(source))

    return render


def _certain(one: Distribution) -> Distribution:
    if isinstance(one, Uniform | Integer) and one.prior is not None:
        return replace(one, prior=replace(one.prior, share=ALL))
    return one
