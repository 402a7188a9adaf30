"""From JSON values to what a caller passes: the types that a method asks for."""

from __future__ import annotations

import importlib
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

_NOT_GIVEN = "UnsetType"
"""The name of the type that stands for "left out"."""


def argument_types(function: Callable[..., Any]) -> dict[str, Any]:
    """The type of each argument that can be read, by its name. One that is only text is left out."""
    function = typing.cast("Any", getattr(function, "__func__", function))
    scope = vars(sys.modules[function.__module__])
    found = {}
    for name, annotation in function.__annotations__.items():
        holder = types.SimpleNamespace(__annotations__={name: annotation})
        try:
            found[name] = _given(typing.get_type_hints(holder, scope)[name])
        except (NameError, TypeError):  # names what is only there for a type checker
            continue
    return found


def _given(kind: Any) -> Any:
    """A type without the one that stands for "left out"."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        members = [one for one in typing.get_args(kind) if getattr(one, "__name__", "") != _NOT_GIVEN]
        return typing.Union[tuple(members)]  # noqa: UP007 - made from a list
    return kind


def as_type(value: Any, kind: Any) -> Any:
    """A JSON value as a type: a text as a moment, an object as a model. Itself where that cannot be."""
    msgspec = importlib.import_module("msgspec")  # the library of the client: there is one to check
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, TypeError, ValueError):
        return value
