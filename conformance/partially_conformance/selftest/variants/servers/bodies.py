"""Variants: request bodies with other labels, nulls, unknown fields, or values of other types."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator
from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import OUTPUT_FIELDS, Operation
from partially_reference.http.bodies import Bodies
from partially_reference.http.refusals import UnsupportedBody
from partially_reference.http.validation import Validation
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput


@variant(
    "form-label",
    says="Only bodies labelled as JSON are accepted; others, such as forms, are refused with 415.",
)
class OnlyJsonLabelled(Bodies):
    def is_json(self, media_type: str) -> bool:
        return media_type == "application/json"


@variant("form-label", says="A body that is not labelled as JSON is ignored, as if it were empty.")
class OtherLabelsIgnored(Bodies):
    def is_json(self, media_type: str) -> bool:
        return media_type == "application/json"

    async def read(self, request: Request) -> dict[str, Any]:
        try:
            return await super().read(request)
        except UnsupportedBody:
            return {}


@variant("empty-update", says="A request without a body counts as one with an empty object.")
class NoBodyIsEmpty(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return super().parse(content) if content.strip() else {}


@variant("empty-update", says="A body that is null, false or an empty list counts as an empty object.")
class EmptyIsEmpty(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return {} if content.strip() in {b"null", b"false", b"[]"} else super().parse(content)


@variant("empty-update", says="JSON that is not an object counts as an empty object.")
class AnyJsonIsAnObject(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            return super().parse(content)  # which says what is wrong with it
        return super().parse(content) if isinstance(value, dict) else {}


@variant("list-for-text", says="A list with one text, number or boolean in place of a text is read as that.")
class ListsWithOneValueTaken(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return {name: self._alone(value) for name, value in super().parse(content).items()}

    def _alone(self, value: Any) -> Any:
        alone = isinstance(value, list) and len(value) == 1 and isinstance(value[0], str | int | float)
        return value[0] if alone else value


@variant("deep-body", says="A value that is nested more than 100 levels deep counts as null.")
class DeepValuesAreNull(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return super().parse(without_deep_values(content, self.max_depth))


def without_deep_values(content: bytes, deepest: int) -> bytes:
    """Return the bytes of an object with null in place of each value that is nested too deeply."""
    depth = too_deep = start = end = 0
    kept = []
    for found in re.finditer(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', content, re.DOTALL):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(found[0], 0)
        too_deep = max(too_deep, depth)
        if found[0] in b"[{" and depth == 2:
            start, too_deep = found.start(), depth
        elif found[0] in b"]}" and depth == 1 and too_deep > deepest:
            kept += [content[end:start], b"null"]
            end, too_deep = found.end(), 0
    return b"".join([*kept, content[end:]])


@variant("empty-update", says="An update without fields is refused.")
class EmptyUpdateRefused(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if not values:
            raise InvalidInput("There is nothing to change")
        return values


@variant("unknown-fields", "server-owned-fields", says="A body with an undocumented field is refused.")
class UnknownFieldsRefused(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        if unknown := sorted(body.keys() - operation.body_fields):
            raise InvalidInput(
                "Something is wrong with the input", [f"{name}: is not known" for name in unknown]
            )
        super().check_body(operation, validator, body)


@variant("server-owned-fields", says="A body with a field that only the server sets is refused.")
class ServerFieldsRefused(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        if owned := sorted((body.keys() & set(OUTPUT_FIELDS)) - operation.body_fields):
            raise InvalidInput(
                "Something is wrong with the input", [f"{name}: is not yours" for name in owned]
            )
        super().check_body(operation, validator, body)


@variant("null-for-default", says="Null for a field with a default is stored as the default.")
class NullIsDefault(Fields):
    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_create(body)
        return {name: self.defaults().get(name) if value is None else value for name, value in values.items()}


@variant("null-on-update", says="Null in an update changes nothing.")
class NullKeeps(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in super().for_update(body).items() if value is not None}


@variant("null-on-update", says="Null in an update is refused.")
class NullRefusedOnUpdate(Fields):
    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        values = super().for_update(body)
        if None in values.values():
            raise InvalidInput("The customer could not be saved", ["A null says nothing"])
        return values


@variant("null-for-default", "null-on-update", says="Null is refused for each field, in creates and updates.")
class NullRefused(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        picked = super().pick(body)
        if nulls := [name for name, value in picked.items() if value is None]:
            raise InvalidInput("Something is wrong with the input", [f"{name}: is null" for name in nulls])
        return picked


_WRITES = frozenset({"createCustomer", "updateCustomer"})


def _with_numbers_as_text(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for name, value in body.items()
    }


class _NumbersUnchecked(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        super().check_body(
            operation, validator, _with_numbers_as_text(body) if operation.id in _WRITES else body
        )


@variant(
    "number-for-text", says="A number in place of a text is stored as its digits.", also=[_NumbersUnchecked]
)
class NumbersAsText(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return _with_numbers_as_text(super().pick(body))


def _without_lists_and_objects(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not isinstance(value, list | dict)}


class _ListsAndObjectsUnchecked(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        super().check_body(
            operation, validator, _without_lists_and_objects(body) if operation.id in _WRITES else body
        )


@variant(says="A list or an object in place of a text is ignored.", also=[_ListsAndObjectsUnchecked])
class OddValuesLeftOut(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return super().pick(_without_lists_and_objects(body))


def _with_booleans_as_text(body: Mapping[str, Any]) -> dict[str, Any]:
    spell: Mapping[Any, str] = {True: "true", False: "false"}
    return {name: spell[value] if isinstance(value, bool) else value for name, value in body.items()}


class _BooleansUnchecked(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        super().check_body(
            operation, validator, _with_booleans_as_text(body) if operation.id in _WRITES else body
        )


@variant(
    says="True and false in place of a text are stored as the texts `true` and `false`.",
    also=[_BooleansUnchecked],
)
class TruthSpelledOut(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return _with_booleans_as_text(super().pick(body))
