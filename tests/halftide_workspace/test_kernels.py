"""Sealed kernels do what kernels do: interrupts, restarts, completion, input, many at once; and none without a seal."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from halftide_workspace import kernels
from halftide_workspace.kernels import SealedSpecs, explain, inside, seal_all_kernels
from halftide_workspace.settings import sandbox_from
from output_checker import seccomp
from output_checker.model.errors import Broken
from tests.halftide_workspace.servers import ANALYSIS


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Folders of a workspace; short paths, as a socket's name is."""
    folder = Path(tempfile.mkdtemp(prefix="hk"))
    for name in ("files", "run"):
        (folder / name).mkdir()
    seccomp.write_filter(folder / "run" / "seccomp.bpf")
    sandbox = {
        "workspace": str(folder / "files"),
        "data": [],
        "runtime": str(folder / "run"),
        "analysis": str(ANALYSIS),
    }
    os.environ["HALFTIDE_SANDBOX"] = json.dumps(sandbox)
    seal_all_kernels(KernelProvisionerFactory.instance())
    yield folder
    del os.environ["HALFTIDE_SANDBOX"]
    KernelProvisionerFactory.clear_instance()
    shutil.rmtree(folder)


class Session:
    """A kernel and a client of it, with an event loop of their own."""

    def __init__(self, specs: SealedSpecs | None = None, name: str = "python3", **start: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.manager = AsyncKernelManager(kernel_name=name, kernel_spec_manager=specs or SealedSpecs())
        self.client: Any = None
        try:
            self.do(self.manager.start_kernel(**start))
        except BaseException:
            self.close()
            raise
        self.client = self.manager.client()
        self.client.start_channels()
        self.do(self.client.wait_for_ready(timeout=60))

    def do(self, action: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(action, 90))

    def run(self, code: str, answer: str | None = None, interrupt_after: float | None = None) -> str:
        """What ``code`` shows, as text."""
        return str(self.do(self._run(code, answer, interrupt_after)))

    async def _run(self, code: str, answer: str | None, interrupt_after: float | None) -> str:
        shown: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            shown.append(content.get("text") or "\n".join(content.get("traceback", [])) or str(content.get("data", "")))

        run = self.client.execute_interactive(
            code,
            output_hook=hear,
            timeout=60,
            allow_stdin=answer is not None,
            stdin_hook=lambda _: self.client.input(answer or ""),
        )
        running = asyncio.ensure_future(run)
        if interrupt_after is not None:
            await asyncio.sleep(interrupt_after)
            await self.manager.interrupt_kernel()
        await running
        return "".join(shown)

    def close(self) -> None:
        if self.client is not None:
            self.client.stop_channels()
        if self.manager.has_kernel:
            self.do(self.manager.shutdown_kernel(now=True))
        self.do(self.manager._async_cleanup_resources())
        self.manager.context.destroy(linger=0)
        self.loop.close()


@pytest.fixture(scope="module")
def session(place: Path) -> Iterator[Session]:
    session = Session()
    yield session
    session.close()


@pytest.fixture
def starting(place: Path) -> Iterator[Callable[..., Session]]:
    open_sessions: list[Session] = []

    def start(**arguments: Any) -> Session:
        open_sessions.append(Session(**arguments))
        return open_sessions[-1]

    yield start
    for session in open_sessions:
        session.close()


def test_a_kernel_is_sealed(session: Session) -> None:
    status = session.run("print(open('/proc/self/status').read())")
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    assert "1000 /workspace" in session.run("import os; print(os.getuid(), os.getcwd())")


@pytest.mark.parametrize(
    "code",
    [
        "import time; time.sleep(60)",
        "while True: pass",
        "import subprocess; subprocess.run(['sleep', '60'])",
        "import ctypes; ctypes.CDLL(None).sleep(60)\nwhile True: pass",
        "import numpy as np\na = np.ones((300, 300))\nwhile True: a @ a",
    ],
    ids=["sleep", "loop", "child", "c-code", "numpy"],
)
def test_an_interrupt_reaches_what_runs(session: Session, code: str) -> None:
    started = time.monotonic()
    assert "KeyboardInterrupt" in session.run(code, interrupt_after=1)
    assert time.monotonic() - started < 20
    assert "2" in session.run("1 + 1")


def test_input_and_completion_work(session: Session) -> None:
    assert "hello ada" in session.run("print('hello', input('who? '))", answer="ada")
    reply = session.do(session.client.complete("import json; json.dum", reply=True, timeout=20))
    matches = reply["content"]["matches"]
    assert any("dumps" in match for match in matches)


def test_a_memory_limit_shows_as_memory_error(session: Session) -> None:
    assert "MemoryError" in session.run("bytearray(9 << 30)")
    assert "still here" in session.run("print('still here')")


def test_the_debugger_attaches_inside(session: Session) -> None:
    message = session.client.session.msg("debug_request", {"type": "request", "seq": 1, "command": "debugInfo"})
    session.client.control_channel.send(message)
    reply = session.do(session.client.control_channel.get_msg(timeout=20))
    assert reply["content"]["success"]


def test_a_restart_forgets_and_a_shutdown_leaves_nothing(starting: Callable[..., Session], place: Path) -> None:
    before = set(place.joinpath("run").iterdir())
    session = starting()
    session.run("x = 1")
    session.do(session.manager.restart_kernel(now=True))
    session.do(session.client.wait_for_ready(timeout=60))
    assert "NameError" in session.run("x")
    session.do(session.manager.shutdown_kernel())
    assert set(place.joinpath("run").iterdir()) == before
    assert not session.do(session.manager.is_alive())


def test_several_kernels_do_not_see_each_other(starting: Callable[..., Session]) -> None:
    sessions = [starting() for _ in range(3)]
    for number, session in enumerate(sessions):
        session.run(f"n = {number}; open('/tmp/x', 'w').write(str(n))")
    assert [session.run("print(n, open('/tmp/x').read())").strip() for session in sessions] == ["0 0", "1 1", "2 2"]


def test_a_kernel_starts_beside_its_notebook(starting: Callable[..., Session], place: Path) -> None:
    (place / "files" / "sub dir").mkdir()
    session = starting(cwd=str(place / "files" / "sub dir"), env={"JPY_SESSION_NAME": "a.ipynb", "SECRET": "x"})
    seen = session.run("import os; print(os.getcwd(), os.environ['JPY_SESSION_NAME'], 'SECRET' in os.environ)")
    assert seen.strip() == "/workspace/sub dir a.ipynb False"


def test_a_flood_past_the_sockets_does_not_stop_a_kernel(session: Session) -> None:
    session.run("import os\nfor _ in range(200): os.write(2, b'x' * 65536)")
    assert "done" in session.run("print('done')")


def test_a_start_folder_outside_the_workspace_is_not_taken(place: Path) -> None:
    settings = sandbox_from(os.environ)
    for folder in (None, "/etc", str(place / "files" / ".." / "run"), str(place / "files" / "gone")):
        assert inside(settings, folder) == "/workspace"


@pytest.mark.attack
def test_without_bubblewrap_there_is_no_kernel(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(Broken, match="bubblewrap is not installed"):
        Session()


@pytest.mark.attack
def test_a_sandbox_that_fails_names_its_cause(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = "bwrap: setting up uid map: Permission denied"
    line = ["/bin/sh", "-c", f"echo '{refused}' >&2; exit 1"]
    monkeypatch.setattr(kernels.sandbox, "kernel", lambda *_, **__: line)
    with pytest.raises(Broken, match=r"forbids user namespaces.*Permission denied"):
        Session()


@pytest.mark.attack
def test_a_sandbox_that_fails_half_way_names_its_cause(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "HALFTIDE_SANDBOX", os.environ["HALFTIDE_SANDBOX"].replace('"data": []', '"data": [["/none", "/data/x"]]')
    )
    with pytest.raises(Broken, match=r"sandbox could not be made.*/none"):
        Session()


@pytest.mark.attack
def test_a_kernelspec_can_not_choose_to_be_unsealed(place: Path, tmp_path: Path) -> None:
    metadata = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}
    argv = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "x", "language": "python", "metadata": metadata}
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "kernel.json").write_text(json.dumps(spec))
    specs = SealedSpecs(kernel_dirs=[str(tmp_path)])
    session = Session(specs, "bare")
    try:
        assert isinstance(session.manager.provisioner, kernels.SandboxProvisioner)
        assert session.manager.transport == "ipc"
    finally:
        session.close()


def test_causes_are_named() -> None:
    assert "user namespaces" in explain("bwrap: No permissions to create new user namespace")
    assert "/proc" in explain("bwrap: Can't mount proc on /newroot/proc: Operation not permitted")
    assert "nothing" in explain("")
