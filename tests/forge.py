"""`hyband` and `snakemake` without the time of their imports: a process that has imported both forks one for each command.

What it forks is a process like any other: it has an environment, a directory, streams and a session of its own, it can
be killed, and it ends as Python ends. Only its hash seed is that of all its siblings.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Self

BIN = Path(sys.executable).parent
COMMANDS = {"hyband": "hyperband_snakemake.cli", "snakemake": "snakemake.cli"}
SOON_IMPORTED = (  # by the commands themselves, once they run
    "docutils.core", "docutils.parsers.rst.directives.images", "dpath", "graphlib", "optuna", "platformdirs.unix", "pygments.formatters.html",
    "pygments.lexers", "requests", "scipy.stats.qmc", "smart_open", "snakemake.assets", "snakemake.profiles", "snakemake.report.html_reporter",
    "snakemake.storage", "yte", "idna",
)


class Forked:
    """A command that was started; of subprocess.Popen what is needed here."""

    def __init__(self, words: Sequence[str], told: int, stdout: int | None) -> None:
        self.args = words
        self._told = os.fdopen(told, "rb", buffering=0)
        self.pid = int(self._read() or "0")
        if not self.pid:
            raise RuntimeError("the process that forks has ended")
        self.returncode: int | None = None
        self.stdout = os.fdopen(stdout, "r", encoding="utf-8", errors="replace") if stdout is not None else None

    def _read(self) -> str:
        return self._told.read(20).decode()

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, or minus the signal that ended it."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._read() or "-9")
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def output(self, timeout: float) -> str:
        """All that it and its children print, once none of them has the stream open any more."""
        assert self.stdout is not None
        deadline, parts, stream = time.monotonic() + timeout, [], self.stdout.fileno()
        while select.select([stream], [], [], max(0, deadline - time.monotonic()))[0]:
            parts.append(os.read(stream, 1 << 16))
            if not parts[-1]:
                return io.TextIOWrapper(io.BytesIO(b"".join(parts)), encoding="utf-8").read()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired(self.args, timeout, b"".join(parts))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.stdout is not None:
            self.stdout.close()
        self.wait()


class Forge:
    """The process that forks, as the tests see it."""

    def __init__(self) -> None:
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.server = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def start(self, words: Sequence[str], cwd: Path, env: Mapping[str, str], *, stdout: Any = subprocess.PIPE,
              stderr: Any = subprocess.STDOUT) -> Forked:
        told, tell = os.pipe()
        null = os.open(os.devnull, os.O_RDWR)
        reading, writing = os.pipe() if stdout == subprocess.PIPE else (None, os.dup(number(stdout, null)))
        errors = writing if stderr == subprocess.STDOUT else number(stderr, null)
        request = json.dumps({"words": list(words), "cwd": os.fspath(cwd), "env": dict(env)}).encode()
        try:
            socket.send_fds(self.channel, [request], [null, writing, errors, tell])
        finally:
            for fd in (null, writing, tell):
                os.close(fd)
        return Forked(words, told, reading)

    def close(self) -> None:
        self.channel.close()
        self.server.wait(30)


@functools.cache
def forge() -> Forge:
    """The one of this process."""
    made = Forge()
    atexit.register(made.close)
    return made


def number(stream: Any, null: int) -> int:
    """The descriptor of a stream in the words of subprocess."""
    if stream == subprocess.DEVNULL:
        return null
    return stream if isinstance(stream, int) else int(stream.fileno())


def can_fork(words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> bool:
    """Whether a fork is what a new process would be: the commands of this environment, and nothing that only a start reads."""
    if words[0] not in COMMANDS:
        return False
    places = (Path(cwd, place or ".") / words[0] for place in env.get("PATH", "").split(os.pathsep))
    return next((place for place in places if os.access(place, os.X_OK)), None) == BIN / words[0] and at_start(env) == at_start(os.environ)


def at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in env.items() if key.startswith(("PYTHON", "LC_", "LD_", "LANG", "TZ", "OMP_", "MPL"))}


def serve(channel: socket.socket) -> list[str]:
    """Fork for each request and report how each child ends; returns in the child, with what it shall run."""
    children: dict[int, int] = {}
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready = select.select([channel, woken], [], [])[0]
        if woken in ready:
            os.read(woken, 1 << 12)
            report(children)
        if channel not in ready:
            continue
        message, fds, _, _ = socket.recv_fds(channel, 1 << 20, 4)
        if not message:
            os._exit(0)
        pid = os.fork()
        if not pid:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for place, fd in enumerate(fds[:3]):
                os.dup2(fd, place)
            for fd in (channel.detach(), woken, wake, *children.values(), *fds):
                os.close(fd)
            return become(json.loads(message))
        children[pid] = fds[3]
        for fd in fds[:3]:
            os.close(fd)
        tell(fds[3], pid)


def report(children: dict[int, int]) -> None:
    for pid, fd in list(children.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            tell(fd, os.waitstatus_to_exitcode(status))
            os.close(children.pop(pid))


def tell(fd: int, value: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # a test may forget what it started
        os.write(fd, f"{value}\n".ljust(20).encode())


def become(request: dict[str, Any]) -> list[str]:
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    return list(request["words"])


def main() -> None:
    channel = socket.socket(fileno=int(sys.argv[1]))
    channel.set_inheritable(False)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for name in (*COMMANDS.values(), *SOON_IMPORTED):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    sys.modules["snakemake.cli"].get_argument_parser()  # looks for plugins, once for all
    gc.collect()
    gc.freeze()
    name, *arguments = serve(channel)
    sys.argv = [str(BIN / name), *arguments]
    sys.path[0] = str(BIN)
    end(sys.modules[COMMANDS[name]].main)


def end(program: Callable[[], object]) -> NoReturn:
    """Run it and end as Python does, without taking down what all its siblings have, too."""
    try:
        status = program()
    except SystemExit as error:
        status = error.code
    except BaseException:  # noqa: BLE001
        sys.excepthook(*sys.exc_info())
        status = 1
    if status is not None and not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed and (error := unflushed(stream)):
            with contextlib.suppress(OSError):
                print(f"Exception ignored in: {stream!r}\n{error!r}", file=sys.stderr, flush=True)
            status = 120
    os._exit(int(status or 0) & 0xFF)


def unflushed(stream: Any) -> OSError | None:
    """Write what a stream still holds; the error that Python would end with."""
    try:
        stream.flush()
    except OSError as error:
        return error
    return None


if __name__ == "__main__":
    main()
