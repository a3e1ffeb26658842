"""The ledger: what happened, in order, as the leaves of one Merkle tree.

An entry is appended in the transaction of the change that it tells of, never apart from it, and never changed. What the
tree proves: whoever kept a size and a root can tell whether anything before it was altered. What it can't prove by
itself: that the owner of the database did not rewrite everything after the last root that somebody else kept.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.model import Broken
from output_checker.storage.merkle import EMPTY_ROOT, Frontier, leaf_hash
from output_checker.storage.schema import LedgerHeadRow, LedgerRow, canonical_json


@dataclass(frozen=True)
class Entry:
    """Who did what to whom. ``actor`` is ``person:key`` or ``system``; ``subject`` is ``kind:key``."""

    actor: str
    action: str
    subject: str
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """The ledger at some size. Kept elsewhere, it is the measure of everything before it."""

    size: int
    root: str


def leaf_of(seq: int, at: datetime, entry: Entry) -> str:
    """The leaf hash of an entry, in hexadecimal: over all of its fields as canonical JSON."""
    text = canonical_json(
        {
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "payload": entry.payload,
        }
    )
    return leaf_hash(text.encode()).hex()


def lock(session: Session) -> LedgerHeadRow:
    """Take the ledger for this transaction. On PostgreSQL this is what lets only one writer decide at a time."""
    head = session.scalar(select(LedgerHeadRow).where(LedgerHeadRow.id == 1).with_for_update())
    if head is None:
        raise Broken("The ledger has no head. The database was not prepared by a migration; nothing was changed.")
    return head


def append(session: Session, at: datetime, entry: Entry) -> int:
    """Append an entry in the caller's transaction and return its number, counting from 0."""
    head = lock(session)
    seq = head.size
    leaf = leaf_of(seq, at, entry)
    session.add(
        LedgerRow(
            seq=seq,
            at=at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            payload=canonical_json(entry.payload),
            leaf=leaf,
        )
    )
    frontier = Frontier(head.size, tuple(map(bytes.fromhex, head.peaks))).append(bytes.fromhex(leaf))
    head.size, head.peaks, head.root = frontier.size, [peak.hex() for peak in frontier.peaks], frontier.root.hex()
    session.flush()
    return seq


def checkpoint(session: Session) -> Checkpoint:
    """The ledger's size and root now."""
    head = session.get(LedgerHeadRow, 1)
    return Checkpoint(0, EMPTY_ROOT.hex()) if head is None else Checkpoint(head.size, head.root)


def entries(session: Session) -> Iterator[LedgerRow]:
    """All entries in order, a thousand at a time."""
    yield from session.scalars(
        select(LedgerRow).order_by(LedgerRow.seq).execution_options(yield_per=1000, stream_results=True)
    )


@dataclass(frozen=True)
class Damage:
    """Something about the ledger that can't be true."""

    seq: int | None
    text: str


def find_damage(session: Session, kept: Checkpoint | None = None) -> tuple[Checkpoint, tuple[Damage, ...]]:
    """Hash every entry again and compare leaves, order, head, and the checkpoint that somebody kept."""
    damages: list[Damage] = []
    frontier = Frontier()
    kept_root = EMPTY_ROOT.hex() if kept is not None and kept.size == 0 else None
    for position, row in enumerate(entries(session)):
        if row.seq != position:
            damages.append(Damage(position, f"entry {position} is missing; {row.seq} stands in its place"))
            break
        leaf = _leaf_again(row)
        if leaf != row.leaf:
            damages.append(Damage(row.seq, f"entry {row.seq} was changed: it does not hash to its leaf"))
        frontier = frontier.append(bytes.fromhex(leaf))
        if kept is not None and frontier.size == kept.size:
            kept_root = frontier.root.hex()
    found = Checkpoint(frontier.size, frontier.root.hex())
    head = checkpoint(session)
    if head != found:
        damages.append(
            Damage(
                None, f"the head says {head.size} entries with root {head.root}, found {found.size} with {found.root}"
            )
        )
    if kept is not None and kept_root != kept.root:
        damages.append(Damage(None, f"the first {kept.size} entries are not those of the checkpoint {kept.root}"))
    return found, tuple(damages)


def _leaf_again(row: LedgerRow) -> str:
    try:
        payload = json.loads(row.payload)
    except ValueError:
        return leaf_hash(b"unreadable").hex()
    if canonical_json(payload) != row.payload:
        return leaf_hash(b"not canonical").hex()
    return leaf_of(row.seq, row.at, Entry(row.actor, row.action, row.subject, payload))
