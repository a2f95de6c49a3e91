"""What the rules of the Snakefile are made of: their names, files, numbers and commands."""

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..plan import Plan, Stage, number_text
from ..slurm.packs import Pack, packs_of
from ..slurm.request import SlurmConfig
from ..slurm.units import SlurmError
from ..tree import layout
from ..tree.layout import Slot, stage_path
from ..tree.proposals import SamplerFile, read_proposal


@dataclass(frozen=True)
class Rules:
    """Answers for one search, which is at ``search``. All paths that it gives are relative to that."""

    search: Path
    plan: Plan
    slurm: SlurmConfig | None = None
    sampling: SamplerFile | None = None

    def stages(self) -> Iterator[tuple[int, Stage]]:
        """All stages, with the number of their bracket."""
        return ((bracket.index, stage) for bracket in self.plan.brackets for stage in bracket.stages)

    def trainings(self) -> Iterator[tuple[int, Stage, Pack]]:
        """What needs a rule: a stage, with its configuration as wildcard, or a pack of trainings that share a job."""
        try:
            for bracket, stage in self.stages():
                for pack in packs_of(self.plan, stage, self.slurm) or [()]:
                    yield bracket, stage, pack
        except SlurmError as error:
            sys.exit(f"Error: {self.search / layout.SLURM}: {error}")

    def training_name(self, bracket: int, stage: Stage, pack: Pack) -> str:
        """Name of the rule."""
        first = f"_from_{pack[0]}" if pack else ""
        return re.sub(r"\W+", "_", f"train_bracket_{bracket}_stage_{stage.index}{first}")

    def made(self, bracket: int, stage: Stage, pack: Pack, name: str) -> list[str]:
        """Files of this name that the rule makes."""
        return [self.path(bracket, stage, f"config-{config}/{name}") for config in pack or [self._word(stage)]]

    def configs(self, stage: Stage, pack: Pack) -> Any:
        """Configurations, or folds of them, that the rule trains."""
        return " ".join(pack) if pack else (lambda wildcards: self._word(stage).format(**dict(wildcards.items())))

    @staticmethod
    def _word(stage: Stage) -> str:
        return "{config}/fold-{fold}" if stage.fold_names else "{config}"

    def folded_stages(self) -> Iterator[tuple[int, Stage]]:
        """Those stages where each fold is a training of its own."""
        return ((bracket, stage) for bracket, stage in self.stages() if stage.fold_names)

    def fold_outcomes(self, bracket: int, stage: Stage) -> list[str]:
        """Outcome files of all folds of a configuration."""
        return [
            self.path(bracket, stage, f"config-{{config}}/fold-{part}/{layout.OUTCOME}") for part in stage.fold_names
        ]

    def program(self, pack: Pack) -> str:
        """Command that trains: here, or by way of Slurm."""
        if self.slurm is not None and self.slurm.mode == "jobs":
            return '"$HYBAND_PYTHON" -IS hyperband submit'
        return "bash hyperband/pack.sh" if pack else "bash hyperband/train.sh"

    def threads(self, bracket: int, stage: Stage) -> int:
        """Cores that one training uses on the machine where Snakemake starts it."""
        return 1 if self.slurm is None or self.slurm.mode == "jobs" else self.slurm.request(bracket, stage).cpus

    def resources(self, bracket: int, stage: Stage, pack: Pack) -> dict[str, Any]:
        """Give what Snakemake must know of a training's needs."""
        return _slurm_resources(self.slurm, bracket, stage, max(1, len(pack)))

    def promoted_stages(self) -> Iterator[tuple[int, Stage]]:
        """Those stages that another one follows."""
        return ((bracket.index, stage) for bracket in self.plan.brackets for stage in bracket.stages[:-1])

    def path(self, bracket: int, stage: Stage, name: str) -> str:
        """Path of something in the directory of a stage, relative to the search."""
        return f"{stage_path(bracket, stage.index)}/{name}"

    def budget(self, stage: Stage) -> str:
        """Give the budget as run.sh gets it."""
        return number_text(stage.budget)

    def priority(self, bracket: int, stage: Stage) -> int:
        """First what has the longest way to go: a long chain of stages that starts last keeps everybody waiting.

        A rank, because Snakemake wants a whole number.
        """
        ahead = {(b.index, s.index): b.ahead(s.index) for b in self.plan.brackets for s in b.stages}
        return sum(way <= ahead[bracket, stage.index] for way in set(ahead.values()))

    def retries(self) -> int:
        """How often Snakemake starts train.sh again after it was killed; the last time just to record the failure."""
        return self.plan.settings.retries + 1

    def proposals(self) -> list[int]:
        """Brackets whose configurations are proposed while the search runs."""
        return (
            [] if self.sampling is None else [b.index for b in self.plan.brackets if b.index in self.sampling.learners]
        )

    def samplers_to_come(self) -> set[str]:
        """Samplers of the brackets whose configurations are still to be proposed."""
        learners = self.sampling.learners if self.sampling else {}
        return {learners[b].sampler for b in self.proposals() if read_proposal(b, self.search) is None}

    def has_all_configurations(self) -> bool:
        """Whether nothing is left to be proposed: the first stage of each bracket has its configurations."""
        firsts = (Slot(b.index, 0, c) for b in self.plan.brackets for c in range(b.stages[0].configurations))
        return all((self.search / slot.path / layout.CONFIG).exists() for slot in firsts)

    def learned_outcomes(self, bracket: int) -> list[str]:
        """Outcome files that must be there before a bracket's configurations are proposed."""
        assert self.sampling is not None
        learns = self.sampling.learners[bracket].learns
        return [name for number, stage in self.stages() if number in learns for name in self.outcomes(number, stage)]

    def promotion_into(self, bracket: int, stage: Stage) -> list[str]:
        """Give the file that must be there before a stage can start, if any: the promotion into it, or its proposal."""
        if stage.index == 0:
            return [layout.proposal_path(bracket).as_posix()] if bracket in self.proposals() else []
        return [(stage_path(bracket, stage.index - 1) / layout.PROMOTION).as_posix()]

    def outcomes(self, bracket: int, stage: Stage) -> list[str]:
        """Outcome files of one stage."""
        return [f"{Slot(bracket, stage.index, c)}/{layout.OUTCOME}" for c in range(stage.configurations)]

    def all_outcomes(self) -> list[str]:
        """Outcome files of the whole search, those of folds included: it is complete when each slot has one."""
        whole = [name for bracket, stage in self.stages() for name in self.outcomes(bracket, stage)]
        folds = [
            self.path(bracket, stage, f"config-{word}/{layout.OUTCOME}")
            for bracket, stage in self.folded_stages()
            for word in stage.run_names
        ]
        return whole + folds

    def tables(self) -> list[str]:
        """Promotions and proposals.

        All that is made must be wanted: of what was made just before everything was killed, Snakemake may not have
        noted the end. Then it takes care of that alone and goes no further, unless the rule `all` wants it, too.
        """
        promotions = [self.path(bracket, stage, layout.PROMOTION) for bracket, stage in self.promoted_stages()]
        return promotions + [layout.proposal_path(bracket).as_posix() for bracket in self.proposals()]

    def last_outcomes(self) -> list[str]:
        """Outcome files of the last stages, on which all others depend."""
        return [name for bracket in self.plan.brackets for name in self.outcomes(bracket.index, bracket.stages[-1])]

    def results(self) -> list[str]:
        """Result files of the last stages: one that was lost is written again from its record."""
        return [str(Path(name).with_name(layout.RESULT)) for name in self.last_outcomes()]


def _slurm_resources(slurm: SlurmConfig | None, bracket: int, stage: Stage, trainings: int) -> dict[str, Any]:
    """Resources of a rule, as Snakemake and its Slurm executor name them; time and memory grow with retries."""
    if slurm is None or slurm.mode == "jobs":
        return {}
    request = slurm.request(bracket, stage)
    if slurm.mode == "steps":
        return {"gpus": request.gpu_count} if request.gpu_count else {}
    known: dict[str, Any] = {
        "slurm_partition": request.partition,
        "slurm_account": request.account,
        "qos": request.qos,
        "constraint": request.constraint,
        "gres": f"gpu:{request.gpus}" if request.gpus else "",
        "slurm_extra": shlex.join(request.extra),
    }
    known = {name: value for name, value in known.items() if value}
    if request.seconds is not None:
        known["runtime"] = _growing(-(-trainings * request.seconds // 60))
    if request.megabytes is not None:
        known["mem_mb"] = _growing(request.megabytes)
    return known


def _growing(amount: int) -> Callable[..., int]:
    """Double with each attempt; Snakemake knows the arguments by their names."""

    def resource(wildcards: Any, attempt: int) -> int:
        del wildcards
        return int(amount * 2 ** (attempt - 1))

    return resource
