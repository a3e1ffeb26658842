"""What lies outside and is worth reaching: each thing gives whoever reaches it the prize.

Set up for one run on the machine itself, so that the controls have something to get, and gone with it. Nothing of it is
anybody's: listening sockets, a process, planted files.
"""

import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAND_INS = ("docker.sock", "containerd.sock", "system_bus_socket", "agent.1")
_IPC_CREATE = 0o1000 | 0o600
_IPC_REMOVE = 0

# Holds the prize wherever a process can hold it; anybody may trace it, where the machine asks that to be said.
_VICTIM = """
import ctypes, os, sys
prize = sys.stdin.readline().strip().encode()
kept = ctypes.create_string_buffer(prize, 64)
opened = open("people.csv", "rb")
ctypes.CDLL(None).prctl(0x59616D61, ctypes.c_ulong(-1), 0, 0, 0)
print(ctypes.addressof(kept), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True)
class Victims:
    """The prize, and every address and path that leads to it: what an attacker may guess is told."""

    prize: str
    folder: Path
    values: dict[str, Any]


@contextmanager
def victims() -> Iterator[Victims]:
    """Set everything up, and take it away again at the end."""
    prize = secrets.token_hex(12)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="halftide-probe-")))
        (folder / "people.csv").write_text(prize, encoding="utf-8")
        values: dict[str, Any] = {"PRIZE": prize, "SECRET": str(folder / "people.csv")}
        values |= _listeners(stack, folder, prize)
        values |= _process(stack, folder, prize)
        values |= _terminal(stack, prize)
        values |= _shared(stack, prize)
        yield Victims(prize, folder, values)


def _listeners(stack: ExitStack, folder: Path, prize: str) -> dict[str, Any]:
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    opened: list[socket.socket] = [tcp]
    tcp6 = 1
    with suppress(OSError):  # a machine without IPv6: then nothing answers there, and its control says so
        opened.append(stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6)))
        tcp6 = opened[-1].getsockname()[1]
    abstract = f"\0halftide-probe-{secrets.token_hex(6)}"
    for address in (abstract, str(folder / "shared.sock"), *(str(folder / name) for name in STAND_INS)):
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(address)
        unix.listen()
        opened.append(unix)
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(("127.0.0.1", 0))
    for listener in opened:
        threading.Thread(target=_give, args=(listener, prize.encode()), daemon=True).start()
        stack.callback(_shut, listener)
    threading.Thread(target=_echo, args=(udp, prize.encode()), daemon=True).start()
    stack.callback(_wake, udp)
    return {
        "TCP": tcp.getsockname()[1],
        "TCP6": tcp6,
        "UDP": udp.getsockname()[1],
        "ABSTRACT": abstract,
        "SOCKET": str(folder / "shared.sock"),
        "STAND_INS": str(folder),
    }


def _give(listener: socket.socket, prize: bytes) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer, suppress(OSError):
            peer.sendall(prize)


def _echo(datagrams: socket.socket, prize: bytes) -> None:
    while True:
        try:
            told, sender = datagrams.recvfrom(100)
            if told == b"over":
                return
            datagrams.sendto(prize, sender)
        except OSError:
            return


def _shut(listener: socket.socket) -> None:
    listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept


def _wake(datagrams: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"over", datagrams.getsockname())


def _process(stack: ExitStack, folder: Path, prize: str) -> dict[str, Any]:
    mark = f"halftide-victim-{secrets.token_hex(6)}"
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", _VICTIM, mark, prize],
        cwd=folder,
        env={"PATH": os.defpath, "SECRET_OF_THE_VICTIM": prize},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(_end, process)
    if process.stdin is None or process.stdout is None:
        raise OSError("a process was started without its pipes")
    process.stdin.write(prize + "\n")
    process.stdin.flush()
    return {"VICTIM": process.pid, "MARK": mark, "ADDRESS": int(process.stdout.readline())}


def _end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def _terminal(stack: ExitStack, prize: str) -> dict[str, Any]:
    """A terminal into which somebody types the prize again and again, as each reader takes it away."""
    primary, secondary = os.openpty()
    name = os.ttyname(secondary)
    over = threading.Event()

    def type_on() -> None:
        while not over.wait(0.05):
            with suppress(BlockingIOError):
                os.write(primary, prize.encode() + b"\n")

    os.set_blocking(primary, False)
    typist = threading.Thread(target=type_on, daemon=True)
    typist.start()

    def close() -> None:
        over.set()
        typist.join()
        os.close(primary)
        os.close(secondary)

    stack.callback(close)
    return {"PTY": name}


def _shared(stack: ExitStack, prize: str) -> dict[str, Any]:
    """Files in the folders that everybody shares, and System V objects."""
    values: dict[str, Any] = {}
    for name, folder in (("SHM", "/dev/shm"), ("TMP", "/tmp"), ("VAR_TMP", "/var/tmp")):  # noqa: S108 on purpose
        fd, path = tempfile.mkstemp(prefix="halftide-probe-", dir=folder)
        with os.fdopen(fd, "w") as file:
            file.write(prize)
        stack.callback(os.unlink, path)
        values[name] = path
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    key = secrets.randbits(30) | 1
    memory = libc.shmget(key, 4096, _IPC_CREATE)
    if memory >= 0:
        at = libc.shmat(memory, None, 0)
        ctypes.memmove(at, prize.encode(), len(prize))
        stack.callback(libc.shmctl, memory, _IPC_REMOVE, None)
        stack.callback(libc.shmdt, ctypes.c_void_p(at))
    queue, semaphores = libc.msgget(key, _IPC_CREATE), libc.semget(key, 1, _IPC_CREATE)
    stack.callback(libc.msgctl, queue, _IPC_REMOVE, None)
    stack.callback(libc.semctl, semaphores, 0, _IPC_REMOVE)
    return values | {"KEY": key}


def throw_away(folder: Path) -> None:
    """Remove a folder of a run. What can't be removed is an error: it may be a copy of something."""
    if folder.exists():
        shutil.rmtree(folder)
