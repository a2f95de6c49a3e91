"""python lagging.py DIRECTORY SECONDS COMMAND...: run a command for which a directory lags behind, as on a network file system.

It sees what it changes there itself at once, and what others change up to some seconds later: names that came or went,
sizes, times. So two commands started this way are like two nodes that share a directory; file locks do not reach from one
to the other. The directory is served by a small program in a namespace of mounts of its own, which ends with the command.
It needs root and /dev/fuse; the numbers are those of the kernel's <linux/fuse.h>.
"""

import ctypes
import errno
import os
import signal
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_NAMESPACE, PRIVATE, DEATH_SIGNAL = 0x20000, 0x44000, 1
LONGEST = 1 << 17  # bytes in one write
IN, OUT = struct.Struct("<IIQQIIIHH"), struct.Struct("<IiQ")
ATTRIBUTES = struct.Struct("<QQQQQQIIIIIIIIII")


def checked(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def mount(directory: str) -> int:
    """Mount over a directory; the descriptor from which requests are read."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    checked(LIBC.mount(b"lagging", os.fsencode(directory), b"fuse", 0, options.encode()))
    return device


def name_of(data: bytes) -> str:
    return os.fsdecode(data.split(b"\0")[0])


class Server:
    """Passes requests on to the directory below the mount, which is the working directory; nodes are known by their paths."""

    def __init__(self, device: int, seconds: float) -> None:
        self.device, self.valid = device, (int(seconds), int(seconds % 1 * 1e9))
        self.paths, self.nodes, self.handles = {1: "."}, {".": 1}, dict[int, list[str]]()
        self.answers: dict[int, Callable[[int, bytes], bytes]] = {
            1: self.look_up, 3: self.attributes, 4: self.change, 5: lambda node, _: os.fsencode(os.readlink(self.paths[node])),
            6: self.symlink, 8: self.make_node, 9: self.make_directory, 10: lambda node, data: self.done(os.unlink(self.below(node, data))),
            11: lambda node, data: self.done(os.rmdir(self.below(node, data))), 12: lambda node, data: self.rename(node, data, 8),
            13: self.link, 14: self.open, 15: self.read, 16: self.write, 17: self.space, 18: self.close, 20: self.sync, 25: self.nothing,
            26: self.begin, 27: self.open_directory, 28: self.list, 29: self.close_directory, 30: self.nothing, 35: self.create,
            45: lambda node, data: self.rename(node, data, 16),
        }  # fmt: skip

    def serve(self) -> None:
        while True:
            try:
                request = os.read(self.device, LONGEST + 4096)
            except OSError as error:
                if error.errno == errno.ENODEV:
                    return
                continue
            _, code, number, node, *_ = IN.unpack_from(request)
            if code in (2, 36, 42):  # forget, interrupt: nobody waits for an answer
                continue
            status, answer = 0, b""
            try:
                answer = self.answers[code](node, request[IN.size :])
            except KeyError:
                status = errno.ENOSYS if code not in self.answers else errno.ESTALE
            except OSError as error:
                status = error.errno or errno.EIO
            try:
                os.write(self.device, OUT.pack(OUT.size + len(answer), -status, number) + answer)
            except OSError:  # whoever asked is gone
                continue

    def begin(self, _: int, data: bytes) -> bytes:
        _, _, ahead, _ = struct.unpack_from("<IIII", data)
        return struct.pack("<IIIIHHII32x", 7, 31, ahead, 1 << 5, 12, 9, LONGEST, 1)  # with writes of more than a page

    def nothing(self, *_: object) -> bytes:
        return b""

    done = nothing

    def below(self, node: int, data: bytes) -> str:
        return f"{self.paths[node]}/{name_of(data)}"

    def look_up(self, node: int, data: bytes) -> bytes:
        path = self.below(node, data)
        try:
            return self.entry(path)
        except FileNotFoundError:
            return struct.pack("<QQQQII88x", 0, 0, self.valid[0], 0, self.valid[1], 0)  # that is kept in mind as well

    def entry(self, path: str) -> bytes:
        found = os.lstat(path)
        node = self.nodes.setdefault(path, len(self.paths) + 1)
        self.paths[node] = path
        return struct.pack("<QQQQII", node, 0, self.valid[0], self.valid[0], self.valid[1], self.valid[1]) + self.packed(found)

    @staticmethod
    def packed(s: os.stat_result) -> bytes:
        times = (s.st_atime_ns, s.st_mtime_ns, s.st_ctime_ns)
        return ATTRIBUTES.pack(s.st_ino, s.st_size, s.st_blocks, *(t // 10**9 for t in times), *(t % 10**9 for t in times),
                               s.st_mode, s.st_nlink, s.st_uid, s.st_gid, s.st_rdev, 4096, 0)  # fmt: skip

    def attributes(self, node: int, data: bytes) -> bytes:
        flags, _, handle = struct.unpack_from("<IIQ", data)
        found = os.fstat(handle) if flags & 1 else os.lstat(self.paths[node])
        return struct.pack("<QII", *self.valid, 0) + self.packed(found)

    def change(self, node: int, data: bytes) -> bytes:
        valid, _, handle, size, _, atime, mtime, _, ans, mns, _, mode, _, uid, gid, _ = struct.unpack_from("<IIQQQQQQIIIIIIII", data)
        path = self.paths[node]
        if valid & 1:
            os.chmod(path, stat.S_IMODE(mode))
        if valid & 6:
            os.chown(path, uid if valid & 2 else -1, gid if valid & 4 else -1, follow_symlinks=False)
        if valid & 8:
            os.truncate(handle if valid & 64 else path, size)
        if valid & 0x1B0:
            old = os.lstat(path)
            is_now = (valid & 128, valid & 256)
            times = [(valid & 16, atime * 10**9 + ans, old.st_atime_ns), (valid & 32, mtime * 10**9 + mns, old.st_mtime_ns)]
            if any(is_now):
                os.utime(path)
            else:
                os.utime(path, ns=tuple(new if wanted else kept for wanted, new, kept in times), follow_symlinks=False)
        return struct.pack("<QII", *self.valid, 0) + self.packed(os.lstat(path))

    def symlink(self, node: int, data: bytes) -> bytes:
        name, target = data.split(b"\0")[:2]
        path = f"{self.paths[node]}/{os.fsdecode(name)}"
        os.symlink(os.fsdecode(target), path)
        return self.entry(path)

    def make_node(self, node: int, data: bytes) -> bytes:
        mode, device, umask, _ = struct.unpack_from("<IIII", data)
        path = self.below(node, data[16:])
        os.mknod(path, mode & ~umask, device)
        return self.entry(path)

    def make_directory(self, node: int, data: bytes) -> bytes:
        mode, umask = struct.unpack_from("<II", data)
        path = self.below(node, data[8:])
        os.mkdir(path, mode & ~umask)
        return self.entry(path)

    def link(self, node: int, data: bytes) -> bytes:
        path = self.below(node, data[8:])
        os.link(self.paths[struct.unpack_from("<Q", data)[0]], path, follow_symlinks=False)
        return self.entry(path)

    def rename(self, node: int, data: bytes, offset: int) -> bytes:
        directory, flags = struct.unpack_from("<QI", data) if offset == 16 else (*struct.unpack_from("<Q", data), 0)
        if flags:
            raise OSError(errno.EINVAL, "")
        old, new = data[offset:].split(b"\0")[:2]
        before, after = f"{self.paths[node]}/{os.fsdecode(old)}", f"{self.paths[directory]}/{os.fsdecode(new)}"
        os.rename(before, after)
        for path in [p for p in self.nodes if p == before or p.startswith(f"{before}/")]:
            moved = self.nodes.pop(path)
            self.paths[moved] = after + path[len(before) :]
            self.nodes[self.paths[moved]] = moved
        return b""

    def open(self, node: int, data: bytes) -> bytes:
        flags = struct.unpack_from("<I", data)[0] & ~(os.O_CREAT | os.O_EXCL | os.O_NOCTTY)
        return struct.pack("<QIi", os.open(self.paths[node], flags), 0, 0)

    def create(self, node: int, data: bytes) -> bytes:
        flags, mode, umask, _ = struct.unpack_from("<IIII", data)
        path = self.below(node, data[16:])
        handle = os.open(path, flags | os.O_CREAT, mode & ~umask)
        return self.entry(path) + struct.pack("<QIi", handle, 0, 0)

    def read(self, _: int, data: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", data)
        return os.pread(handle, size, offset)

    def write(self, _: int, data: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", data)
        return struct.pack("<II", os.pwrite(handle, data[40 : 40 + size], offset), 0)

    def close(self, _: int, data: bytes) -> bytes:
        os.close(struct.unpack_from("<Q", data)[0])
        return b""

    def sync(self, _: int, data: bytes) -> bytes:
        os.fsync(struct.unpack_from("<Q", data)[0])
        return b""

    def space(self, *_: object) -> bytes:
        s = os.statvfs(".")
        return struct.pack("<QQQQQIII28x", s.f_blocks, s.f_bfree, s.f_bavail, s.f_files, s.f_ffree, s.f_bsize, s.f_namemax, s.f_frsize)

    def open_directory(self, node: int, _: bytes) -> bytes:
        handle = max(self.handles, default=0) + 1
        self.handles[handle] = os.listdir(self.paths[node])
        return struct.pack("<QIi", handle, 0, 0)

    def list(self, _: int, data: bytes) -> bytes:
        handle, offset, size = struct.unpack_from("<QQI", data)
        answer = b""
        for position, name in enumerate(self.handles[handle][offset:], offset + 1):
            word = os.fsencode(name)
            entry = struct.pack("<QQII", position + 1, position, len(word), 0) + word
            entry += bytes(-len(entry) % 8)
            if len(answer) + len(entry) > size:
                break
            answer += entry
        return answer

    def close_directory(self, _: int, data: bytes) -> bytes:
        del self.handles[struct.unpack_from("<Q", data)[0]]
        return b""


def main(directory: str, seconds: str, command: list[str]) -> None:
    """Become the command, once a child of this process serves the directory."""
    here = Path.cwd()
    checked(LIBC.unshare(NEW_NAMESPACE))
    checked(LIBC.mount(None, b"/", None, PRIVATE, None))
    os.chdir(directory)
    device = mount(directory)
    parent = os.getpid()
    if os.fork() == 0:
        os.setsid()
        LIBC.prctl(DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() == parent:
            Server(device, float(seconds)).serve()
        os._exit(0)
    os.close(device)
    os.chdir(here)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
