"""Read and judge every notebook that ships in the installed packages, and those of fetched source archives.

``python benchmarks/notebooks.py [FOLDER ...]`` looks below the two environments, node_modules and the folders; put
unpacked source archives (``pip download --no-binary :all: --no-deps PACKAGE``) into a folder to add theirs. Each
notebook is read in a cage; it prints one line of figures, and names those that could not be read.
"""

import sys
import time
from collections import Counter
from pathlib import Path

from output_checker.desk.check import check_files
from output_checker.desk.policies import load_policy

ROOT = Path(__file__).resolve().parents[1]


def find(folders: list[Path]) -> list[Path]:
    """Notebooks below the folders, each content once."""
    found = {
        path.read_bytes(): path for folder in folders for path in sorted(folder.rglob("*.ipynb")) if path.is_file()
    }
    return list(found.values())


def main(folders: list[Path]) -> int:
    """Check them all."""
    files = find([ROOT / ".venv", ROOT / ".venv-analysis", ROOT / "demo", *folders])
    began = time.perf_counter()
    checked = check_files([(path, path.name) for path in files], load_policy("default"))
    took = time.perf_counter() - began
    unread = [(path, one.output.problem) for path, one in zip(files, checked, strict=True) if one.output.problem]
    broken = sum(any(finding.rule == "U02" for finding in one.assessment.findings) for one in checked)
    said = Counter(one.assessment.verdict.value for one in checked)
    for path, problem in unread:
        print(f"not read: {path}: {problem}")
    print(
        f"bench notebooks: count={len(files)} read={len(files) - len(unread)} rules_broken={broken} "
        f"total={took:.1f}s each={took / max(len(files), 1):.3f}s verdicts={dict(said)}"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
