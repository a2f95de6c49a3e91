"""Training programs without the time of their imports: a process that has imported a library forks one for each of them.

scikit-learn takes two seconds to import, far longer than the examples take to train with it. What is forked has the
arguments, the directory, the streams and the environment that it was started with, and ends with its own status.
"""

import contextlib
import gc
import importlib
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ADAPTED = "python=${HYBAND_PYTHON:-python3}"  # the line of an example's run.sh that its users adapt
CLIENT = """#!{python} -IS
import _socket, array, os, sys
server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
server.connect({address!r})
words = "\\0".join([os.getcwd(), *sys.argv[1:]])
environ = "\\0".join(f"{{key}}={{value}}" for key, value in os.environ.items())
server.sendmsg([f"{{words}}\\0\\0{{environ}}".encode()], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
sys.exit(int(server.recv(20) or b"255"))
"""


@contextlib.contextmanager
def preloaded(searches: Sequence[Path], *modules: str) -> Iterator[None]:
    """Let run.sh of these searches start its program from a process that has imported these modules."""
    directory = searches[0].parent
    address, client = directory / "preloaded", directory / "python"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen(64)
        server = subprocess.Popen([sys.executable, __file__, str(listener.fileno()), *modules], pass_fds=[listener.fileno()],
                                  env=os.environ | {"OMP_NUM_THREADS": "1"})  # as in run.sh, and only read by an import
    client.write_text(CLIENT.format(python=sys.executable, address=str(address)))
    client.chmod(0o755)
    texts = {search / "run.sh": (search / "run.sh").read_text() for search in searches}
    for run, text in texts.items():
        assert ADAPTED in text
        run.write_text(text.replace(ADAPTED, f"python='{client}'"))
    try:
        yield
    finally:
        server.terminate()
        server.wait()
        address.unlink()
        client.unlink()
        for run, text in texts.items():
            run.write_text(text)


def serve(listener: socket.socket) -> list[str]:
    """Fork for each request; returns in the child, with the words of its program."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    while True:
        connection, _ = listener.accept()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if os.fork():
            connection.close()
            continue
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        listener.close()
        message, streams, _, _ = socket.recv_fds(connection, 1 << 18, 3)
        program = os.fork()
        if program:
            connection.send(str(os.waitstatus_to_exitcode(os.waitpid(program, 0)[1]) & 0xFF).encode())
            os._exit(0)
        connection.close()
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        words, _, environ = message.decode().partition("\0\0")
        where, *rest = words.split("\0")
        os.chdir(where)
        os.environ.clear()
        os.environ.update(line.split("=", 1) for line in environ.split("\0"))
        return rest


def main() -> None:
    listener = socket.socket(fileno=int(sys.argv[1]))
    listener.set_inheritable(False)
    for name in sys.argv[2:]:
        importlib.import_module(name)
    gc.freeze()
    sys.argv = serve(listener)
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
