"""The ledger and the right edge of its Merkle tree."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    Integer,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from output_checker.storage.schema.columns import Base, Sha256, UtcTime


class LedgerRow(Base):
    """An entry of the ledger. The leaf is the RFC 9162 hash of the entry's canonical JSON (see ``storage.ledger``)."""

    __tablename__ = "ledger"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[str] = mapped_column(String(32), index=True)
    subject: Mapped[str] = mapped_column(String(64), index=True)
    payload: Mapped[str] = mapped_column(Text)
    leaf: Mapped[str] = mapped_column(Sha256)


class LedgerHeadRow(Base):
    """The right edge of the ledger's Merkle tree, in the one row with id 1; writers queue for it."""

    __tablename__ = "ledger_head"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(Integer)
    peaks: Mapped[list[str]] = mapped_column(JSON)
    root: Mapped[str] = mapped_column(Sha256)
