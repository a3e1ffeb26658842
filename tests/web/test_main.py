"""The portal as a process: it starts from the environment, checks what waits, and ends cleanly."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from web_world import make_world

from output_checker.desk import queue
from output_checker.model import BadInput
from output_checker.web.settings import Settings


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _environment(state: Path, port: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTERHUB_", "HALFTIDE_"))},
        "HALFTIDE_STATE": str(state),
        "HALFTIDE_PORTAL_PORT": str(port),
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{_free_port()}/hub/api",
        "JUPYTERHUB_API_TOKEN": "portal-token",
        "JUPYTERHUB_CLIENT_ID": "service-output-checker",
    }


def _wait(port: int) -> int:
    until = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/services/output-checker/health", timeout=2) as answer:
                return int(answer.status)
        except urllib.error.URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_it_serves_checks_and_stops(tmp_path: Path) -> None:
    world = make_world(tmp_path / "state")
    request_id = world.submit({"notes.txt": b"The mean is 3.4.\n"}, checked=False)
    port = _free_port()
    command = [sys.executable, "-W", "error::ResourceWarning", "-m", "output_checker.web"]
    process = subprocess.Popen(command, env=_environment(tmp_path / "state", port), stderr=subprocess.PIPE, text=True)
    try:
        assert _wait(port) == 200
        until = time.monotonic() + 30
        while queue.request_page(world.desk, world.person("admin"), request_id).row.state == "checking":
            assert time.monotonic() < until, "the worker never checked the file"
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=45)
        world.desk.close()
    assert process.returncode in {0, -signal.SIGTERM}, log
    assert "Traceback" not in log, log


def test_settings_come_from_the_hubs_variables() -> None:
    base = _environment(Path("/tmp/x"), 8123)
    settings = Settings.from_environment({**base, "HALFTIDE_URL": "http://localhost:9000"})
    assert settings.portal_url == "http://output-checker--service.localhost:9000/services/output-checker/"
    assert settings.hub_url == "http://localhost:9000/hub/"
    assert settings.callback_url == settings.portal_url + "oauth_callback"
    assert not settings.secure
    told = Settings.from_environment(
        {
            **base,
            "JUPYTERHUB_PUBLIC_URL": "https://portal.example/base/services/output-checker/",
            "JUPYTERHUB_BASE_URL": "/base/",
            "JUPYTERHUB_HOST": "https://example",
        }
    )
    assert told.portal_url == "https://portal.example/base/services/output-checker/"
    assert told.hub_url == "https://example/base/hub/"
    assert told.secure
    assert "portal-token" not in repr(told)
    plain = Settings.from_environment({**base, "HALFTIDE_SUBDOMAINS": "0"})
    assert plain.public_origin == plain.hub_origin == "http://localhost:8000"


def test_a_missing_or_senseless_setting_stops_the_start() -> None:
    base = _environment(Path("/tmp/x"), 8123)
    wrong = [{**base, name: ""} for name in ("JUPYTERHUB_API_TOKEN", "JUPYTERHUB_CLIENT_ID", "HALFTIDE_PORTAL_PORT")]
    wrong += [{**base, "HALFTIDE_PORTAL_PORT": "99999"}, {**base, "HALFTIDE_URL": "localhost"}]
    for environment in wrong:
        try:
            Settings.from_environment(environment)
        except BadInput:
            continue
        raise AssertionError(environment)
