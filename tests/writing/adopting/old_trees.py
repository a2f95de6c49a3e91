"""Trees as the original tool makes them, by hand: from what its README says of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hyperband_snakemake.core.plan import Bracket, Settings, make_plan

from ...conftest import write_tree

RUN = """\
#!/bin/bash
echo "$1" >> ledger
s=${1##*stage-}
echo "$(sed -n 's/^x: //p' "$1/config")${s%%/*}" > "$1/result"
"""


def text_of(bracket: int, config: int) -> str:
    """A configuration; its number x, with the stage as last digit, is its result. No two are the same."""
    return f"folds: 5\nx: {(bracket * 31 + config * 17 + 5) % 97}.{bracket}{config}\n"


def x_of(text: str) -> str:
    return text.split("x: ")[1].strip()


class Old:
    """A tree that is brought to life step by step. ``shape``: which bracket of the plan it has as bracket-0, and so on."""

    def __init__(self, root: Path, smax: int = 2, eta: int = 2, shape: tuple[int, ...] | None = None,
                 snakefile: bool = True, **more: int) -> None:
        plan = make_plan(Settings(smax, eta, **more))  # type: ignore[arg-type]
        self.root = root
        self.brackets: list[Bracket] = [plan.brackets[b] for b in shape or range(smax + 1)]
        rules = [f"    shell: 'bash {root}/run.sh {root}/{self.name(b, s.index, c)} {float(s.budget)}'"
                 for b, bracket in enumerate(self.brackets) for s in bracket.stages for c in range(s.configurations)]
        files = {"Snakefile": "\n".join(rules) if snakefile else "rule all:\n", "run.sh": RUN}
        files |= {f"{self.name(b, 0, c)}/config": text_of(b, c)
                  for b, bracket in enumerate(self.brackets) for c in range(bracket.stages[0].configurations)}
        write_tree(root, files)

    @staticmethod
    def name(bracket: int, stage: int, config: int) -> str:
        return f"bracket-{bracket}/stage-{stage}/config-{config}"

    def train(self, bracket: int, stage: int, *configs: int, results: Mapping[int, str] | None = None) -> None:
        """Train these, all of the stage if none is named."""
        for c in configs or range(self.brackets[bracket].stages[stage].configurations):
            place = self.root / self.name(bracket, stage, c)
            result = (results or {}).get(c, f"{x_of((place / 'config').read_text())}{stage}")
            write_tree(place, {"result": f"{result}\n", "log.log": "INFO: trained\n"})

    def promote(self, bracket: int, stage: int, key: Callable[[str], float] = float) -> None:
        """Promote the best of a stage: the lowest result first, what failed last."""
        found = self.root.glob(f"bracket-{bracket}/stage-{stage}/config-*")
        ranked = sorted(found, key=lambda one: key((one / "result").read_text().strip().replace("nan", "inf")))
        for c in range(self.brackets[bracket].stages[stage + 1].configurations):
            write_tree(self.root / self.name(bracket, stage + 1, c), {"config": (ranked[c] / "config").read_text()})

    def finish(self) -> str:
        """Do all that is left; the text of the best configuration."""
        for b, bracket in enumerate(self.brackets):
            for stage in bracket.stages:
                left = [c for c in range(stage.configurations) if not (self.root / self.name(b, stage.index, c) / "result").exists()]
                if left:
                    self.train(b, stage.index, *left)
                if stage.index + 1 < len(bracket.stages) and not (self.root / self.name(b, stage.index + 1, 0)).exists():
                    self.promote(b, stage.index)
        ends = [(b, bracket.stages[-1]) for b, bracket in enumerate(self.brackets)]
        lasts = [self.root / self.name(b, stage.index, c) for b, stage in ends for c in range(stage.configurations)]
        best = min(lasts, key=lambda one: float((one / "result").read_text().replace("nan", "inf")))
        text = (best / "config").read_text()
        write_tree(self.root, {"config": text})
        return text
