"""One plain value of a schema, for calls and responses whose values do not matter."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, find, settings

from partially_conformance.clients.values.description import Description, Schema
from partially_conformance.clients.values.generated_values import ValueStrategies

_BY_FORMAT = {
    "uuid": "53479e98-27a9-49e2-856c-bf47d0796ffc",
    "date-time": "2018-11-27T20:10:19Z",
    "local-date-time": "2018-11-27T20:10:19.437168",
    "date": "2018-11-27",
    "byte": "eA==",
    "decimal": "1.5",
    "time": "20:10:19Z",
    "duration": "PT5M",
    "uri": "https://example.com/a",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
}

_SEARCH = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def plain_value(
    description: Description, schema: Schema, *, full: bool = False, as_bytes: bool = False
) -> Any:
    """A value that the schema allows, the same each time.

    Do not call it within a generated test: for some schemas Hypothesis searches for a value.

    Args:
        description: The document.
        schema: The schema.
        full: Whether it has the optional fields too, and one item in every list.
        as_bytes: Whether texts of the format `binary` are bytes.
    """
    value = _plain(description, schema, 0, full=full)
    if as_bytes:
        return _with_bytes(description, schema, value)
    if description.mismatch(schema, value, formats=True) is None:
        return value
    return find(ValueStrategies(description, extra=False).of(schema), lambda _: True, settings=_SEARCH)


def _with_bytes(description: Description, schema: Schema, value: Any) -> Any:
    flat = description.flat(schema)
    if flat.get("format") == "binary":
        return b"x"
    if isinstance(value, list):
        return [_with_bytes(description, flat.get("items", {}), one) for one in value]
    return value


def _plain(description: Description, schema: Any, depth: int, *, full: bool) -> Any:
    flat = description.flat(schema)
    for known in ("const", "enum", "examples"):
        if known in flat:
            return flat[known] if known == "const" else flat[known][0]
    for keyword in ("oneOf", "anyOf"):
        if keyword in flat:
            return _plain(description, flat[keyword][0], depth, full=full)
    kind = flat.get("type", "object" if "properties" in flat else "string")
    kind = kind if isinstance(kind, str) else kind[0]
    if depth >= _DEEPEST:
        full = False
    if kind == "object":
        fields = flat.get("properties", {})
        named = fields if full else [name for name in flat.get("required", ()) if name in fields]
        kept = [name for name in named if not description.flat(fields[name]).get("writeOnly")]
        return {name: _plain(description, fields[name], depth + 1, full=full) for name in kept}
    if kind == "array":
        items = flat.get("items", {})
        count = max(flat.get("minItems", 0), 1 if full else 0)
        return [_plain(description, items, depth + 1, full=full) for _ in range(count)]
    if kind == "string":
        form = "byte" if flat.get("contentEncoding") == "base64" else flat.get("format", "")
        return _BY_FORMAT.get(form, "x" * max(1, flat.get("minLength", 0)))
    return {"integer": flat.get("minimum", 1), "number": flat.get("minimum", 1), "boolean": True}.get(kind)


_DEEPEST = 4  # levels below which only required fields are filled; a schema may contain itself
