"""A kernel that says much while nobody listens: with our extension it waits, and without it what it says is lost."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty

import pytest
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from halftide_workspace import kernels
from tests.halftide_workspace.servers import ANALYSIS

OURS = Path(kernels.__file__).parent
MESSAGES = 10_000
_TALK = f"""
import threading
kernel = get_ipython().kernel
for n in range({MESSAGES}):
    content = {{'data': {{'text/plain': 'x' * 1000}}, 'metadata': {{}}}}
    kernel.session.send(kernel.iopub_socket, 'display_data', content, parent=kernel.get_parent('shell'))
"""
_UNTIL_SAID = """
said = threading.Event()
kernel.iopub_thread.schedule(said.set)
said.wait(60)
"""


@contextmanager
def kernel(argv: list[str]) -> Iterator[tuple[BlockingKernelClient, zmq.Socket[bytes]]]:
    """A kernel without a sandbox, and a listener with a short queue that does not read by itself."""
    manager = KernelManager(transport="ipc")
    spec = manager.kernel_spec
    if spec is None:
        raise RuntimeError("the development environment has no kernel")
    spec.argv = [str(ANALYSIS / "bin" / argv[0]), *argv[1:]]
    manager.start_kernel(env=os.environ | {"PYTHONPATH": str(OURS / "inside" / "python")})
    client = manager.client()
    client.start_channels()
    context = zmq.Context()
    listener = context.socket(zmq.SUB)
    listener.rcvhwm = 1
    listener.subscribe(b"")
    listener.connect(f"ipc://{manager.ip}-{manager.iopub_port}")
    try:
        client.wait_for_ready(timeout=60)
        client.iopub_channel.stop()  # a listener that would never read
        yield client, listener
    finally:
        client.stop_channels()
        context.destroy(linger=0)
        manager.shutdown_kernel(now=True)


def heard(listener: "zmq.Socket[bytes]", cell: str, patience: int) -> list[str]:
    """The kinds of all messages of a cell, up to its end or until nothing comes for so many milliseconds."""
    kinds = []
    while listener.poll(patience):
        parts = listener.recv_multipart()
        header, parent, _, content = (json.loads(part) for part in parts[parts.index(b"<IDS|MSG>") + 2 :][:4])
        if parent.get("msg_id") == cell:
            kinds.append(header["msg_type"])
            if content.get("execution_state") == "idle":
                return [*kinds, "idle"]
    return kinds


def test_what_a_kernel_says_quickly_is_not_lost() -> None:
    argv = json.loads((OURS / "kernelspecs" / "python3" / "kernel.json").read_text())["argv"]
    with kernel(argv) as (client, listener):
        cell = client.execute(_TALK)
        with pytest.raises(Empty):  # it waits for the listener
            client.get_shell_msg(timeout=3)
        kinds = heard(listener, cell, 30_000)
    assert kinds.count("display_data") == MESSAGES
    assert kinds[-1] == "idle"


def test_without_it_much_is_lost() -> None:
    """The control: ipykernel by itself."""
    with kernel(["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]) as (client, listener):
        cell = client.execute(_TALK + _UNTIL_SAID)
        client.get_shell_msg(timeout=60)
        kinds = heard(listener, cell, 1000)
    assert kinds.count("display_data") < MESSAGES
