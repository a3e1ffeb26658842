"""One run: a workspace that belongs to nobody, the probes in it and outside it, and the proof that comes of it."""

import asyncio
import platform
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from output_checker.desk.probes import Order
from output_checker.model import Broken
from output_checker.probes import CATALOGUE, Control, Finding, Outcome, Place, Probe, Proof, Verdict
from output_checker.probes.catalogue import programs
from output_checker.probes.harness import Reading, program
from output_checker.probes.planting import PLANTS
from output_checker.prover import controls, workspace
from output_checker.prover.knowledge import Knowledge, knowledge
from output_checker.prover.settings import Settings
from output_checker.prover.stock import plant, ran, shows, stock
from output_checker.prover.victims import Victims, throw_away, victims
from output_checker.prover.workspace import Server

START = 60.0
"""Seconds in which a kernel has its sockets."""
Say = Callable[[str], None]

_FILES = {Place.KERNEL: "probes-of-the-kernel.py", Place.TERMINAL: "probes-of-the-terminal.py"}
# As an earlier session would: what was planted in the workspace is planted in the home of a kernel, too.
_PLANT = (
    "import os, shutil\nshutil.copytree('/workspace', os.path.expanduser('~'), symlinks=True, dirs_exist_ok=True)\n"
)


@dataclass
class Tally:
    """The outcomes of a run as they come in."""

    say: Say
    controls: dict[str, Outcome] = field(default_factory=dict)
    tries: dict[str, dict[Place, Outcome]] = field(default_factory=dict)

    def heard(self, place: Place, name: str, outcome: Outcome) -> None:
        """Note one outcome. A name that is not asked about any more can't be changed: the first word counts."""
        tried = self.tries.setdefault(name, {})
        tried.setdefault(place, outcome)
        done, all_of_them = sum(map(len, self.tries.values())), sum(len(probe.places) for probe in CATALOGUE.values())
        if done % 20 == 0:
            self.say(f"Trying to get out: {done} of {all_of_them} tries")

    def findings(self) -> tuple[Finding, ...]:
        """What became of each probe; what was never heard of could not be told."""
        silent = Outcome(Verdict.UNKNOWN, "it was not heard of")
        return tuple(Finding(name, self.controls.get(name, silent), self.tries.get(name, {})) for name in CATALOGUE)


async def prove(settings: Settings, order: Order, say: Say) -> Proof:
    """Make one run. Raises Broken when it could not be made: then nothing is proved, either way."""
    home = settings.folder / order.project_id / order.id
    run_folder = settings.folder / order.id
    tally = Tally(say)
    await workspace.stop(settings, order.slug)  # one that an interrupted run has left
    try:
        for folder in (settings.folder, run_folder, home / "workspace"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        await asyncio.to_thread(plant, home / "workspace", "/workspace", Path("/nowhere"))
        with victims() as planted:
            async with asyncio.TaskGroup() as group:
                in_stock = group.create_task(stock(planted.folder, settings.analysis))
                in_workspace = group.create_task(_in_workspace(settings, order, home, planted, tally))
            tally.controls |= in_stock.result() | in_workspace.result()
    except Exception as error:
        await _end(settings, order, home, run_folder)
        raise _first(error) from error
    await _end(settings, order, home, run_folder)
    return Proof(order.project_id, _about(order), tally.findings())


async def _end(settings: Settings, order: Order, *folders: Path) -> None:
    await workspace.stop(settings, order.slug)
    for folder in folders:
        await asyncio.to_thread(throw_away, folder)


def _first(error: BaseException) -> BaseException:
    """What went wrong first, out of the groups that tasks wrap it into."""
    found = error
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


async def _in_workspace(
    settings: Settings, order: Order, home: Path, planted: Victims, tally: Tally
) -> dict[str, Outcome]:
    """Start the workspace, run everything that runs in it, and the controls that need it running."""
    server = await workspace.start(settings, order.slug, home)
    tally.say("Starting kernels and a terminal in it")
    kernel, bystander = await _kernels(server)
    server = replace(server, other_kernels=bystander)
    known = knowledge(settings, order, server, planted)
    nonces = [secrets.token_hex(8) for _ in range(4)]
    async with asyncio.TaskGroup() as group:
        group.create_task(_in_kernel(server, kernel, known, nonces[0], tally))
        group.create_task(_in_terminal(server, known, nonces[1], tally))
        ordinary = group.create_task(controls.ordinary(known.outside, nonces[2], settings.token))
        stand_in = group.create_task(controls.in_stand_in(known.outside, nonces[3]))
    tally.say("Looking whether anything that was planted ran")
    await _look_at_plants(server, tally)
    return ordinary.result() | stand_in.result()


async def _kernels(server: Server) -> tuple[str, tuple[str, ...]]:
    """The kernel that the probes run in, and the folders of another one, which is somebody else's to them."""
    before = server.kernels()
    bystander = await server.ask("api/kernels", "POST", {"name": "python3"})
    theirs = tuple(sorted(server.kernels() - before))
    kernel = await server.ask("api/kernels", "POST", {"name": "python3"})
    if not theirs or bystander["id"] == kernel["id"]:
        raise Broken("the kernels of the probes can't be told apart")
    for _ in range(int(START / 0.05)):
        if all(any((server.runtime / name).glob("s*")) for name in theirs):
            break
        await asyncio.sleep(0.05)
    return str(kernel["id"]), theirs


async def _in_kernel(server: Server, kernel: str, known: Knowledge, nonce: str, tally: Tally) -> None:
    file = _FILES[Place.KERNEL]
    await server.put(file, _PLANT + program(_of(Place.KERNEL), known.inside, nonce))
    reading = Reading(nonce)
    await workspace.run_in_kernel(server, kernel, file, reading, lambda *told: tally.heard(Place.KERNEL, *told))


async def _in_terminal(server: Server, known: Knowledge, nonce: str, tally: Tally) -> None:
    file = _FILES[Place.TERMINAL]
    await server.put(file, program(_of(Place.TERMINAL), known.inside, nonce))
    reading = Reading(nonce)
    await workspace.run_in_terminal(server, file, reading, lambda *told: tally.heard(Place.TERMINAL, *told))


def _of(place: Place) -> list[Probe]:
    return [probe for probe in programs(Control.HOST, Control.STAND_IN) if place in probe.places]


async def _look_at_plants(server: Server, tally: Tally) -> None:
    """See whether anything of what was planted ran or is shown, in a server that has started kernels and terminals over
    it and is made to look at it once more."""
    await server.ask("api/kernelspecs")
    await server.ask("api/contents/?content=1")
    for each in PLANTS:
        if each.question:
            worked = await shows(server.url, server.token, each)
        else:
            worked = ran(server.home / "server", each) or ran(server.runtime, each)
        tally.heard(Place.KERNEL, each.probe.name, Outcome(Verdict.SUCCEEDED if worked else Verdict.BLOCKED))


def _about(order: Order) -> dict[str, object]:
    """What the proof is about, for whoever reads it later."""
    return {
        "run": order.id,
        "slug": order.slug,
        "datasets": [slug for slug, _ in order.datasets],
        "boundary": order.boundary.as_mapping(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}",
        "bubblewrap": shutil.which("bwrap") or "",
    }
