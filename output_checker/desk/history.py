"""What the ledger says happened, read from its entries alone. Changes nothing and asks no other table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from output_checker.storage import ledger
from output_checker.storage.schema import LedgerRow


@dataclass(frozen=True)
class Step:
    """A move of a request."""

    seq: int
    action: str
    source: str
    target: str
    round: int


@dataclass(frozen=True)
class ToldVote:
    """A vote as its entry tells it."""

    seq: int
    output: str
    checker: str
    round: int
    decision: str
    reason: str
    canonical_sha256: str
    policy_digest: str


@dataclass(frozen=True)
class ToldRelease:
    """A release as its entry tells it."""

    seq: int
    request_id: str
    round: int
    approvals: int
    policy_digest: str
    files: list[dict[str, Any]]


@dataclass
class History:
    """The ledger's content by subject. ``rows`` holds the last digest that was told of each row."""

    size: int = 0
    rows: dict[str, str] = field(default_factory=dict)
    moves: dict[str, list[Step]] = field(default_factory=dict)
    votes: dict[str, ToldVote] = field(default_factory=dict)
    releases: list[ToldRelease] = field(default_factory=list)

    def approvers(self, release: ToldRelease, file: Mapping[str, Any]) -> set[str]:
        """Who approved exactly this file's bytes in the release's round under its policy, before it went out."""
        last: dict[str, ToldVote] = {}
        for vote in self.votes.values():
            if vote.output == file["output"] and vote.round == release.round and vote.seq < release.seq:
                last[vote.checker] = vote
        return {
            vote.checker
            for vote in last.values()
            if vote.decision == "approve"
            and vote.canonical_sha256 == file["sha256"]
            and vote.policy_digest == release.policy_digest
        }


def read_history(session: Session) -> tuple[History, tuple[str, ...]]:
    """Read the whole ledger; the second value says which entries could not be understood."""
    history, unread = History(), []
    for row in ledger.entries(session):
        history.size += 1
        try:
            _read(history, row, json.loads(row.payload))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            unread.append(f"entry {row.seq} can't be understood: {error!r}")
    return history, tuple(unread)


def _read(history: History, row: LedgerRow, payload: dict[str, Any]) -> None:
    history.rows.update(payload.get("rows", {}))
    if "from" in payload and row.subject.startswith("request:"):
        step = Step(row.seq, row.action, payload["from"], payload["to"], payload["round"])
        history.moves.setdefault(row.subject, []).append(step)
    for raw in payload.get("votes", ()):
        values = {key: value for key, value in raw.items() if key != "vote"}
        history.votes[raw["vote"]] = ToldVote(seq=row.seq, **values)
    if row.action == "release":
        history.releases.append(
            ToldRelease(
                seq=row.seq,
                request_id=row.subject.removeprefix("request:"),
                round=payload["round"],
                approvals=payload["approvals"],
                policy_digest=payload["policy_digest"],
                files=payload["files"],
            )
        )
