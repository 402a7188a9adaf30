"""Converting JSON values to the types of the arguments of a method."""

from __future__ import annotations

import importlib
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

_NOT_GIVEN = "UnsetType"
"""The name of the type of an omitted argument."""


def argument_types(function: Callable[..., Any]) -> dict[str, Any]:
    """The type of each argument by its name, except where the annotation cannot be evaluated."""
    function = typing.cast("Any", getattr(function, "__func__", function))
    scope = vars(sys.modules[function.__module__])
    found = {}
    for name, annotation in function.__annotations__.items():
        holder = types.SimpleNamespace(__annotations__={name: annotation})
        try:
            found[name] = _given(typing.get_type_hints(holder, scope)[name])
        except (NameError, TypeError):  # the annotation uses a name that only type checkers import
            continue
    return found


def _given(kind: Any) -> Any:
    """A type without the type of an omitted argument."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        members = [one for one in typing.get_args(kind) if getattr(one, "__name__", "") != _NOT_GIVEN]
        return typing.Union[tuple(members)]  # noqa: UP007 - made from a list
    return kind


def as_type(value: Any, kind: Any) -> Any:
    """Convert a JSON value to a type, such as a text to a date, an object to a model.

    Returns:
        The value itself if it cannot be converted.
    """
    msgspec = importlib.import_module("msgspec")  # the client that is checked depends on it
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, TypeError, ValueError):
        return value
