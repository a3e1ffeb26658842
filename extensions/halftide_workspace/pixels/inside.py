"""What runs in the browser's sandbox: a relay from its loopback to the door, a window manager, and Chromium.

The network namespace is empty but for its own loopback, and a browser speaks to no Unix socket; so the relay is the
only thing that the browser can reach, and the door the only thing that the relay can. Ends when Chromium ends.
Never runs outside that sandbox.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from output_checker.sandbox_pixels import CHROMIUM, DOOR, PACKAGES

PORT = 8888
_FLAGS = (
    *("--kiosk", "--ozone-platform=x11", "--no-first-run", "--no-default-browser-check", "--noerrdialogs"),
    *("--disable-gpu", "--mute-audio", "--force-color-profile=srgb", "--password-store=basic"),
    *("--disable-sync", "--disable-component-update", "--disable-background-networking", "--disable-quic"),
    *("--disable-breakpad", "--disable-crash-reporter", "--disable-domain-reliability", "--no-pings"),
    *("--hide-crash-restore-bubble", "--disable-session-crashed-bubble", "--disable-pinch"),
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)


def origin() -> str:
    """The address of the relay, as the browser inside sees it."""
    return f"http://localhost:{PORT}"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):  # either side may hang up
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection of the browser, passed on to the door."""
    try:
        door_reader, door_writer = await asyncio.open_unix_connection(Path(DOOR) / "http")
    except OSError as error:
        sys.stderr.write(f"the door does not answer: {error}\n")
        writer.close()
        return
    await asyncio.gather(_pump(reader, door_writer), _pump(door_reader, writer))


async def run(address: str) -> int:
    """Starts all of it and comes back with Chromium's exit code."""
    server = await asyncio.start_server(relay, "127.0.0.1", PORT)
    windows = await asyncio.create_subprocess_exec(PACKAGES["matchbox-window-manager"], "-use_titlebar", "no")
    profile = f"--user-data-dir={os.environ['HOME']}/profile"
    browser = await asyncio.create_subprocess_exec(CHROMIUM, *_FLAGS, profile, address)
    code = await browser.wait()
    with contextlib.suppress(ProcessLookupError):
        windows.kill()
    await windows.wait()
    server.close()
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(run(sys.argv[1])))
