"""``halftide up``: makes the state folder ready, starts the hub, says where it is, and stops all of it cleanly.

Never starts where something would not hold: without a working sandbox, on a port that is taken, on a state folder that
others can read or that another Halftide uses. Demo passwords are made anew at each start and shown once.
"""

import argparse
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub_config.settings import CHECKOUT, Settings, read_settings
from output_checker import control_groups, sandbox
from output_checker.cli.hub import Hub
from output_checker.model import BadInput, Broken, Conflict

DEMO_ACCOUNTS = {
    "researcher": "works in the project rand-hie",
    "checker1": "checks requests",
    "checker2": "checks requests",
    "admin": "runs the site",
}
_IN_SCOPE = "HALFTIDE_IN_SCOPE"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


def add_parser(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("up", help="start Halftide here", description=__doc__.split("\n\n")[0])
    parser.add_argument("--state", metavar="FOLDER", help="where Halftide keeps everything (default: ./state)")
    parser.add_argument("--url", help="public address (default: http://localhost:8000)")
    parser.add_argument("--no-demo", action="store_true", help="without the demo's people, projects and data")
    parser.add_argument("--verbose", action="store_true", help="show the hub's log here instead of in a file")


def run(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM. 0 when everything was stopped cleanly."""
    _enter_scope()
    os.umask(0o077)  # what is written beneath the state folder is nobody else's, file by file
    settings = read_settings(_environment(args))
    require_working_sandbox(settings)
    require_proxy()
    with claimed(settings.state):
        passwords = {} if args.no_demo else {name: new_password() for name in DEMO_ACCOUNTS}
        hub = Hub(settings, passwords, verbose=args.verbose)
        hub.end_leftovers()
        require_free_ports(settings)
        prepare(settings, demo=not args.no_demo)
        with _stopping() as stop:
            return _serve(hub, stop, settings, passwords)


def _enter_scope() -> None:
    """Become the same command in a systemd scope, where only that lets us bound workspaces as a whole."""
    known = control_groups.find().kind is not control_groups.Kind.NONE
    if known or _IN_SCOPE in os.environ or not control_groups.scope_is_granted():
        return
    line = control_groups.scope([sys.executable, *sys.orig_argv[1:]], root=os.getuid() == 0)
    os.execvpe(line[0], line, os.environ | {_IN_SCOPE: "1"})  # noqa: S606 our own command line


def _environment(args: argparse.Namespace) -> dict[str, str]:
    named = {"HALFTIDE_STATE": args.state, "HALFTIDE_URL": args.url}
    return os.environ | {key: value for key, value in named.items() if value}


def _serve(hub: Hub, stop: threading.Event, settings: Settings, passwords: Mapping[str, str]) -> int:
    _say(f"Starting Halftide on {settings.url} ...")
    try:
        hub.start()
        hub.wait_until_ready(stop)
        if not stop.is_set():
            _say(welcome(settings, passwords))
            hub.keep_running(stop, _say)
    finally:
        _say("\nStopping: workspaces, output checker, hub ...")
        hub.stop()
        _say("Halftide is stopped. Nothing of it is running any more.")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def welcome(settings: Settings, passwords: Mapping[str, str]) -> str:
    """What is shown once Halftide is ready: the address, the demo's accounts, where the logs are."""
    lines = [f"\nHalftide is ready: open {settings.url} in a browser.\n"]
    if passwords:
        wide = max(map(len, passwords.values()))
        lines += [
            f"  {'account':<12}{'password':<{wide + 3}}who it is",
            *(f"  {name:<12}{word:<{wide + 3}}{DEMO_ACCOUNTS.get(name, '')}" for name, word in passwords.items()),
            "\nThese passwords hold until Halftide is stopped; the next start makes new ones.",
        ]
    lines.append(f"Logs are in {settings.state / 'logs'}. Press Ctrl-C to stop.")
    return "\n".join(lines)


def new_password() -> str:
    """A password for one start: 12 letters and digits that are easy to type, from about 2**59."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


# --- what must hold before anything starts ----------------------------------------------------------------------------


def require_working_sandbox(settings: Settings) -> None:
    """Seal an empty workspace once. Raises Broken, with the way on, when this machine can't."""
    sandbox.require_bubblewrap()
    if not (settings.analysis / "bin" / "python").exists():
        raise Broken(f"there is no analysis environment for kernels in {settings.analysis}; `make run` makes it")
    with tempfile.TemporaryDirectory(prefix="halftide-") as folder:
        paths = sandbox.WorkspacePaths(Path(folder), Path(folder), settings.analysis)
        line = sandbox.workspace_server(paths, [], ["/bin/true"])
        tried = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if tried.returncode:
        raise Broken(
            "this machine can't seal a workspace, so nothing is started. Bubblewrap said: "
            f"{tried.stderr.strip() or 'nothing'}\nUnprivileged user namespaces must be allowed: see the sysctls "
            "kernel.unprivileged_userns_clone (1), user.max_user_namespaces (above 0) and, on Ubuntu, "
            "kernel.apparmor_restrict_unprivileged_userns (0); in a container, its seccomp profile."
        )


def require_proxy() -> None:
    """Raises Broken when the proxy or the Node that runs it is missing."""
    if not (CHECKOUT / "node_modules" / ".bin" / "configurable-http-proxy").exists():
        raise Broken("the proxy (configurable-http-proxy) is not installed; `make run` installs it")


@contextmanager
def claimed(state: Path) -> Iterator[None]:
    """Have the state folder for ourselves, readable by nobody else. Raises Conflict while another Halftide has it."""
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if state.stat().st_uid != os.getuid():
            raise BadInput(f"the state folder {state} belongs to another user; start Halftide as that user")
        for folder in (state, state / "hub", state / "logs"):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
        lock = (state / "lock").open("a")
    except OSError as error:
        raise BadInput(f"the state folder {state} can't be used: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict(f"another `halftide up` is using {state}; stop it first, or use another --state") from error
        yield


def require_free_ports(settings: Settings) -> None:
    """Raises Conflict that names the port that is taken and the setting that would move it."""
    public = "HALFTIDE_LISTEN_PORT" if settings.listen_port else "HALFTIDE_URL"
    wanted = {
        public: (settings.bind, settings.port),
        "HALFTIDE_HUB_API_PORT": ("127.0.0.1", settings.hub_api_port),
        "HALFTIDE_PORTAL_PORT": ("127.0.0.1", settings.portal_port),
        "HALFTIDE_PROXY_API_PORT": ("127.0.0.1", settings.proxy_api_port),
    }
    for name, (address, port) in wanted.items():
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                raise Conflict(
                    f"port {port} can't be used ({error.strerror}): another program has it. End it, or choose "
                    f"another port with {name} ({'http://localhost:PORT' if name == 'HALFTIDE_URL' else 'a number'})."
                ) from error


def prepare(settings: Settings, *, demo: bool) -> None:
    """Bring the state folder up to date and, with ``demo``, put the demo's people, projects and data there."""
    from output_checker.desk.context import prepare_state

    prepare_state(settings.state)
    if not demo:
        return
    _build_demo_data(settings)
    from output_checker.desk.demo import seed_demo

    seed_demo(settings.state)


def _build_demo_data(settings: Settings) -> None:
    datasets = settings.state / "datasets"
    if all((datasets / name / "1" / "manifest.json").exists() for name in ("rand-hie", "grunfeld")):
        return
    _say("Making the demo's two datasets ...")
    built = subprocess.run(
        [settings.analysis / "bin" / "python", CHECKOUT / "demo" / "build_datasets.py", settings.state],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if built.returncode:
        raise Broken(f"the demo's datasets could not be made:\n{built.stderr.strip()}")


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and a closed terminal set, instead of ending us half-way."""
    stop = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in signals}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
