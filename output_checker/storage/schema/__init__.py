"""The tables. Keys are UUIDs, names are labels, times are aware and in UTC, nothing is ever deleted.

Every class that derives from ``Recorded`` is a fact about people, data or decisions: a change to one of its rows can
only be committed together with a ledger entry about its ``subject``, and the entry holds the digest of the row's
``facts``. Columns that come later must be nullable: facts leave out what is empty, so that old digests stay true.
"""

from output_checker.storage.schema.columns import Base, Key, Recorded, Sha256, UtcTime, canonical_json, new_key
from output_checker.storage.schema.ledger import LedgerHeadRow, LedgerRow
from output_checker.storage.schema.projects import (
    ConflictRow,
    DatasetRow,
    DatasetVersionRow,
    GrantRow,
    MembershipRow,
    PersonRow,
    ProjectRow,
    SiteRoleRow,
)
from output_checker.storage.schema.requests import (
    AboutRequest,
    CorrectionRow,
    FetchRow,
    JobRow,
    MessageRow,
    OutputGroupRow,
    OutputRow,
    ReleaseRow,
    RequestRow,
    SubmissionRow,
    VoteRow,
)
from output_checker.storage.schema.workspaces import (
    PackageRow,
    PackageUseRow,
    ProbeAnswerRow,
    ProbeOrderRow,
    ProbeRow,
    ShownRow,
)

__all__ = [
    "APPEND_ONLY",
    "RECORDED",
    "AboutRequest",
    "Base",
    "ConflictRow",
    "CorrectionRow",
    "DatasetRow",
    "DatasetVersionRow",
    "FetchRow",
    "GrantRow",
    "JobRow",
    "Key",
    "LedgerHeadRow",
    "LedgerRow",
    "MembershipRow",
    "MessageRow",
    "OutputGroupRow",
    "OutputRow",
    "PackageRow",
    "PackageUseRow",
    "PersonRow",
    "ProbeAnswerRow",
    "ProbeOrderRow",
    "ProbeRow",
    "ProjectRow",
    "Recorded",
    "ReleaseRow",
    "RequestRow",
    "Sha256",
    "ShownRow",
    "SiteRoleRow",
    "SubmissionRow",
    "UtcTime",
    "VoteRow",
    "canonical_json",
    "new_key",
]

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
    CorrectionRow,
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
