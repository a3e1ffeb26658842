"""``halftide check``: the automated check on files, as the portal runs it, with an answer for people or for programs.

Exit code 0 when every file passes, 1 when one needs a person, 2 when one fails, 3 when the check could not run. Writes
nothing but what ``--canonical``, ``--fix`` and ``--html`` ask for.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from output_checker.model import BadInput, Finding, HalftideError, Policy, Severity, Verdict, Where

COULD_NOT_RUN = 3
_EXIT = {Verdict.PASS: 0, Verdict.REVIEW: 1, Verdict.FAIL: 2}
_COLOURS = {"pass": "32", "review": "33", "fail": "31", "note": "36"}
_MOST_PLACES_SHOWN = 6


def add_parser(subparsers: Any) -> None:
    """Describe the verb's arguments."""
    parser = subparsers.add_parser("check", help="check files for disclosure", description=__doc__)
    _add_arguments(parser)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", default="default", help="a policy's name or file (default: %(default)s)")
    parser.add_argument(
        "--data", action="append", default=[], type=Path, metavar="DIR", help="a dataset version to compare with"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--canonical", type=Path, metavar="DIR", help="write the bytes that may be released here")
    parser.add_argument("--fix", type=Path, metavar="DIR", help="write mended files here, where Halftide can mend them")
    parser.add_argument("--html", type=Path, metavar="REPORT", help="write a report for people, one page in one file")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders with all their files")


def run(args: argparse.Namespace) -> int:
    """Check the files and print what was found. Raises HalftideError when the check can't run at all."""
    from output_checker.cli.fix import Fixes, fix_as_json, mend_all, write_fixes
    from output_checker.desk.check import CheckedOutput, check_files, open_datasets
    from output_checker.desk.policies import load_policy

    policy: Policy = load_policy(args.policy)
    datasets = open_datasets(args.data)
    files = list(find_files(args.paths))
    if not files:
        raise BadInput(f"there is no file to check in {', '.join(map(str, args.paths))}")
    target = _target_folder(args.canonical)
    checked: list[CheckedOutput] = check_files(files, policy, datasets)
    if target is not None:
        _write_canonical(checked, target)
    fixes: Fixes | None = mend_all(checked, policy, datasets) if args.fix or args.html else None
    if args.fix and fixes is not None:
        write_fixes(fixes, args.fix)
    if args.html and fixes is not None:
        _write_report(args.html, checked, fixes, policy)
    if args.json:
        outputs = [as_json(item) for item in checked]
        if args.fix and fixes is not None:
            outputs = [
                said | {"fix": fix_as_json(item, fixes.get(item.name))}
                for said, item in zip(outputs, checked, strict=True)
            ]
        print(json.dumps({"outputs": outputs}, indent=2, ensure_ascii=False))
    else:
        _print_report(checked, policy, sys.stdout, fixes if args.fix else None)
    return max((_EXIT[item.assessment.verdict] for item in checked), default=0)


def find_files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Files with their names: a file by its own name, a folder's files by their path beneath it, sorted.

    Raises BadInput for a path that does not exist.
    """
    taken: set[str] = set()
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise BadInput(f"there is no file or folder {path}")
        found = sorted(_beneath(path)) if path.is_dir() else [path]
        for file in found:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            yield file, _unlike(name, str(file), taken)


def _beneath(folder: Path) -> Iterator[Path]:
    """Everything in a folder that is no folder; links are not followed."""
    for root, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        for name in [*names, *(f for f in folders if (Path(root) / f).is_symlink())]:
            yield Path(root) / name


def _unlike(name: str, full: str, taken: set[str]) -> str:
    """The name, or the whole path where two files share a name."""
    chosen = name if name not in taken else full.lstrip("/").replace("../", "")
    taken.add(chosen)
    return chosen


def _target_folder(folder: Path | None) -> Path | None:
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"the folder {folder} can't be made ({error.strerror})") from error
    return folder


def _write_canonical(checked: Sequence[Any], folder: Path) -> None:
    """The canonical bytes under the same names. A file without canonical bytes leaves none."""
    for item in checked:
        if not item.output.canonical or item.output.problem:
            continue
        path = folder / item.name
        if folder.resolve() not in path.resolve().parents:
            raise BadInput(f"{item.name} would be written outside {folder}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.output.canonical)
        except OSError as error:
            raise BadInput(f"{path} can't be written ({error.strerror})") from error


def _write_report(path: Path, checked: Sequence[Any], fixes: Mapping[str, Any], policy: Policy) -> None:
    from output_checker.web.report import report

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report(checked, fixes, policy), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"the report {path} can't be written ({error.strerror})") from error


def as_json(item: Any) -> dict[str, Any]:
    """One checked file as the contract has it."""
    return {
        "path": item.name,
        "sha256": item.sha256,
        "canonical_sha256": item.canonical_sha256,
        "kind": item.output.kind.value,
        "verdict": item.assessment.verdict.value,
        "findings": [_finding(finding) for finding in item.assessment.findings],
        "dropped": [
            {"what": d.what, "where": d.where, "detail": d.detail, "size": d.size} for d in item.output.dropped
        ],
        "policy": item.assessment.policy_digest,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "where": [_where(where) for where in finding.where],
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _where(where: Where) -> dict[str, Any]:
    return {"part": where.part, "row": where.row, "column": where.column, "label": where.label, "value": where.value}


def _print_report(checked: Sequence[Any], policy: Policy, out: TextIO, fixes: Mapping[str, Any] | None = None) -> None:
    """What a person reads: one block for each file, the heaviest findings first, what was mended, then one line of
    figures."""
    colour = out.isatty() and "NO_COLOR" not in os.environ
    for item in checked:
        verdict = item.assessment.verdict
        out.write(f"{_painted(verdict.value, verdict.value.upper(), colour)}  {_printable(item.name)}\n")
        for finding in item.assessment.findings:
            _print_finding(finding, colour, out)
        if fixes is not None:
            _print_fix(item, fixes.get(item.name), out)
        out.write("\n")
    counts = {verdict: sum(item.assessment.verdict is verdict for item in checked) for verdict in Verdict}
    figures = ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict)
    out.write(f"{len(checked)} {'file' if len(checked) == 1 else 'files'}: {figures}  (policy {policy.name})\n")
    if counts[Verdict.PASS]:
        out.write("A pass is no approval: two people decide about every release.\n")


def _print_fix(item: Any, mended: Any, out: TextIO) -> None:
    if mended is not None:
        from output_checker.cli.fix import print_fix

        print_fix(item, mended, out)
    elif item.assessment.verdict is not Verdict.PASS:
        out.write("  not mended: nothing that Halftide can do safely by itself would answer this\n")


def _print_finding(finding: Finding, colour: bool, out: TextIO) -> None:
    mark = _painted(finding.severity.value, f"{finding.severity.value:<6}", colour)
    out.write(f"  {mark} {finding.rule}  {_printable(finding.message)}\n")
    for where in finding.where[:_MOST_PLACES_SHOWN]:
        line = _place(where)
        if line:
            out.write(f"           at {_printable(line)}\n")
    if len(finding.where) > _MOST_PLACES_SHOWN:
        out.write(f"           and {len(finding.where) - _MOST_PLACES_SHOWN} more places\n")
    if finding.remedy and finding.severity is not Severity.NOTE:
        out.write(f"           -> {_printable(finding.remedy)}\n")


def _place(where: Where) -> str:
    spot = "" if where.row is None else f"row {where.row + 1}"
    if where.column is not None:
        spot += f"{', ' if spot else ''}column {where.column + 1}"
    shown = f" = {where.value}" if where.value else ""
    return (f"{where.label}{shown}" + (f"  ({spot})" if spot else "")) if where.label else spot + shown


def _printable(text: str) -> str:
    """Text that can't move the cursor or change the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _painted(kind: str, text: str, colour: bool) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if colour else text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb by itself."""
    parser = argparse.ArgumentParser(prog="halftide check", description=__doc__)
    _add_arguments(parser)
    try:
        return run(parser.parse_args(arguments))
    except HalftideError as error:
        sys.stderr.write(f"halftide check: {error}\n")
        return COULD_NOT_RUN


if __name__ == "__main__":
    sys.exit(main())
