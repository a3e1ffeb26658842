"""The way out: a released file for those who may fetch it, always as a download and never as a page."""

from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response

from output_checker.desk import fetch
from output_checker.desk.fetch import FetchedFile
from output_checker.web.portal import Visiting
from output_checker.web.security import UNTRUSTED

router = APIRouter(prefix="/requests/{request_id}")


@router.get("/files.zip")
def all_files(visit: Visiting, request_id: str) -> Response:
    """All released files of a request with their manifest, as a ZIP."""
    return _download(fetch.fetch_all(visit.desk, visit.person, request_id))


@router.get("/files/{output_id}")
def one_file(visit: Visiting, request_id: str, output_id: str) -> Response:
    """One released file, byte for byte what was approved."""
    return _download(fetch.fetch_file(visit.desk, visit.person, request_id, output_id))


def disposition(path: str) -> str:
    """``Content-Disposition`` for the last name of ``path``: plain ASCII for old clients, UTF-8 for all (RFC 6266)."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1].strip(". ") or "output"
    name = "".join(c if c.isprintable() else "_" for c in name)[:150]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _download(file: FetchedFile) -> Response:
    headers = {
        "Content-Disposition": disposition(file.path),
        "Content-Security-Policy": UNTRUSTED,
        "X-Content-SHA256": file.sha256,
    }
    return Response(file.data, media_type="application/octet-stream", headers=headers)
