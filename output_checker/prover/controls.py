"""Runs the probes where they have to succeed: in an ordinary process, and in the network of the controls.

What would be written to is a stand-in of the run's own; a control never changes anything of the machine or of Halftide.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from output_checker.model import Broken
from output_checker.probes.catalogue import programs
from output_checker.probes.harness import Reading, program
from output_checker.probes.model import Control, Outcome
from output_checker.prover import stand_in

PATIENCE = 90.0


async def ordinary(values: Mapping[str, Any], nonce: str, token: str) -> dict[str, Outcome]:
    """How the probes end in a process like any other, which has a token of the hub and an open folder."""
    text = program(programs(Control.HOST), values, nonce)
    folder = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        return await _run([], text, nonce, {"JUPYTERHUB_API_TOKEN": token}, (folder,))
    finally:
        os.close(folder)


async def in_stand_in(values: Mapping[str, Any], nonce: str) -> dict[str, Outcome]:
    """How the probes of the network end where every address answers."""
    text = stand_in.PROGRAM + program(programs(Control.STAND_IN), values, nonce)
    return await _run(stand_in.COMMAND, text, nonce, {}, ())


async def _run(
    before: Sequence[str], text: str, nonce: str, environment: Mapping[str, str], files: Sequence[int]
) -> dict[str, Outcome]:
    process = await asyncio.create_subprocess_exec(
        *before,
        *(sys.executable, "-I", "-"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ.get("PATH", os.defpath), **environment},
        pass_fds=tuple(files),
        cwd="/",
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(text.encode()), PATIENCE)
    except TimeoutError as error:
        raise Broken("the controls of the probes did not come to an end") from error
    finally:
        if process.returncode is None:
            process.kill()
    reading = Reading(nonce)
    found = dict(reading.feed(told.decode(errors="replace") + "\n"))
    if not reading.over:
        raise Broken(f"the controls of the probes ended early: {told[-500:].decode(errors='replace')}")
    return found
