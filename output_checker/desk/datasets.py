"""Datasets: registering an immutable version, and knowing whether its folder still is what was registered.

A version is hashed completely when it is registered and by ``verify``; before every start its manifest is compared.
Nothing here writes into a dataset's folder.
"""

import hashlib
import stat
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from output_checker.desk.context import Desk, actor_of
from output_checker.desk.people import require_admin
from output_checker.desk.views import DatasetView, Person
from output_checker.model import BadInput, Broken, Conflict, DatasetManifest, digest_of
from output_checker.storage.schema import DatasetRow, DatasetVersionRow, new_key


def register(desk: Desk, by: Person | None, slug: str, folder: Path) -> DatasetView:
    """Register the dataset version in this folder, after hashing every file against its manifest.

    Registering the same again changes nothing. Raises BadInput when the folder is not what its manifest says, Conflict
    when this version is already known with another manifest.
    """
    folder = folder.absolute()
    text, manifest = read_manifest(folder)
    wrong = find_differences(folder, manifest)
    if wrong:
        raise BadInput(f"The dataset version in {folder} is not what its manifest says: {'; '.join(wrong[:3])}.")
    with desk.changing(actor_of(by)) as change:
        require_admin(change, by)
        dataset = change.session.scalar(select(DatasetRow).where(DatasetRow.slug == slug))
        if dataset is None:
            dataset = DatasetRow(id=new_key(), slug=slug, created_at=change.now)
            change.session.add(dataset)
            change.session.flush()
        known = change.session.scalar(
            select(DatasetVersionRow).where(
                DatasetVersionRow.dataset_id == dataset.id, DatasetVersionRow.version == manifest.version
            )
        )
        sha256 = digest_of(text.encode())
        if known is not None:
            if known.manifest_sha256 != sha256:
                raise Conflict(
                    f"{slug} {manifest.version} is already registered with other content. Use a new version."
                )
            return dataset_view(desk, known)
        row = DatasetVersionRow(
            id=new_key(),
            dataset_id=dataset.id,
            version=manifest.version,
            path=_kept_path(desk, folder),
            manifest=text,
            manifest_sha256=sha256,
            registered_at=change.now,
            dataset=dataset,
        )
        change.session.add(row)
        change.record("register_dataset", dataset.subject(), version=manifest.version, manifest_sha256=sha256)
        return dataset_view(desk, row)


def folder_of(desk: Desk, row: DatasetVersionRow) -> Path:
    """The folder of a version; one beneath the state folder moves with it."""
    return desk.state_dir / row.path


def dataset_view(desk: Desk, row: DatasetVersionRow, until: datetime | None = None) -> DatasetView:
    """The version as pages show it."""
    manifest = DatasetManifest.from_json(row.manifest)
    return DatasetView(
        slug=row.dataset.slug,
        version=row.version,
        name=manifest.name,
        path=str(folder_of(desk, row)),
        manifest_sha256=row.manifest_sha256,
        rows=manifest.rows,
        columns=len(manifest.columns),
        until=until,
    )


def require_intact(desk: Desk, row: DatasetVersionRow) -> Path:
    """The folder, when its manifest still is the registered one. Raises Broken otherwise: no match, no mount."""
    folder = folder_of(desk, row)
    try:
        text, _ = read_manifest(folder)
    except BadInput as error:
        raise Broken(f"Dataset {row.dataset.slug} {row.version} can't be used: {error}") from error
    if digest_of(text.encode()) != row.manifest_sha256:
        raise Broken(f"Dataset {row.dataset.slug} {row.version} is not what was registered; it will not be mounted.")
    return folder


def read_manifest(folder: Path) -> tuple[str, DatasetManifest]:
    """The manifest of a folder, as text and as a value. Raises BadInput when it is missing or unreadable."""
    try:
        text = (folder / "manifest.json").read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{folder} holds no readable manifest.json ({error}).") from error
    return text, DatasetManifest.from_json(text)


def find_differences(folder: Path, manifest: DatasetManifest) -> tuple[str, ...]:
    """What in the folder is not as the manifest says: missing, changed, unnamed or not an ordinary file."""
    wrong = []
    for file in manifest.files:
        path = folder / file.path
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                wrong.append(f"{file.path} is not an ordinary file")
                continue
            with path.open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
                    wrong.append(f"{file.path} does not hash to its manifest's digest")
        except OSError as error:
            wrong.append(f"{file.path} can't be read ({error.strerror})")
    named = {"manifest.json", *(file.path for file in manifest.files)}
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    wrong += [f"{path} is not in the manifest" for path in sorted(found - named)]
    return tuple(wrong)


def _kept_path(desk: Desk, folder: Path) -> str:
    if folder.is_relative_to(desk.state_dir):
        return str(folder.relative_to(desk.state_dir))
    return str(folder)
