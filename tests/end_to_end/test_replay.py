"""An independent, naive successive halving over random losses picks the same survivors as a real run of the tree."""

import json
import random
from pathlib import Path

import pytest

from ..conftest import Shell

RES = 'id=$(sed -n "s/^id: //p" "$1/config"); sed -n "s/^$id $s //p" losses > "$1/result"'


def naive(losses: dict[tuple[str, int], str], bracket: int, sizes: list[int]) -> list[list[str]]:
    """Who is in each stage, by sorting texts of losses the slow way."""
    alive = [f"{bracket}-{c}" for c in range(sizes[0])]
    stages = [alive]
    for stage, size in enumerate(sizes[1:]):
        def worse_than(name: str, stage: int = stage, alive: list[str] = alive) -> int:
            own = float(losses[name, stage])
            return sum(
                float(losses[o, stage]) < own or (float(losses[o, stage]) == own and alive.index(o) < alive.index(name))
                for o in alive if losses[o, stage] != "nan"
            )
        fine = [name for name in alive if losses[name, stage] != "nan"]
        alive = sorted(fine, key=worse_than)[:size]
        stages.append(alive)
    return stages


@pytest.mark.parametrize(("smax", "eta", "seed"), [(3, 2, 0), (2, 3, 1), (3, 3, 2)])
def test_survivors(shell: Shell, smax: int, eta: int, seed: int) -> None:
    search = shell.generate(smax, eta)
    plan = json.loads((search / "plan.json").read_text())
    sizes = {b["bracket"]: [s["configurations"] for s in b["stages"]] for b in plan["brackets"]}
    rng = random.Random(seed)
    losses = {
        (f"{b}-{c}", s): rng.choice(["nan", *(f"{rng.uniform(-1, 1):.3f}" for _ in range(6)), "0.5", "0.5"])
        for b, counts in sizes.items() for c in range(counts[0]) for s in range(len(counts))
    }
    (shell.cwd / "losses").write_text("".join(f"{name} {s} {loss}\n" for (name, s), loss in losses.items()))
    shell.snakemake(res=RES, check=False)
    for bracket, counts in sizes.items():
        assert ran(search, bracket, counts) == naive(losses, bracket, counts)


def ran(search: Path, bracket: int, counts: list[int]) -> list[list[str]]:
    stages = []
    for stage, count in enumerate(counts):
        configs = [search / f"bracket-{bracket}/stage-{stage}/config-{c}/config" for c in range(count)]
        stages.append([c.read_text().splitlines()[0].removeprefix("id: ") for c in configs if c.exists()])
    return stages
