"""Who works in which project, on which data, and until when."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from output_checker.storage.schema.columns import Recorded, Sha256, UtcTime


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
