"""Reading the parameters in a path, a query and headers, and validating them by the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs

from partially_conformance.clients.requests.json_body import shown, with_article
from partially_spec import Document, DocumentError

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_IN_A_URL = re.compile(r"[^\x21-\x7e]|#")
_INTEGER = re.compile(r"-?[0-9]{1,4000}")  # Python converts no more than 4300 digits

_STYLES = {"path": "simple", "query": "form", "header": "simple"}


class NotDecodable(Exception):  # noqa: N818 - it says what the text is
    """A part of a URL is not percent-encoded UTF-8. The message says why."""


def decoded(text: str, *, plus: bool = False) -> str:
    """Decode a percent-encoded part of a URL.

    Args:
        text: The part.
        plus: Whether a plus means a blank, as in a form.

    Raises:
        NotDecodable: It is not percent-encoded UTF-8.
    """
    if found := _NOT_IN_A_URL.search(text):
        raise NotDecodable(f"the character {found[0]!r}, which is not percent-encoded")
    if found := _BROKEN_ESCAPE.search(text):
        raise NotDecodable(f"a % without two hexadecimal digits in {text!r}")
    try:
        return unquote_to_bytes(text.replace("+", " ") if plus else text).decode("utf-8")
    except UnicodeDecodeError:
        raise NotDecodable(f"bytes that are not UTF-8 in {text!r}") from None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        name: Its name.
        place: `path`, `query` or `header`.
        required: Whether it must be given.
        schema: The schema of its value.
        explode: Whether an array in the query repeats the name for each item.
        validator: Validates its value.
    """

    name: str
    place: str
    required: bool
    schema: Mapping[str, Any]
    explode: bool
    validator: Any

    @property
    def types(self) -> tuple[str, ...]:
        """The types that its value may have."""
        return _types(self.schema)

    @property
    def takes_several(self) -> bool:
        """Whether it may occur several times in one query."""
        return "array" in self.types and self.explode

    def problems(self, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        """What was expected and what was sent, for each problem with the value.

        Args:
            texts: The value, decoded; more than one if the parameter was sent several times.
        """
        if len(texts) > 1 and not self.takes_several:
            yield "one value", f"{len(texts)} values"
            return
        value = self._array(texts) if "array" in self.types else converted(texts[0], self.types)
        for error in self.validator.iter_errors(value):
            yield expectation(error), shown(error.instance, self.name)

    def _array(self, texts: Sequence[str]) -> list[Any]:
        items = list(texts) if self.explode else texts[0].split(",")
        types = _types(self.schema.get("items", {}))
        return [converted(item, types) for item in items]


def converted(text: str, types: Sequence[str]) -> Any:
    """The value that a text means, for these types; the text itself if it means none of them."""
    if "string" in types or not types:
        return text
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if ("number" in types or "boolean" in types or "null" in types) and text.strip() == text:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return text
        return text if isinstance(value, str | list | dict) else value
    return text


def expectation(error: jsonschema_rs.ValidationError) -> str:
    """What a schema expects where a value is invalid, in words."""
    details = error.kind.as_dict()
    match error.kind.name:
        case "type":
            names = sorted(details["types"], key=lambda name: (name == "null", name))
            return " or ".join(name if name == "null" else with_article(name) for name in names)
        case "minimum":
            return f"at least {details['limit']}"
        case "maximum":
            return f"at most {details['limit']}"
        case "minLength":
            return f"at least {details['limit']} character{'s' if details['limit'] != 1 else ''}"
        case "enum":
            return f"one of {', '.join(map(str, details['options']))}"
        case _:
            return f"what the schema says under {'/'.join(map(str, error.schema_path))}"


def parameters(document: Document, item: Mapping[str, Any], operation: Mapping[str, Any]) -> list[Parameter]:
    """The parameters of an operation, with those of its path item.

    Raises:
        DocumentError: A parameter cannot be validated here.
    """
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for node in (*item.get("parameters", ()), *operation.get("parameters", ())):
        described = document.resolve(node)
        merged[described["name"], described["in"]] = described
    return [_parameter(document, node) for node in merged.values()]


def _parameter(document: Document, node: Mapping[str, Any]) -> Parameter:
    name, place = node["name"], node["in"]
    style = node.get("style", _STYLES.get(place))
    if style is None or style != _STYLES.get(place) or "schema" not in node:
        raise DocumentError(
            f"{document.path}: parameter {name!r}: only a schema in a path, a query or a header, in its"
            f" usual style, can be checked"
        )
    schema = document.resolve(node["schema"])
    if "object" in _types(schema):
        raise DocumentError(f"{document.path}: parameter {name!r}: an object cannot be checked")
    return Parameter(
        name,
        place,
        node.get("required", False),
        schema,
        node.get("explode", style == "form"),
        jsonschema_rs.Draft202012Validator({**schema, "components": document.raw.get("components", {})}),
    )


def _types(schema: Mapping[str, Any]) -> tuple[str, ...]:
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)
