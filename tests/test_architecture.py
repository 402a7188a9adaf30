"""The rules of docs/architecture.md: who may import whom, and how large a module may grow."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PACKAGES = {
    "partially_spec": ROOT / "spec/partially_spec",
    "partially_generator": ROOT / "generator/partially_generator",
    "partially_reference": ROOT / "reference/partially_reference",
    "partially_conformance": ROOT / "conformance/partially_conformance",
    "partially_client": ROOT / "generated/src/partially_client",
}

ALLOWED = {
    "partially_spec": set(),
    "partially_generator": {"partially_spec"},
    "partially_reference": {"partially_spec"},
    "partially_conformance": {"partially_spec"},
    "partially_client": set(),
}

SERVERS_THEMSELVES = ("overlay.py", "faults/", "variants/")
"""Parts of the suite that are made from the reference server."""

LONGEST_MODULE = 400  # lines


def modules() -> list[tuple[str, Path]]:
    return [
        (package, path)
        for package, folder in PACKAGES.items()
        for path in sorted(folder.rglob("*.py"))
        if "__pycache__" not in path.parts
    ]


def imported_packages(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found & PACKAGES.keys()


def test_every_package_has_modules() -> None:
    assert {package for package, _ in modules()} == PACKAGES.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_they_may(package: str) -> None:
    wrong = {}
    for owner, path in modules():
        if owner != package:
            continue
        within = path.relative_to(PACKAGES[package]).as_posix()
        allowed = ALLOWED[package] | {package}
        if package == "partially_conformance" and within.startswith(SERVERS_THEMSELVES):
            allowed |= {"partially_reference"}
        if surplus := imported_packages(path) - allowed:
            wrong[within] = surplus
    assert not wrong


def test_one_module_alone_knows_the_parser() -> None:
    knowing = [
        path.relative_to(ROOT).as_posix()
        for _, path in modules()
        if "openapi_python_client" in path.read_text(encoding="utf-8")
    ]
    assert knowing == ["generator/partially_generator/reading/parsing.py"]


def test_no_module_written_by_hand_is_too_long() -> None:
    written = [path for package, path in modules() if package != "partially_client"]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in written}
    assert not {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE}
