"""Check one file: read it in the cage, compare it with the data, judge it.

Promises an answer for every file: what goes wrong with one becomes a finding of its own and never stops the others. The
file's bytes are parsed in the cage alone.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from output_checker.disclosure import assess, tables_of
from output_checker.microdata import Candidate, Dataset, find_evidence, open_dataset
from output_checker.model import (
    Assessment,
    Broken,
    Correction,
    Digest,
    Evidence,
    Finding,
    Kind,
    Output,
    Policy,
    Severity,
    Text,
    digest_of,
)
from output_checker.readers import Cages, read_in_cage

Read = Callable[[bytes, str], Output]
"""Reads bytes of this name in a cage."""


@dataclass(frozen=True)
class CheckedOutput:
    """A file with what was read of it and what the check says."""

    name: str
    sha256: Digest
    canonical_sha256: Digest | None
    """Digest of the bytes that may be released; None when there are none."""
    output: Output
    assessment: Assessment


def open_datasets(folders: Sequence[Path]) -> list[Dataset]:
    """Open dataset versions once for many files. Raises BadInput or Broken."""
    return [open_dataset(folder) for folder in folders]


def check_files(
    files: Iterable[tuple[Path, str]], policy: Policy, datasets: Sequence[Dataset] = ()
) -> list[CheckedOutput]:
    """Check several (source, name) pairs, as many at a time as there are processors; in their order."""
    workers = os.cpu_count() or 1
    with Cages(workers) as cages, ThreadPoolExecutor(workers) as threads:
        return list(threads.map(lambda file: check_file(file[0], file[1], policy, datasets, read=cages.read), files))


def check_file(
    source: Path | bytes,
    name: str,
    policy: Policy,
    datasets: Sequence[Path | Dataset] = (),
    corrections: Sequence[Correction] = (),
    *,
    read: Read = read_in_cage,
) -> CheckedOutput:
    """Check one file under a policy, against these dataset versions (opened, or the folders they are in). ``name`` is
    its name in the request, ``corrections`` say how its tables are meant. Raises BadInput or Broken for a dataset that
    is none or that differs from its manifest."""
    opened = [known if isinstance(known, Dataset) else open_dataset(known) for known in datasets]
    try:
        data = source if isinstance(source, bytes) else _bytes_of(source, policy.max_file_bytes)
    except OSError as error:
        return _unreadable(name, policy, f"This file can't be read ({error.strerror or error}).")
    try:
        output = _too_large(data, policy) or read(data, name)
    except Broken as error:
        return _unreadable(name, policy, f"{error}", digest_of(data))
    canonical = digest_of(output.canonical) if output.canonical else None
    return CheckedOutput(name, digest_of(data), canonical, output, judge(output, name, policy, opened, corrections))


def judge(
    output: Output,
    name: str,
    policy: Policy,
    datasets: Sequence[Dataset] = (),
    corrections: Sequence[Correction] = (),
) -> Assessment:
    """Judge what was read. A comparison with the data that fails leaves the output to a person."""
    problem = ""
    evidence: Evidence | None = None
    if datasets and not output.problem:
        tables = [Candidate(found.part, found.table, found.first_line) for found in tables_of(output)]
        texts = [(index, part) for index, part in enumerate(output.parts) if isinstance(part, Text)]
        try:
            evidence = find_evidence(tables, texts, datasets, policy.threshold)
        except Broken as error:
            problem = str(error)
    assessment = assess(output, policy, evidence, name, corrections)
    notes = (*((problem,) if problem else ()), *(evidence.limits if evidence else ()))
    extra = tuple(
        Finding(
            "X01", Severity.REVIEW, (), f"Not everything was compared with the data: {note}", "A checker looks at it."
        )
        for note in notes
    )
    return Assessment((*extra, *assessment.findings), assessment.policy_digest)


def _bytes_of(path: Path, most: int) -> bytes:
    """At most one byte more than the policy allows, so that a huge file costs nothing. Links, pipes and devices are
    refused: they are not the file that was meant."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file")
        return file.read(most + 1)


def _too_large(data: bytes, policy: Policy) -> Output | None:
    if len(data) <= policy.max_file_bytes:
        return None
    limit = f"{policy.max_file_bytes:,}"
    return Output(Kind.UNKNOWN, "", (), b"", (), f"This file is larger than the {limit} bytes that may be requested.")


def _unreadable(name: str, policy: Policy, problem: str, digest: Digest | None = None) -> CheckedOutput:
    output = Output(Kind.UNKNOWN, "", (), b"", (), problem)
    return CheckedOutput(name, digest or digest_of(b""), None, output, assess(output, policy, None, name))
