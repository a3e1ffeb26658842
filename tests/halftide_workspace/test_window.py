"""The window by itself: what takes the place of a message that is not shown."""

import asyncio
import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.session import Session

from halftide_workspace.bundles import Figure
from halftide_workspace.figures import Drawing
from halftide_workspace.meter import Meter
from halftide_workspace.terminals import MeteredTerminals, _MeteredShell
from halftide_workspace.window import MeteredConnection
from halftide_workspace.window import Window as Shared
from output_checker.model import Figures, Window


class Connection(MeteredConnection):
    """A connection whose websocket is a list."""

    subprotocol = ""  # type: ignore[assignment]
    write_message = None  # type: ignore[assignment]

    def __init__(self, meter: Meter) -> None:
        super().__init__(session=Session(key=b"k"))
        self.sent: list[dict[str, Any]] = []
        self.write_message = lambda text, **_: self.sent.append(json.loads(text))  # type: ignore[assignment]
        self.shared = Shared(meter, Figures.IMAGE, Drawing(Path("/nowhere"), None))

    @property
    def _window(self) -> Shared:
        return self.shared

    @property
    def _is_open(self) -> bool:
        return True

    def _send(self, stream: Any, wire: list[Any]) -> None:
        self.sent.append(self.session.deserialize(self.session.feed_identities(wire)[1]))

    def pass_on(self, kind: str, content: dict[str, Any], channel: str, parent: dict[str, Any]) -> None:
        message = self.session.msg(kind, content, parent={"header": parent} if parent else None)
        parts = self.session.serialize(message)
        self.handle_outgoing_message(SimpleNamespace(channel=channel), parts)  # type: ignore[arg-type]


@pytest.fixture
def connection() -> Connection:
    meter = Meter(Window(at_once=10_000, burst=10_000, per_minute=60, per_day=10**9), 10**9)
    meter.bucket.left = 0
    return Connection(meter)


PARENT = {"msg_id": "cell-1", "msg_type": "execute_request", "session": "s", "extra": "LEAK"}


def test_a_cell_gets_one_note(connection: Connection) -> None:
    for _ in range(3):
        connection.pass_on("stream", {"name": "stdout", "text": "SECRET"}, "iopub", PARENT)
    assert [message["msg_type"] for message in connection.sent] == ["stream"]
    assert "release" in connection.sent[0]["content"]["text"]
    assert connection.sent[0]["parent_header"]["msg_id"] == "cell-1"


def test_the_notebook_does_not_wait_for_ever(connection: Connection) -> None:
    connection.pass_on("status", {"execution_state": "idle"}, "iopub", PARENT)
    connection.pass_on("execute_reply", {"status": "ok", "execution_count": 3}, "shell", PARENT)
    connection.pass_on("input_request", {"prompt": "SECRET", "password": False}, "stdin", PARENT)
    assert [message["msg_type"] for message in connection.sent] == ["status", "execute_reply", "input_request"]
    assert connection.sent[1]["content"]["execution_count"] == 3


@pytest.mark.attack
@pytest.mark.parametrize(
    ("kind", "content", "channel"),
    [
        ("status", {"execution_state": "LEAK"}, "iopub"),
        ("status", {"execution_state": "idle", "more": "LEAK"}, "iopub"),
        ("execute_reply", {"status": "LEAK", "execution_count": "LEAK", "payload": ["LEAK"]}, "shell"),
        ("complete_reply", {"status": "ok", "matches": ["LEAK"]}, "shell"),
        ("LEAK_reply", {"status": "ok"}, "iopub"),
        ("display_data", {"data": {"text/plain": "LEAK"}}, "iopub"),
        ("comm_msg", {"data": "LEAK"}, "iopub"),
    ],
)
def test_a_substitute_says_nothing_of_the_original(
    connection: Connection, kind: str, content: dict[str, Any], channel: str
) -> None:
    connection.pass_on(kind, content, channel, PARENT)
    assert "LEAK" not in json.dumps(connection.sent)


@pytest.mark.attack
def test_notes_can_not_be_provoked_without_end(connection: Connection) -> None:
    for number in range(500):
        connection.pass_on("stream", {"text": "x"}, "iopub", {**PARENT, "msg_id": f"cell-{number}"})
    assert len(connection.sent) <= 25


def test_rubbish_is_dropped(connection: Connection) -> None:
    connection.handle_outgoing_message("iopub", [b"<IDS|MSG>", b"", b"[]", b"{}", b"{}", b"{}"])
    assert connection.sent == []


class FirstIsSlow(Drawing):
    """Draws the first figure last."""

    async def draw(self, figure: Figure) -> bytes:
        if figure.specification["data"] == [1]:
            await asyncio.sleep(0.2)
        return b"\x89PNG\r\n\x1a\n" + bytes(8) + bytes(figure.specification["data"])


async def test_the_figures_of_a_cell_keep_their_order() -> None:
    connection = Connection(Meter(Window(), 10**9))
    connection.shared = Shared(connection.shared.meter, Figures.IMAGE, FirstIsSlow(Path("/nowhere"), None))
    for number in (1, 2):
        figure = {"data": {"application/vnd.plotly.v1+json": {"data": [number]}}, "metadata": {}}
        connection.pass_on("display_data", figure, "iopub", PARENT)
        connection.pass_on("stream", {"name": "stdout", "text": f"after {number}"}, "iopub", PARENT)
    connection.pass_on("stream", {"name": "stdout", "text": "another cell"}, "iopub", {**PARENT, "msg_id": "cell-2"})
    assert [message["content"]["text"] for message in connection.sent] == ["another cell"], "it does not wait"
    while connection._tasks:
        await asyncio.gather(*connection._tasks)
    pictures = [message["content"].get("data", {}).get("image/png", "") for message in connection.sent[1:]]
    assert [base64.b64decode(picture)[-1:] for picture in pictures] == [b"\1", b"", b"\2", b""]
    assert [message["content"].get("text") for message in connection.sent[1:]] == [None, "after 1", None, "after 2"]


class Shell:
    """A process that always has the same thing to say."""

    def read(self, size: int) -> str:
        return "x" * 1000

    def isalive(self) -> bool:
        return True


def test_a_terminal_stops_with_one_note_and_goes_on_later() -> None:
    terminals = SimpleNamespace(meter=Meter(Window(at_once=5000, burst=1500, per_minute=60, per_day=10**9), 10**9))
    shell = _MeteredShell(Shell(), terminals)  # type: ignore[arg-type]
    assert shell.isalive()
    assert shell.read(65536) == "x" * 1000
    assert "release" in shell.read(65536)
    assert shell.read(65536) == ""
    terminals.meter.bucket.left = 1500
    assert shell.read(65536) == "x" * 1000


def test_a_terminal_without_a_meter_shows_nothing() -> None:
    assert MeteredTerminals.meter is None
    assert _MeteredShell(Shell(), SimpleNamespace(meter=None)).read(10) == ""  # type: ignore[arg-type]
