"""The threads that work through the queue, beside whoever serves.

Promises to end in order: no new job, then the jobs that run, then the cages that wait. A job that takes too long is
left to its lease, and is taken again by whoever comes next.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from output_checker.desk.assess import run_worker
from output_checker.desk.check import check_file
from output_checker.desk.context import Desk
from output_checker.readers import Cages

PATIENCE = 30.0
"""Seconds that running jobs have when the workers are to end."""
WORKERS = min(4, os.cpu_count() or 1)
"""So many files are checked at the same time."""


@contextmanager
def working(desk: Desk, number: int = WORKERS) -> Iterator[None]:
    """Let ``number`` threads work for as long as the block runs."""
    stop = threading.Event()
    with Cages(number) as cages:
        check = partial(check_file, read=cages.read)
        threads = [
            threading.Thread(target=run_worker, args=(desk, stop, check), name=f"worker-{n}", daemon=True)
            for n in range(number)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE)
