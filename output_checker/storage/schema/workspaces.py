"""What workspaces may install, what proved their seal, and how much they showed."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from output_checker.storage.schema.columns import Base, Key, Recorded, Sha256, UtcTime, new_key


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
