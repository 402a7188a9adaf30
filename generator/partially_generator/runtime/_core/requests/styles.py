"""How arrays and objects are written as text: the styles of OpenAPI.

A function for the query returns parts such as `name=value`, one for the path returns a segment; both are
percent-encoded. Functions for headers and cookies return text. All of them write a single value unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..values.model import Model
from .text import quoted, text

# Characters that a cookie may contain besides letters and digits (RFC 6265, 4.1.1), without `%`.
_COOKIE_SAFE = "!#$&'()*+-./:<=>?@[]^_`{|}~"


def _parts(value: Any) -> Any:
    """The value with models as plain objects, and without fields that are `UNSET`."""
    if isinstance(value, Model):
        value = value.to_dict()
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items() if item is not msgspec.UNSET}
    return list(value) if isinstance(value, list | tuple) else value


def _quoted(name: str, value: Any) -> str:
    return quoted(name, text(name, value))


def _json(value: Any) -> str:
    plain = value.to_dict() if isinstance(value, Model) else value
    return msgspec.json.encode(plain).decode()


def _delimited(name: str, value: Any, delimiter: str) -> list[str]:
    parts = _parts(value)
    if isinstance(parts, dict):
        parts = [piece for pair in parts.items() for piece in pair]
    items = parts if isinstance(parts, list) else [parts]
    return [f"{_quoted(name, name)}={delimiter.join(_quoted(name, item) for item in items)}"]


def comma(name: str, value: Any) -> list[str]:
    """`name=a,b`; an object is `name=key,value`."""
    return _delimited(name, value, ",")


def space(name: str, value: Any) -> list[str]:
    """`name=a%20b`."""
    return _delimited(name, value, "%20")


def pipe(name: str, value: Any) -> list[str]:
    """`name=a%7Cb`."""
    return _delimited(name, value, "%7C")


def repeated(name: str, value: Any) -> list[str]:
    """`name=a&name=b`; an object is `key=value`."""
    parts = _parts(value)
    if isinstance(parts, dict):
        return [piece for key, item in parts.items() for piece in repeated(key, item)]
    items = parts if isinstance(parts, list) else [parts]
    return [f"{_quoted(name, name)}={_quoted(name, item)}" for item in items]


def deep(name: str, value: Any) -> list[str]:
    """`name[key]=value`, and the same for nested objects."""
    parts = _parts(value)
    if isinstance(parts, dict):
        return [piece for key, item in parts.items() for piece in deep(f"{name}[{key}]", item)]
    items = parts if isinstance(parts, list) else [parts]
    return [f"{_quoted(name, name)}={_quoted(name, item)}" for item in items]


def json(name: str, value: Any) -> list[str]:
    """`name=` and the value as JSON."""
    return [f"{_quoted(name, name)}={quoted(name, _json(value))}"]


def _joined(name: str, value: Any, write: Callable[[str, Any], str], delimiter: str, equals: str) -> str:
    parts = _parts(value)
    if isinstance(parts, dict):
        return delimiter.join(f"{write(name, key)}{equals}{write(name, item)}" for key, item in parts.items())
    return delimiter.join(write(name, item) for item in (parts if isinstance(parts, list) else [parts]))


def simple(name: str, value: Any) -> str:
    """`a,b`; an object is `key,value`."""
    return _joined(name, value, _quoted, ",", ",")


def simple_pairs(name: str, value: Any) -> str:
    """`a,b`; an object is `key=value`."""
    return _joined(name, value, _quoted, ",", "=")


def simple_json(name: str, value: Any) -> str:
    """The value as JSON."""
    return quoted(name, _json(value))


def label(name: str, value: Any) -> str:
    """`.a,b`; an object is `.key,value`."""
    return f".{_joined(name, value, _quoted, ',', ',')}"


def label_pairs(name: str, value: Any) -> str:
    """`.a.b`; an object is `.key=value`."""
    return f".{_joined(name, value, _quoted, '.', '=')}"


def matrix(name: str, value: Any) -> str:
    """`;name=a,b`; an object is `;name=key,value`."""
    return f";{_quoted(name, name)}={_joined(name, value, _quoted, ',', ',')}"


def matrix_pairs(name: str, value: Any) -> str:
    """`;name=a;name=b`; an object is `;key=value`."""
    return "".join(f";{piece}" for piece in repeated(name, value))


def header(name: str, value: Any) -> str:
    """`a,b`; an object is `key,value`."""
    return _joined(name, value, text, ",", ",")


def header_pairs(name: str, value: Any) -> str:
    """`a,b`; an object is `key=value`."""
    return _joined(name, value, text, ",", "=")


def header_json(_: str, value: Any) -> str:
    """The value as JSON, in ASCII as a header must be."""
    return _json(value).encode("ascii", "backslashreplace").decode()


def _crumb(name: str, value: Any) -> str:
    return quoted(name, text(name, value), _COOKIE_SAFE)


def cookie(name: str, value: Any) -> list[str]:
    """`name=a%2Cb`: a cookie cannot contain a comma."""
    return [f"{name}={_joined(name, value, _crumb, '%2C', '%2C')}"]


def cookie_pairs(name: str, value: Any) -> list[str]:
    """`name=a; name=b`; an object is `key=value`."""
    parts = _parts(value)
    if isinstance(parts, dict):
        return [f"{key}={_crumb(name, item)}" for key, item in parts.items()]
    items = parts if isinstance(parts, list) else [parts]
    return [f"{name}={_crumb(name, item)}" for item in items]


def cookie_json(name: str, value: Any) -> list[str]:
    """`name=` and the value as JSON."""
    return [f"{name}={quoted(name, _json(value), _COOKIE_SAFE)}"]
