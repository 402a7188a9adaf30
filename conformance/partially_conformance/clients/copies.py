"""Copies of a client package under a name of their own, with a change or two in their sources."""

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

from partially_conformance.options import DEFAULT_CLIENT

Change = TypeVar("Change", bound="Callable[[Sources], None]")

_ATTRIBUTE = "conformance_client_overlay"


class SourceError(Exception):
    """A change does not fit the sources: they have changed, and it must follow."""


class Sources:
    """The modules of a client package, by their path within it, to be changed before it is imported."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def change(self, old: str, new: str) -> None:
        """Replace what stands in the package once, in whatever module that is.

        Raises:
            SourceError: It stands there never, or more than once.
        """
        found = {path: text.count(old) for path, text in self.texts.items() if old in text}
        if (times := sum(found.values())) != 1:
            places = ", ".join(found) or "no module"
            raise SourceError(f"expected once, found {times} times, in {places}: {old}")
        path = next(iter(found))
        self.texts[path] = self.texts[path].replace(old, new)

    def change_each(self, path: str, old: str, new: str) -> None:
        """Replace what stands in a module, each time.

        Raises:
            SourceError: It does not stand there.
        """
        if old not in self.texts.get(path, ""):
            raise SourceError(f"{path}: not found: {old}")
        self.texts[path] = self.texts[path].replace(old, new)

    def add(self, path: str, text: str) -> None:
        """Add text at the end of a module: another version of functions in it.

        Raises:
            SourceError: There is no such module, or no function to take the place of.
        """
        if path not in self.texts:
            raise SourceError(f"there is no module {path}")
        for name in re.findall(r"^def (\w+)\(", text, re.MULTILINE):
            if not re.search(rf"\b{name}\b", self.texts[path]):
                raise SourceError(f"{path}: there is no {name} to take the place of")
        self.texts[path] += f"\n\n{text.strip()}\n"

    def change_both(self, old: str, new: str) -> None:
        """As `change`, in an asynchronous module and in its blocking twin, which awaits nothing."""
        name = next((path for path, text in self.texts.items() if "/async_" in path and old in text), "")
        self.change_each(name, old, new)
        self.change_each(name.replace("/async_", "/sync_"), _blocking(old), _blocking(new))

    def sending(self, text: str, *, blocking: bool = True) -> None:
        """Run these lines before each request leaves: they change `request`.

        Its method, address, headers and body are there to be changed, the key is `key`.

        Args:
            blocking: Whether the blocking client runs them too.
        """
        lines = "\n".join(f"        {line}" for line in text.strip().splitlines())
        added = _SENDING.format(lines=lines)
        self.add("_core/transport/async_http.py", added)
        if blocking:
            self.add("_core/transport/sync_http.py", _blocking(added))

    def add_to_both(self, name: str, text: str) -> None:
        """As `add`, in the asynchronous module `_core/NAME.py` and its twin, which awaits nothing."""
        self.add(f"_core/{name}.py", text)
        self.add(f"_core/{name.replace('/async_', '/sync_')}.py", _blocking(text))


_SENDING = """
class AsyncHttp(AsyncHttp):
    async def send(self, request):
        import copy, json, re
        from urllib.parse import unquote

        request = copy.copy(request)
        key = dict(request.headers).get("Authorization", "").removeprefix("Bearer ")
{lines}
        return await super().send(request)
"""


def _blocking(text: str) -> str:
    return text.replace("await ", "").replace("async def ", "def ").replace("Async", "Sync")


@dataclass(frozen=True, slots=True)
class ClientOverlay:
    """A client that differs from the one of this project.

    Attributes:
        name: The name of its function, in kebab case.
        says: What is different, in one sentence.
        about: For a fault, the ids of the rules that must catch it.
        change: Makes the difference.
    """

    name: str
    says: str
    about: tuple[str, ...]
    change: Callable[[Sources], None]


def client_fault(*rules: str, says: str) -> Callable[[Change], Change]:
    """Make a function that changes sources a fault.

    Args:
        rules: Ids of the rules that must catch it, each on its own.
        says: What is wrong with it, in one sentence.
    """

    def bind(change: Change) -> Change:
        name = getattr(change, "__name__", "").replace("_", "-")
        setattr(change, _ATTRIBUTE, ClientOverlay(name, says, rules, change))
        return change

    return bind


def client_variant(*, says: str) -> Callable[[Change], Change]:
    """Make a function that changes sources a variant: a client that conforms, having chosen otherwise."""
    return client_fault(says=says)


def client_overlays(package: ModuleType, modules: Sequence[str]) -> Iterator[ClientOverlay]:
    """The overlays of these modules of a package, in the order in which they are written."""
    for name in modules:
        module = importlib.import_module(f"{package.__name__}.{name}")
        for member in vars(module).values():
            overlay = getattr(member, _ATTRIBUTE, None)
            if isinstance(overlay, ClientOverlay):
                yield overlay


def client_sources(package: str = DEFAULT_CLIENT) -> Sources:
    """The sources of a client package as they are."""
    files = _files(package).items()
    return Sources({path: file.read_text("utf-8") for path, file in files if path.endswith(".py")})


def _files(package: str) -> dict[str, Path]:
    root = Path(str(resources.files(importlib.import_module(package))))
    return {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}


@contextmanager
def changed_client(overlay: ClientOverlay, package: str = DEFAULT_CLIENT) -> Iterator[str]:
    """A fresh copy of a client package with a change in it, to be imported in this block.

    Returns:
        The name of the copy.

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
