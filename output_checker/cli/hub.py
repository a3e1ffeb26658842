"""The hub as a child process: started, watched, started again when it dies, and stopped with all that belongs to it.

Never leaves anything behind that it started: what a killed hub left is ended by name before the next start, except
workspaces, which the next hub finds again.
"""

import http.client
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from hub_config import processes
from hub_config.processes import Process
from hub_config.settings import CHECKOUT, Settings
from output_checker.model import Broken

READY = 120.0
"""Seconds that a start may take."""
STOP = 40.0
"""Seconds that a clean stop may take, with all workspaces."""
RESTARTS, WINDOW = 3, 600.0
"""A hub that dies more often than this within so many seconds is not started again."""
KEPT_LOG = 5_000_000


class Hub:
    """One hub over one state folder. Demo passwords and the gate's secret live in its environment only."""

    def __init__(self, settings: Settings, passwords: Mapping[str, str], *, verbose: bool) -> None:
        self._settings = settings
        self._passwords = dict(passwords)
        self._verbose = verbose
        self._gate_token = secrets.token_hex(32)
        self._child: subprocess.Popen[bytes] | None = None
        self.log = settings.state / "logs" / "hub.log"

    def start(self) -> None:
        """Start the hub. It starts the proxy and the portal."""
        command = [
            sys.executable,
            "-P",
            "-m",
            "jupyterhub",
            "-f",
            str(CHECKOUT / "hub_config" / "jupyterhub_config.py"),
        ]
        if self.log.exists() and self.log.stat().st_size > KEPT_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            output = None if self._verbose else log
            self._child = subprocess.Popen(
                command, env=self._environment(), cwd=self._settings.state / "hub", stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True, umask=0o077,
            )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        ours = self._settings
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HALFTIDE_", "JUPYTER", "JPY_", "CONFIGPROXY_"))
        }
        node = CHECKOUT / ".setup" / "node" / "bin"
        more = {
            "HALFTIDE_TLS_CERTIFICATE": ours.tls_certificate,
            "HALFTIDE_TLS_KEY": ours.tls_key,
            "HALFTIDE_LISTEN_PORT": ours.listen_port,
        }
        return kept | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), str(node)]),
            "HALFTIDE_STATE": str(ours.state),
            "HALFTIDE_URL": ours.url,
            "HALFTIDE_BIND": ours.bind,
            "HALFTIDE_PORTAL_PORT": str(ours.portal_port),
            "HALFTIDE_HUB_API_PORT": str(ours.hub_api_port),
            "HALFTIDE_PROXY_API_PORT": str(ours.proxy_api_port),
            "HALFTIDE_SUBDOMAINS": "1" if ours.subdomains else "0",
            "HALFTIDE_ANALYSIS": str(ours.analysis),
            "HALFTIDE_PROBES": "1" if ours.probes else "0",
            "HALFTIDE_PROBE_HOUR": str(ours.probe_hour),
            "HALFTIDE_HUB_GATE_TOKEN": self._gate_token,
            "HALFTIDE_DEMO_PASSWORDS": json.dumps(self._passwords) if self._passwords else "",
            "HALFTIDE_TLS": ours.tls.value,
            "HALFTIDE_TRUSTED_PROXIES": ",".join(ours.trusted_proxies),
            "HALFTIDE_PYPI_MIRROR": ours.pypi_mirror,
            "HALFTIDE_CONDA_MIRROR": ours.conda_mirror,
            "HALFTIDE_CRAN_MIRROR": ours.cran_mirror,
            **{name: str(value) for name, value in more.items() if value},
        }

    def wait_until_ready(self, stop: threading.Event) -> None:
        """Come back when hub and portal answer through the proxy, or ``stop`` is set. Raises Broken when they don't."""
        deadline, page = time.monotonic() + READY, self._settings.portal_page
        while not stop.wait(0.1):
            if self._child is None or self._child.poll() is not None:
                raise Broken(f"the hub did not start. {self._last_words()}")
            if self._is_open(self._settings.portal_port) and self._answers("/hub/health") and self._answers(page):
                return
            if time.monotonic() > deadline:
                raise Broken(f"the hub was not ready within {READY:.0f} seconds. {self._last_words()}")

    def _answers(self, url: str) -> bool:
        """Whether the proxy hands on what hub or portal answer at ``url``, asked as a browser would be heard."""
        parts, ours = urlsplit(url), self._settings
        connection = self._connection()
        headers = {"Host": parts.netloc or urlsplit(ours.url).netloc}
        if ours.behind_proxy:
            headers["X-Forwarded-Proto"] = "https"
        try:
            connection.request("GET", parts.path, headers=headers)
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        # where this machine is not the TLS proxy, we are refused too: that the proxy is there is all that can be seen
        return status < 404 if status != 403 else ours.behind_proxy

    def _connection(self) -> http.client.HTTPConnection:
        """To our own proxy, at the address on which it listens."""
        ours = self._settings
        address = "127.0.0.1" if ours.bind in {"0.0.0.0", "::"} else ours.bind  # noqa: S104 compared, not bound
        if not ours.secure or ours.behind_proxy:
            return http.client.HTTPConnection(address, ours.port, timeout=5)
        # nothing is said and nothing believed: whether *browsers* trust the certificate is not known on this machine
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(address, ours.port, timeout=5, context=context)

    @staticmethod
    def _is_open(port: int, address: str = "127.0.0.1") -> bool:
        try:
            with socket.create_connection((address, port), timeout=5):
                return True
        except OSError:
            return False

    def keep_running(self, stop: threading.Event, say: Callable[[str], None]) -> None:
        """Come back when ``stop`` is set. A hub that dies is started again; its workspaces keep running meanwhile.

        Raises Broken when it dies again and again.
        """
        deaths: deque[float] = deque(maxlen=RESTARTS)
        while not stop.wait(0.3):
            if self._child is None or self._child.poll() is None:
                continue
            if len(deaths) == RESTARTS and time.monotonic() - deaths[0] < WINDOW:
                raise Broken(f"the hub ends again and again. {self._last_words()}")
            deaths.append(time.monotonic())
            say(f"The hub ended unexpectedly and is started again. {self._where()}")
            self.end_leftovers()
            self.start()
            self.wait_until_ready(stop)
            say("The hub is back. Running workspaces were kept.")

    def stop(self) -> None:
        """Stop workspaces, portal, proxy and hub, politely first. Nothing of them runs when this comes back."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(STOP)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self.end_leftovers()
        self._end_workspaces()

    def end_leftovers(self) -> None:
        """End what a killed hub left behind and what would be in the way: an old hub, its proxy and its portal."""
        for process in processes.hubs(self._settings.state):
            process.send(signal.SIGKILL)  # not politely: it would stop its workspaces, which the next hub finds again
        processes.end(processes.leftovers(self._settings.state))

    def _end_workspaces(self) -> None:
        state = self._settings.state
        for record in (*state.glob("projects/*/*/process.json"), *state.glob("probes/*/*/process.json")):
            keeper = processes.read_record(record)
            if keeper:
                _end_workspace(keeper)
            record.unlink(missing_ok=True)

    def _where(self) -> str:
        return "What it said is above." if self._verbose else f"What it said is in {self.log}."

    def _last_words(self) -> str:
        if self._verbose or not self.log.exists():
            return self._where()
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
        return f"{self._where()} Its end:\n" + "\n".join(f"  {line}" for line in lines)


def _end_workspace(keeper: Process) -> None:
    everything = [*processes.descendants(keeper), keeper]
    keeper.send(signal.SIGKILL)
    processes.end(everything, patience=1)
