"""One running workspace for the attacks of a module, and things of the host that are worth reaching."""

import base64
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.halftide_workspace.servers import SERVER_TOKEN, Kernel, Terminal, Workspace, workspace


@dataclass
class Host:
    """What lies outside: each thing gives an attacker who reaches it the word ``prize``."""

    prize: str
    folder: Path
    tcp: int = 0
    udp: int = 0
    abstract: str = ""
    received: list[bytes] = field(default_factory=list)

    def names(self, space: Workspace) -> dict[str, object]:
        """What an attack knows: every address and path is told, as an attacker may guess it."""
        return {
            "PRIZE": self.prize,
            "TOKEN": SERVER_TOKEN,
            "TCP": self.tcp,
            "UDP": self.udp,
            "ABSTRACT": self.abstract,
            "SOCKET": str(self.folder / "prize.sock"),
            "SERVER_PID": space.process.pid,
            "SERVER_PORT": space.port,
            "PRIVATE": str(space.private),
            "OTHER": str(self.folder / "other-project"),
            "DATA": str(space.data),
        }


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-host-"))
    (folder / "other-project").mkdir()
    host = Host(secrets.token_hex(8), folder, abstract=f"\0halftide-{secrets.token_hex(4)}")
    (folder / "other-project" / "people.csv").write_text(host.prize)
    listeners = [socket.create_server(("127.0.0.1", 0)), *(socket.socket(socket.AF_UNIX) for _ in range(2))]
    host.tcp = listeners[0].getsockname()[1]
    for listener, address in zip(listeners[1:], (host.abstract, str(folder / "prize.sock")), strict=True):
        listener.bind(address)
        listener.listen()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    host.udp = datagrams.getsockname()[1]
    threads = [threading.Thread(target=_give, args=(listener, host), daemon=True) for listener in listeners]
    threads.append(threading.Thread(target=_echo, args=(datagrams, host), daemon=True))
    for thread in threads:
        thread.start()
    yield host
    for opened in (*listeners, datagrams):
        opened.shutdown(socket.SHUT_RDWR) if opened in listeners else opened.close()
        opened.close()
    for thread in threads[:-1]:
        thread.join(timeout=2)
    shutil.rmtree(folder)


def _give(listener: socket.socket, host: Host) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            peer.sendall(host.prize.encode())


def _echo(datagrams: socket.socket, host: Host) -> None:
    while True:
        try:
            _, sender = datagrams.recvfrom(100)
            datagrams.sendto(host.prize.encode(), sender)
        except OSError:
            return


@pytest.fixture(scope="module")
def space() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-space-"))
    with workspace(folder) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kernel(space: Workspace) -> Iterator[Kernel]:
    kernel = Kernel(space)
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def terminal(space: Workspace) -> Iterator[Terminal]:
    terminal = Terminal(space)
    yield terminal
    terminal.close()


def outside(program: str) -> str:
    """What ``program`` writes when it runs on the host as the user of the tests: the control."""
    environment = {"PATH": os.environ["PATH"], "TOKEN_OF_SERVER": SERVER_TOKEN}
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    return run.stdout + run.stderr


def in_terminal(terminal: Terminal, program: str) -> str:
    """What ``program`` writes when it runs in a terminal of the workspace."""
    packed = base64.b64encode(program.encode()).decode()
    return terminal.run(f"echo {packed} | base64 -d > /tmp/attack.py; python3 /tmp/attack.py 2>&1")
