"""Verifies a dataset version before it is mounted: the manifest and every file must have the approved digests.

No match, no mount. Never follows a link, and never trusts a folder's word about itself: the digest of the manifest
comes from the portal.
"""

import hashlib
import stat
from pathlib import Path

from hub_config.access_gate import GrantedDataset
from output_checker.model import BadInput, Broken, DatasetManifest, digest_of
from output_checker.sandbox import DATA, Mount

CHUNK = 1024 * 1024


def verified_mount(dataset: GrantedDataset) -> Mount:
    """The read-only mount of this version. Raises Broken, naming the file, when anything differs from its approval."""
    try:
        _require_unchanged(dataset)
    except (OSError, BadInput) as error:
        raise _differs(dataset, f"it can't be read ({error})") from error
    return Mount(source=dataset.path, target=Path(DATA) / dataset.slug)


def _require_unchanged(dataset: GrantedDataset) -> None:
    text = (dataset.path / "manifest.json").read_bytes()
    if digest_of(text) != dataset.manifest_sha256:
        raise _differs(dataset, "manifest.json is not the one that was approved")
    manifest = DatasetManifest.from_json(text.decode())
    expected = {file.path: file.sha256 for file in manifest.files}
    found = {str(path.relative_to(dataset.path)): path for path in sorted(dataset.path.rglob("*")) if not _folder(path)}
    for name in sorted((set(expected) | {"manifest.json"}) ^ set(found)):
        raise _differs(dataset, f"{name} is {'not in the manifest' if name in found else 'missing'}")
    for name, digest in expected.items():
        if _digest_of_file(found[name]) != digest:
            raise _differs(dataset, f"{name} has changed since it was approved")


def _folder(path: Path) -> bool:
    mode = path.lstat().st_mode
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise BadInput(f"{path.name} is neither a file nor a folder")
    return stat.S_ISDIR(mode)


def _digest_of_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _differs(dataset: GrantedDataset, what: str) -> Broken:
    return Broken(
        f"The data {dataset.slug} (version {dataset.version}) can't be opened: {what}. Nothing was started and nothing "
        "is lost. Please tell your administrator; the version has to be restored or approved anew."
    )
