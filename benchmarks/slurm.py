"""What each way of running on Slurm costs, and what it leaves when it is killed. Needs a Slurm that nobody else uses.

    tests/on_slurm/slurm-up && python benchmarks/slurm.py [--kills | --many]

The first table: 32 trainings of one second each, 20 at a time, for each way: seconds of wall-clock, processor seconds
of the whole machine, calls of the scheduler's commands. The second: the same search with 12 seconds each, killed in
each way in the middle and started again: jobs that are left in the queue, and trainings that were started twice.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

FIXTURE = Path(__file__).parent.parent / "tests" / "usercases" / "00-fixture"
COMMANDS = ("sbatch", "srun", "squeue", "sacct", "scontrol", "scancel", "sinfo")
TRAINING = 'echo "$1" >> ledger; sleep {}; echo 0.$x > "$1/result"'
SEARCH = ["5", "2", "--bracket", "0", "--last-stage", "0", "--random-seed", "1", "--template-dir", str(FIXTURE)]
WAYS = {
    "local, no Slurm": [],
    "steps": ["--slurm", "steps", "--workers", "20"],
    "jobs": ["--slurm", "jobs"],
    "jobs, arrays of 16": ["--slurm", "jobs", "--array", "16"],
    "executor": ["--slurm", "executor"],
}
KILLS = {
    "Ctrl-C": (os.killpg, signal.SIGINT),
    "SIGTERM": (os.kill, signal.SIGTERM),
    "kill -9 of snakemake": (os.kill, signal.SIGKILL),
    "kill -9 of all": (os.killpg, signal.SIGKILL),
}


def busy() -> float:
    """Seconds that all processors of this machine have been busy."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


def counting_tools(work: Path) -> str:
    """Stand-ins that note each call; the value of PATH that finds them first."""
    tools = work / "tools"
    tools.mkdir()
    for name in COMMANDS:
        real = subprocess.run(["bash", "-c", f"command -v {name}"], capture_output=True, text=True, check=True).stdout
        (tools / name).write_text(f'#!/bin/bash\necho {name} >> {work}/calls\nexec {real.strip()} "$@"\n')
        (tools / name).chmod(0o755)
    return f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"


def start(work: Path, env: dict[str, str], *, steps: bool) -> "subprocess.Popen[bytes]":
    command = ["sbatch", "--wait", "S/submit.sh"] if steps else ["snakemake", "--snakefile", "S/Snakefile", "-j", "20"]
    with (work / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=work, env=env, stdout=log, stderr=log, start_new_session=True)


def new_search(work: Path, options: list[str], seconds: float) -> dict[str, str]:
    env = os.environ | {"PATH": counting_tools(work), "RES": TRAINING.format(seconds)}
    subprocess.run(["hyband", "generate", *SEARCH, *options, "--output-dir", "S"], cwd=work, env=env, check=True,
                   stdout=subprocess.DEVNULL)
    return env


def cost(name: str, options: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        env = new_search(work, options, 1)
        before, begin = busy(), time.monotonic()
        status = start(work, env, steps="steps" in options).wait()
        wall, used = time.monotonic() - begin, busy() - before
        calls = Counter((work / "calls").read_text().split()) if (work / "calls").exists() else Counter()
        assert status == 0, (work / "log").read_text()
        shown = ", ".join(f"{number} {command}" for command, number in sorted(calls.items())) or "none"
        print(f"| {name} | {wall:.1f} | {used:.1f} | {used / 32:.2f} | {shown} |", flush=True)


def jobs_left() -> int:
    return len(subprocess.run(["squeue", "-h", "-r"], capture_output=True, text=True, check=True).stdout.splitlines())


def kill(name: str, options: list[str], how: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        env = new_search(work, options, 12)
        steps = "steps" in options
        process = start(work, env, steps=steps)
        while not (work / "ledger").exists():
            time.sleep(0.1)
        time.sleep(3)
        function, number = KILLS[how]
        begin = time.monotonic()
        if steps:
            ours = subprocess.run(["pgrep", "-f", "snakemake --snakefile"], capture_output=True, text=True, check=True)
            for pid in ours.stdout.split():
                function(int(pid), number)
        else:
            function(process.pid, number)
        process.wait()
        left, ended = jobs_left(), time.monotonic() - begin
        status = start(work, env, steps=steps).wait()
        started = Counter((work / "ledger").read_text().split())
        twice = sum(count > 1 for count in started.values())
        while jobs_left():
            time.sleep(0.2)
        print(f"| {name} | {how} | {ended:.0f} | {left} | {twice} | {status} |", flush=True)


def many() -> None:
    """A thousand jobs in the queue for three minutes: what they cost on the login node, and then they are cancelled."""
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        env = os.environ | {"PATH": counting_tools(work), "RES": TRAINING.format(1000)}
        template = ["--template-dir", str(FIXTURE), "--random-seed", "1", "--output-dir", "S", "--slurm", "jobs"]
        search = ["10", "2", "--bracket", "0", "--last-stage", "0"]
        generate = ["hyband", "generate", *search, *template]
        subprocess.run(generate, cwd=work, env=env, check=True, stdout=subprocess.DEVNULL)
        command = ["snakemake", "--snakefile", "S/Snakefile", "-j", "1000"]
        with (work / "log").open("ab") as log:
            process = subprocess.Popen(command, cwd=work, env=env, stdout=log, stderr=log, start_new_session=True)
        begin = time.monotonic()
        while jobs_left() < 1000:
            time.sleep(1)
        print(f"1000 jobs submitted after {time.monotonic() - begin:.0f} s", flush=True)
        (work / "calls").write_text("")
        waiters = subprocess.run(["pgrep", "-f", "hyperband/wait.sh"], capture_output=True, text=True, check=True)
        pids = [process.pid, *map(int, waiters.stdout.split())]
        before, begin = sum(map(processor, pids)), time.monotonic()
        time.sleep(180)
        calls = Counter((work / "calls").read_text().split())
        used = (sum(map(processor, pids)) - before) / (time.monotonic() - begin)
        memory = [pss(pid) for pid in pids[1:]]
        rates = ", ".join(f"{number / 3:.1f} {name}" for name, number in calls.items())
        print(f"calls a minute: {rates}; cores busy with them, snakemake included: {used:.2f}")
        print(f"{len(memory)} waiting processes, {sum(memory) / len(memory):.2f} MB each, {sum(memory):.0f} MB in all")
        os.killpg(process.pid, signal.SIGINT)
        process.wait()
        subprocess.run(["hyband", "cancel", "S"], cwd=work, env=env, check=True, stdout=subprocess.DEVNULL)


def processor(pid: int) -> float:
    """Processor seconds of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def pss(pid: int) -> float:
    """Memory of a process in MB, shared pages counted in parts."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(text.split("Pss:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", action="store_true", help="the second table")
    parser.add_argument("--ways", nargs="*", default=list(WAYS), help="only these")
    parser.add_argument("--many", action="store_true", help="a thousand jobs in the queue, for three minutes")
    arguments = parser.parse_args()
    if arguments.many:
        many()
        return
    if arguments.kills:
        print("| way | killed by | s until it ended | jobs left | trainings started twice | status of the restart |")
        print("|---|---|--:|--:|--:|--:|")
        for name in arguments.ways:
            for how in KILLS:
                kill(name, WAYS[name], how)
        return
    print("| way | wall, s | processor, s | per training, s | calls |\n|---|--:|--:|--:|---|")
    for name in arguments.ways:
        cost(name, WAYS[name])


if __name__ == "__main__":
    main()
