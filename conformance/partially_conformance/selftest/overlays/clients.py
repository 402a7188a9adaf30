"""Overlays of clients: copies of a client package under another name, with changed sources."""

from __future__ import annotations

import importlib
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from partially_conformance.clients.choice import DEFAULT_CLIENT

Change = TypeVar("Change", bound="Callable[[Sources], None]")

_ATTRIBUTE = "conformance_client_overlay"


class SourceError(Exception):
    """A change does not fit the sources of the client: they were edited, and the change must follow."""


class Sources:
    """The sources of a client package, to be changed before a copy is imported.

    Attributes:
        texts: The text of each module, by its path in the package.
    """

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def change(self, old: str, new: str) -> None:
        """Replace a text that occurs once in the package, in any module.

        Raises:
            SourceError: The text does not occur, or more than once.
        """
        found = {path: text.count(old) for path, text in self.texts.items() if old in text}
        if (times := sum(found.values())) != 1:
            places = ", ".join(found) or "no module"
            raise SourceError(f"expected once, found {times} times, in {places}: {old}")
        path = next(iter(found))
        self.texts[path] = self.texts[path].replace(old, new)

    def change_each(self, path: str, old: str, new: str) -> None:
        """Replace each occurrence of a text in one module.

        Raises:
            SourceError: The text does not occur in the module.
        """
        if old not in self.texts.get(path, ""):
            raise SourceError(f"{path}: not found: {old}")
        self.texts[path] = self.texts[path].replace(old, new)

    def add(self, path: str, text: str) -> None:
        """Add definitions at the end of a module, which replace functions of the same name.

        Raises:
            SourceError: There is no such module, or no function of that name.
        """
        if path not in self.texts:
            raise SourceError(f"there is no module {path}")
        for name in re.findall(r"^def (\w+)\(", text, re.MULTILINE):
            if not re.search(rf"\b{name}\b", self.texts[path]):
                raise SourceError(f"{path}: there is no {name} to take the place of")
        self.texts[path] += f"\n\n{text.strip()}\n"

    def change_both(self, old: str, new: str) -> None:
        """Replace a text as `change_each` does, in an asynchronous module and in its blocking counterpart."""
        name = next((path for path, text in self.texts.items() if "/async_" in path and old in text), "")
        self.change_each(name, old, new)
        self.change_each(name.replace("/async_", "/sync_"), _blocking(old), _blocking(new))

    def sending(self, text: str, *, blocking: bool = True) -> None:
        """Run these lines before each request is sent.

        They can change method, URL, headers and body of `request`; `key` is the API key.

        Args:
            text: Lines of Python.
            blocking: Whether the blocking client runs them too.
        """
        lines = "\n".join(f"        {line}" for line in text.strip().splitlines())
        added = _SENDING.format(lines=lines)
        self.add("_core/transport/async_http.py", added)
        if blocking:
            self.add("_core/transport/sync_http.py", _blocking(added))

    def add_to_both(self, name: str, text: str) -> None:
        """Add definitions as `add` does, to `_core/NAME.py` and to its blocking counterpart."""
        self.add(f"_core/{name}.py", text)
        self.add(f"_core/{name.replace('/async_', '/sync_')}.py", _blocking(text))


_SENDING = """
class AsyncHttp(AsyncHttp):
    async def send(self, request):
        import json, re, types
        from urllib.parse import unquote

        original = request
        request = types.SimpleNamespace(method=original.method, **original.sent()._asdict())
        key = dict(request.headers).get("Authorization", "").removeprefix("Bearer ")
{lines}
        sent = original.sending(url=request.url, headers=request.headers, body=request.body)
        sent.method = request.method
        return await super().send(sent)
"""


def _blocking(text: str) -> str:
    return text.replace("await ", "").replace("async def ", "def ").replace("Async", "Sync")


@dataclass(frozen=True, slots=True)
class ClientOverlay:
    """A client that differs from the client of this project.

    Attributes:
        name: The name of its function, in kebab case.
        says: What a fault does wrong, or what a variant chooses, in one sentence.
        about: For a fault, the ids of the rules that must catch it.
        change: The function that changes the sources.
    """

    name: str
    says: str
    about: tuple[str, ...]
    change: Callable[[Sources], None]


def client_fault(*rules: str, says: str) -> Callable[[Change], Change]:
    """Register a function that changes the sources as a fault.

    Args:
        rules: Ids of the rules that must catch it, each on its own.
        says: What the client does wrong, in one sentence.
    """

    def bind(change: Change) -> Change:
        name = getattr(change, "__name__", "").replace("_", "-")
        setattr(change, _ATTRIBUTE, ClientOverlay(name, says, rules, change))
        return change

    return bind


def client_variant(*, says: str) -> Callable[[Change], Change]:
    """Register a function that changes the sources as a variant: a conforming client with another choice."""
    return client_fault(says=says)


def client_overlays(package: ModuleType, modules: Sequence[str]) -> Iterator[ClientOverlay]:
    """Yield the overlays of these modules of a package, in the order of their definition."""
    for name in modules:
        module = importlib.import_module(f"{package.__name__}.{name}")
        for member in vars(module).values():
            overlay = getattr(member, _ATTRIBUTE, None)
            if isinstance(overlay, ClientOverlay):
                yield overlay


def client_sources(package: str = DEFAULT_CLIENT) -> Sources:
    """Return the unchanged sources of a client package."""
    files = _files(package).items()
    return Sources({path: file.read_text("utf-8") for path, file in files if path.endswith(".py")})


def _files(package: str) -> dict[str, Path]:
    root = Path(str(resources.files(importlib.import_module(package))))
    return {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}


@contextmanager
def changed_client(overlay: ClientOverlay, package: str = DEFAULT_CLIENT) -> Iterator[str]:
    """Make a changed copy of a client package that can be imported in this block.

    Returns:
        The name of the copy, as a package.

    Raises:
        SourceError: The change does not fit the sources.
    """
    name = f"{package}_{overlay.name.replace('-', '_')}"
    sources = client_sources(package)
    overlay.change(sources)
    with tempfile.TemporaryDirectory() as folder:
        for path, file in _files(package).items():
            if path.endswith((".py", ".json", ".typed")):
                copy = Path(folder) / name / path
                copy.parent.mkdir(parents=True, exist_ok=True)
                text = sources.texts.get(path) or file.read_text("utf-8")
                copy.write_text(re.sub(rf"\b{package}\b", name, text), encoding="utf-8")
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            yield name
        finally:
            sys.path.remove(folder)
            for module in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
                del sys.modules[module]
