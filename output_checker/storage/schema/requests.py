"""Requests for release, from their submission to what was fetched, and the work that is promised for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from output_checker.storage.schema.columns import Base, Key, Recorded, Sha256, UtcTime, new_key
from output_checker.storage.schema.projects import PersonRow, ProjectRow


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


class CorrectionRow(AboutRequest):
    """What somebody says that a column or row of an output holds. ``side`` is on whose word it rests; it is used until
    a checker refuses it, which is the one thing about it that changes."""

    __tablename__ = "correction"
    output_id: Mapped[str] = mapped_column(ForeignKey("output.id"), index=True)
    round: Mapped[int] = mapped_column(Integer)
    part: Mapped[int] = mapped_column(Integer)
    row: Mapped[int | None] = mapped_column(Integer)
    column: Mapped[int | None] = mapped_column(Integer)
    means: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    refused_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    refused_at: Mapped[datetime | None] = mapped_column(UtcTime)


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
