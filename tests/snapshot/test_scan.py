"""What is read of a search whose files are not all there."""

import json
from pathlib import Path

import pytest

from hyperband_snakemake.core.plan import Settings, make_plan
from hyperband_snakemake.core.tree.outcome import INTERRUPTED, Status
from hyperband_snakemake.core.tree.planfile import plan_to_json
from hyperband_snakemake.snapshot.scan import scan


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ([{"exit": 3}], Status.PENDING),
        ([{"exit": 3}, {"exit": 1}], Status.FAILED),
        ([{"exit": 3}, {"exit": None, "slurm": "PREEMPTED"}], Status.PENDING),
        ([{"exit": 3}, {"exit": None}], Status.PENDING),
    ],
)
def test_a_run_whose_outcome_was_removed(tmp_path: Path, ends: list[dict[str, object]], status: Status) -> None:
    """Snakemake removes it where a job of several training runs was lost. The record tells whether an attempt is left."""
    (tmp_path / "plan.json").write_text(plan_to_json(make_plan(Settings(1, 2))))
    (tmp_path / "bracket-0/stage-0/config-0").mkdir(parents=True)
    record = tmp_path / "bracket-0/stage-0/attempts/config-0"
    record.parent.mkdir()
    lines = ({"attempt": n, "run": "vm-1-1", "end": "x", "reason": f"the {n}th"} | end for n, end in enumerate(ends, 1))
    record.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    outcome = next(outcome for _, _, outcome, _ in scan(tmp_path).slots())
    assert outcome.status is status
    assert outcome == INTERRUPTED or "2th" in outcome.reason
