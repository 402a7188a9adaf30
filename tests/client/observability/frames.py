"""Walks over everything that a crash reporter can read of an error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType, TracebackType
from typing import Any

OF_TESTS = ("tests.", "test_")
"""Beginnings of the names of modules whose frames may hold a secret: they are the program of the user."""

_DEEPEST = 40

_NOTHING_INSIDE = (ModuleType, type, FunctionType, int, float)


def errors_of(error: BaseException) -> Iterator[BaseException]:
    """The error, and all that led to it."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [one.__cause__, one.__context__]
        left += one.exceptions if isinstance(one, BaseExceptionGroup) else ()


def frames_of(error: BaseException) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name of each function that an error passed, and its variables; not those of the program."""
    for one in errors_of(error):
        trace: TracebackType | None = one.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            module = str(frame.f_globals.get("__name__", ""))
            if not module.startswith(OF_TESTS) and "conftest" not in frame.f_code.co_filename:
                yield f"{module}.{frame.f_code.co_name}", dict(frame.f_locals)
            trace = trace.tb_next


def places_of(secrets: tuple[str, ...], error: BaseException) -> list[str]:
    """Where a secret can be read: in variables, and in the errors themselves."""
    found = []
    for name, variables in frames_of(error):
        for variable, value in variables.items():
            found += [f"{name}: {variable}{place}" for place in _places(secrets, value, "", set(), 0)]
    for one in errors_of(error):
        shown = f"{one!s} {one!r}"
        found += [f"text of {type(one).__name__}"] * any(secret in shown for secret in secrets)
        for place in _places(secrets, [one.args, vars(one)], "", set(), 0):
            found.append(f"{type(one).__name__}{place}")
    return found


def _places(secrets: tuple[str, ...], value: Any, place: str, seen: set[int], depth: int) -> Iterator[str]:
    if isinstance(value, str | bytes | bytearray | memoryview):
        text = value if isinstance(value, str) else bytes(value).decode("latin-1")
        if any(secret in text for secret in secrets):
            yield place
        return
    if depth > _DEEPEST or id(value) in seen or isinstance(value, _NOTHING_INSIDE):
        return
    seen.add(id(value))
    if any(secret in repr(value) for secret in secrets):
        yield f"{place} (repr)"
    for step, inner in _inside(value):
        yield from _places(secrets, inner, f"{place}{step}", seen, depth + 1)


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in list(value.items()):
            yield "<key>", key
            yield f"[{key!r:.40}]", inner
    elif isinstance(value, list | tuple | set | frozenset):
        for index, inner in enumerate(list(value)):
            yield f"[{index}]", inner
    if hasattr(value, "__dict__"):
        for name, inner in list(vars(value).items()):
            yield f".{name}", inner
    for name in _slots(type(value)):
        yield f".{name}", getattr(value, name, None)


def _slots(kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in {"__dict__", "__weakref__"}:
                yield f"_{base.__name__.lstrip('_')}{name}" if name.startswith("__") else name
