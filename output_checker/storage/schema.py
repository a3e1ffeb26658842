"""The tables. Keys are UUIDs, names are labels, times are aware and in UTC, nothing is ever deleted.

Every class that derives from ``Recorded`` is a fact about people, data or decisions: a change to one of its rows can
only be committed together with a ledger entry about its ``subject``, and the entry holds the digest of the row's
``facts``. Columns that come later must be nullable: facts leave out what is empty, so that old digests stay true.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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


class PersonRow(Recorded):
    """Somebody whom the hub knows by ``hub_name``."""

    __tablename__ = "person"
    hub_name: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class SiteRoleRow(Recorded):
    """A role on this site, held from ``begins`` until ``ends``."""

    __tablename__ = "site_role"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    begins: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime | None] = mapped_column(UtcTime)

    def subject(self) -> str:
        return f"person:{self.person_id}"


class ProjectRow(Recorded):
    """A project. ``policy`` holds the fields of a Policy; ``boundary`` those of a Boundary that
    differ from the usual."""

    __tablename__ = "project"
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(255))
    lay_summary: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(32))
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    boundary: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    begins: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class MembershipRow(Recorded):
    """That somebody works in a project, in a role, for a time."""

    __tablename__ = "membership"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    begins: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime | None] = mapped_column(UtcTime)

    def subject(self) -> str:
        return f"project:{self.project_id}"


class ConflictRow(Recorded):
    """A declared conflict of interest between a person and a project."""

    __tablename__ = "conflict"
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    declared_by: Mapped[str] = mapped_column(String(64))
    begins: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime | None] = mapped_column(UtcTime)

    def subject(self) -> str:
        return f"project:{self.project_id}"


class DatasetRow(Recorded):
    """A dataset; what is approved are its versions."""

    __tablename__ = "dataset"
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class DatasetVersionRow(Recorded):
    """An immutable folder of files with its manifest."""

    __tablename__ = "dataset_version"
    __table_args__ = (UniqueConstraint("dataset_id", "version"),)
    dataset_id: Mapped[str] = mapped_column(ForeignKey("dataset.id"), index=True)
    version: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(Text)
    manifest: Mapped[str] = mapped_column(Text)
    manifest_sha256: Mapped[str] = mapped_column(Sha256)
    registered_at: Mapped[datetime] = mapped_column(UtcTime)
    dataset: Mapped[DatasetRow] = relationship(lazy="joined")

    def subject(self) -> str:
        return f"dataset:{self.dataset_id}"


class GrantRow(Recorded):
    """That a project may use a dataset version for a time."""

    __tablename__ = "dataset_grant"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("dataset_version.id"), index=True)
    begins: Mapped[datetime] = mapped_column(UtcTime)
    ends: Mapped[datetime | None] = mapped_column(UtcTime)
    version: Mapped[DatasetVersionRow] = relationship(lazy="joined")

    def subject(self) -> str:
        return f"project:{self.project_id}"


class RequestRow(Recorded):
    """A request for release. ``state`` changes in ``desk.moves`` only."""

    __tablename__ = "request"
    __table_args__ = (Index("ix_request_state_submitted_at", "state", "submitted_at"),)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(32))
    round: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    submitted_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    project: Mapped[ProjectRow] = relationship(lazy="joined")
    author: Mapped[PersonRow] = relationship(lazy="joined")


class AboutRequest(Recorded):
    """A row whose changes are told in the ledger as changes of its request."""

    __abstract__ = True
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), index=True)

    def subject(self) -> str:
        return f"request:{self.request_id}"


class SubmissionRow(AboutRequest):
    """A round: what was sent at once. ``client_id`` makes sending it twice harmless."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("author_id", "client_id"), UniqueConstraint("request_id", "round"))
    round: Mapped[int] = mapped_column(Integer)
    author_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    client_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(255))
    at: Mapped[datetime] = mapped_column(UtcTime)


class OutputGroupRow(AboutRequest):
    """Files of a round that belong together, with what the author says about them."""

    __tablename__ = "output_group"
    round: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(255))
    context: Mapped[str] = mapped_column(Text)
    controls: Mapped[str] = mapped_column(Text)


class OutputRow(AboutRequest):
    """A file of a round. What the check makes of it is empty until the check is done; ``parts_sha256`` names the blob
    that holds the parts for the viewer."""

    __tablename__ = "output"
    __table_args__ = (Index("ix_output_request_id_round", "request_id", "round"),)
    group_id: Mapped[str] = mapped_column(ForeignKey("output_group.id"), index=True)
    round: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Sha256)
    size: Mapped[int] = mapped_column(Integer)
    canonical_sha256: Mapped[str | None] = mapped_column(Sha256)
    canonical_size: Mapped[int | None] = mapped_column(Integer)
    parts_sha256: Mapped[str | None] = mapped_column(Sha256)
    kind: Mapped[str | None] = mapped_column(String(32))
    media_type: Mapped[str | None] = mapped_column(String(127))
    verdict: Mapped[str | None] = mapped_column(String(16))
    fails: Mapped[int | None] = mapped_column(Integer)
    reviews: Mapped[int | None] = mapped_column(Integer)
    notes: Mapped[int | None] = mapped_column(Integer)
    policy_digest: Mapped[str | None] = mapped_column(Sha256)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class VoteRow(AboutRequest):
    """A vote, never changed: whoever thinks again votes again, and the later row counts. ``position`` orders them."""

    __tablename__ = "vote"
    __table_args__ = (Index("ix_vote_request_id_round", "request_id", "round"),)
    output_id: Mapped[str] = mapped_column(ForeignKey("output.id"), index=True)
    checker_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    round: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    canonical_sha256: Mapped[str] = mapped_column(Sha256)
    policy_digest: Mapped[str] = mapped_column(Sha256)
    at: Mapped[datetime] = mapped_column(UtcTime)


class MessageRow(AboutRequest):
    """Something that somebody said about a request, never changed."""

    __tablename__ = "message"
    round: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    public: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(UtcTime)


class ReleaseRow(AboutRequest):
    """What went out, once per request and never changed. ``manifest`` lists the files and who approved each."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("request_id", name="uq_release_request_once"),)
    round: Mapped[int] = mapped_column(Integer)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcTime)


class FetchRow(AboutRequest):
    """That somebody downloaded released files, never changed."""

    __tablename__ = "fetch"
    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"), index=True)
    output_id: Mapped[str | None] = mapped_column(ForeignKey("output.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)


class PackageRow(Recorded):
    """A package that was asked for, and what became of it: a line of the list while ``state`` is "allowed". Without a
    project it holds for the whole site."""

    __tablename__ = "package"
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(128))
    versions: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    decision: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)

    def subject(self) -> str:
        return f"project:{self.project_id}" if self.project_id else "site"


class PackageUseRow(Base):
    """That a workspace wished for a package, and what it was told: every request that reached the portal."""

    __tablename__ = "package_use"
    id: Mapped[str] = mapped_column(Key, primary_key=True, default=new_key)
    at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    wish: Mapped[str] = mapped_column(String(512))
    outcome: Mapped[str] = mapped_column(String(16))
    size: Mapped[int] = mapped_column(Integer)


class ProbeRow(Recorded):
    """What one run of the probes found, never changed: the signed text, the signature and the key's public half."""

    __tablename__ = "probe"
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    passed: Mapped[bool] = mapped_column(Boolean)
    catalogue: Mapped[str] = mapped_column(Sha256)
    report: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(128))
    public_key: Mapped[str] = mapped_column(String(64))

    def subject(self) -> str:
        return f"project:{self.project_id}"


class ProbeAnswerRow(Recorded):
    """That an administrator (or the site itself) answered for a run that failed, and why; never changed."""

    __tablename__ = "probe_answer"
    probe_id: Mapped[str] = mapped_column(ForeignKey("probe.id"), unique=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)

    def subject(self) -> str:
        return f"project:{self.project_id}"


class ProbeOrderRow(Base):
    """A run of the probes that somebody waits for. Not a fact: it says how far the run is and, at its end, what came
    of it. ``permit_until`` is the one permission to start a workspace for it, gone as soon as it is used."""

    __tablename__ = "probe_order"
    id: Mapped[str] = mapped_column(Key, primary_key=True, default=new_key)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    why: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(16), index=True)
    ordered_at: Mapped[datetime] = mapped_column(UtcTime)
    begun_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    permit_until: Mapped[datetime | None] = mapped_column(UtcTime)
    progress: Mapped[str] = mapped_column(Text, default="")
    probe_id: Mapped[str | None] = mapped_column(ForeignKey("probe.id"))


class ShownRow(Base):
    """How many bytes one run of a workspace showed to its browser on one day (``YYYY-MM-DD``, UTC). Not a fact: it only
    grows during the day, and nobody decides by it."""

    __tablename__ = "shown"
    __table_args__ = (UniqueConstraint("project_id", "person_id", "day", "session"),)
    id: Mapped[str] = mapped_column(Key, primary_key=True, default=new_key)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    day: Mapped[str] = mapped_column(String(10))
    session: Mapped[str] = mapped_column(Key)
    bytes: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcTime)


class JobRow(Base):
    """Work that was promised in the transaction that made it necessary. Not a fact: it is gone when it is done.

    ``worker`` holds it until ``leased_until``; a worker that dies loses it then.
    """

    __tablename__ = "job"
    id: Mapped[str] = mapped_column(Key, primary_key=True, default=new_key)
    kind: Mapped[str] = mapped_column(String(16))
    request_id: Mapped[str] = mapped_column(ForeignKey("request.id"), index=True)
    output_id: Mapped[str | None] = mapped_column(ForeignKey("output.id"))
    round: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    ready_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    leased_until: Mapped[datetime | None] = mapped_column(UtcTime)
    worker: Mapped[str | None] = mapped_column(String(64))


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


RECORDED: tuple[type[Recorded], ...] = (
    PersonRow,
    SiteRoleRow,
    ProjectRow,
    MembershipRow,
    ConflictRow,
    DatasetRow,
    DatasetVersionRow,
    GrantRow,
    RequestRow,
    SubmissionRow,
    OutputGroupRow,
    OutputRow,
    VoteRow,
    MessageRow,
    ReleaseRow,
    FetchRow,
    ProbeRow,
    ProbeAnswerRow,
    PackageRow,
)
"""Every table that the ledger vouches for."""

APPEND_ONLY = (
    "ledger",
    "vote",
    "message",
    "release",
    "fetch",
    "submission",
    "output_group",
    "package_use",
    "probe",
    "probe_answer",
)
"""Tables whose rows the database itself refuses to change or delete."""
