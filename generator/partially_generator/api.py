"""From a document to the generator's own picture of the API."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from partially_generator import ir, names
from partially_generator.answers import refusals, success
from partially_generator.bodies import body, body_example
from partially_generator.errors import GeneratorError, SpecError, one_line
from partially_generator.examples import link_to
from partially_generator.expressible import Json, Place
from partially_generator.fields import model_fields
from partially_generator.media import METHODS
from partially_generator.method import OPTION_NAMES
from partially_generator.paging import paging
from partially_generator.parameters import parameters
from partially_generator.schemas import Schemas
from partially_generator.security import Security
from partially_spec import Document, DocumentError

OPTIONS = ("self", *OPTION_NAMES)
"""Arguments every method has; a parameter of the same name gets an underscore."""

CLIENT_ATTRIBUTES = ("base_url", "timeout", "max_retries", "with_options", "close")
_NO_METHODS = ("with_raw_response", "bool", "builtins", "bytes", "dt", "float", "int", "str")

_IDEMPOTENT = {"get", "head", "put", "delete", "options"}  # RFC 9110, 9.2.2


def describe(document: Document) -> ir.Api:
    """Read a valid document.

    Raises:
        GeneratorError: It uses what cannot be expressed. The message names file and place.
    """
    try:
        return _Reader(document).api()
    except (SpecError, DocumentError) as error:
        raise GeneratorError(f"{document.path}: {str(error).removeprefix(f'{document.path}: ')}") from error


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._raw = document.raw
        self._schemas = Schemas(document)
        self._security = Security(document)

    def api(self) -> ir.Api:
        info = self._raw["info"]
        operations = self._operations()
        descriptions = {tag["name"]: tag.get("description", "") for tag in self._raw.get("tags", [])}
        tags = dict.fromkeys(operation.tag for operation in operations)
        models, unions = self._classes(operations)
        return ir.Api(
            title=info["title"],
            version=str(info["version"]),
            summary=info.get("summary", ""),
            description=info.get("description", ""),
            servers=tuple(_server(server) for server in self._raw.get("servers", [])),
            auths=self._security.auths(),
            security=_usual_security(operations),
            tags=tuple((tag, descriptions.get(tag, "")) for tag in tags),
            models=models,
            unions=unions,
            left_out=_left_out(self._raw, self._document),
            operations=operations,
        )

    def _operations(self) -> tuple[ir.Operation, ...]:
        found: list[ir.Operation] = []
        for path, entry in self._raw.get("paths", {}).items():
            item = self._document.resolve(entry)
            found += [
                self._operation(path, method, item, ("paths", path, method))
                for method in METHODS
                if method in item
            ]
        if not found:
            raise SpecError(("paths",), "there is no operation to generate a client for")
        return _with_own_names(found)

    def _operation(self, path: str, method: str, item: Json, place: Place) -> ir.Operation:
        raw = item[method]
        tag = (raw.get("tags") or ["default"])[0]
        operation_id = raw.get("operationId") or f"{method} {path}"
        read = self._document, self._schemas
        sent = parameters(*read, item, place, operation_id, OPTIONS)
        taken = [*OPTIONS, *(parameter.field.name for parameter in sent)]
        described = body(*read, raw, place, operation_id, taken)
        answer = success(*read, raw, place, operation_id)
        wanted = self._security.wanted(raw, place)
        return ir.Operation(
            tag=tag,
            resource=names.identifier(tag, CLIENT_ATTRIBUTES, fallback="resource"),
            name=names.method_name(operation_id, tag, _NO_METHODS),
            http_method=method.upper(),
            path=path,
            summary=raw.get("summary", ""),
            description=raw.get("description", ""),
            deprecated=bool(raw.get("deprecated")),
            parameters=sent,
            body=described,
            body_example=body_example(self._document, raw, described),
            success=answer,
            refusals=refusals(self._document, raw),
            retry=_retry(raw, method, place),
            paging=paging(self._schemas, raw, sent, answer, place),
            authenticated=any(wanted),
            security=wanted,
            server=self._own_server(raw, item),
            operation_id=operation_id,
            link=link_to(self._document, operation_id),
            fake=raw.get("x-fake"),
        )

    def _own_server(self, raw: Json, item: Json) -> str | None:
        """The address of an operation that has another than the document; None for that of the document."""
        servers = raw.get("servers") or item.get("servers")
        url = _server(servers[0]).url if servers else None
        return url if url is not None and url.startswith(("http://", "https://")) else None

    def _classes(
        self, operations: tuple[ir.Operation, ...]
    ) -> tuple[tuple[ir.Model, ...], tuple[ir.Union, ...]]:
        """The models and unions that the operations return or take inside a field, and those within them."""
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
    """The operations, each with a name of its own within its resource.

    Where two lose what tells them apart together with the words of the tag, as `getThing` and `getThings`
    do, both keep their whole names.
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


def _left_out(raw: Json, document: Document) -> tuple[str, ...]:
    """What the server calls is not called by a client."""
    found = []
    webhooks = [str(name) for name in raw.get("webhooks", {})]
    if webhooks:
        found.append(f"webhooks: {', '.join(webhooks)}")
    for path, entry in raw.get("paths", {}).items():
        item = document.resolve(entry)
        names_ = [name for method in METHODS for name in item.get(method, {}).get("callbacks", {})]
        if names_:
            found.append(f"callbacks of {path}: {', '.join(map(str, names_))}")
    return tuple(one_line(text) for text in found)


def _usual_security(operations: tuple[ir.Operation, ...]) -> tuple[tuple[str, ...], ...]:
    """What most operations want of those that want a key."""
    counted = Counter(operation.security for operation in operations if operation.authenticated)
    return counted.most_common(1)[0][0] if counted else ()


def _types(operation: ir.Operation) -> list[ir.TypeRef]:
    body = operation.body
    types = [parameter.field.type for parameter in operation.parameters]
    if body is not None:
        types += [field.type for field in (*body.fields, *([body.whole] if body.whole else ()))]
    answers = [operation.success.type, *(other.type for other in operation.success.others)]
    return [*types, *(kind for kind in answers if kind is not None)]


def _retry(raw: Json, method: str, place: Place) -> ir.Retry:
    given = raw.get("x-retry", "safe" if method in _IDEMPOTENT else "unsent")
    match given:
        case "safe" | "unsent" | "rejected":
            retry: ir.Retry = given
            return retry
    raise SpecError((*place, "x-retry"), f"expected safe, unsent or rejected, got {given!r}")


def _server(server: Json) -> ir.Server:
    url = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return ir.Server(url=url, description=server.get("description", ""))
