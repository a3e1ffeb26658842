"""Talks to the portal for the workspace server; no other module of this zone does.

Promises: every call is made as the person whose server this is, with that server's own token, and ends within its
timeout. A failure becomes one of the five errors with a text for that person. Never follows a redirect, never goes
through a proxy, and never shows the token.
"""

import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import quote

import httpx

from halftide_workspace.staging import StagedFile
from output_checker.model.errors import BadInput, Broken, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.model.policy import Policy

Json = dict[str, Any]

_KINDS: Mapping[str, type[HalftideError]] = {
    "bad_input": BadInput,
    "not_allowed": NotAllowed,
    "not_found": NotFound,
    "conflict": Conflict,
    "broken": Broken,
}
_USUAL = httpx.Timeout(15, connect=5)
_SENDING = httpx.Timeout(300, connect=5)
"""A request of many large files is written to disk and hashed before the portal answers."""
_FETCHING = httpx.Timeout(600, connect=5)
"""The portal fetches a package from the site's mirror, whole, before it hands it on."""
_POLICY_SECONDS = 60
_SILENT = "The output checker does not answer; nothing was lost, try again in a minute."


class PortalSilent(Broken):
    """The portal can't be reached or does not answer in time."""


@dataclass(frozen=True)
class Submission:
    """What a request says about its files; ``groups`` hold name, context, controls and paths."""

    client_id: str
    title: str
    groups: tuple[Json, ...]
    replaces: str | None
    corrections: tuple[Json, ...] = ()
    """What the author says about columns and rows: path, part, row or column, means, why."""


class PortalClient:
    """The portal as one workspace server sees it. ``base`` is the API's address, ``token`` the server's own."""

    def __init__(self, base: str, token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._base = base
        self._policy: tuple[float, Policy] | None = None
        self._http = httpx.AsyncClient(
            base_url=base.rstrip("/") + "/" if base else "",
            headers={"Authorization": f"token {token}", "Accept": "application/json"},
            timeout=_USUAL,
            trust_env=False,
            transport=transport,
        )

    async def policy(self) -> Policy:
        """The project's policy, at most a minute old."""
        now = time.monotonic()
        if self._policy is None or now - self._policy[0] > _POLICY_SECONDS:
            raw = await self._ask("GET", "policy")
            known = {field.name for field in fields(Policy)}  # a newer portal may know more parameters than we do
            self._policy = (now, Policy.from_mapping({name: value for name, value in raw.items() if name in known}))
        return self._policy[1]

    async def requests(self) -> Json:
        """This person's requests in this project, newest first."""
        return await self._ask("GET", "requests")

    async def request(self, request_id: str) -> Json:
        """One request with its findings and messages."""
        return await self._ask("GET", f"requests/{request_id}")

    async def withdraw(self, request_id: str) -> Json:
        """Take a request back."""
        return await self._ask("POST", f"requests/{request_id}/withdraw")

    async def submit(self, submission: Submission, files: Sequence[StagedFile]) -> Json:
        """Send a request with its files. Sending the same ``client_id`` again gives the request that exists."""
        answer = await self._ask(
            "POST",
            "requests",
            data={"request": json.dumps(asdict(submission))},
            files=[("file", (file.path, file.content, "application/octet-stream")) for file in files],
            timeout=_SENDING,
        )
        _require_same_bytes(answer, files)
        return answer

    async def packages(self) -> Json:
        """The project's packages and questions, and for which kinds there is a mirror."""
        return await self._ask("GET", "packages")

    async def ask_for_package(self, question: Json) -> Json:
        """Ask for a package. Asking again gives the question that exists."""
        return await self._ask("POST", "packages", json=question)

    @asynccontextmanager
    async def package_file(self, path: str) -> AsyncIterator[httpx.Response]:
        """An index or a file for a package client, whose content is still to come. ``path`` is a plain one."""
        self._require_portal()
        try:
            async with self._http.stream("GET", f"packages/files/{quote(path)}", timeout=_FETCHING) as response:
                if not response.is_success:
                    await response.aread()
                    _answer(response)
                yield response
        except httpx.TransportError as error:
            raise PortalSilent(_SILENT) from error

    async def tell_shown(self, session: str, day: str, count: int) -> None:
        """Say how many bytes this session has shown on ``day`` so far. Saying it again changes nothing."""
        await self._ask("POST", f"shown/{day}/{session}/{count}")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, **arguments: Any) -> Json:
        self._require_portal()
        try:
            response = await self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise PortalSilent(_SILENT) from error
        return _answer(response)

    def _require_portal(self) -> None:
        if not self._base:
            raise PortalSilent(
                "This workspace was started without an output checker (HALFTIDE_PORTAL_API is not set), so nothing can "
                "be released from it. Tell your administrator."
            )


def _answer(response: httpx.Response) -> Json:
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.is_success and isinstance(body, dict):
        return body
    raise _error(response.status_code, body)


def _error(status: int, body: Any) -> HalftideError:
    said = body.get("error") if isinstance(body, dict) else None
    if isinstance(said, dict) and said.get("message"):
        text = str(said["message"])
        if said.get("kind") == "broken" and said.get("id"):
            text += f" (error {said['id']})"
        return _KINDS.get(str(said.get("kind")), Broken)(text)
    if status == 401:
        return NotAllowed(
            "The output checker does not know this workspace any more, because its session has ended. "
            "Save your work, then stop and start the workspace from the hub's page."
        )
    if status in {502, 503, 504}:
        return PortalSilent(_SILENT)
    return Broken(
        f"The output checker answered in a way that makes no sense here (HTTP {status}). Nothing was lost; "
        "if it happens again, tell your administrator."
    )


def _require_same_bytes(answer: Json, files: Sequence[StagedFile]) -> None:
    """An attempt whose answer was lost may have arrived with an older state of the files: then this one did not."""
    outputs = [output for group in answer.get("groups", ()) for output in group["outputs"]]
    held = {output.get("path"): output.get("sha256") for output in outputs}
    changed = [file.path for file in files if held.get(file.path) != file.sha256]
    if changed:
        raise Conflict(
            f"An earlier attempt of this request had already arrived as #{answer.get('number')}, and it holds other "
            f"files or another state of {', '.join(changed[:3])}. Look at it under Releases: withdraw it and send this "
            "one as a new request, or keep it and discard this form."
        )
