"""Whether a job step has begun: by the mark of this attempt, or, without one, by what srun alone has said."""

from pathlib import Path

import pytest

from hyperband_snakemake.core.slurm.steps import (
    failing_nodes,
    mark_path,
    note_asked,
    refusal_within_a_step,
    words_if_never_begun,
)
from hyperband_snakemake.core.tree.record import Attempt
from hyperband_snakemake.slurm import prepare

from ...helpers import make_command

TEMPLATES = Path(prepare.__file__).parent / "templates"

AWAY = "srun: error: Unable to confirm allocation for job 485: Unable to contact slurm controller (connect failure)"
STARTED = "srun --exact --nodes=1 bash -- S/hyperband/guard.sh"


def slot(search: Path, *lines: str) -> Path:
    directory = search / "bracket-0/stage-0/config-3"
    directory.mkdir(parents=True)
    (directory / "attempt-2.log").write_text("".join(f"{line}\n" for line in lines))
    return directory


def test_a_step_that_was_asked_for_and_did_not_begin(tmp_path: Path) -> None:
    directory = slot(tmp_path, STARTED, AWAY)
    note_asked(directory, "2")
    assert words_if_never_begun(directory, 2) == AWAY.removeprefix("srun: error: ")
    assert mark_path(directory) == tmp_path / "bracket-0/stage-0/steps/config-3"


def test_munge_is_away(tmp_path: Path) -> None:
    """As Slurm 22.05 says it: the first line alone would be taken for something that does not pass."""
    said = (
        "If munged is up, restart with --num-threads=10",
        'Munge encode failed: Failed to access "/run/munge/munge.socket.2": No such file or directory (Did you start munged?)',
        "slurm_send_node_msg: auth_g_create: REQUEST_RESOURCE_ALLOCATION has authentication error",
        "Unable to allocate resources: Protocol authentication error",
    )
    directory = slot(tmp_path, STARTED, *(f"srun: error: {line}" for line in said))
    note_asked(directory, "2")
    assert words_if_never_begun(directory, 2) == said[-1]


def test_srun_may_say_nothing(tmp_path: Path) -> None:
    directory = slot(tmp_path, STARTED)
    note_asked(directory, "2")
    assert "said nothing" in words_if_never_begun(directory, 2)


def test_a_step_that_has_begun(tmp_path: Path) -> None:
    """Whatever is in its log: the program may have called srun itself."""
    directory = slot(tmp_path, STARTED, AWAY)
    with note_asked(directory, "2").open("a") as file:
        file.write("begun 2\n")
    assert not words_if_never_begun(directory, 2)


def test_the_mark_of_an_earlier_attempt_says_nothing_of_this_one(tmp_path: Path) -> None:
    directory = slot(tmp_path, "no srun here", AWAY)
    note_asked(directory, "1")
    assert not words_if_never_begun(directory, 2)


@pytest.mark.parametrize("line", [AWAY, "srun: error: Slurm job 2542 has expired.", "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"])
def test_a_run_sh_that_calls_srun_itself(tmp_path: Path, line: str) -> None:
    assert words_if_never_begun(slot(tmp_path, line), 2) in line


@pytest.mark.parametrize("lines", [("loading data", AWAY), ("srun: error: node1: task 0: Exited with exit code 1",), ()])
def test_otherwise_it_has_begun(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert not words_if_never_begun(slot(tmp_path, *lines), 2)


def test_the_first_error_is_the_cause(tmp_path: Path) -> None:
    lines = ["srun: error: Task launch for 36.0 failed on node cn131: Job credential expired",
             "srun: error: Application launch failed: Job credential expired",
             "srun: Job step aborted: Waiting up to 32 seconds for job step to finish.",
             "srun: error: Timed out waiting for job step to complete"]  # fmt: skip
    directory = slot(tmp_path, STARTED, *lines)
    note_asked(directory, "2")
    assert words_if_never_begun(directory, 2) == "Task launch for 36.0 failed on node cn131: Job credential expired"


def test_nodes_are_left_out_until_it_begins() -> None:
    failed = [Attempt(1, slurm="NOT_BEGUN", reason=f"Task launch for 7.0 failed on node {node}: why") for node in ("n2", "n1")]
    begun = Attempt(1, exit=3, reason="run.sh exited with status 3")
    assert failing_nodes([*failed, Attempt(1, slurm="NOT_BEGUN", reason="Socket timed out")]) == ["n1", "n2"]
    assert failing_nodes([*failed, begun]) == []


@pytest.mark.parametrize(("mode", "job", "launch", "is_due"), [
    ("steps", "7", True, True), ("steps", "", True, False), ("steps", "7", False, False), ("jobs", "7", True, False),
])  # fmt: skip
def test_where_there_is_no_mark_no_step_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, job: str, launch: bool, is_due: bool
) -> None:  # fmt: skip
    """The disk was full. But run.sh may be the user's own, or have run without an allocation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HYBAND_STEP", raising=False)
    monkeypatch.setenv("SLURM_JOB_ID", job) if job else monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    (tmp_path / "slurm.toml").write_text(f'mode = "{mode}"\n')
    (tmp_path / "run.sh").write_text((TEMPLATES / "launch.sh").read_text() if launch else "train\n")
    directory = slot(tmp_path)
    with note_asked(directory, "1").open("a") as file:
        file.write("begun 1\n")
    assert bool(words_if_never_begun(directory, 2)) == is_due
    assert words_if_never_begun(directory, 1) == ""


@pytest.mark.parametrize(("job", "step", "srun"), [
    ("7", "0", "echo srun: error: Unable to create step for job 7: Requested nodes are busy >&2; exit 1"),
    ("7", "0", "[[ $SLURM_JOB_ID == 7 && ! ${SLURM_STEP_ID-} ]]"),
    ("7", "0", "echo srun: error: Unable to contact slurm controller >&2; exit 1"),
    ("7", "", "echo Requested nodes are busy >&2; exit 1"),
    ("", "0", "echo Requested nodes are busy >&2; exit 1"),
])  # fmt: skip
def test_a_step_that_holds_all_processors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: str, step: str, srun: str) -> None:
    """`srun --pty bash`: the run is refused if srun has no place for another step, and only then."""
    make_command(tmp_path / "srun", srun)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    for name, value in {"SLURM_JOB_ID": job, "SLURM_STEP_ID": step}.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    said = refusal_within_a_step(Path("my search"))
    assert bool(said) == ("busy" in srun and bool(job and step))
    assert not said or said.endswith("salloc instead of srun, and in that allocation: bash 'my search/submit.sh'")
