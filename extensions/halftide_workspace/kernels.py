"""Starts every kernel inside the sandbox, over sockets in a folder that only that kernel and the server see.

Promises: a kernel runs sealed or not at all. When bubblewrap is missing or this machine forbids user namespaces, the
start fails with a text that names the cause. Never starts a kernel bare, whatever a kernelspec asks for, and never
hands it the server's environment.
"""

import asyncio
import json
import logging
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import EntryPoint
from pathlib import Path, PurePosixPath
from typing import IO, Any, ClassVar

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import default

from halftide_workspace import reached
from halftide_workspace.packages import furnishing
from halftide_workspace.settings import Sandbox, sandbox_from, settings_from
from output_checker import sandbox
from output_checker.model.errors import Broken, HalftideError

PROVISIONER = "halftide-sandbox"
_LOG = logging.getLogger(__name__)
_LAST_WORDS = 8192
"""Bytes of what a kernel writes past its sockets that are kept for the log: it is hostile and may write for ever."""


def seal_all_kernels(factory: KernelProvisionerFactory) -> None:
    """Makes the sandbox the only way to start a kernel, also for a kernelspec that names another provisioner."""
    sealed = EntryPoint(PROVISIONER, "halftide_workspace.kernels:SandboxProvisioner", factory.GROUP_NAME)
    factory.default_provisioner_name = PROVISIONER
    for name in {PROVISIONER, *factory.provisioners}:
        factory.provisioners[name] = sealed


class SealedKernels(AsyncMappingKernelManager):
    """The server's kernels. Makes sure that all are sealed, and tells the researcher when one can't be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call] # jupyter_server's is untyped
        seal_all_kernels(KernelProvisionerFactory.instance())

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override] # as jupyter_server's own override
        """Starts a kernel. Raises HTTPError, with the reason, when this machine can't seal one."""
        try:
            return await super()._async_start_kernel(**kwargs)
        except HalftideError as error:
            raise HTTPError(503, str(error), reason="No kernel was started") from error


class SealedSpecs(KernelSpecManager):
    """The kernels that may be started: ours and those that an administrator installed, never a researcher's."""

    ensure_native_kernel = False

    @default("kernel_dirs")
    def _ours(self) -> list[str]:
        return [str(Path(__file__).parent / "kernelspecs")]


class SandboxProvisioner(LocalProvisioner):
    """Starts, interrupts and ends one sealed kernel."""

    folder: Path | None = None
    """The kernel's own folder: connection file and sockets."""
    sandboxed: int | None = None
    """The sandbox's first process, as the server sees it; it leads the process group that the kernel is in."""
    started: float = 0.0
    """When, on the clock that only grows."""
    ended_before: int = 0
    """How many processes of the workspace had been ended for memory by then."""
    ended_so_far: ClassVar[Callable[[], int] | None] = None
    """How many have been now; ``watch`` knows."""
    _told: str | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepares connection file and command. Raises Broken when this machine can't seal a kernel."""
        sandbox.require_bubblewrap()
        settings = sandbox_from(os.environ)
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="k", dir=settings.runtime))
            manager: Any = self.parent
            manager.transport = "ipc"
            manager.cache_ports = False
            manager.connection_file = str(self.folder / "connection.json")
            manager.ip = str(self.folder / "s")
        return dict(await super().pre_launch(**kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Starts ``cmd`` sealed and waits until its sandbox stands. Raises Broken, with the reason, when it can't."""
        settings = sandbox_from(os.environ)
        command = ["python3", *cmd[1:]] if cmd[0] == sys.executable else cmd  # that of the analysis environment
        read, write = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: ASYNC220 returns as soon as bubblewrap runs
                self._line(settings, command, kwargs, info_fd=write),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                cwd="/",
                pass_fds=(write,),
                start_new_session=True,
            )
        finally:
            os.close(write)
        last_words = LastWords(process)
        self.sandboxed = await asyncio.to_thread(_sandboxed_process, read)
        if self.sandboxed is None or not await _stands(self.sandboxed, process):
            process.kill()
            await asyncio.to_thread(process.wait)
            raise Broken(f"The kernel was not started: its sandbox could not be made. {explain(last_words.end())}")
        self.process = process
        self.pid = self.pgid = process.pid
        self.started = time.monotonic()
        self.ended_before = self._ended_for_memory()
        self._told = None
        return self.connection_info

    def is_running(self) -> bool:
        """Whether the kernel's process runs."""
        return self.process is not None and self.process.poll() is None

    async def end_for(self, text: str) -> None:
        """Ends the kernel, which is then started anew; ``text`` is what the researcher is told."""
        self._told = text
        await self.send_signal(signal.SIGKILL)

    def why_it_ended(self) -> str | None:
        """Why the kernel's process ended, for the researcher; None while it runs."""
        code = self.process.poll() if self.process is not None else None
        if code is None or self._told:
            return self._told
        settings = settings_from(os.environ)
        for_memory = self._ended_for_memory() > self.ended_before
        return reached.of_end(code, settings.sandbox.limits, settings.boundary.resources, for_memory=for_memory)

    async def send_signal(self, signum: int) -> None:
        """Sends ``signum`` to the kernel and what it started; ends the whole sandbox for SIGTERM and SIGKILL."""
        if self.process is None:
            return
        if signum in {signal.SIGTERM, signal.SIGKILL}:  # bubblewrap's end is the end of all inside
            await super().send_signal(signal.SIGKILL)
        elif self.sandboxed is not None and self.process.poll() is None:
            # The group holds only processes of this sandbox, as bubblewrap made a session of its own for it. Its
            # leader is the first process of a PID namespace, which such a signal does not reach.
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.killpg(self.sandboxed, signum)

    async def cleanup(self, restart: bool = False) -> None:
        """Removes the kernel's folder, unless it is about to start again."""
        await super().cleanup(restart=restart)
        if not restart and self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def resolve_path(self, path_str: str) -> str | None:  # noqa: ARG002 jupyter_client's signature
        """Nothing: whether a path exists is not for the server to tell on a kernel's word."""
        return None

    @classmethod
    def _ended_for_memory(cls) -> int:
        count = cls.ended_so_far
        return count() if count is not None else 0

    def _line(self, settings: Sandbox, command: list[str], kwargs: dict[str, Any], *, info_fd: int) -> list[str]:
        environment = {str(name): str(value) for name, value in self.kernel_spec.env.items()}
        session = kwargs.get("env", {}).get("JPY_SESSION_NAME")
        if session:
            environment["JPY_SESSION_NAME"] = session  # the notebook's name, which ipykernel shows to the code
        door = furnishing(settings)
        return sandbox.kernel(
            sandbox.KernelPaths(
                settings.workspace,
                settings.data,
                settings.analysis,
                self.folder,
                extra=door.mounts,
                groups=settings.group.to_join(),
            ),
            [*door.before, *command],
            limits=settings.limits,
            environment={**door.environment, **environment},
            seccomp=settings.filter_file,
            folder=inside(settings, kwargs.get("cwd")),
            info_fd=info_fd,
        )


class LastWords:
    """Reads what a process writes to its own stdout and stderr for as long as it lives, and keeps the end of it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._kept = b""
        self._thread = threading.Thread(target=self._listen, args=(process.stdout,), daemon=True)
        self._thread.start()

    def end(self) -> str:
        """The last of it as text, once the process is over."""
        self._thread.join(timeout=2)
        return self._kept.decode("utf-8", "replace").strip()

    def _listen(self, output: IO[bytes]) -> None:
        with output:
            while chunk := os.read(output.fileno(), _LAST_WORDS):
                self._kept = (self._kept + chunk)[-_LAST_WORDS:]
        if self._kept:
            _LOG.info("a kernel's last words: %r", self._kept[-1000:])


def _sandboxed_process(read: int) -> int | None:
    """The process that bubblewrap tells of on ``read``; None when it ends without having made one."""
    told = b""
    with os.fdopen(read, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], 20)[0] and (chunk := pipe.read(4096)):
            told += chunk
    return int(json.loads(told)["child-pid"]) if told else None


async def _stands(sandboxed: int, process: "subprocess.Popen[bytes]") -> bool:
    """Waits until the sandbox is whole: making a session of its own is bubblewrap's last step before the command."""
    for _ in range(4000):
        if process.poll() is not None:
            return False
        with suppress(ProcessLookupError):
            if os.getpgid(sandboxed) == sandboxed:
                return True
        await asyncio.sleep(0.005)
    return False


def inside(settings: Sandbox, folder: str | os.PathLike[str] | None) -> str:
    """Where ``folder`` of the server lies inside a sandbox; the workspace itself when it is not below it."""
    path = Path(os.path.normpath(folder)) if folder is not None else settings.workspace
    if not path.is_relative_to(settings.workspace) or not path.is_dir():
        return sandbox.WORKSPACE
    return str(PurePosixPath(sandbox.WORKSPACE) / path.relative_to(settings.workspace))


def explain(complaint: str) -> str:
    """Bubblewrap's complaint with the way on, for the person who installs or runs this machine."""
    if "user namespace" in complaint or "uid map" in complaint or "Creating new namespace failed" in complaint:
        remedy = "This machine forbids user namespaces (kernel.unprivileged_userns_clone, AppArmor or seccomp)."
    elif "proc" in complaint:
        remedy = "This machine hides parts of /proc, so that no fresh one can be mounted: in a container, unmask it."
    else:
        remedy = "Please tell the people who run this service."
    return f"{remedy} Bubblewrap said: {complaint or 'nothing'}"
