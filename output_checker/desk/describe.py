"""Requests as plain dictionaries, in the shape that the HTTP API promises. Pure; leaves evidence out."""

from dataclasses import asdict
from typing import Any

from output_checker.desk.reports import dropped_json, finding_json
from output_checker.desk.views import GroupView, MessageView, OutputView, RequestPage, RequestRow
from output_checker.model import Policy


def request_summary(row: RequestRow, url: str) -> dict[str, Any]:
    """A request in a list; ``url`` is its page on the portal."""
    return {
        "id": row.id,
        "number": row.number,
        "title": row.title,
        "state": row.state.value,
        "state_text": row.state_text,
        "round": row.round,
        "submitted_at": row.submitted_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "url": url,
        "outputs": row.outputs,
        "findings": asdict(row.findings),
    }


def request_detail(page: RequestPage, url: str, download_url: str | None = None) -> dict[str, Any]:
    """A request with everything that its author may see. ``download_url`` is told once the request is released."""
    return {
        **request_summary(page.row, url),
        "groups": [_group(group) for group in page.groups],
        "messages": [_message(message) for message in page.messages],
        "released_at": page.release.at.isoformat() if page.release else None,
        "download_url": download_url if page.release else None,
    }


def policy(value: Policy) -> dict[str, Any]:
    """A policy as a flat mapping."""
    return asdict(value)


def _group(group: GroupView) -> dict[str, Any]:
    return {
        "name": group.name,
        "context": group.context,
        "controls": group.controls,
        "outputs": [_output(output) for output in group.outputs],
    }


def _output(output: OutputView) -> dict[str, Any]:
    return {
        "id": output.id,
        "path": output.path,
        "sha256": output.sha256,
        "canonical_sha256": output.canonical_sha256,
        "kind": output.kind,
        "verdict": output.verdict.value if output.verdict else None,
        "problem": output.problem,
        "findings": [finding_json(finding) for finding in output.findings],
        "dropped": [dropped_json(item) for item in output.dropped],
    }


def _message(message: MessageView) -> dict[str, Any]:
    return {"at": message.at.isoformat(), "from": message.sender, "text": message.text, "kind": message.kind}
