"""The values everything else is written in. This package imports nothing else of ours and does no I/O."""

from output_checker.model.boundary import Boundary, Display, Figures, Pixels, Resources, Window
from output_checker.model.corrections import MEANS_IN_WORDS, MOST_CORRECTIONS, Correction, Means, Side
from output_checker.model.dataset import Column, ColumnRole, DataFile, DatasetManifest
from output_checker.model.errors import BadInput, Broken, Conflict, HalftideError, NotAllowed, NotFound
from output_checker.model.evidence import Evidence, IdentifierMatch, RowMatch
from output_checker.model.findings import Assessment, Finding, Severity, Verdict, Where
from output_checker.model.identifiers import PROVER, Digest, PersonId, ProjectId, RequestId, digest_of
from output_checker.model.outputs import Dropped, Image, Kind, Output, Part, Table, Text
from output_checker.model.policy import Policy

__all__ = [
    "MEANS_IN_WORDS",
    "MOST_CORRECTIONS",
    "PROVER",
    "Assessment",
    "BadInput",
    "Boundary",
    "Broken",
    "Column",
    "ColumnRole",
    "Conflict",
    "Correction",
    "DataFile",
    "DatasetManifest",
    "Digest",
    "Display",
    "Dropped",
    "Evidence",
    "Figures",
    "Finding",
    "HalftideError",
    "IdentifierMatch",
    "Image",
    "Kind",
    "Means",
    "NotAllowed",
    "NotFound",
    "Output",
    "Part",
    "PersonId",
    "Pixels",
    "Policy",
    "ProjectId",
    "RequestId",
    "Resources",
    "RowMatch",
    "Severity",
    "Side",
    "Table",
    "Text",
    "Verdict",
    "Where",
    "Window",
    "digest_of",
]
