"""Imports go one way, and only the named modules open what they guard."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "output_checker": ROOT / "output_checker",
    "hub_config": ROOT / "hub_config",
    "halftide_workspace": ROOT / "extensions" / "halftide_workspace",
}

MAY_IMPORT = {
    "output_checker.model": set(),
    "output_checker.seccomp": set(),
    "output_checker.limits": {"output_checker.model"},
    "output_checker.control_groups": {"output_checker.model"},
    "output_checker.sandbox_parts": {"output_checker.limits"},
    "output_checker.sandbox": {f"output_checker.{name}" for name in ("model", "limits", "sandbox_parts")},
    "output_checker.sandbox_pixels": {
        f"output_checker.{name}" for name in ("model", "limits", "sandbox_parts", "sandbox")
    },
    "output_checker.sandbox_figures": {
        f"output_checker.{name}" for name in ("model", "limits", "sandbox_parts", "sandbox")
    },
    "output_checker.rules": {"output_checker.model"},
    "output_checker.disclosure": {"output_checker.model"},
    "output_checker.readers": {f"output_checker.{name}" for name in ("model", "limits", "sandbox", "seccomp")},
    "output_checker.microdata": {"output_checker.model", "output_checker.disclosure"},
    "output_checker.storage": {"output_checker.model"},
    "output_checker.probes": {"output_checker.model"},
    "output_checker.mirror": {"output_checker.model", "output_checker.rules", "output_checker.storage"},
    "output_checker.desk": {
        f"output_checker.{name}"
        for name in ("model", "rules", "disclosure", "readers", "microdata", "mirror", "probes", "storage")
    },
    "output_checker.prover": {f"output_checker.{name}" for name in ("model", "probes", "desk", "storage")}
    | {"hub_config"},
    "output_checker.web": {
        f"output_checker.{name}" for name in ("model", "rules", "desk", "mirror", "probes", "storage", "sandbox_pixels")
    },
    "output_checker.cli": {
        f"output_checker.{name}" for name in ("model", "rules", "desk", "storage", "sandbox", "control_groups", "web")
    }
    | {"hub_config"},
    "hub_config": {f"output_checker.{name}" for name in ("model", "control_groups", "sandbox", "sandbox_pixels")},
    "halftide_workspace": {
        f"output_checker.{name}"
        for name in (
            *("model", "limits", "control_groups", "sandbox", "sandbox_figures", "sandbox_pixels", "seccomp"),
            *("readers", "disclosure"),
        )
    },
}
"""Which of our packages each package may import, beside itself."""


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of ours by its dotted name."""
    for package, folder in PACKAGES.items():
        for file in sorted(folder.rglob("*.py")):
            words = [package, *file.relative_to(folder).with_suffix("").parts]
            yield ".".join(word for word in words if word != "__init__"), file


def zone(name: str) -> str:
    """The unit that the table speaks of: a package of output_checker, or a whole top-level package."""
    words = name.split(".")
    return ".".join(words[:2]) if words[0] == "output_checker" else words[0]


def imports(file: Path) -> set[str]:
    """The modules of ours that this file names in an import statement."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] in PACKAGES}


@pytest.mark.parametrize(("name", "file"), list(modules()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_module_imports_only_what_lies_below_it(name: str, file: Path) -> None:
    here = zone(name)
    if here == "output_checker":
        return
    assert here in MAY_IMPORT, f"{name}: say in this test what {here} may import"
    wrong = {other for other in imports(file) if zone(other) not in MAY_IMPORT[here] | {here, "output_checker"}}
    assert not wrong, f"{name} imports {sorted(wrong)}"


def attributes_used(file: Path) -> set[str]:
    """Every attribute that this file asks for."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("package", ["output_checker.rules", "output_checker.disclosure", "output_checker.model"])
def test_pure_packages_know_no_clock_no_chance_no_files(package: str) -> None:
    forbidden = {"time", "random", "secrets", "socket", "subprocess", "os", "tempfile", "shutil", "requests", "httpx"}
    for name, file in modules():
        if zone(name) != package:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imported = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        imported |= {n.module.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
        assert not imported & forbidden, f"{name} imports {sorted(imported & forbidden)}"
        assert not attributes_used(file) & {"now", "utcnow", "today", "environ"}, (
            f"{name} reads the clock or environment"
        )


def test_no_security_rule_hangs_on_an_assert() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, file in modules()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert not found, f"assert is gone under -O: {found}"


def test_the_words_of_the_tree_are_our_own() -> None:
    """No module is called helper, manager or util: a name says what may be in it."""
    vague = {"helper", "helpers", "manager", "managers", "util", "utils", "common", "misc"}
    assert not [name for name, _ in modules() if set(name.split(".")) & vague]
