# Copied by partially-generate into every client. Edit it there, not here.
"""Reads the arguments of a request, and checks that they match the API description."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Mapping
from decimal import Decimal
from types import ModuleType
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from .._core.values.unions import decode_union
from .answers import bad_input
from .forms import read_fields
from .operation_table import Argument, Entry

_PLAIN: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "null": None,
    "array": list[Any],
    "object": dict[str, Any],
}
_FORMATS: dict[str, Any] = {
    "uuid": UUID,
    "date-time": dt.datetime,
    "local-date-time": dt.datetime,
    "date": dt.date,
    "byte": bytes,
    "decimal": Decimal,
}
_META = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minProperties": "min_length",
    "maxProperties": "max_length",
}


class ArgumentReader:
    """Reads the arguments of requests.

    Args:
        models: The module with the classes that a `$ref` names; None if the API has no models.
    """

    def __init__(self, models: ModuleType | None) -> None:
        self._models = models

    def path(self, entry: Entry, given: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of a path, converted to their types; one that cannot be converted stays a string."""
        found: dict[str, Any] = dict(given)
        for argument in entry.arguments:
            wire = argument.wire
            if argument.place != "path" or wire is None or argument.schema.get("type") == "string":
                continue
            try:
                found[wire] = msgspec.convert(
                    given[wire], self._type(argument), strict=False, dec_hook=decode_union
                )
            except msgspec.ValidationError:
                continue  # no object has such a key, so none will be found
        return found

    def query(self, entry: Entry, given: dict[str, list[str]]) -> dict[str, Any]:
        """The query parameters that were sent, by their names.

        Raises:
            Refused: A parameter is invalid or missing.
        """
        found: dict[str, Any] = {}
        problems = []
        for argument in entry.arguments:
            if argument.place != "query" or argument.wire is None or argument.styled:
                continue
            if argument.wire not in given:
                problems += [f"{argument.label}: can't be blank"] if argument.required else []
                continue
            texts = given[argument.wire]
            value: Any = texts if argument.schema.get("type") == "array" else texts[0]
            try:
                found[argument.wire] = msgspec.convert(
                    value, self._type(argument), strict=False, dec_hook=decode_union
                )
            except msgspec.ValidationError as error:
                problems.append(f"{argument.label}: {error}")
        if problems:
            raise bad_input(entry, problems)
        return found

    def body(self, entry: Entry, content: bytes, content_type: str) -> Any:
        """The body: its described fields by their names, or one value.

        Raises:
            Refused: The body or a field is invalid.
        """
        arguments = [argument for argument in entry.arguments if argument.place == "body"]
        if not arguments or (not content and not entry.body_required):
            return {}
        if entry.body_kind in {"text", "bytes"}:
            return content
        if entry.body_kind in {"form", "multipart"}:
            return self._converted(entry, arguments, read_fields(content, content_type))
        body = self._json(entry, content)
        whole = next((argument for argument in arguments if argument.wire is None), None)
        if whole is not None:
            if problem := self._problem(whole, body):
                raise bad_input(entry, [problem])
            return body
        if not isinstance(body, dict):
            raise bad_input(entry, [], "The body is not a JSON object")
        problems = [p for argument in arguments if (p := self._problem_in(argument, body))]
        if problems:
            raise bad_input(entry, problems)
        return {a.wire: body[a.wire] for a in arguments if a.wire in body}

    def _json(self, entry: Entry, content: bytes) -> Any:
        try:
            return msgspec.json.decode(content)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise bad_input(entry, [], f"The body is not JSON: {error}") from error

    def _converted(
        self, entry: Entry, arguments: list[Argument], fields: dict[str, list[str]]
    ) -> dict[str, Any]:
        """The fields of a form, converted to their types."""
        named = {argument.wire: argument for argument in arguments if argument.wire is not None}
        missing = [a for wire, a in named.items() if a.required and not any(fields.get(wire, []))]
        if missing:
            raise bad_input(entry, [f"{argument.label}: can't be blank" for argument in missing])
        return {wire: self._lax(argument, fields[wire]) for wire, argument in named.items() if wire in fields}

    def _lax(self, argument: Argument, texts: list[str]) -> Any:
        """A value as JSON; one that cannot be converted stays as it was sent."""
        value: Any = texts if argument.schema.get("type") == "array" else texts[0]
        try:
            typed = msgspec.convert(value, self._type(argument), strict=False, dec_hook=decode_union)
        except msgspec.ValidationError:
            return value
        return msgspec.to_builtins(typed)

    def _problem_in(self, argument: Argument, body: dict[str, Any]) -> str | None:
        if argument.wire not in body:
            return f"{argument.label}: can't be blank" if argument.required else None
        return self._problem(argument, body[argument.wire])

    def _problem(self, argument: Argument, value: Any) -> str | None:
        needed = argument.required or argument.schema.get("minLength", 0) > 0
        if needed and (value is None or (isinstance(value, str) and not value.strip())):
            return f"{argument.label}: can't be blank"
        try:
            msgspec.convert(value, self._type(argument), dec_hook=decode_union)
        except msgspec.ValidationError as error:
            return f"{argument.label}: {error}"
        return None

    def _type(self, argument: Argument) -> Any:
        return self._of(argument.schema)

    def _of(self, schema: dict[str, Any]) -> Any:
        """The type that msgspec checks for a schema."""
        if "$ref" in schema:
            return getattr(self._models, schema["$ref"])
        if "anyOf" in schema:
            return functools.reduce(operator.or_, [self._of(member) for member in schema["anyOf"]])
        if "enum" in schema:
            return Literal[tuple(schema["enum"])]
        base = _FORMATS.get(schema.get("format", ""), _PLAIN.get(schema.get("type", ""), Any))
        if "items" in schema:
            base = list[self._of(schema["items"])]  # type: ignore[misc]  # a type made while running
        if isinstance(schema.get("additionalProperties"), dict):
            base = dict[str, self._of(schema["additionalProperties"])]  # type: ignore[misc]  # likewise
        limits = {name: schema[keyword] for keyword, name in _META.items() if keyword in schema}
        if schema.get("format") == "local-date-time":
            limits["tz"] = False
        return Annotated[base, msgspec.Meta(**limits)] if limits else base
