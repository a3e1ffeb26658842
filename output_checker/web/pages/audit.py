"""The ledger as a page and as files, for those who oversee the site."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from output_checker.desk import queue
from output_checker.desk.views import EventView, SiteRole
from output_checker.web.portal import Visit, Visiting
from output_checker.web.security import NOTHING

router = APIRouter()

READERS = (SiteRole.ADMIN, SiteRole.AUDITOR, SiteRole.CHECKER)
CHUNK = 1000
FIELDS = ("seq", "at", "actor", "action", "subject", "text", "request", "payload")


@router.get("/audit")
def audit_page(visit: Visiting, search: str = Query("", max_length=200), before: int | None = None) -> Response:
    """A page of the ledger, newest first."""
    visit.require_role(*READERS)
    audit = queue.audit(visit.desk, visit.person, search=search.strip(), before=before)
    return visit.show("audit.html", audit=audit, search=search.strip())


@router.get("/audit.csv")
def audit_csv(visit: Visiting, search: str = Query("", max_length=200)) -> Response:
    """All rows that match, as CSV."""
    visit.require_role(*READERS)
    return _file(_csv(visit, search.strip()), "text/csv; charset=utf-8", "halftide-audit.csv")


@router.get("/audit.json")
def audit_json(visit: Visiting, search: str = Query("", max_length=200)) -> Response:
    """All rows that match, one JSON object in each line."""
    visit.require_role(*READERS)
    lines = (json.dumps(_fields(event)) + "\n" for event in _events(visit, search.strip()))
    return _file(lines, "application/x-ndjson", "halftide-audit.jsonl")


def _events(visit: Visit, search: str) -> Iterator[EventView]:
    before: int | None = None
    while True:
        page = queue.audit(visit.desk, visit.person, search=search, before=before, limit=CHUNK)
        yield from page.events
        if page.next_before is None:
            return
        before = page.next_before


def _fields(event: EventView) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": event.at.astimezone(UTC).isoformat(),
        "actor": event.actor,
        "action": event.action,
        "subject": event.subject,
        "text": event.text,
        "request": event.request_number,
        "payload": dict(event.payload),
    }


def _csv(visit: Visit, search: str) -> Iterator[str]:
    yield ",".join(FIELDS) + "\r\n"
    for event in _events(visit, search):
        fields = _fields(event)
        row = [json.dumps(fields[name]) if name == "payload" else _harmless(fields[name]) for name in FIELDS]
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def _harmless(value: object) -> str:
    """A text that a spreadsheet will not take for a formula (CWE-1236)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _file(lines: Iterator[str], media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": NOTHING}
    return StreamingResponse(lines, media_type=media_type, headers=headers)
