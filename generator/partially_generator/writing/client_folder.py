"""Writes a client into a folder, and compares a folder with a client."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from partially_generator.reading.errors import GeneratorError
from partially_generator.writing.render import Files
from partially_generator.writing.text.header import MARK
from partially_generator.writing.views.method_pages import FOLDER

_CACHES = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".venv", "build", "dist"}
"""Folders that tools create; they are ignored."""


def write(files: Files, folder: Path) -> None:
    """Write the files, and remove modules and pages of an earlier client that are no longer part of it.

    Raises:
        GeneratorError: The folder cannot be written, or holds something else than a generated client.
    """
    targets = {path: _inside(folder, path) for path in files}
    present = _present(folder)
    foreign = [path for path in present if path not in files and not _is_ours(folder, path)]
    if foreign or (present and not _is_client(folder)):
        raise GeneratorError(
            f"{folder / (foreign or present)[0]}: not part of a generated client;"
            " choose an empty folder or one with a client"
        )
    try:
        for path in present:
            if path not in files:
                (folder / path).unlink()
        for path, content in files.items():
            targets[path].parent.mkdir(parents=True, exist_ok=True)
            targets[path].write_bytes(content)
    except OSError as error:
        raise GeneratorError(f"{error.filename or folder}: cannot be written: {error.strerror}") from error


def _is_ours(folder: Path, path: str) -> bool:
    """Whether a file belongs to an earlier client: a module, or a page whose first line says so."""
    if not path.startswith(f"{FOLDER}/"):
        return path.startswith("src/")
    with (folder / path).open("rb") as file:
        return file.readline().startswith(b"<!-- " + MARK.removeprefix("# ").encode())


def _is_client(folder: Path) -> bool:
    try:
        return (folder / "pyproject.toml").read_bytes().startswith(MARK.encode())
    except OSError:
        return False


def differences(files: Files, folder: Path) -> Iterator[str]:
    """The lines of a unified diff from the folder to the files; none if they are equal."""
    present = set(_present(folder))
    for path in sorted(present | set(files)):
        before = (folder / path).read_bytes() if path in present else b""
        after = files.get(path, b"")
        if before == after and (path in present) == (path in files):
            continue
        yield from _diff(path, before, after, exists=path in present, wanted=path in files)


def _diff(path: str, before: bytes, after: bytes, *, exists: bool, wanted: bool) -> Iterator[str]:
    lines = list(
        difflib.unified_diff(
            before.decode("utf-8", errors="replace").splitlines(),
            after.decode("utf-8", errors="replace").splitlines(),
            f"committed/{path}" if exists else "/dev/null",
            f"generated/{path}" if wanted else "/dev/null",
            lineterm="",
        )
    )
    yield from lines or [
        f"--- {f'committed/{path}' if exists else '/dev/null'}",
        f"+++ {f'generated/{path}' if wanted else '/dev/null'}",
    ]


def _present(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        relative = path.relative_to(folder)
        ignored = any(part in _CACHES or part.endswith(".egg-info") for part in relative.parts)
        if not path.is_dir() and not ignored:
            found.append(relative.as_posix())
    return found


def _inside(folder: Path, path: str) -> Path:
    root = folder.resolve()
    target = (root / path).resolve()
    if not target.is_relative_to(root):
        raise GeneratorError(f"{path}: would be written outside of {folder}")
    return target
