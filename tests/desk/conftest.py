"""A fresh site for each test."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.kit import Site, build_site, copy_site


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    state = tmp_path_factory.mktemp("template") / "state"
    build_site(state).desk.close()
    return state


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    built = copy_site(template, tmp_path / "state")
    yield built
    built.desk.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB that can really be full; needs root to mount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=0700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root; test_blobs fills a file-size limit instead")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
