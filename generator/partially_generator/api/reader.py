"""Reads a document into the generator's own picture of the API."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import groupby

from partially_generator.api import ir, names
from partially_generator.api.answers import refusals, success
from partially_generator.api.bodies import body, body_example
from partially_generator.api.call_options import OPTIONS
from partially_generator.api.examples import link_to
from partially_generator.api.fields import model_fields
from partially_generator.api.paging import paging
from partially_generator.api.parameters import parameters
from partially_generator.api.schemas import Schemas
from partially_generator.api.security import Security
from partially_generator.reading import outline
from partially_generator.reading.errors import GeneratorError, SpecError, one_line
from partially_generator.reading.parsing import parse
from partially_spec import Document, DocumentError

CLIENT_ATTRIBUTES = ("base_url", "timeout", "max_retries", "with_options", "close")
_NO_METHODS = ("with_raw_response", "bool", "builtins", "bytes", "dt", "float", "int", "str")

_IDEMPOTENT = {"get", "head", "put", "delete", "options"}  # RFC 9110, 9.2.2


def read_api(document: Document) -> ir.Api:
    """Read a valid document.

    Raises:
        GeneratorError: A client cannot express it. The message names file and place.
    """
    try:
        return _Reader(document).api()
    except (SpecError, DocumentError) as error:
        raise GeneratorError(f"{document.path}: {str(error).removeprefix(f'{document.path}: ')}") from error


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._facts = parse(document)
        self._schemas = Schemas(document)
        self._security = Security(self._facts)

    def api(self) -> ir.Api:
        said = self._facts
        operations = self._operations()
        descriptions = {tag.name: tag.description for tag in said.tags}
        tags = dict.fromkeys(operation.tag for operation in operations)
        models, unions = self._classes(operations)
        return ir.Api(
            title=said.title,
            version=said.version,
            summary=said.summary,
            description=said.description,
            servers=tuple(map(_server, said.servers)),
            keys=self._security.keys(),
            security=_usual_security(operations),
            tags=tuple((tag, descriptions.get(tag, "")) for tag in tags),
            models=models,
            unions=unions,
            left_out=_left_out(said),
            operations=operations,
        )

    def _operations(self) -> tuple[ir.Operation, ...]:
        found = [self._operation(operation) for operation in self._facts.operations]
        if not found:
            raise SpecError(("paths",), "there is no operation to generate a client for")
        return _with_own_names(found)

    def _operation(self, said: outline.Operation) -> ir.Operation:
        tag = said.tags[0] if said.tags else "default"
        operation_id = said.operation_id or f"{said.method} {said.path}"
        read = self._document, self._schemas
        sent = parameters(*read, said, operation_id, OPTIONS)
        taken = [*OPTIONS, *(parameter.field.name for parameter in sent)]
        described = body(self._schemas, said, operation_id, taken)
        answer = success(*read, said, operation_id)
        keys = self._security.keys_of(said)
        return ir.Operation(
            tag=tag,
            resource=names.identifier(tag, CLIENT_ATTRIBUTES, fallback="resource"),
            name=names.method_name(operation_id, tag, _NO_METHODS),
            http_method=said.method.upper(),
            path=said.path,
            summary=said.summary,
            description=said.description,
            deprecated=said.deprecated,
            parameters=sent,
            body=described,
            body_example=body_example(self._document, said, described),
            success=answer,
            refusals=refusals(self._document, said),
            retry=_retry(said),
            paging=paging(self._schemas, said.raw, sent, answer, said.place),
            authenticated=any(keys),
            security=keys,
            server=_own_server(said),
            operation_id=operation_id,
            link=link_to(self._document, operation_id),
            fake=said.raw.get("x-fake"),
        )

    def _classes(
        self, operations: tuple[ir.Operation, ...]
    ) -> tuple[tuple[ir.Model, ...], tuple[ir.Union, ...]]:
        """The models and unions that the operations send or return, and all models and unions in those."""
        models: dict[str, ir.Model] = {}
        unions: dict[str, ir.Union] = {}
        waiting = [
            name for operation in operations for kind in _types(operation) for name in ir.models_in(kind)
        ]
        while waiting:
            name = waiting.pop()
            if name in models or name in unions:
                continue
            union = self._schemas.union(name)
            if union is not None:
                unions[name] = union
                waiting += [inner for member in union.members for inner in ir.models_in(member)]
                continue
            fields = model_fields(self._schemas.properties(name))
            description = self._schemas.described(name).get("description", "")
            models[name] = ir.Model(name=name, description=description, fields=fields)
            waiting += [inner for field in fields for inner in ir.models_in(field.type)]
        return tuple(models[name] for name in sorted(models)), tuple(unions[name] for name in sorted(unions))


def _with_own_names(operations: list[ir.Operation]) -> tuple[ir.Operation, ...]:
    """The operations, each with a unique name within its resource.

    Method names leave out the words of the tag. If two operations then have the same name, as `getThing` and
    `getThings` of `things` would, both keep their whole `operationId`.
    """
    short = Counter((operation.resource, operation.name) for operation in operations)
    taken: set[tuple[str, str]] = set()
    found = []
    for operation in operations:
        name = operation.name
        if short[operation.resource, name] > 1:
            name = names.identifier(operation.operation_id, _NO_METHODS, fallback="call")
        number = 1
        free = name
        while (operation.resource, free) in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add((operation.resource, free))
        found.append(replace(operation, name=free))
    return tuple(found)


def _left_out(said: outline.Outline) -> tuple[str, ...]:
    """The webhooks and callbacks: the server calls them, so a client has no methods for them."""
    found = []
    if said.webhooks:
        found.append(f"webhooks: {', '.join(said.webhooks)}")
    for path, operations in groupby(said.operations, key=lambda operation: operation.path):
        callbacks = [name for operation in operations for name in operation.callbacks]
        if callbacks:
            found.append(f"callbacks of {path}: {', '.join(callbacks)}")
    return tuple(one_line(text) for text in found)


def _usual_security(operations: tuple[ir.Operation, ...]) -> tuple[tuple[str, ...], ...]:
    """The keys that most operations use, of those that use one."""
    counted = Counter(operation.security for operation in operations if operation.authenticated)
    return counted.most_common(1)[0][0] if counted else ()


def _types(operation: ir.Operation) -> list[ir.TypeRef]:
    body = operation.body
    types = [parameter.field.type for parameter in operation.parameters]
    if body is not None:
        types += [field.type for field in (*body.fields, *([body.whole] if body.whole else ()))]
    answers = [operation.success.type, *(other.type for other in operation.success.others)]
    return [*types, *(kind for kind in answers if kind is not None)]


def _retry(operation: outline.Operation) -> ir.Retry:
    given = operation.raw.get("x-retry", "safe" if operation.method in _IDEMPOTENT else "unsent")
    match given:
        case "safe" | "unsent" | "rejected":
            retry: ir.Retry = given
            return retry
    raise SpecError((*operation.place, "x-retry"), f"expected safe, unsent or rejected, got {given!r}")


def _own_server(operation: outline.Operation) -> str | None:
    """The address of an operation that has servers of its own; None if it uses those of the document."""
    url = _server(operation.servers[0]).url if operation.servers else ""
    return url if url.startswith(("http://", "https://")) else None


def _server(server: outline.Server) -> ir.Server:
    url = server.url
    for name, default in server.variables:
        url = url.replace(f"{{{name}}}", default)
    return ir.Server(url=url, description=server.description)
