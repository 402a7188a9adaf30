"""The rooms of docs/architecture.md: which modules each has, what it may import, and how large it may grow.

The tables of that page are the only source; nothing of them stands here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/architecture.md"

LONGEST_MODULE = 400  # lines
MOST_MODULES = 16  # in a folder, `__init__.py` not counted

HEADING = re.compile(r"^### `(?P<package>\w+)` \(`(?P<folder>[\w/]+)`\)$", re.MULTILINE)
ROW = re.compile(r"^\| `(?P<room>[^`]+)` \| (?P<purpose>[^|]+) \| (?P<imports>[^|]+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """A package as the page describes it.

    Attributes:
        rooms: What each room may import, in the order of the table. `.` are the modules beside the rooms.
    """

    name: str
    folder: str
    rooms: Mapping[str, frozenset[str]]


def packages_of(page: str) -> list[Package]:
    """The packages that a page describes."""
    headings = list(HEADING.finditer(page))
    ends = [heading.start() for heading in headings[1:]] + [len(page)]
    return [
        Package(heading["package"], heading["folder"], _rooms(page[heading.end() : end]))
        for heading, end in zip(headings, ends, strict=True)
    ]


def _rooms(section: str) -> dict[str, frozenset[str]]:
    rooms: dict[str, frozenset[str]] = {}
    for row in ROW.finditer(section):
        allowed = set(re.findall(r"`([^`]+)`", row["imports"]))
        if "all above" in row["imports"]:
            allowed |= set(rooms)
        rooms[row["room"]] = frozenset(allowed)
    return rooms


class Sources:
    """The modules of a package in a folder, and what each imports."""

    def __init__(self, package: Package, folder: Path) -> None:
        self.package = package
        self.folder = folder
        self.modules = {
            self._name(path): path for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts
        }

    def _name(self, path: Path) -> str:
        parts = path.relative_to(self.folder).with_suffix("").parts
        return ".".join([self.package.name, *(parts[:-1] if parts[-1] == "__init__" else parts)])

    def imports(self, name: str) -> Iterator[str]:
        """The modules that a module imports, anywhere in it; of other packages, only the package."""
        for node in ast.walk(ast.parse(self.modules[name].read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = self._base(name, node)
                found = [f"{base}.{alias.name}" for alias in node.names]
            else:
                continue
            for one in found:
                yield self._module(one) if one.startswith(self.package.name) else one.partition(".")[0]

    def _base(self, name: str, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = name.split(".")
        if self.modules[name].name != "__init__.py":
            parts.pop()
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def _module(self, dotted: str) -> str:
        while dotted not in self.modules:
            dotted = dotted.rpartition(".")[0]
        return dotted

    def room(self, name: str) -> tuple[str, str]:
        """The row that a module belongs to, and its room: the module itself, or a folder."""
        itself = self.modules[name].relative_to(self.folder).with_suffix("").as_posix()
        if itself in self.package.rooms:
            return itself, itself
        folder = self.modules[name].parent.relative_to(self.folder).as_posix()
        while True:
            rows = [row for row in self.package.rooms if fnmatchcase(folder, row)]
            if rows:
                return rows[0], folder
            if folder == ".":
                raise AssertionError(f"{name} belongs to no room of the page")
            folder = Path(folder).parent.as_posix()


def wrong_imports(sources: Sources, products: set[str]) -> list[str]:
    """The imports that the page does not allow."""
    wrong = []
    for name in sources.modules:
        row, room = sources.room(name)
        allowed = sources.package.rooms[row]
        for imported in sources.imports(name):
            if not imported.startswith(sources.package.name):
                if imported in products and imported not in allowed:
                    wrong.append(f"{name} imports {imported}")
                continue
            other_row, other_room = sources.room(imported)
            if other_room != room and other_row not in allowed:
                wrong.append(f"{name} imports {imported}")
    return wrong


def circle(sources: Sources) -> list[str]:
    """Modules that import each other, directly or not; none if there is no circle."""
    graph = {name: set(sources.imports(name)) & sources.modules.keys() - {name} for name in sources.modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


PACKAGES = packages_of(PAGE.read_text(encoding="utf-8"))
PRODUCTS = {package.name for package in PACKAGES}
ALL = [Sources(package, ROOT / package.folder) for package in PACKAGES]


def by_name(value: object) -> str | None:
    return value.package.name if isinstance(value, Sources) else None


def test_the_page_describes_every_product() -> None:
    assert {
        "partially_spec", "partially_generator", "partially_reference", "partially_conformance",
        "partially_client",
    } == PRODUCTS  # fmt: skip


@pytest.mark.parametrize("sources", ALL, ids=by_name)
def test_every_room_exists_and_says_what_it_is_for(sources: Sources) -> None:
    rooms = {sources.room(name)[1] for name in sources.modules}
    rows = {sources.room(name)[0] for name in sources.modules}
    assert rows == sources.package.rooms.keys()
    silent = [
        room
        for room in rooms - {"."}
        if (sources.folder / room).is_dir()
        if not ast.get_docstring(
            ast.parse((sources.folder / room / "__init__.py").read_text(encoding="utf-8"))
        )
    ]
    assert silent == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_arrows_go_up_the_table_only(package: Package) -> None:
    order = list(package.rooms)
    for place, (room, allowed) in enumerate(package.rooms.items()):
        assert allowed - PRODUCTS <= set(order[:place]), room


@pytest.mark.parametrize("sources", ALL, ids=by_name)
def test_modules_import_only_what_their_room_may(sources: Sources) -> None:
    assert wrong_imports(sources, PRODUCTS) == []


@pytest.mark.parametrize("sources", ALL, ids=by_name)
def test_no_two_modules_import_each_other(sources: Sources) -> None:
    assert circle(sources) == []


SMALL_PAGE = """
### `house` (`house`)

| room | what it is for | may import |
|---|---|---|
| `low` | The floor. | - |
| `areas/*` | Neighbours. | `low` |
| `high` | The roof. | all above |
"""


@pytest.mark.parametrize(
    ("module", "text", "wrong"),
    [
        ("low/one.py", "from house.high import roof", ["house.low.one imports house.high.roof"]),
        ("low/one.py", "def late():\n    import house.high.roof", ["house.low.one imports house.high.roof"]),
        ("low/one.py", "from ..high import roof", ["house.low.one imports house.high.roof"]),
        ("low/one.py", "import other", ["house.low.one imports other"]),
        ("areas/a/one.py", "from house.areas.b import two", ["house.areas.a.one imports house.areas.b"]),
        ("areas/a/one.py", "from house.low import floor", []),
        ("high/roof.py", "from house.areas.a import one", []),
    ],
)
def test_a_module_that_breaks_the_table_is_found(
    tmp_path: Path, module: str, text: str, wrong: list[str]
) -> None:
    for folder in ("", "low", "areas", "areas/a", "areas/b", "high"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "__init__.py").write_text("")
    for empty in ("low/floor.py", "high/roof.py", "areas/a/one.py"):
        (tmp_path / empty).write_text("")
    package = packages_of(
        SMALL_PAGE.replace("| `low` | The", "| `.` | Beside. | - |\n| `areas` | All. | - |\n| `low` | The")
    )[0]
    (tmp_path / module).write_text(text)
    assert wrong_imports(Sources(package, tmp_path), {"other"}) == wrong


def test_a_circle_of_modules_is_found(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "one.py").write_text("from house import two")
    (tmp_path / "two.py").write_text("def late():\n    from house.one import thing")
    sources = Sources(Package("house", "house", {".": frozenset()}), tmp_path)
    assert set(circle(sources)) == {"house.one", "house.two"}


def test_one_module_alone_knows_the_parser() -> None:
    knowing = [
        path.relative_to(ROOT).as_posix()
        for sources in ALL
        for path in sources.modules.values()
        if "openapi_python_client" in path.read_text(encoding="utf-8")
    ]
    assert knowing == ["generator/partially_generator/reading/parsing.py"]


@pytest.mark.parametrize("sources", ALL, ids=by_name)
def test_no_folder_has_too_many_modules(sources: Sources) -> None:
    counts: dict[str, int] = {}
    for path in sources.modules.values():
        if path.name != "__init__.py":
            counts[str(path.parent)] = counts.get(str(path.parent), 0) + 1
    assert {folder: number for folder, number in counts.items() if number > MOST_MODULES} == {}


def test_no_module_written_by_hand_is_too_long() -> None:
    written = [
        path
        for sources in ALL
        if sources.package.name != "partially_client"
        for path in sources.modules.values()
    ]
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in written}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}
