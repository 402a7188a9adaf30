"""Generating JSON values that a schema allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from partially_conformance.clients.values.description import Description, Schema
from partially_conformance.clients.values.formats import FORMATS

T = TypeVar("T")

_DEEPEST = 6
"""Levels of a value below which only required values are generated: a schema may contain itself."""

_UNUSUAL_TEXTS = (
    "", " ", "null", "\x00", "é", "\U0001f600", "a/b?c=d&e#f", "100%", "%2F", "+", "'\"\\", "line\nline",
    "2018-11-27T20:10:19.437168", "0", "../x",
)  # fmt: skip

TEXTS: st.SearchStrategy[str] = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.sampled_from(_UNUSUAL_TEXTS)
)
"""Any text that UTF-8 can hold, unusual texts more often."""

_EXTRA_NAMES = st.one_of(
    st.sampled_from(("extra", "to_dict", "_source", "self", "data", "a-b", "", "\U0001f600", "__class__")),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)


def one_of_these(values: Sequence[T]) -> st.SearchStrategy[T]:
    """One of these values. `sampled_from` would print all of them, which may be long, in each message."""
    return st.integers(0, len(values) - 1).map(lambda number: values[number])


_LARGE = 2**53 - 1  # the largest whole number that every JSON parser keeps (RFC 8259, 6)

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-_LARGE, _LARGE),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        TEXTS,
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_EXTRA_NAMES, inner, max_size=2),
    max_leaves=4,
)
"""Any small JSON value."""


class ValueStrategies:
    """Strategies for the values that the schemas of a document allow.

    Args:
        description: The document.
        extra: Whether objects get fields that the document does not describe, where it allows them.
        as_bytes: Whether texts of the format `binary` are bytes, as in a body that is not JSON.
    """

    def __init__(self, description: Description, *, extra: bool, as_bytes: bool = False) -> None:
        self._description = description
        self._extra = extra
        self._as_bytes = as_bytes
        self._known: dict[str, st.SearchStrategy[Any]] = {}

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        """Values that the schema allows, with texts of the `format` it names."""
        key = self._description.key_of(schema)
        if key not in self._known:
            made = self._of(schema, 0)
            if not self._as_bytes:  # bytes are not JSON, and cannot be validated
                made = made.filter(
                    lambda value: self._description.mismatch(schema, value, formats=True) is None
                )
            self._known[key] = made
        return self._known[key]

    def _of(self, schema: Any, depth: int) -> st.SearchStrategy[Any]:
        flat = self._description.flat(schema)
        if "const" in flat:
            return st.just(flat["const"])
        if "enum" in flat:
            return st.sampled_from(flat["enum"])
        for keyword in ("oneOf", "anyOf"):
            if keyword in flat:
                beside = {key: value for key, value in flat.items() if key != keyword}
                shared = {} if set(beside) <= _ANNOTATIONS else beside
                return st.one_of(
                    [self._of({"allOf": [shared, part]} if shared else part, depth) for part in flat[keyword]]
                )
        kinds = flat.get("type", _type_by_keywords(flat))
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if depth >= _DEEPEST and "null" in kinds:
            return st.none()
        return st.one_of([self._kind(kind, flat, depth) for kind in kinds])

    def _kind(self, kind: str, flat: Schema, depth: int) -> st.SearchStrategy[Any]:
        if kind in {"array", "object"}:
            return self._array(flat, depth) if kind == "array" else self._object(flat, depth)
        if kind == "string" and flat.get("format") == "binary" and self._as_bytes:
            return st.binary(max_size=20)
        simple = {"integer": _integers, "number": _numbers, "string": _texts}
        if kind in simple:
            return simple[kind](flat)
        return {"null": st.none(), "boolean": st.booleans()}.get(kind, ANY_JSON)

    def _array(self, flat: Schema, depth: int) -> st.SearchStrategy[Any]:
        least = flat.get("minItems", 0)
        most = min(flat.get("maxItems", least + 3), least + 3)
        if depth >= _DEEPEST:
            most = least
        items = self._of(flat.get("items", {}), depth + 1)
        unique: Callable[[Any], str] | None = repr if flat.get("uniqueItems") else None
        return st.lists(items, min_size=least, max_size=most, unique_by=unique)

    def _object(self, flat: Schema, depth: int) -> st.SearchStrategy[Any]:
        properties: Mapping[str, Any] = flat.get("properties", {})
        required = [name for name in flat.get("required", ()) if name in properties]
        needed = {name: self._of(properties[name], depth + 1) for name in required}
        optional = {
            name: self._of(field, depth + 1)
            for name, field in properties.items()
            if name not in needed and depth < _DEEPEST and not self._description.flat(field).get("writeOnly")
        }
        described = st.fixed_dictionaries(needed, optional=optional)
        free = flat.get("additionalProperties", True)
        if free is False or (properties and not self._extra) or depth >= _DEEPEST:
            return described
        value = ANY_JSON if free is True or free == {} else self._of(free, depth + 1)
        names = _EXTRA_NAMES.filter(lambda name: name not in properties)
        least = max(0, flat.get("minProperties", 0) - len(required))
        surplus = st.dictionaries(names, value, min_size=0 if properties else least, max_size=least + 2)
        return st.builds(lambda known, more: {**known, **more}, described, surplus)


_ANNOTATIONS = frozenset(
    {"description", "title", "example", "examples", "default", "deprecated", "discriminator", "nullable"}
)
"""Keywords that do not restrict the value."""


def _type_by_keywords(flat: Schema) -> str:
    if "properties" in flat or "additionalProperties" in flat:
        return "object"
    return "array" if "items" in flat else "any"


def _integers(flat: Schema) -> st.SearchStrategy[int]:
    least = flat.get("minimum", -_LARGE)
    most = flat.get("maximum", _LARGE)
    if "exclusiveMinimum" in flat:
        least = max(least, flat["exclusiveMinimum"] + 1)
    if "exclusiveMaximum" in flat:
        most = min(most, flat["exclusiveMaximum"] - 1)
    step = flat.get("multipleOf", 1)
    return st.integers(-(-int(least) // step), int(most) // step).map(lambda count: count * step)


def _numbers(flat: Schema) -> st.SearchStrategy[float]:
    if "multipleOf" in flat:
        return _integers({**flat, "multipleOf": 1}).map(lambda count: count * flat["multipleOf"])
    least, most = (
        flat.get("exclusiveMinimum", flat.get("minimum")),
        flat.get("exclusiveMaximum", flat.get("maximum")),
    )
    return st.floats(
        least,
        most,
        exclude_min="exclusiveMinimum" in flat,
        exclude_max="exclusiveMaximum" in flat,
        allow_nan=False,
        allow_infinity=False,
    )


def _texts(flat: Schema) -> st.SearchStrategy[str]:
    encoded = flat.get("contentEncoding") == "base64"
    form = FORMATS.get("byte" if encoded else flat.get("format", ""))
    if form is not None:
        return form.texts
    if "pattern" in flat:
        return st.from_regex(str(flat["pattern"]))
    least, most = flat.get("minLength", 0), flat.get("maxLength")
    if least == 0 and most is None:
        return TEXTS
    letters = st.characters(exclude_categories=["Cs"])
    return st.text(
        letters, min_size=least, max_size=min(most, least + 20) if most is not None else least + 20
    )
