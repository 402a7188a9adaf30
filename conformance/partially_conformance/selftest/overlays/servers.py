"""Overlays of servers: servers that differ from the reference server in a few methods.

An overlay is a class of the reference server with a method or two replaced. Its base class tells which
component of the server it replaces. A class of `Front` is put before the server.
"""

from __future__ import annotations

import importlib
import inspect
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from partially_conformance.selftest.overlays.fronts import Front
from partially_conformance.target.target import Target
from partially_reference.app import API_PATH, HARNESS_PATH, Components, create_app
from partially_reference.serving import running
from partially_reference.settings import Settings

Component = TypeVar("Component", bound=type)

_ATTRIBUTE = "conformance_overlay"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A server that differs from the reference server.

    Attributes:
        name: The name of its class, in kebab case.
        says: What a fault does wrong, or what a variant chooses, in one sentence.
        about: For a fault, the ids of the rules that must catch it; for a variant, the ids
            of the choices it makes.
        components: The classes that replace components of the reference server, or its front.
    """

    name: str
    says: str
    about: tuple[str, ...]
    components: tuple[type, ...]


def fault(*rules: str, says: str, also: Sequence[type] = ()) -> Callable[[Component], Component]:
    """Register a class as a fault of the reference server.

    Args:
        rules: Ids of the rules that must catch it, each on its own.
        says: What the server does wrong, in one sentence.
        also: Further classes that the fault needs.
    """
    return _overlay(rules, says, also)


def variant(*choices: str, says: str, also: Sequence[type] = ()) -> Callable[[Component], Component]:
    """Register a class as a variant of the reference server: a conforming server with another choice.

    Args:
        choices: Ids of the choices it makes.
        says: What the server chooses, in one sentence.
        also: Further classes that the variant needs.
    """
    return _overlay(choices, says, also)


def _overlay(about: Sequence[str], says: str, also: Sequence[type]) -> Callable[[Component], Component]:
    def bind(component: Component) -> Component:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", component.__name__).lower()
        made = Overlay(name, says, tuple(about), (component, *also))
        setattr(component, _ATTRIBUTE, made)
        return component

    return bind


def overlays(package: ModuleType, modules: Sequence[str]) -> Iterator[Overlay]:
    """Yield the overlays of these modules of a package, in the order of their definition."""
    for name in modules:
        module = importlib.import_module(f"{package.__name__}.{name}")
        for member in vars(module).values():  # in the order of definition
            if inspect.isclass(member) and member.__module__ == module.__name__:
                overlay = vars(member).get(_ATTRIBUTE)
                if overlay is not None:
                    yield overlay


def components_of(*overlaid: Overlay) -> Components:
    """Return the components of a server with all of these overlays."""
    chosen: dict[str, list[type]] = {}
    for overlay in overlaid:
        for component in overlay.components:
            if not issubclass(component, Front):
                chosen.setdefault(_slot(component), []).append(component)
    made: dict[str, Any] = {
        slot: classes[0] if len(classes) == 1 else type(classes[0].__name__, tuple(reversed(classes)), {})
        for slot, classes in chosen.items()
    }
    return Components(**made)


def _slot(component: type) -> str:
    for name, field in Components.__dataclass_fields__.items():
        if issubclass(component, field.default):  # type: ignore[arg-type]
            return name
    raise TypeError(f"{component.__name__} replaces no component of the reference server")


@contextmanager
def serving(*overlaid: Overlay) -> Iterator[Target]:
    """Run the reference server with these overlays in this process, on a free port."""
    keys = tuple(secrets.token_urlsafe(24) for _ in range(2))
    app = create_app(Settings(api_keys=keys, harness=True), components_of(*overlaid))
    with running(app) as server, _fronted(server, overlaid) as address:
        yield Target(
            name="-".join(overlay.name for overlay in overlaid) or "reference",
            base_url=address + API_PATH,
            api_key=keys[0],
            other_api_key=keys[1],
            harness_url=address + HARNESS_PATH,
        )


@contextmanager
def _fronted(server: str, overlaid: Sequence[Overlay]) -> Iterator[str]:
    """Put the front of the overlays before a server, if they have one, and yield the address to use."""
    fronts = [one for overlay in overlaid for one in overlay.components if issubclass(one, Front)]
    if not fronts:
        yield server
        return
    front = fronts[-1](server)
    with front.running():
        yield front.address
