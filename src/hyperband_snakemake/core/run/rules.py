"""The rules of the Snakefile as data: one value for each rule, with its name, files, numbers and command."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..halving.lost_proposal import is_lost
from ..plan import Plan, Stage, number_text
from ..slurm.packs import Pack, packs_of
from ..slurm.request import SlurmConfig
from ..tree import layout
from ..tree.configurations import is_left_empty, read_proposal
from ..tree.layout import Slot, stage_path
from ..tree.planfile import without_archived
from ..tree.proposals import Learner, SamplerFile
from .kinds import Aggregation, Promotion, Proposal, Training
from .packs.local import LocalPacks
from .priorities import ranks
from .resources import PLACE, resources_of

PROGRAM = '"$HYBAND_PYTHON" -IS hyperband'  # isolated: neither the user's packages nor files of the same name matter


@dataclass(frozen=True)
class Rules:
    """The rules of the search in the directory ``search``, to which all their paths are relative; none for archives."""

    search: Path
    plan: Plan
    slurm: SlurmConfig | None = None
    sampling: SamplerFile | None = None
    local: LocalPacks | None = None  # which training runs share a job on this machine
    has_gpus: bool = False  # each training run takes a place; there is one for each GPU or share of a GPU

    def training_runs(self) -> Iterator[Training]:
        """One rule for each stage, or for each pack of training runs that share a job."""
        for bracket, stage, pack in self.packs:
            yield self._training(bracket, stage, pack)

    def _training(self, bracket: int, stage: Stage, pack: Pack) -> Training:
        words = pack or (_fold_pattern(stage),)
        directories = [f"{stage_path(bracket, stage.index)}/config-{word}" for word in words]
        first = f"_from_{pack[0]}" if pack else ""
        here = self.slurm if self.slurm is not None and self.slurm.mode != "jobs" else None
        place: dict[str, Any] = {PLACE: 1} if self.has_gpus and self.slurm is None else {}
        end = self.local.end_of(bracket, stage, pack) if self.local and pack else None
        return Training(
            name=f"train_bracket_{bracket}_stage_{stage.index}{first}".translate(_NO_SIGNS),
            waits_for=self._waits_for(bracket, stage),
            results=[] if end else [f"{directory}/{layout.RESULT}" for directory in directories],
            outcomes=[end] if end else [f"{directory}/{layout.OUTCOME}" for directory in directories],
            priority=self.priority(bracket, stage),
            threads=1 if here is None else here.request(bracket, stage).cpus,
            resources=place if here is None else resources_of(here, bracket, stage, max(1, len(pack))),
            command=self._command(bracket, stage, pack, end),
        )

    def _command(self, bracket: int, stage: Stage, pack: Pack, end: str | None) -> str:
        if self.local and pack:
            what = self.local.arguments(next(b for b in self.plan.brackets if b.index == bracket), stage, pack)
            packed = f"{PROGRAM}/pack.py {end or '-'} {what}"
            # another job may have done this one, too; the Snakefile says exec, which this makes harmless
            return f"2>&2; [ -e {end} ] || exec {packed}" if self._is_shared(bracket, stage) else packed
        program = "bash hyperband/pack.sh" if pack else "bash hyperband/train.sh"
        if self.slurm is not None and self.slurm.mode == "jobs":
            program = f"{PROGRAM} submit"
        words = " ".join(pack or (_fold_pattern(stage),))
        return f"{program} {bracket} {stage.index} {number_text(stage.budget)} {words}"

    def _is_shared(self, bracket: int, stage: Stage) -> bool:
        """Whether its own jobs make the promotion out of a stage."""
        return self.local is not None and (bracket, stage.index) in self.local.shared

    def _waits_for(self, bracket: int, stage: Stage) -> list[str]:
        """Give the promotion into a stage, or for a first stage the proposal, if it has one."""
        if stage.index:
            below = self.plan.stage(bracket, stage.index - 1)
            if self._is_shared(bracket, below):
                return self._awaited(bracket, below)
            return [f"{stage_path(bracket, stage.index - 1)}/{layout.PROMOTION}"]
        return [layout.proposal_path(bracket).as_posix()] if bracket in self._learning else []

    def aggregations(self) -> Iterator[Aggregation]:
        """One rule for each stage in which each fold is a separate training run."""
        for bracket, stage in self.stages():
            if not stage.fold_names:
                continue
            directory = f"{stage_path(bracket, stage.index)}/config-{{config}}"
            yield Aggregation(
                name=f"aggregate_bracket_{bracket}_stage_{stage.index}",
                folds=[f"{directory}/fold-{part}/{layout.OUTCOME}" for part in stage.fold_names],
                result=f"{directory}/{layout.RESULT}",
                outcome=f"{directory}/{layout.OUTCOME}",
                command=f"{PROGRAM} aggregate {bracket} {stage.index} {{config}}",
            )

    def promotions(self) -> Iterator[Promotion]:
        """One rule for each stage that is followed by another, unless its training rules do that."""
        for bracket in self.unpacked.brackets:
            for stage in bracket.stages[:-1]:
                if self._is_shared(bracket.index, stage):
                    continue
                table = f"{stage_path(bracket.index, stage.index)}/{layout.PROMOTION}"
                yield Promotion(
                    name=f"promote_bracket_{bracket.index}_stage_{stage.index}",
                    outcomes=self._awaited(bracket.index, stage),
                    table=table,
                    log=f"{table}.log",
                    command=f"{PROGRAM} promote {bracket.index} {stage.index}",
                )

    def proposals(self) -> Iterator[Proposal]:
        """One rule for each bracket whose configurations are proposed while the search runs."""
        for bracket in self._learning:
            proposal = layout.proposal_path(bracket).as_posix()
            learner = self._learners[bracket]
            before = [
                layout.proposal_path(b).as_posix() for b in self._learning if b in (*learner.learns, *learner.beside)
            ]
            yield Proposal(
                name=f"propose_bracket_{bracket}",
                learns_from=before
                + [name for b, stage in learner.awaited(self.unpacked) for name in self._awaited(b, stage)],
                proposal=proposal,
                log=f"{proposal}.log",
                command=f'"$HYBAND_PYTHON" hyperband propose {bracket}',  # not isolated: it needs packages
            )

    def targets(self) -> list[str]:
        """All files of a complete search, except those of the best: outcomes (also of folds), tables, last results.

        Every output must be a target. If everything is killed just after an output was made, Snakemake may not have
        noted that it is complete. Then it makes only that output again and stops there, unless the rule `all` wants
        it too. A lost result in a last stage is written again from its record.
        """
        whole = [name for bracket, stage in self.stages() for name in self._awaited(bracket, stage)]
        in_folds = ((stage_path(bracket, stage.index), stage) for bracket, stage in self.stages() if stage.fold_names)
        folds = [f"{path}/config-{word}/{layout.OUTCOME}" for path, stage in in_folds for word in stage.run_names]
        tables = [promotion.table for promotion in self.promotions()]
        proposals = [proposal.proposal for proposal in self.proposals()]
        lasts = [name for name in self.last_outcomes() if name.endswith(layout.OUTCOME)]
        results = [str(Path(name).with_name(layout.RESULT)) for name in lasts]
        return whole + folds + tables + proposals + results

    def last_outcomes(self) -> list[str]:
        """Outcome files of the last stages, on which all others depend, or what stands for them."""
        return [name for bracket in self.unpacked.brackets for name in self._awaited(bracket.index, bracket.stages[-1])]

    def _awaited(self, bracket: int, stage: Stage) -> list[str]:
        """Files that are there once each configuration of a stage has its outcome."""
        ends = self.local.ends_of(bracket, stage) if self.local else None
        return _outcomes(bracket, stage) if ends is None else ends

    def stages(self) -> Iterator[tuple[int, Stage]]:
        """All stages that are not archived, with their bracket numbers."""
        return ((bracket.index, stage) for bracket in self.unpacked.brackets for stage in bracket.stages)

    @cached_property
    def unpacked(self) -> Plan:
        """The plan without the brackets that are archived."""
        return without_archived(self.plan, self.search)

    @cached_property
    def packs(self) -> tuple[tuple[int, Stage, Pack], ...]:
        """Which training runs share a rule. An empty pack stands for the whole stage, with one job for each run.

        Raises:
            OptionError: ``slurm.toml`` asks for packs, but it is unknown how long a training run takes.
        """
        return tuple((b, stage, pack) for b, stage in self.stages() for pack in self._packs_of(b, stage))

    def _packs_of(self, bracket: int, stage: Stage) -> list[Pack]:
        found = self.local.of_stage.get((bracket, stage.index)) if self.local else None
        return packs_of(self.plan, stage, self.slurm) or [()] if found is None else found

    def priority(self, bracket: int, stage: Stage) -> int:
        """Start first what has the most cost ahead: a long chain of stages that starts last delays the whole search."""
        return self._ranks[bracket, stage.index]

    @cached_property
    def _ranks(self) -> dict[tuple[int, int], int]:
        return ranks(self.plan, self._learners)

    @cached_property
    def _learners(self) -> Mapping[int, Learner]:
        return {} if self.sampling is None else self.sampling.learners

    @property
    def _learning(self) -> tuple[int, ...]:
        return tuple(bracket.index for bracket in self.unpacked.brackets if bracket.index in self._learners)

    @property
    def retries(self) -> int:
        """How often Snakemake starts train.sh again after it was killed; the last time only to record the failure."""
        return self.plan.settings.retries + 1

    def samplers_to_come(self) -> set[str]:
        """Samplers of the brackets whose configurations have not been proposed yet."""
        to_come = [bracket for bracket in self._learning if read_proposal(bracket, self.search) is None]
        return {self._learners[b].sampler for b in to_come if not is_lost(self.plan, b, self.search)}

    def lost_proposals(self) -> list[tuple[int, str]]:
        """Brackets whose proposal is lost although training has begun in them, each with its sampler."""
        return [(b, self._learners[b].sampler) for b in self._learning if is_lost(self.plan, b, self.search)]

    def has_all_configurations(self) -> bool:
        """Whether the first stage of every bracket has its configurations, so that nothing is left to propose."""
        firsts = (Slot(b.index, 0, c) for b in self.unpacked.brackets for c in range(b.stages[0].configurations))
        return all(
            (self.search / slot.path / layout.CONFIG).exists() or is_left_empty(slot, self.search) for slot in firsts
        )


_NO_SIGNS = str.maketrans("/-", "__")  # a rule's name must be a Python identifier


def _fold_pattern(stage: Stage) -> str:
    return "{config}/fold-{fold}" if stage.fold_names else "{config}"


def _outcomes(bracket: int, stage: Stage) -> list[str]:
    return [f"{Slot(bracket, stage.index, c)}/{layout.OUTCOME}" for c in range(stage.configurations)]
