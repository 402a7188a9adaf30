"""Parses a document with openapi-python-client, and turns the result into its outline.

Only this module knows that library. The parser gets what `parser_input.py` leaves of a document, and wraps
every string so that it is not printed by accident; this module unwraps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from openapi_python_client import schema as model
from openapi_python_client.schema import UntrustedString, openapi_schema_pydantic
from pydantic import BaseModel, ValidationError

from partially_generator.reading import outline
from partially_generator.reading.errors import SpecError
from partially_generator.reading.outline import METHODS
from partially_generator.reading.parser_input import reduced_document
from partially_generator.reading.places import Json, Place
from partially_spec import Document

_LOCATIONS: dict[model.ParameterLocation, outline.Location] = {
    model.ParameterLocation.PATH: "path",
    model.ParameterLocation.QUERY: "query",
    model.ParameterLocation.HEADER: "header",
    model.ParameterLocation.COOKIE: "cookie",
}

_Node = TypeVar("_Node", bound=BaseModel)


def parse(document: Document) -> outline.Outline:
    """The outline of a valid document.

    Raises:
        SpecError: The parser refuses the document.
        DocumentError: A reference cannot be followed.
    """
    reduced = reduced_document(document)
    try:
        parsed = model.OpenAPI.model_validate(reduced)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        wanted = "expected an object" if first["type"] in {"model_type", "dict_type"} else first["msg"]
        came = repr(first["input"])
        shown = came if len(came) <= _SHOWN else f"{came[:_SHOWN]}..."
        raise SpecError(_place(first["loc"], reduced), f"{wanted}, got {shown}") from error
    return _Reader(document, parsed).whole()


_SHOWN = 80  # characters of a value that is refused


def _place(steps: Iterable[str | int], reduced: Any) -> Place:
    """The place of an error, without the names that the parser adds for its own alternatives."""
    *before, last = steps
    place: list[str | int] = []
    node = reduced
    for step in before:
        if isinstance(step, int) or step in node:
            node = node[step]
            place.append(step)
    is_step = isinstance(node, dict) if isinstance(last, str) else isinstance(node, list)
    return (*place, last) if is_step else tuple(place)


class _Reader:
    """Reads the parsed document and the raw document together."""

    def __init__(self, document: Document, parsed: model.OpenAPI) -> None:
        self._document = document
        self._raw = document.raw
        self._parsed = parsed

    def whole(self) -> outline.Outline:
        info = self._parsed.info
        return outline.Outline(
            title=_text(info.title),
            version=_text(info.version),
            summary=self._raw["info"].get("summary", ""),  # new in 3.1, missing in the parser's model
            description=_text(info.description),
            servers=_servers(self._parsed.servers),
            tags=tuple(
                outline.Tag(_text(tag.name), _text(tag.description)) for tag in self._parsed.tags or ()
            ),
            security=_requirements(self._parsed.security or ()),
            keys=self._keys(),
            operations=tuple(self._operations()),
            webhooks=tuple(self._raw.get("webhooks", {})),  # new in 3.1, missing in the parser's model
        )

    def _keys(self) -> dict[str, outline.Key]:
        components = self._parsed.components
        schemes = components.securitySchemes if components else None
        found = {}
        for text, entry in (schemes or {}).items():
            scheme, name = _followed(entry), _text(text)
            found[name] = outline.Key(
                kind=_text(scheme.type),
                scheme=_text(scheme.scheme),
                location=_text(scheme.security_scheme_in),
                parameter=_text(scheme.name),
                description=_text(scheme.description),
                place=("components", "securitySchemes", name),
            )
        return found

    def _operations(self) -> Iterable[outline.Operation]:
        for text, item in self._parsed.paths.items():
            path = _text(text)
            raw_item = self._document.resolve(self._raw["paths"][path])
            shared = self._parameters(item.parameters, raw_item, ("paths", path))
            for method in METHODS:
                operation: model.Operation | None = getattr(item, method)
                if operation is not None:
                    yield self._operation(path, method, item, operation, raw_item[method], shared)

    def _operation(
        self,
        path: str,
        method: str,
        item: model.PathItem,
        operation: model.Operation,
        raw: Json,
        shared: Iterable[outline.Parameter],
    ) -> outline.Operation:
        place = ("paths", path, method)
        own = self._parameters(operation.parameters, raw, place)
        merged = {(parameter.location, parameter.name): parameter for parameter in (*shared, *own)}
        return outline.Operation(
            path=path,
            method=method,
            tags=tuple(map(_text, operation.tags or ())),
            operation_id=_text(operation.operationId),
            summary=_text(operation.summary),
            description=_text(operation.description),
            deprecated=operation.deprecated,
            parameters=tuple(merged.values()),
            body=self._body(operation, raw, place),
            answers=tuple(self._answers(operation, raw, place)),
            callbacks=tuple(map(_text, operation.callbacks or ())),
            security=None if operation.security is None else _requirements(operation.security),
            servers=_servers(operation.servers or item.servers or ()),
            raw=raw,
            place=place,
        )

    def _parameters(
        self, parsed: Iterable[model.Reference | model.Parameter] | None, raw: Json, place: Place
    ) -> list[outline.Parameter]:
        found = []
        for index, entry in enumerate(parsed or ()):
            parameter, node = _followed(entry), self._document.resolve(raw["parameters"][index])
            where = (*place, "parameters", index)
            found.append(
                outline.Parameter(
                    name=_text(parameter.name),
                    location=_LOCATIONS[parameter.param_in],
                    required=parameter.required,
                    style=None if parameter.style is None else _text(parameter.style),
                    explode=_written_explode(parameter),
                    description=_text(parameter.description),
                    deprecated=parameter.deprecated,
                    content=_media(parameter.content, node, where),
                    raw=node,
                    place=where,
                )
            )
        return found

    def _body(self, operation: model.Operation, raw: Json, place: Place) -> outline.Body | None:
        if operation.request_body is None:
            return None
        body, where = _followed(operation.request_body), (*place, "requestBody")
        return outline.Body(
            required=body.required,
            description=_text(body.description),
            content=_media(body.content, self._document.resolve(raw["requestBody"]), where),
            place=where,
        )

    def _answers(self, operation: model.Operation, raw: Json, place: Place) -> Iterable[outline.Answer]:
        for text, entry in operation.responses.items():
            status, answer = _text(text), _followed(entry)
            where = (*place, "responses", status)
            node = self._document.resolve(raw["responses"][status])
            yield outline.Answer(
                status=status,
                description=_text(answer.description),
                content=_media(answer.content, node, where),
                place=where,
            )


def _text(text: UntrustedString | None) -> str:
    return "" if text is None else text.get_untrusted_value()


def _followed(node: model.Reference | _Node) -> _Node:
    """The node: `parser_input.py` has followed all references."""
    if isinstance(node, model.Reference):
        raise TypeError("a reference was left in the document")
    return node


def _written_explode(node: model.Parameter | openapi_schema_pydantic.Encoding) -> bool | None:
    """The value of `explode`, None if it is not written: the parser has another default than OpenAPI."""
    return node.explode if "explode" in node.model_fields_set else None


def _media(
    content: Mapping[UntrustedString, model.MediaType] | None, raw: Json, place: Place
) -> tuple[outline.MediaType, ...]:
    found = []
    for text, media in (content or {}).items():
        media_type = _text(text)
        encoding = {
            _text(name): outline.Encoding(
                content_type=_text(given.contentType),
                style=None if given.style is None else _text(given.style),
                explode=_written_explode(given),
            )
            for name, given in (media.encoding or {}).items()
        }
        where = (*place, "content", media_type)
        found.append(outline.MediaType(media_type, encoding, raw["content"][media_type], where))
    return tuple(found)


def _servers(parsed: Iterable[openapi_schema_pydantic.Server]) -> tuple[outline.Server, ...]:
    return tuple(
        outline.Server(
            url=_text(server.url),
            description=_text(server.description),
            variables=tuple(
                (_text(name), _text(variable.default)) for name, variable in (server.variables or {}).items()
            ),
        )
        for server in parsed
    )


def _requirements(
    parsed: Iterable[Mapping[UntrustedString, list[UntrustedString]]],
) -> outline.Requirements:
    return tuple(tuple(map(_text, entry)) for entry in parsed)
