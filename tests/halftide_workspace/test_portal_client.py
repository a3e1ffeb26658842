"""The portal's answers become values or errors with a text; nothing of it goes anywhere else."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from halftide_workspace.portal_client import PortalClient, PortalSilent, Submission
from halftide_workspace.staging import StagedFile
from output_checker.model.errors import BadInput, Broken, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.model.identifiers import digest_of

BASE = "http://portal.test/services/output-checker/api/v1"
SUBMISSION = Submission(
    "5e0c7c4e-6a0c-4a3a-9a50-8a1f4f6f0a01",
    "Table 1",
    ({"name": "G", "context": "c", "controls": "d", "paths": ["a"]},),
    None,
)
Answering = Callable[[httpx.Request], httpx.Response]


def client(answer: Answering) -> PortalClient:
    return PortalClient(BASE, "token-of-the-server", httpx.MockTransport(answer))


def answering(status: int, body: Any) -> Answering:
    return lambda _: httpx.Response(status, json=body)


def staged_file(data: bytes, path: str = "a") -> StagedFile:
    return StagedFile(path, len(data), digest_of(data), io.BytesIO(data))


async def test_it_asks_as_the_person_and_only_beneath_the_api() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"requests": []})

    assert await client(answer).requests() == {"requests": []}
    assert str(seen[0].url) == f"{BASE}/requests"
    assert seen[0].headers["Authorization"] == "token token-of-the-server"


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "bad_input", BadInput),
        (413, "bad_input", BadInput),
        (403, "not_allowed", NotAllowed),
        (404, "not_found", NotFound),
        (409, "conflict", Conflict),
        (500, "broken", Broken),
        (418, "something new", Broken),
    ],
)
async def test_the_portals_errors_keep_their_kind_and_text(status: int, kind: str, error: type[HalftideError]) -> None:
    portal = client(answering(status, {"error": {"kind": kind, "message": "Because of this", "id": "ab12"}}))
    with pytest.raises(error, match="Because of this") as caught:
        await portal.request("r1")
    assert ("ab12" in str(caught.value)) == (kind == "broken")


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
async def test_a_portal_that_does_not_answer_is_said_calmly(failure: type[httpx.TransportError]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise failure("no", request=request)

    with pytest.raises(PortalSilent, match="does not answer; nothing was lost, try again in a minute"):
        await client(answer).requests()


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (httpx.Response(502, text="<html>proxy</html>"), PortalSilent),
        (httpx.Response(401, text="no"), NotAllowed),
        (httpx.Response(200, text="<html>a login page</html>"), Broken),
        (httpx.Response(200, json=["a", "list"]), Broken),
        (httpx.Response(302, headers={"Location": "http://elsewhere.test/"}), Broken),
    ],
)
async def test_any_other_answer_fails_closed(response: httpx.Response, error: type[HalftideError]) -> None:
    with pytest.raises(error):
        await client(lambda _: response).requests()


async def test_without_an_address_it_says_what_is_missing() -> None:
    with pytest.raises(PortalSilent, match="HALFTIDE_PORTAL_API"):
        await PortalClient("", "t").requests()


async def test_the_policy_is_asked_for_once_and_unknown_parameters_are_left_out() -> None:
    asked = 0

    def answer(_: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, json={"name": "tides", "threshold": 7, "invented_later": True})

    portal = client(answer)
    assert [(await portal.policy()).threshold for _ in range(3)] == [7, 7, 7]
    assert asked == 1


async def test_a_nonsensical_policy_is_refused() -> None:
    with pytest.raises(BadInput, match="threshold"):
        await client(answering(200, {"threshold": -1})).policy()


async def test_a_request_is_sent_with_its_words_and_its_files_in_order() -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        outputs = [{"path": path, "sha256": digest_of(data)} for path, data in (("b/ä.csv", b"1,2"), ("a", b"\0\xff"))]
        return httpx.Response(201, json={"id": "r1", "number": 3, "groups": [{"outputs": outputs}]})

    detail = await client(answer).submit(SUBMISSION, [staged_file(b"1,2", "b/ä.csv"), staged_file(b"\0\xff")])
    assert detail["number"] == 3
    body = bodies[0]
    words = json.loads(body.split(b'name="request"\r\n\r\n')[1].split(b"\r\n")[0])
    assert words["client_id"] == SUBMISSION.client_id
    assert words["groups"][0]["paths"] == ["a"]
    assert body.index('filename="b/ä.csv"'.encode()) < body.index(b'filename="a"')
    assert b"\r\n\r\n1,2\r\n" in body
    assert b"\r\n\r\n\0\xff\r\n" in body


async def test_an_earlier_attempt_that_held_other_bytes_is_not_taken_for_this_one() -> None:
    def detail(sha256: str) -> dict[str, Any]:
        return {"id": "r1", "number": 12, "groups": [{"outputs": [{"path": "a", "sha256": sha256}]}]}

    now = staged_file(b"new bytes")
    assert (await client(answering(201, detail(now.sha256))).submit(SUBMISSION, [now]))["number"] == 12
    with pytest.raises(Conflict, match="#12"):
        await client(answering(201, detail(digest_of(b"old bytes")))).submit(SUBMISSION, [staged_file(b"new bytes")])
