"""What every table is made of: keys, times, digests, and rows that the ledger vouches for."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    DateTime,
    Dialect,
    MetaData,
    String,
    TypeDecorator,
    inspect,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcTime(TypeDecorator[datetime]):
    """An aware time. SQLite keeps no time zone, so what goes in and comes out is UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a time without a zone, which could mean anything."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone can't be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = String(36)
Sha256 = String(64)


def new_key() -> str:
    """A fresh key."""
    return str(uuid4())


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and without spaces, so that equal values have equal digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class Base(DeclarativeBase):
    """All tables; constraints have names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Recorded(Base):
    """A row that the ledger vouches for."""

    __abstract__ = True

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=new_key)

    def subject(self) -> str:
        """Whom the ledger entry about a change to this row is about: ``kind:key``."""
        return f"{self.__tablename__}:{self.id}"

    def name_in_ledger(self) -> str:
        """The row's own name in an entry: ``table/key``."""
        return f"{self.__tablename__}/{self.id}"

    def facts(self) -> dict[str, Any]:
        """The row's columns that are not empty, as JSON can hold them."""
        values = {c.key: getattr(self, c.key) for c in inspect(type(self)).column_attrs}
        return {
            key: value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
            for key, value in values.items()
            if value is not None
        }

    def facts_digest(self) -> str:
        """SHA-256 over the facts."""
        return hashlib.sha256(canonical_json(self.facts()).encode()).hexdigest()
