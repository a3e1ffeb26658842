"""Runs inside a sandbox: passes connections from the sandbox's own loopback to the socket of the package proxy.

pip, conda and R do not speak to Unix sockets; this is all that it is for. It decides nothing, as whoever writes code in
here could replace it: what may be had is decided outside. The standard library alone, without ``site``, to start fast.
"""

import os
import socket
import sys
import threading
from contextlib import suppress

DOOR = "/run/halftide-packages/door"
ADDRESS = ("127.0.0.1", 8070)
_CLOSED = b"HTTP/1.1 503 The workspace's server does not answer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def main() -> None:
    """Listens for as long as the sandbox lives; ends at once when somebody else listens there."""
    with suppress(PermissionError):
        os.setsid()  # an interrupt of the kernel or of the terminal is not for us
    try:
        listener = socket.create_server(ADDRESS, backlog=64)
    except OSError as error:
        sys.exit(f"packages: {error}")
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client,), daemon=True).start()


def serve(client: socket.socket) -> None:
    """Passes both directions of one connection on until both have ended."""
    with client, socket.socket(socket.AF_UNIX) as door:
        try:
            door.connect(DOOR)
        except OSError:
            client.sendall(_CLOSED)
            return
        upward = threading.Thread(target=copy, args=(client, door), daemon=True)
        upward.start()
        copy(door, client)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)  # wakes the other direction, if it still waits
        upward.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    """Passes on what ``source`` says until it ends or ``target`` is gone."""
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
