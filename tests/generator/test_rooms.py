"""The rooms of the generator and of the client's runtime: small, and importing in one direction only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "generator/partially_generator"
RUNTIME = GENERATOR / "runtime"

MOST_MODULES = 16
"""Modules of a room, its `__init__.py` and the rooms below it not counted."""

ROOMS: dict[str, set[str]] = {
    "runtime": set(),
    "reading": set(),
    "api": {"reading", "runtime"},
    "writing.text": {"api"},
    "writing.views": {"reading", "api", "writing.text", "runtime"},
    "writing": {"reading", "api", "writing.text", "writing.views", "runtime"},
    "diff.reading": {"reading"},
    "diff.changes": {"reading"},
    "diff.comparing": {"api", "diff.reading", "diff.changes"},
    "diff.client": {"reading", "api", "writing"},
    "diff": {"reading", "diff.reading", "diff.changes", "diff.comparing", "diff.client"},
    "diff.report": {"reading", "writing.text", "diff", "diff.reading", "diff.changes", "diff.client"},
    "commands": {"reading", "api", "writing", "diff", "diff.report"},
    "": {"reading", "diff.changes"},
}
"""Each room of the generator, and the rooms it may import. The empty name is `cli.py`.

`cli.py` also loads `commands`, by name.
"""

RUNTIME_ROOMS: dict[str, set[str]] = {
    "_core": set(),
    "_core.messages": set(),
    "errors": {"_core.messages"},
    "_core.values": set(),
    "_core.observability": {"errors", "_core.messages"},
    "_core.settings": {"errors", "_core.observability"},
    "_core.requests": {"errors", "_core.messages", "_core.values", "_core.observability", "_core.settings"},
    "_core.responses": {"errors", "_core.messages", "_core.values", "_core.observability", "_core.requests"},
    "_core.transport": {"errors", "_core.messages", "_core.observability", "_core.requests"},
    "_core.paging": {"_core.observability", "_core.requests"},
    "_core.client": {
        *("errors", "_core.messages", "_core.observability", "_core.settings", "_core.requests"),
        *("_core.responses", "_core.transport", "_core.paging"),
    },
    "_fake": {"_core.values", "_core.observability"},
    "aiohttp": {"errors", "_core.messages", "_core.observability", "_core.requests", "_core.transport"},
    "": set(),
}
"""Each room of the runtime, and the rooms it may import. A module beside `_core` is a room of its own."""


def modules(root: Path) -> dict[str, Path]:
    """The modules below a folder, by their dotted names within it."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        if "__pycache__" not in path.parts:
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


GENERATOR_MODULES = {
    name: path for name, path in modules(GENERATOR).items() if not name.startswith("runtime.")
} | {"runtime.errors": RUNTIME / "errors.py"}
RUNTIME_MODULES = modules(RUNTIME)


def imports(root: Path, package: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of a package that a module imports, wherever it does, for types alone too."""
    here = path.relative_to(root).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == package or alias.name.startswith(f"{package}."):
                    yield alias.name.removeprefix(package).removeprefix(".")
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            start = ".".join(here[: len(here) - node.level + 1])
        elif node.module and node.module.partition(".")[0] == package:
            start = ""
        else:
            continue
        module = node.module or ""
        if not node.level:
            module = module.removeprefix(package).removeprefix(".")
        base = ".".join(part for part in (start, module) if part)
        for alias in node.names:
            inner = f"{base}.{alias.name}" if base else alias.name
            yield inner if inner in known else base


def arrows(root: Path, package: str, known: dict[str, Path]) -> dict[str, set[str]]:
    return {name: set(imports(root, package, path, known)) for name, path in known.items()}


GENERATOR_ARROWS = arrows(GENERATOR, "partially_generator", GENERATOR_MODULES)
RUNTIME_ARROWS = arrows(RUNTIME, "partially_client", RUNTIME_MODULES)


def room_of(module: str, rooms: dict[str, set[str]]) -> str:
    """The innermost room that a module stands in."""
    steps = module.split(".")
    names = [".".join(steps[:length]) for length in range(len(steps), -1, -1)]
    return next(name for name in names if name in rooms)


@pytest.mark.parametrize(
    ("found", "rooms"),
    [(GENERATOR_ARROWS, ROOMS), (RUNTIME_ARROWS, RUNTIME_ROOMS)],
    ids=["generator", "runtime"],
)
def test_rooms_import_only_what_they_may(found: dict[str, set[str]], rooms: dict[str, set[str]]) -> None:
    wrong = {}
    used: dict[str, set[str]] = {name: set() for name in rooms}
    for module, targets in found.items():
        room = room_of(module, rooms)
        others = {room_of(target, rooms) for target in targets} - {room}
        used[room] |= others
        if surplus := others - rooms[room]:
            wrong[module] = surplus
    assert not wrong
    assert used == rooms  # what is allowed is also needed


@pytest.mark.parametrize("rooms", [ROOMS, RUNTIME_ROOMS], ids=["generator", "runtime"])
def test_no_rooms_import_each_other_on_any_way(rooms: dict[str, set[str]]) -> None:
    assert not in_circles(rooms)


@pytest.mark.parametrize("found", [GENERATOR_ARROWS, RUNTIME_ARROWS], ids=["generator", "runtime"])
def test_no_modules_import_each_other_on_any_way(found: dict[str, set[str]]) -> None:
    assert not in_circles(found)


def in_circles(found: dict[str, set[str]]) -> set[str]:
    """The names that lead back to themselves."""
    left = {name: targets & found.keys() - {name} for name, targets in found.items()}
    while free := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets for name, targets in left.items() if name not in free}
    return set(left)


def test_a_circle_is_found() -> None:
    assert in_circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}


@pytest.mark.parametrize("root", [GENERATOR, ROOT / "tests/generator", ROOT / "tests/client"], ids=str)
def test_no_room_is_too_large(root: Path) -> None:
    folders = {path.parent for path in modules(root).values()}
    sizes = {folder: sum(path.name != "__init__.py" for path in folder.glob("*.py")) for folder in folders}
    assert not {folder.name: size for folder, size in sizes.items() if size > MOST_MODULES}


@pytest.mark.parametrize("root", [GENERATOR, RUNTIME], ids=["generator", "runtime"])
def test_every_room_says_what_it_is_for(root: Path) -> None:
    for folder in {path.parent for path in modules(root).values()}:
        text = (folder / "__init__.py").read_text(encoding="utf-8")
        assert len(ast.get_docstring(ast.parse(text)) or "") > 40, folder
