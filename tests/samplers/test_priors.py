"""What a template expects, and which of the proposals of a model follow it."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.propose import main
from hyperband_snakemake.samplers.priors import as_expected
from hyperband_snakemake.space.draws import Drawing
from hyperband_snakemake.space.generator import Generator

from ..conftest import Shell, write_tree
from .test_propose import end, proposal, values

EXPECTS = "x: {{ uniform('x', 0, 1, prior=0.9, share=0.8) }}\ny: {{ uniform('y', 0, 1) }}\n"
WEIGHTS = "x: {{ uniform('x', 0, 1) }}\nc: {{ choice('c', ['a', 'b'], weights=[3, 1]) }}\n"
EVEN = "x: {{ uniform('x', 0, 1) }}\ny: {{ choice('y', [0.1, 0.2]) }}\n"


def grown(shell: Shell, config: str) -> Path:
    """A search of one bracket with one training run at the largest budget, to which six trials are added."""
    template = write_tree(shell.cwd / "T", {"config": config, "run.sh": "exit 3\n"})
    search = shell.generate(1, 3, "--bracket", "0", template=template)
    shell.run("hyband", "refine", "S", "--trials", "6", "--sampler", "tpe")
    return search


def shares(search: Path) -> list[float]:
    brackets = json.loads((search / "sampler.json").read_text())["brackets"]
    return [one.get("prior_share", 0) for one in brackets.values()]


@pytest.mark.parametrize(("config", "share"), [(EXPECTS, 0.8), (WEIGHTS, 0.5), (EVEN, 0)])
def test_the_share_of_the_prior_decays(shell: Shell, config: str, share: float) -> None:
    """From what the template says, by each training run at the largest budget that is known; none without priors."""
    search = grown(shell, config)
    assert shares(search) == pytest.approx([share * 3 / (3 + n) for n in range(1, 7)])
    assert ("prior_share" in (search / "sampler.json").read_text()) == (share > 0)


def test_a_share_of_the_proposals_follows_the_prior(shell: Shell) -> None:
    """As sampler.json says, near what is expected, and again the same; none in a search that was made without it."""
    search = grown(shell, EXPECTS)
    for stage, survivors in enumerate([3, 1]):
        for c in range(survivors):
            end(search, f"bracket-0/stage-{stage}/config-{c}", values(search, 0, c))
    write_tree(search, {"bracket-0/stage-0/promotion": "slot\tfrom\tresult\n0\t0\t0.5\n"})

    def by() -> list[str]:
        for path in [*search.glob("bracket-[1-6]/proposal"), *search.glob("bracket-[1-6]/stage-0/config-0/outcome")]:
            path.unlink()
        for bracket in range(1, 7):
            assert main(search, bracket) == 0
            end(search, f"bracket-{bracket}/stage-0/config-0", values(search, bracket))
        return [proposal(search, bracket)["configurations"][0]["by"] for bracket in range(1, 7)]

    first = by()
    assert set(first) == {"prior", "tpe"}
    assert all(values(search, b)[0] > 0.6 for b, one in enumerate(first, 1) if one == "prior")
    before = [values(search, b) for b in range(1, 7)]
    assert (by(), [values(search, b) for b in range(1, 7)]) == (first, before)
    data = json.loads((search / "sampler.json").read_text())
    for one in data["brackets"].values():
        del one["prior_share"]
    (search / "sampler.json").write_text(json.dumps(data))
    assert set(by()) == {"tpe"}


def test_what_is_expected_alone() -> None:
    """All numbers with a prior come from there; the others, and choices, as ever."""

    def template(_: object, source: Generator, choose: object = None) -> Drawing:
        drawing = Drawing(source, choose)
        drawing.uniform("x", 0, 1, prior=[0.2, 0.3], share=0.1)
        drawing.integer("n", 1, 100, prior=[7, 9], share=0.1)
        drawing.uniform("z", 0, 1)
        return drawing

    drawn = [as_expected(template)(None, Generator(seed))._values for seed in range(20)]
    assert all(0.2 <= one["x"][0] <= 0.3 and 7 <= one["n"][0] <= 9 for one in drawn)
    assert max(one["z"][0] for one in drawn) > 0.5
