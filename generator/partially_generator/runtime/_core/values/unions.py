"""Unions of types with the same JSON type, which msgspec alone cannot tell apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .model import Model


class _Alternatives(type):
    """The class of a union. For it, msgspec calls `decode_union` and accepts whatever that returns."""

    members: Callable[[], tuple[Any, ...]]
    discriminator: str | None
    mapping: Callable[[], Mapping[str, Any]]
    fallback: Callable[[], Any] | None

    def __instancecheck__(cls, value: object) -> bool:
        return True


def union(
    name: str,
    members: Callable[[], tuple[Any, ...]],
    *,
    discriminator: str | None = None,
    mapping: Callable[[], Mapping[str, Any]] = dict,
    fallback: Callable[[], Any] | None = None,
) -> Any:
    """A type that stands for one of several.

    Args:
        name: Its name.
        members: Returns the types; called late, since they may refer to this one.
        discriminator: The property that tells the members apart; None to take the member that fits best.
        mapping: Returns the types by the values of that property.
        fallback: Returns the type of a value whose property has another value; None to refuse it.
    """
    kind = _Alternatives(name, (), {})
    kind.members, kind.discriminator, kind.mapping, kind.fallback = members, discriminator, mapping, fallback
    return kind


def decode_union(kind: Any, value: Any) -> Any:
    """The value as a member of the union. msgspec calls this for types that it does not know.

    Raises:
        ValueError: It is none of them. The message holds the place, in the form of msgspec.
    """
    if kind.discriminator is not None:
        return _by_discriminator(kind, value)
    fitting: list[tuple[int, Any]] = []
    faults: list[str] = []
    for member in kind.members():
        try:
            found = msgspec.convert(value, member, dec_hook=decode_union)
        except (msgspec.ValidationError, OverflowError) as error:
            faults.append(str(error).replace(" - at `", " at `"))
        else:
            fitting.append((_unknown(found, value), found))
    if not fitting:
        raise ValueError(f"Expected one of several types, but none fits: {'; '.join(faults)}")
    return min(fitting, key=lambda pair: pair[0])[1]


def _by_discriminator(kind: Any, value: Any) -> Any:
    mapping = kind.mapping()
    given = value.get(kind.discriminator) if isinstance(value, dict) else None
    member = mapping.get(given) if isinstance(given, str) else None
    if member is None and kind.fallback is not None:
        member = kind.fallback()
    if member is None:
        known = ", ".join(map(repr, mapping))
        raise ValueError(f"Expected an object with {kind.discriminator!r} as one of {known}")
    try:
        return msgspec.convert(value, member, dec_hook=decode_union)
    except msgspec.ValidationError as error:
        raise ValueError(
            str(error)
        ) from None  # msgspec adds the place of the union to all errors but its own


def _unknown(found: Any, value: Any) -> int:
    """How many fields of an object its model does not have: the fewer, the better it fits."""
    if not isinstance(found, Model) or not isinstance(value, dict):
        return 0
    return len(value.keys() - {field.encode_name for field in msgspec.structs.fields(type(found))})
