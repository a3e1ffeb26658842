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


def test_the_debugger_stops_at_a_breakpoint(starting: Callable[..., Session]) -> None:
    """As JupyterLab asks for it; the debugger's own port is on the loopback of the kernel's empty network."""
    session = starting()
    seq = iter(range(1, 99))

    def ask(command: str, **arguments: Any) -> Any:
        request = {"type": "request", "seq": next(seq), "command": command, "arguments": arguments}
        message = session.client.session.msg("debug_request", request)
        session.client.control_channel.send(message)
        while True:
            reply = session.do(session.client.control_channel.get_msg(timeout=30))
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                assert reply["content"]["success"], reply["content"]
                return reply["content"].get("body")

    async def stopped() -> str:
        while True:
            heard = await session.client.iopub_channel.get_msg(timeout=30)
            if heard["msg_type"] == "debug_event" and heard["content"]["event"] == "stopped":
                return str(heard["content"]["body"]["reason"])

    code = "x = 6\ny = x * 7\n"
    ask("initialize", clientID="test", adapterID="python", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
    ask("attach", justMyCode=True)
    file = ask("dumpCell", code=code)["sourcePath"]
    points = ask("setBreakpoints", source={"path": file}, breakpoints=[{"line": 2}], sourceModified=False)
    assert points["breakpoints"][0]["verified"]
    ask("configurationDone")
    session.client.execute(code)
    assert session.do(stopped()) == "breakpoint"
    seen = ask("inspectVariables")["variables"]
    assert {"name": "x", "value": "6"}.items() <= next(v for v in seen if v["name"] == "x").items()
    ask("disconnect", restart=False, terminateDebuggee=False)


def test_widgets_talk_to_the_page(session: Session) -> None:
    shown = session.run("import ipywidgets\nslider = ipywidgets.IntSlider(3)\nslider")
    assert "application/vnd.jupyter.widget-view+json" in shown
    name = session.run("print(slider.comm.comm_id)").strip()
    change = {"comm_id": name, "data": {"method": "update", "state": {"value": 8}, "buffer_paths": []}}
    session.client.shell_channel.send(session.client.session.msg("comm_msg", change))
    assert session.run("print(slider.value)").strip().endswith("8")
    figure = session.run("%matplotlib widget\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.show()")
    assert "application/vnd.jupyter.widget-view+json" in figure
    session.run("%matplotlib inline")


def test_another_language_that_an_administrator_installed_runs_sealed(place: Path, tmp_path: Path) -> None:
    """A kernel of ten lines for a language of its own, outside of the analysis environment's ipykernel."""
    program = (
        "from ipykernel.kernelbase import Kernel\nfrom ipykernel.kernelapp import IPKernelApp\nimport os, socket\n"
        "class Shout(Kernel):\n"
        "    implementation = language = banner = 'shout'\n    implementation_version = '1'\n"
        "    language_info = {'name': 'shout', 'mimetype': 'text/plain', 'file_extension': '.txt'}\n"
        "    def do_execute(self, code, silent, *_, **__):\n"
        "        text = code.upper() + str([n for _, n in socket.if_nameindex()]) + str(os.getuid())\n"
        "        self.send_response(self.iopub_socket, 'stream', {'name': 'stdout', 'text': text})\n"
        "        return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}\n"
        "IPKernelApp.launch_instance(kernel_class=Shout)\n"
    )
    (tmp_path / "shout").mkdir()
    spec = {"argv": ["python3", "-c", program, "-f", "{connection_file}"], "display_name": "Shout", "language": "shout"}
    (tmp_path / "shout" / "kernel.json").write_text(json.dumps(spec))
    session = Session(SealedSpecs(kernel_dirs=[str(tmp_path)]), "shout")
    try:
        assert session.run("low tide") == "LOW TIDE['lo']1000"
    finally:
        session.close()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 9))\nwhile True: pass", "limit for CPU time"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended from outside"),
        ("import os; os._exit(3)", "exit code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed (SIGSEGV)"),
    ],
    ids=["cpu", "killed", "exit", "crash"],
)
def test_why_a_kernel_ended_is_known(starting: Callable[..., Session], code: str, said: str) -> None:
    session = starting()
    provisioner = session.manager.provisioner
    assert isinstance(provisioner, kernels.SandboxProvisioner)
    assert provisioner.why_it_ended() is None
    session.client.execute(code)
    deadline = time.monotonic() + 30
    while provisioner.is_running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert said in str(provisioner.why_it_ended())


def test_the_limits_of_a_process_are_those_of_the_project(session: Session) -> None:
    limits = session.run("print(open('/proc/self/limits').read())")
    assert "Max cpu time              604800               604805" in limits
    assert "Max open files            4096                 4096" in limits
    assert "Max core file size        0                    0" in limits


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
