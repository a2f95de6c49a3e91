"""Several GPUs in one machine: no two training runs are on one, whatever is killed; a stand-in lists the GPUs."""

import os
import signal
import subprocess

import pytest

from hyperband_snakemake.core.disk.processes import words

from ..conftest import Shell
from ..helpers import kill_all, make_command, wait_for, works_in

# notes a training run that finds its GPU in use; the first two go on once both are there
RES = """
    gpu=$CUDA_VISIBLE_DEVICES
    mkdir "busy-$gpu" || echo clash >> ledger
    echo "$HYBAND_SLOT $gpu $HIP_VISIBLE_DEVICES $ZE_AFFINITY_MASK" >> ledger
    [ "$HYBAND_STAGE" != 0 ] || until [ $(wc -l < ledger) -ge 2 ]; do sleep 0.02; done
    rmdir "busy-$gpu"
    echo 0.5 > "$1/result"
"""
WAITS = 'echo "start $CUDA_VISIBLE_DEVICES" >> ledger; until [ -e go ]; do sleep 0.02; done; echo end >> ledger; echo 0.5 > "$1/result"'

AT_ONCE = 'echo "start $CUDA_VISIBLE_DEVICES" >> ledger; echo end >> ledger; echo 0.5 > "$1/result"'


def test_each_training_run_has_its_own_gpu(shell: Shell) -> None:
    """As many at a time as there are, by snakemake alone, and those that the user has made visible."""
    (shell.cwd / "bin").mkdir()
    make_command(shell.cwd / "bin/nvidia-smi", 'for n in 0 1 2 3; do echo "GPU $n: Some GPU (UUID: GPU-$n)"; done')
    shell.generate(1, 3, "--bracket", "0", "--gpus", "auto")
    out = shell.snakemake("S", "--cores", "3", res=RES, env={"PATH": f"{shell.cwd}/bin:{shell.env['PATH']}", "CUDA_VISIBLE_DEVICES": "3,GPU-1"})
    assert "GPUs: 3 1; 2 training runs at a time." in out
    assert "place=1" in out  # so Snakemake starts none too early
    lines = (shell.cwd / "ledger").read_text().splitlines()
    assert sorted(lines[:2]) == ["0 3 3 3", "1 1 1 1"]
    assert len(lines) == 4
    assert set(lines) == set(lines[:2])


def started(shell: Shell) -> list[str]:
    path = shell.cwd / "ledger"
    return path.read_text().splitlines() if path.exists() else []


def test_a_gpu_is_free_when_and_only_when_what_held_it_has_ended(shell: Shell) -> None:
    """kill -9 of all but run.sh, while another search of this user waits for the same GPU; then of everything."""
    shell.generate(0, 2, "--gpus", "1")
    shell.generate(0, 2, "--gpus", "1", output="S2")
    first = shell.start("snakemake", "--snakefile", "S/Snakefile", env={"RES": WAITS})
    wait_for(lambda: started(shell))
    first.kill()
    first.wait()
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if works_in(pid, shell.cwd / "S") and b"hyperband/train.sh" in words(pid, "cmdline"):
            os.kill(pid, signal.SIGKILL)
    second = ["snakemake", "--snakefile", "S2/Snakefile"]
    with shell.start(*second, env={"RES": AT_ONCE}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            if "waiting for a free GPU. They are in use by process" in line:
                assert started(shell) == ["start 0"]
                (shell.cwd / "go").touch()
    (shell.cwd / "go").touch()
    assert started(shell) == ["start 0", "end", "start 0", "end"]
    (shell.cwd / "go").unlink()
    shell.generate(0, 2, "--gpus", "1", output="S3")
    third = shell.start("snakemake", "--snakefile", "S3/Snakefile", env={"RES": WAITS})
    wait_for(lambda: len(started(shell)) == 5)
    kill_all(third)
    (shell.cwd / "go").touch()
    shell.snakemake("S3", res=WAITS)
    assert started(shell)[5:] == ["start 0", "end"]


def test_a_second_attempt_stays_on_its_gpu(shell: Shell) -> None:
    """Those that train.py starts have the same variables, and give the place back."""
    shell.generate(0, 2, "--gpus", "1", "--retries", "1")
    shell.snakemake(res='echo "$HYBAND_ATTEMPT $HYBAND_SLOT $CUDA_VISIBLE_DEVICES" >> ledger; [ $HYBAND_ATTEMPT = 2 ] && echo 0.5 > "$1/result"')
    assert started(shell) == ["1 0 0", "2 0 0"]
    place = next((shell.cwd.parent / ".state").rglob("gpu-0"))
    assert place.read_text() == ""


def test_a_number_without_gpus(shell: Shell) -> None:
    """For whoever asks: no two that run at a time have the same one."""
    template = shell.cwd / "T"
    template.mkdir()
    (template / "config").write_text('x: {{ uniform("x", 0, 1) }}\n')
    (template / "run.sh").write_text('mkdir "busy-$HYBAND_SLOT" && echo "$HYBAND_SLOT${CUDA_VISIBLE_DEVICES+!}" >> ledger\n'
                                     'until [ $(wc -l < ledger) -ge 2 ]; do sleep 0.02; done\n'
                                     'rmdir "busy-$HYBAND_SLOT"; echo 0.5 > "$1/result"\n')  # fmt: skip
    search = shell.generate(1, 2, "--bracket", "0", template=template)
    shell.snakemake("S", "--cores", "2")
    assert sorted(started(shell)[:2]) == ["0", "1"]
    assert sorted(path.name for path in (search / "run.places").iterdir()) == ["slot-0", "slot-1"]


@pytest.mark.parametrize("where", ["config", "command line"])
def test_snakemakes_own_configuration(shell: Shell, where: str) -> None:
    """The profile of a search may hold it."""
    search = shell.generate(0, 2)
    if where == "config":
        profile = search / "profiles/default/config.yaml"
        profile.write_text(f"{profile.read_text()}config:\n  - gpus=2\n  - gpus-per-run=2\n")
    more = ["--config", "gpus=2", "gpus-per-run=2"] if where == "command line" else []
    assert "GPUs: 0,1; 1 training run at a time." in shell.snakemake("S", *more, res='echo "$CUDA_VISIBLE_DEVICES" >> ledger; echo 0.5 > "$1/result"')
    assert started(shell) == ["0,1"]


def test_no_gpu_can_be_given(shell: Shell) -> None:
    """Said before anything starts; what reads the search all the same is not kept from it."""
    shell.generate(0, 2, "--gpus", "auto")
    out = shell.snakemake(check=False, env={"CUDA_VISIBLE_DEVICES": ""})
    assert "Error: gpus: 'auto' is wanted, but CUDA_VISIBLE_DEVICES ('') leaves 0 GPUs\n  Nothing was started." in out
    assert shell.planned()["train"] == 1
    out = shell.snakemake(check=False, env={"CUDA_VISIBLE_DEVICES": "0", "HYBAND_GPU_LOCKS": "/proc/nowhere"})
    assert "Error: /proc/nowhere:" in out
    assert "HYBAND_GPU_LOCKS" in out
