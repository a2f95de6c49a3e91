"""What sbatch says when it takes no job: whether to try again, or to ask the user."""

import os
from pathlib import Path

import pytest

from hyperband_snakemake.core.slurm.request import Request
from hyperband_snakemake.core.slurm.sbatch import Refused, TryAgain, sbatch

from ...helpers import make_command

FAILED = "sbatch: error: Batch job submission failed: "


def submit(here: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    make_command(here / "sbatch", text)
    monkeypatch.setenv("PATH", f"{here}:{os.environ['PATH']}")
    return sbatch(Request(), [], [])


@pytest.mark.parametrize("words", [
    "Unable to contact slurm controller (connect failure)", "Socket timed out on send/recv operation",
    "Unexpected message received", "Message receive failure", "Protocol authentication error",
    "Invalid authentication credential", "I/O error writing script/environment to file",
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
])  # fmt: skip
def test_what_passes_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    with pytest.raises(TryAgain, match="^" + words.partition("(")[0].strip()):
        submit(tmp_path, monkeypatch, f'echo "{FAILED}{words}" >&2; exit 1')


@pytest.mark.parametrize("words", ["Invalid account or account/partition combination specified", "Access/permission denied"])
def test_what_does_not_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    with pytest.raises(Refused, match=f"^{words}\n"):
        submit(tmp_path, monkeypatch, f'echo "{FAILED}{words}" >&2; exit 1')


@pytest.mark.parametrize(("limit", "error"), [
    ("QOSMaxWallDurationPerJobLimit", Refused), ("QOSMaxCpuPerUserLimit", Refused), ("AssocMaxNodePerJobLimit", Refused),
    ("QOSMaxSubmitJobPerUserLimit", TryAgain), ("AssocMaxSubmitJobLimit", TryAgain),
])  # fmt: skip
def test_a_job_that_is_too_large_is_not_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, error: type[Exception]
) -> None:
    """As Slurm 22.05 says both, the former where a QOS has the flag DenyOnLimit."""
    policy = "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"
    with pytest.raises(error, match=f"^{limit}; Job violates"):
        submit(tmp_path, monkeypatch, f'echo "sbatch: error: {limit}" >&2; echo "{FAILED}{policy}" >&2; exit 1')


def test_where_there_is_no_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="sbatch cannot be started: No such file or directory"):
        sbatch(Request(), [], [])
