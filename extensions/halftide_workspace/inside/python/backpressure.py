"""Runs inside a sandbox, in every Python kernel: what the kernel says is not lost when it says it quickly.

ZeroMQ drops what a publisher sends while a listener's queue of about 2,000 messages is full, and with it the message
that a cell has ended: the notebook would show it as running for ever. With this, the kernel waits for the server, which
reads all the time. Code that takes it off harms only its own notebook.
"""

from typing import Any

import zmq


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython when the kernel starts."""
    thread = shell.kernel.iopub_thread
    thread.schedule(lambda: thread.socket.setsockopt(zmq.XPUB_NODROP, 1))  # a socket belongs to one thread
