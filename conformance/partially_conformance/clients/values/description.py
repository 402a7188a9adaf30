"""A document as the checks of clients read it: its operations, their arguments and their responses."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from partially_conformance.clients.values.formats import FORMATS
from partially_spec import Document

Schema = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The keys of a path item that are operations."""

_SAFE_TWICE = frozenset({"get", "head", "put", "delete", "options", "trace"})  # RFC 9110, 9.2.2

JSON = "application/json"

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})

_OWN_HEADERS = frozenset({"accept", "content-type", "authorization"})  # OpenAPI 3.1, 4.8.12.1: no parameters

_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False, repr=False)  # compared by identity; schemas are long
class Argument:
    """One argument of an operation.

    Attributes:
        place: `path`, `query`, `header` or `body`.
        wire: Its name in the request; None if it is the whole body.
        schema: The schema of its value.
        required: Whether it must be given.
        secret: Whether the document says that it is a password.
        as_bytes: Whether a text of the format `binary` in it means bytes, since the body is not JSON.
    """

    place: str
    wire: str | None
    schema: Schema
    required: bool
    secret: bool
    as_bytes: bool = False

    def __repr__(self) -> str:
        return f"{self.place}.{self.wire}"


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of a list: the names of the parameters and of the fields of the response."""

    parameter: str
    size: str | None
    items: str
    number: str
    page_size: str | None
    entries: str | None
    pages: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document.

    Attributes:
        id: Its operationId.
        method: Its HTTP method, in capitals.
        path: Its path template.
        arguments: Its arguments, parameters first.
        plain: Whether all its parameters have the default style, so that its requests can be validated.
        body: The media type of its request body; None if it has none.
        body_required: Whether the request must have a body.
        accepts: The media types of its first 2xx response.
        answers: The schema of the JSON body of each 2xx status; None for another body or none.
        repeatable: Whether it may safely be carried out twice.
        authenticated: Whether it needs the key.
        paging: How its list is divided into pages; None if it returns no list in pages.
    """

    id: str
    method: str
    path: str
    arguments: tuple[Argument, ...]
    plain: bool
    body: str | None
    body_required: bool
    accepts: tuple[str, ...]
    answers: Mapping[int, Schema | None]
    repeatable: bool
    authenticated: bool
    paging: Paging | None

    @property
    def status(self) -> int:
        """The first 2xx status."""
        return next(iter(self.answers))

    @property
    def sends_json(self) -> bool:
        """Whether its request body, if it has one, is plain JSON: only that can be validated."""
        return self.body in {None, JSON}

    @property
    def answers_json(self) -> bool:
        """Whether its first 2xx response has a JSON body."""
        return self.answers[self.status] is not None


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a request carries the key: the header, and the prefix of the key in it."""

    header: str
    prefix: str


class Description:
    """The operations of a document.

    OpenAPI 3.0 is converted to 3.1: `nullable` and exclusive bounds are rewritten.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        raw: dict[str, Any] = _modern(document.raw)
        self.document = Document(raw, document.path)
        self.raw = raw
        self._keys: dict[int, tuple[str, Schema]] = {}
        self.operations = tuple(self._operations())
        self.key = self._key()

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.raw.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item)

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        raw = item[method]
        body = self.document.resolve(raw.get("requestBody", {}))
        media = _preferred(body.get("content", {}))
        answers = self._answers(raw["responses"])
        security = raw.get("security", self.raw.get("security", []))
        retry = raw.get("x-retry", "safe" if method in _SAFE_TWICE else "unsent")
        return Operation(
            id=raw.get("operationId", f"{method.upper()} {path}"),
            method=method.upper(),
            path=path,
            arguments=(*map(self._argument, self._parameters(item, raw)), *self._body(body, media)),
            plain=all(map(self._is_plain, self._parameters(item, raw))),
            body=media,
            body_required=bool(body.get("required")),
            accepts=next(iter(answers.values()))[0],
            answers={status: schema for status, (_, schema) in answers.items()},
            repeatable=retry == "safe",
            authenticated=bool(security) and {} not in security,
            paging=_paging(raw.get("x-pagination")),
        )

    def _parameters(self, item: Mapping[str, Any], raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The parameters of an operation, and those of its path item that it does not override."""
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for entry in (*item.get("parameters", ()), *raw.get("parameters", ())):
            parameter = self.document.resolve(entry)
            if parameter["in"] != "header" or parameter["name"].lower() not in _OWN_HEADERS:
                found[parameter["in"], parameter["name"]] = parameter
        return list(found.values())

    def _argument(self, parameter: Mapping[str, Any]) -> Argument:
        schema = _schema_of(parameter)
        required = bool(parameter.get("required"))
        return Argument(parameter["in"], parameter["name"], schema, required, self._is_secret(schema))

    def _is_plain(self, parameter: Mapping[str, Any]) -> bool:
        usual = _USUAL_STYLES.get(parameter["in"])
        kinds = self.flat(_schema_of(parameter)).get("type", "any")
        described = "schema" in parameter and "object" not in ([kinds] if isinstance(kinds, str) else kinds)
        return usual is not None and parameter.get("style", usual) == usual and described

    def validated_part(self) -> Document:
        """The document with only the operations whose requests can be validated."""
        plain = {(one.path, one.method.lower()) for one in self.operations if one.plain}
        paths = {
            path: {key: one for key, one in item.items() if key not in METHODS or (path, key) in plain}
            for path, item in self.raw.get("paths", {}).items()
        }
        return Document({**self.raw, "paths": paths}, self.document.path)

    def _body(self, body: Mapping[str, Any], media: str | None) -> Iterator[Argument]:
        if media is None:
            return
        schema = body["content"][media].get("schema", {})
        flat = self.flat(schema)
        of_fields = _JSON.match(media) or media in _FORMS
        if "properties" not in flat or not of_fields:
            is_text = of_fields or flat.get("type") == "string"
            whole = schema if is_text else {"format": "binary", "type": "string"}
            needed = bool(body.get("required"))
            yield Argument("body", None, whole, needed, secret=False, as_bytes=not _JSON.match(media))
            return
        for name, field in flat["properties"].items():
            if not self.flat(field).get("readOnly"):
                required = name in flat.get("required", ())
                secret = self._is_secret(field)
                yield Argument("body", name, field, required, secret, as_bytes=media in _FORMS)

    def _is_secret(self, schema: Schema) -> bool:
        return self.flat(schema).get("format") == "password"

    def _answers(self, responses: Mapping[str, Any]) -> dict[int, tuple[tuple[str, ...], Schema | None]]:
        """The media types and the JSON schema of each 2xx response."""
        found: dict[int, tuple[tuple[str, ...], Schema | None]] = {}
        for status, entry in responses.items():
            if re.fullmatch(r"2\d\d|2XX|default", str(status)):
                number = int(status) if str(status).isdigit() else 200
                content = self.document.resolve(entry).get("content", {})
                found.setdefault(number, (tuple(content), _json_schema(content)))
        return dict(sorted(found.items())) or {200: ((), None)}

    def _key(self) -> KeyPlace | None:
        schemes = self.raw.get("components", {}).get("securitySchemes", {})
        wanted = [*self.raw.get("security", ())]
        for item in self.raw.get("paths", {}).values():
            wanted += [one for method in METHODS for one in item.get(method, {}).get("security", ())]
        for name in (name for entry in wanted for name in entry):
            scheme = self.document.resolve(schemes.get(name, {}))
            if scheme.get("type") == "http" and str(scheme.get("scheme")).lower() == "bearer":
                return KeyPlace("Authorization", "Bearer ")
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                return KeyPlace(scheme["name"], "")
        return None

    def flat(self, schema: Any) -> dict[str, Any]:
        """A schema with its reference resolved and its `allOf` merged."""
        schema = self.document.resolve(schema)
        if not isinstance(schema, Mapping):
            return {}
        merged: dict[str, Any] = {}
        beside = {key: value for key, value in schema.items() if key != "allOf"}
        for part in (*map(self.flat, schema.get("allOf", ())), beside):
            properties = dict(merged.get("properties", {}))
            for name, field in part.get("properties", {}).items():
                before = properties.get(name)
                properties[name] = field if before is None else {"allOf": [before, field]}
            required = dict.fromkeys((*merged.get("required", ()), *part.get("required", ())))
            merged = {**merged, **part}
            merged |= {"properties": properties} if properties else {}
            merged |= {"required": list(required)} if required else {}
        return merged

    def key_of(self, schema: Schema) -> str:
        """A text that is equal for equal schemas."""
        if id(schema) not in self._keys:
            self._keys[id(schema)] = (
                json.dumps(schema),
                schema,
            )  # with the schema, so that its id is not used again
        return self._keys[id(schema)][0]

    def mismatch(self, schema: Schema, value: Any, *, formats: bool = False) -> str | None:
        """The first error of a value by a schema; None if the value is valid.

        Args:
            schema: The schema.
            value: The JSON value.
            formats: Whether to check `format` too, which JSON Schema makes optional.
        """
        error = next(iter(self._validator(self.key_of(schema), formats).iter_errors(value)), None)
        if error is None:
            return None
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        return f"{error.message} at ${''.join(steps)}"

    @functools.cache  # noqa: B019 - one description lives as long as the program
    def _validator(self, schema: str, formats: bool) -> Any:
        whole = {**json.loads(schema), "components": self.raw.get("components", {})}
        checks = {name: one.holds for name, one in FORMATS.items()}
        if not formats:
            return jsonschema_rs.Draft202012Validator(whole, validate_formats=False)
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True, formats=checks)


_USUAL_STYLES = {"path": "simple", "query": "form", "header": "simple"}


def _schema_of(parameter: Mapping[str, Any]) -> Schema:
    content: Mapping[str, Any] = next(iter(parameter.get("content", {}).values()), {})
    schema: Schema = parameter.get("schema", content.get("schema", {}))
    return schema


def _preferred(content: Mapping[str, Any]) -> str | None:
    """The media type of a request body: JSON if possible, else the first."""
    kinds = [kind for kind in content if _JSON.match(kind)]
    return JSON if JSON in content else next(iter((*kinds, *content)), None)


def _json_schema(content: Mapping[str, Any]) -> Schema | None:
    for kind, media in content.items():
        if _JSON.fullmatch(kind.partition(";")[0].strip()):
            schema: Schema = media.get("schema", {})
            return schema
    return None


def _paging(raw: Any) -> Paging | None:
    if not isinstance(raw, Mapping) or raw.get("style") != "page-number":
        return None
    return Paging(
        parameter=raw["page"],
        size=raw.get("size"),
        items=raw["items"],
        number=raw["page_number"],
        page_size=raw.get("page_size"),
        entries=raw.get("total_entries"),
        pages=raw["total_pages"],
    )


def _modern(node: Any) -> Any:
    """The node converted from OpenAPI 3.0 to 3.1, with all keys as texts."""
    if isinstance(node, list):
        return [_modern(one) for one in node]
    if not isinstance(node, dict):
        return node
    new = {str(key): _modern(value) for key, value in node.items()}
    if new.get("nullable") is True:
        if not isinstance(
            new.get("type"), str
        ):  # beside `allOf` it has no effect by the standard, but people mean it
            return {"anyOf": [{key: one for key, one in new.items() if key != "nullable"}, {"type": "null"}]}
        new["type"] = [new["type"], "null"]
        if isinstance(new.get("enum"), list) and None not in new["enum"]:
            new["enum"] = [*new["enum"], None]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and bound in new:
            new[exclusive] = new.pop(bound)
    return new
