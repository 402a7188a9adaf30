# Copied by partially-generate into every client. Edit it there, not here.
"""The base class of all models: typed fields of the API description, and other fields the server sent."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeAlias

import msgspec

_SOURCE = "_source"
_EXTRA = "_extra"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Model(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """An object that the server sent. Immutable; compared by its declared fields."""

    _nested: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The fields that hold other models: name of the attribute, name in the JSON."""

    _secret: ClassVar[frozenset[str]] = frozenset()
    """Names of the fields that `repr` never shows."""

    @property
    def extra(self) -> Mapping[str, Any]:
        """Fields that the server sent and the description does not have, by their names in the JSON."""
        # Decoding ignores unknown fields, which makes it fast. They are read from the original text, and
        # only on demand.
        own = self.__dict__
        source: _Source | None = own.get(_SOURCE)
        if _EXTRA not in own:
            own[_EXTRA] = _NOTHING if source is None else _unknown(source, type(self))
            own.pop(_SOURCE, None)  # last, because another thread may run this too
        found: Mapping[str, Any] = own[_EXTRA]
        return found

    def to_dict(self) -> dict[str, Any]:
        """The fields by their names in the JSON, as plain JSON values, unknown ones included."""
        values: dict[str, Any] = dict(self.extra)
        for field in msgspec.structs.fields(type(self)):
            value = getattr(self, field.name)
            if value is not msgspec.UNSET:
                values[field.encode_name] = _plain(value)
        return values

    def to_json(self) -> str:
        """The fields as JSON text, unknown ones included."""
        return json.dumps(self.to_dict(), ensure_ascii=False, default=str)

    def __repr__(self) -> str:
        shown = (
            f"{name}={'[hidden]' if name in self._secret else repr(getattr(self, name))}"
            for name in self.__struct_fields__
        )
        return f"{type(self).__name__}({', '.join(shown)})"

    def __copy__(self) -> Self:
        twin: Self = _restore(type(self), self._fields(), self.extra)
        return twin

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restore, (type(self), self._fields(), dict(self.extra)))

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__struct_fields__}


class _Body:
    """A JSON text that many models were decoded from. It is read a second time for unknown fields."""

    __slots__ = ("_content", "_value")

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._value: Any = msgspec.UNSET

    def value(self) -> Any:
        if self._value is msgspec.UNSET:
            try:
                self._value = msgspec.json.decode(self._content)
            except msgspec.MsgspecError:  # a number that a float cannot hold, or half a character
                self._value = json.loads(self._content, parse_float=_exact, parse_int=_exact)
        return self._value


_MOST_DIGITS = 4_000
"""The most digits of a whole number that Python converts from text with any of its settings."""


def _exact(text: str) -> float | int | Decimal:
    """A JSON number as int or float, or as Decimal if those cannot hold its value."""
    if text.lstrip("-").isdigit():
        return int(text) if len(text) <= _MOST_DIGITS else Decimal(text)
    number = float(text)
    return number if math.isfinite(number) else Decimal(text)


# Where a model was decoded from: the text, the last step of its path, and the source of its parent.
# Every model of a page gets one, so it is a plain tuple, which is fast to create.
_Source: TypeAlias = "tuple[_Body, str | int | None, _Source | None]"


def attach_source(value: Any, content: bytes) -> None:
    """Connect every model in a decoded value with the JSON that it was decoded from."""
    _attach(value, (_Body(content), None, None))


def _attach(value: Any, source: _Source) -> None:
    body = source[0]
    if isinstance(value, Model):
        value.__dict__[_SOURCE] = source
        for attribute, name in value._nested:
            _attach(getattr(value, attribute), (body, name, source))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _attach(item, (body, index, source))
    elif isinstance(value, dict):
        for key, item in value.items():
            _attach(item, (body, key, source))


def _unknown(source: _Source, kind: type[Model]) -> Mapping[str, Any]:
    steps = []
    at: _Source | None = source
    while at is not None and at[1] is not None:
        steps.append(at[1])
        at = at[2]
    value = source[0].value()
    for step in reversed(steps):
        value = value[step]
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    return MappingProxyType({name: item for name, item in value.items() if name not in known})


def _restore(kind: type[Model], fields: dict[str, Any], extra: Mapping[str, Any]) -> Any:
    model = kind(**fields)
    model.__dict__[_EXTRA] = MappingProxyType(dict(extra))
    return model


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return msgspec.to_builtins(value)
