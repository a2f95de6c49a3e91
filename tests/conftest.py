"""Helpers: generate a search and run Snakemake on it as a user would, in a directory of its own."""

import compileall
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from .forge import can_fork, forge

# A machine with much else to do is slow, not wrong; and what lands must not depend on luck, so others look for examples.
settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("ours")

# What a script starts in the background has SIGINT ignored, and so has all that it starts; Ctrl-C is tested here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[1]
USERCASES = Path(__file__).parent / "usercases"
FIXTURE = USERCASES / "00-fixture"
STAND_INS = USERCASES / "_stand-ins" / "bin"

CORE = ROOT / "src/hyperband_snakemake/core"

PACKED = os.environ.get("HYBAND_TEST_PACKS", "")  # for any value, tests of whole searches see them in packs; "auto": in shares


def pack_all(search: Path, most: int | str = 3) -> None:
    """Let each training run of a search on this machine be in a pack, however small the search is."""
    (search / "packs.toml").write_text(f"format = 1\npack = {json.dumps(most)}\n")
    if most == "auto":
        return
    for name, line, other in (("plan/packs.py", "evenly = left // (PER_CORE * max(1, cores))", "evenly = left"),
                              ("run/packs/local.py", "if size > 1 or (len(words) <= FEW and len(words) < stage.trainings):", "if True:")):
        text = (search / "hyperband" / name).read_text()
        assert line in text
        (search / "hyperband" / name).write_text(text.replace(line, other))


@functools.cache
def bytecode() -> list[Path]:
    """What Python makes of the programs of a search."""
    compileall.compile_dir(CORE, quiet=1)
    return list(CORE.rglob(f"*.{sys.implementation.cache_tag}.pyc"))


def lend_bytecode(search: Path) -> None:
    """Give it to a new search, which would otherwise take 0.1 s to make the same when it is first run."""
    for path in bytecode():
        target = search / "hyperband" / path.relative_to(CORE)
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(path, target)


def pytest_xdist_auto_num_workers() -> int:
    """Many tests wait for a process or a file half of their time: with one more worker for each two cores, none is idle."""
    cores = len(os.sched_getaffinity(0))
    return cores + cores // 2


@pytest.hookimpl(trylast=True)  # once it is known which are left out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with what takes long, so that in the end no core is idle while another one has such a test.

    xdist gives each worker as long a part of the list, and a worker that has done its own takes from the ends of others.
    """
    if any(item.get_closest_marker("slurm") for item in items):  # each worker gets one at a time
        return
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    kinds: tuple[list[pytest.Item], ...] = ([], [], [])
    for item in items:
        is_slow, starts_programs = item.get_closest_marker("slow") is not None, "shell" in getattr(item, "fixturenames", ())
        kinds[0 if is_slow else 1 if starts_programs else 2].append(item)
    items[:] = [one for w in range(workers) for kind in kinds for one in kind[len(kind) * w // workers : len(kind) * (w + 1) // workers]]


@dataclass
class Shell:
    """A user's shell in one directory."""

    cwd: Path
    env: dict[str, str]

    def run(self, *words: str | Path, check: bool = True, env: Mapping[str, str] | None = None, **options: Any) -> str:
        """Run a command; what it printed, both streams together."""
        done = self.try_run(*words, env=env, **options)
        if check and done.returncode:
            raise AssertionError(f"{words} ended with status {done.returncode}:\n{done.stdout}")
        return done.stdout

    def try_run(self, *words: Any, env: Mapping[str, str] | None = None, real: bool = False, **options: Any) -> Any:
        """Run a command; the finished process, with both streams in stdout.

        `hyband` and `snakemake` are forked from a process that has imported them, unless there are ``options`` of
        subprocess, or ``real`` asks for a start from nothing.
        """
        words, env = [str(word) for word in words], self.env | dict(env or {})
        if not real and options.keys() <= {"cwd", "timeout"} and can_fork(words, options.get("cwd", self.cwd), env):
            with forge().start(words, options.get("cwd", self.cwd), env) as process:
                out = process.output(options.get("timeout", 300))
            return subprocess.CompletedProcess(words, process.wait(), out)
        settings = {"cwd": self.cwd, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True,
                    "timeout": 300, "check": False} | options
        return subprocess.run(words, env=env, **settings)

    def start(self, *words: str | Path, env: Mapping[str, str] | None = None, stdout: Any = subprocess.DEVNULL,
              stderr: Any = subprocess.DEVNULL) -> Any:
        """Start a command as the leader of a session; a process as subprocess.Popen makes it, or much like it."""
        words, env = [str(word) for word in words], self.env | dict(env or {})
        if can_fork(words, self.cwd, env):
            return forge().start(words, self.cwd, env, stdout=stdout, stderr=stderr)
        return subprocess.Popen(words, cwd=self.cwd, env=env, stdout=stdout, stderr=stderr, text=True, start_new_session=True)

    def generate(self, smax: int = 2, eta: int = 2, *options: str | Path, output: str = "S", seed: int = 1,
                 template: Path = FIXTURE) -> Path:
        """Generate a search from the fixture's template, or from another one."""
        self.run("hyband", "generate", str(smax), str(eta), "--template-dir", template, "--output-dir", output,
                 "--random-seed", str(seed), *options)
        lend_bytecode(self.cwd / output)
        if PACKED and "--slurm" not in options:
            pack_all(self.cwd / output, "auto" if PACKED == "auto" else 3)
        return self.cwd / output

    def snakemake(self, search: str | Path = "S", *options: str, res: str | None = None, check: bool = True,
                  env: Mapping[str, str] | None = None) -> str:
        """Run the plain command; ``res`` is the fixture's behaviour."""
        more = dict(env or {}) | ({"RES": res} if res is not None else {})
        return self.run("snakemake", "--snakefile", f"{search}/Snakefile", *options, check=check, env=more)

    def planned(self, search: str | Path = "S") -> dict[str, int]:
        """What a dry run would do: how many jobs of each kind (train, promote, best), without rule all."""
        lines = {tuple(line.split()) for line in self.snakemake(search, "-n").splitlines()}  # printed twice
        counts: dict[str, int] = {}
        for line in lines:
            kind = line[0].split("_")[0] if len(line) == 2 and line[1].isdigit() else ""
            if kind in ("train", "promote", "best"):
                counts[kind] = counts.get(kind, 0) + int(line[1])
        return counts

    def status(self, search: str | Path = "S") -> dict[str, Any]:
        """`hyband status --json` as data."""
        data: dict[str, Any] = json.loads(self.run("hyband", "status", search, "--json"))
        return data

    def slots(self, search: str | Path = "S") -> dict[tuple[int, int, int], dict[str, Any]]:
        """The slots of the status by their numbers."""
        return {(s["bracket"], s["stage"], s["config"]): s for s in self.status(search)["slots"]}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell in a new directory, with the commands of this environment first in PATH."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("HYBAND_", "SNAKEMAKE_", "SLURM_"))}
    env |= {"PATH": f"{BIN}:{os.environ['PATH']}", "HYBAND_RESULT_WAIT": "0.2", "HYBAND_RETRY_PAUSE": "0.1"}
    env |= {"XDG_CACHE_HOME": str(tmp_path / ".cache"), "XDG_STATE_HOME": str(tmp_path / ".state")}
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK"):
        env.pop(name, None)
    work = tmp_path / "work"
    work.mkdir()
    return Shell(work, env)


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write files from a table of path -> text."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def read_tree(root: Path) -> dict[str, bytes]:
    """All files below a directory, without Snakemake's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not {".snakemake", "__pycache__"} & set(path.parts)
    }


def copy_case(name: str, target: Path) -> Path:
    """Copy a user's template directory whose name begins so."""
    source = next(USERCASES.glob(f"{name}-*"))
    return Path(shutil.copytree(source, target, symlinks=True))
