"""The one meeting point with openapi-python-client.

Its library interface is not stable and is pinned to the patch release for that reason. It parses the
document; this module asks it for endpoints and types and answers in terms of `ir`. What its own
representation drops (constraints, formats it does not know, the order of things) is read beside it
from the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Protocol

from openapi_python_client.config import Config as OpcConfig
from openapi_python_client.config import ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.errors import GeneratorError as OpcError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.literal_enum_property import LiteralEnumProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

from partially_generator import ir
from partially_generator.document import flat
from partially_generator.errors import SpecError
from partially_generator.expressible import Json, Place, check_union
from partially_generator.reduction import reduced
from partially_spec import Document

_SCALARS: tuple[tuple[type, ir.ScalarName], ...] = (
    (BooleanProperty, "bool"),
    (IntProperty, "int"),
    (FloatProperty, "float"),
    (UuidProperty, "uuid"),
    (DateTimeProperty, "datetime"),
    (DateProperty, "date"),
    (NoneProperty, "none"),
    (AnyProperty, "any"),
    (StringProperty, "str"),
)
_TEXT_CONSTRAINTS = {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"}
_NUMBER_CONSTRAINTS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
_LIST_CONSTRAINTS = {"minItems": "min_length", "maxItems": "max_length"}
_SCALAR_CONSTRAINTS = {
    "str": _TEXT_CONSTRAINTS,
    "uuid": _TEXT_CONSTRAINTS,
    "int": _NUMBER_CONSTRAINTS,
    "float": _NUMBER_CONSTRAINTS,
}
_LARGEST = 2**63 - 1


class _Described(Protocol):
    """Where a property came from, as far as every kind of it tells."""

    name: Any


class Parsed:
    """A document as openapi-python-client understood it."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._data = _parse(reduced(document.raw))
        self._endpoints = {
            _endpoint_key(endpoint.method, endpoint.path.get_untrusted_value()): endpoint
            for collection in self._data.endpoint_collections_by_tag.values()
            for endpoint in collection.endpoints
        }
        self._classes = {str(model.class_info.name): model for model in self._data.models}
        self._seen: dict[str, tuple[ModelProperty, Json, Place]] = {}

    def parameter_type(self, method: str, path: str, parameter: Json, place: Place) -> ir.TypeRef:
        """The type of a parameter of an operation."""
        endpoint = self._endpoint(method, path, place)
        properties: Iterable[_Described] = {
            "path": endpoint.path_parameters,
            "query": endpoint.query_parameters,
            "header": endpoint.header_parameters,
        }[parameter["in"]]
        for prop in properties:
            if prop.name == parameter["name"]:
                return self._type(prop, parameter.get("schema", {}), (*place, "schema"))
        raise SpecError(place, f"the parameter {parameter['name']!r} has no schema that can be used")

    def body_type(self, method: str, path: str, schema: Json, place: Place) -> ir.TypeRef:
        """The type of the JSON body of an operation."""
        for body in self._endpoint(method, path, place).bodies:
            if body.body_type == BodyType.JSON:
                return self._type(body.prop, schema, place)
        raise SpecError(place, "the body is not JSON, and only JSON bodies can be sent")

    def response_type(self, method: str, path: str, status: str, schema: Json, place: Place) -> ir.TypeRef:
        """The type of the JSON body of an answer."""
        for response in self._endpoint(method, path, place).responses:
            if response.status_code.pattern == status:
                return self._type(response.prop, schema, place)
        raise SpecError(place, "the answer cannot be described as a type")

    def properties(self, name: str) -> list[tuple[str, bool, ir.TypeRef, Json, Place]]:
        """The properties of a model met so far: wire name, required, type, schema and place."""
        model, schema, place = self._seen[name]
        raw = flat(self._document, schema)
        schemas: Json = raw.get("properties", {})
        found = {
            str(prop.name.get_untrusted_value()): prop
            for prop in [*(model.required_properties or ()), *(model.optional_properties or ())]
        }
        required = {wire: position for position, wire in enumerate(raw.get("required", []))}
        ordered = sorted(
            found, key=lambda wire: (required.get(wire, len(required)), list(schemas).index(wire))
        )
        answer = []
        for wire in ordered:
            where = (*place, "properties", wire)
            prop_schema = flat(self._document, schemas[wire])
            answer.append(
                (wire, wire in required, self._type(found[wire], schemas[wire], where), prop_schema, where)
            )
        return answer

    def description(self, name: str) -> str:
        """The description of a model met so far."""
        _, schema, _ = self._seen[name]
        return str(flat(self._document, schema).get("description", ""))

    def _endpoint(self, method: str, path: str, place: Place) -> Endpoint:
        endpoint = self._endpoints.get(_endpoint_key(method, path))
        if endpoint is None:
            raise SpecError(place, "the operation was not understood")
        return endpoint

    def _type(self, prop: Any, schema: Any, place: Place) -> ir.TypeRef:
        raw = flat(self._document, schema)
        match prop:
            case UnionProperty():
                return self._union(prop, raw, place)
            case ModelProperty():
                return self._object(prop, schema, place)
            case ListProperty():
                item = self._type(prop.inner_property, raw.get("items", {}), (*place, "items"))
                return ir.ListOf(item, _constraints(raw, _LIST_CONSTRAINTS))
        return _single(prop, raw, place)

    def _union(self, prop: UnionProperty, raw: Json, place: Place) -> ir.TypeRef:
        variants = [*raw.get("anyOf", []), *raw.get("oneOf", [])]
        matched = len(variants) == len(prop.inner_properties)
        members = []
        for index, inner in enumerate(prop.inner_properties):
            member = self._type(inner, variants[index] if matched else raw, place)
            if member not in members:
                members.append(member)
        check_union(members, place)
        return members[0] if len(members) == 1 else ir.OneOf(tuple(members))

    def _object(self, prop: ModelProperty, schema: Json, place: Place) -> ir.TypeRef:
        name = str(prop.class_info.name)
        model = self._classes.get(name, prop)
        if not model.required_properties and not model.optional_properties:
            raw = flat(self._document, schema)
            extra = raw.get("additionalProperties")
            if not isinstance(extra, dict) or not extra:
                return ir.MapOf(ir.Scalar("any"))
            return ir.MapOf(self._type(model.additional_properties, extra, (*place, "additionalProperties")))
        if name not in self._seen:
            where = _reference_place(schema) or place
            self._seen[name] = (model, schema, where)
        return ir.ModelRef(name)


def _single(prop: Any, raw: Json, place: Place) -> ir.TypeRef:
    """The type of a value that is neither an object nor an array."""
    if isinstance(prop, LiteralEnumProperty):
        return ir.Choice(tuple(value for value in raw.get("enum", ()) if value is not None))
    if isinstance(prop, ConstProperty):
        const = raw.get("const")
        if isinstance(const, bool) or not isinstance(const, str | int):
            raise SpecError(place, f"a const can be a text or a whole number, got {const!r}")
        return ir.Choice((const,))
    for kind, name in _SCALARS:
        if isinstance(prop, kind):
            if name == "str" and raw.get("format") == "local-date-time":
                return ir.Scalar("local-datetime")
            return ir.Scalar(name, _constraints(raw, _SCALAR_CONSTRAINTS.get(name, {})))
    raise SpecError(place, f"a {type(prop).__name__.removesuffix('Property').lower()} cannot be expressed")


def _parse(raw: Json) -> GeneratorData:
    config = OpcConfig.from_sources(
        ConfigFile(post_hooks=[], literal_enums=True),
        MetaType.NONE,
        document_source="",
        file_encoding="utf-8",
        overwrite=False,
        output_path=None,
    )
    try:
        data = GeneratorData.from_dict(raw, config=config)
    except Exception as fault:  # what it cannot take it often says in an error of a library below it
        raise SpecError([], f"cannot be understood: {type(fault).__name__}: {fault}") from fault
    if isinstance(data, OpcError):
        raise SpecError([], _sentence(data))
    for error in data.errors:
        raise SpecError(["components"], _sentence(error))
    for collection in data.endpoint_collections_by_tag.values():
        for error in collection.parse_errors:
            # The header reads "WARNING parsing POST /things within things. Endpoint will not be generated."
            found = re.search(r"parsing (\w+) (\S+) within", error.header)
            place = ["paths", found[2], found[1].lower()] if found else ["paths"]
            raise SpecError(place, _readable(error.detail or error.header))
    return data


def _sentence(error: OpcError) -> str:
    return _readable(" ".join(part for part in (error.header, error.detail) if part))


def _readable(message: str) -> str:
    # It wraps every text of the document, and its messages show the wrapping and an address in memory.
    return re.sub(r"<openapi_python_client\S* object at 0x[0-9a-f]+>", "a name", message)


def _endpoint_key(method: str, path: str) -> tuple[str, str]:
    # openapi-python-client renames the parameters in the path; two paths never differ in these alone.
    return method.lower(), re.sub(r"\{[^}]*\}", "{}", path)


def _reference_place(schema: Any) -> Place | None:
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return tuple(reference.removeprefix("#/").split("/")) if isinstance(reference, str) else None


def _constraints(raw: Json, table: dict[str, str]) -> tuple[ir.Constraint, ...]:
    found: list[ir.Constraint] = []
    for keyword, name in table.items():
        value = raw.get(keyword)
        if keyword == "pattern" and isinstance(value, str):
            if _compiles(value):
                found.append((name, value))
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
            found.append((name, value))
    return tuple(found)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False  # ECMA 262 knows forms that Python does not; such a pattern stays unchecked
    return True
