"""No file that pins or configures a dependency names the host of a package registry."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOSTS = re.compile(
    r"pypi\.org|pythonhosted|registry\.npmjs|registry\.yarnpkg|deb\.debian|conda\.anaconda|crates\.io|unpkg\.com|jsdelivr"
)


def test_no_registry_is_named() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    named = []
    for name in listed.decode().split("\0"):
        file = ROOT / name
        if name and file.is_file() and file != Path(__file__) and HOSTS.search(file.read_text("utf-8", "replace")):
            named.append(name)
    assert not named
