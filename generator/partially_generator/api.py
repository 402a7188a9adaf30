"""From a document to the generator's own picture of the API."""

from __future__ import annotations

from typing import Any, Literal

from partially_generator import ir, names
from partially_generator.document import flat
from partially_generator.errors import GeneratorError, SpecError
from partially_generator.examples import first_example, link_to, refusal, schema_example
from partially_generator.expressible import Json, Place, check_parameter, check_servers
from partially_generator.fields import field, model_fields, sent_fields
from partially_generator.media import METHODS, is_json, is_success, preferred
from partially_generator.method import OPTION_NAMES
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
            auth=self._security.auth(),
            tags=tuple((tag, descriptions.get(tag, "")) for tag in tags),
            models=models,
            unions=unions,
            operations=operations,
        )

    def _operations(self) -> tuple[ir.Operation, ...]:
        found: list[ir.Operation] = []
        taken: dict[tuple[str, str], Place] = {}
        for path, item in self._raw.get("paths", {}).items():
            if "$ref" in item:
                raise SpecError(("paths", path), "a path that is a reference cannot be read")
            check_servers(item, ("paths", path))
            for method in METHODS:
                if method not in item:
                    continue
                place = ("paths", path, method)
                operation = self._operation(path, method, item, place)
                key = (operation.resource, operation.name)
                if key in taken:
                    other = ".".join(str(step) for step in taken[key])
                    raise SpecError(
                        (*place, "operationId"), f"gives the method {'.'.join(key)}, and so does {other}"
                    )
                taken[key] = place
                found.append(operation)
        if not found:
            raise SpecError(("paths",), "there is no operation to generate a client for")
        return tuple(found)

    def _operation(self, path: str, method: str, item: Json, place: Place) -> ir.Operation:
        raw = item[method]
        check_servers(raw, place)
        tag = (raw.get("tags") or ["default"])[0]
        parameters = self._parameters(path, method, item, place)
        taken = [*OPTIONS, *(parameter.field.name for parameter in parameters)]
        body = self._body(path, method, raw, place, taken)
        operation_id = _operation_id(path, method, raw)
        success = self._success(path, method, raw, place)
        return ir.Operation(
            tag=tag,
            resource=names.identifier(tag, CLIENT_ATTRIBUTES, fallback="resource"),
            name=names.method_name(operation_id, tag, _NO_METHODS),
            http_method=method.upper(),
            path=path,
            summary=raw.get("summary", ""),
            description=raw.get("description", ""),
            deprecated=bool(raw.get("deprecated")),
            parameters=parameters,
            body=body,
            body_example=self._body_example(raw, body),
            success=success,
            refusals=self._refusals(raw),
            retry=_retry(raw, method, place),
            paging=self._paging(raw, parameters, success, place),
            authenticated=self._security.wanted(raw, place),
            operation_id=operation_id,
            link=link_to(self._document, operation_id),
            fake=raw.get("x-fake"),
        )

    def _parameters(self, path: str, method: str, item: Json, place: Place) -> tuple[ir.Parameter, ...]:
        own = item[method].get("parameters", [])
        shared = item.get("parameters", [])
        merged: dict[tuple[str, str], tuple[Json, Place]] = {}
        for listed, where in ((shared, ("paths", path)), (own, place)):
            for index, entry in enumerate(listed):
                raw = self._document.resolve(entry)
                merged[raw["in"], raw["name"]] = (raw, (*where, "parameters", index))
        taken: list[str] = list(OPTIONS)
        found = []
        for (location, wire), (raw, where) in merged.items():
            place_of = _location(location, where)
            if "schema" not in raw:
                raise SpecError(where, "a parameter is read from its schema, and this one has none")
            schema = flat(self._document, raw["schema"])
            hint = f"{_operation_id(path, method, item[method])} {wire}"
            kind = self._schemas.type(raw["schema"], (*where, "schema"), hint, sent=True)
            check_parameter(raw, kind, where)
            own = field(
                wire,
                names.identifier(wire, taken),
                kind,
                {**schema, "description": raw.get("description") or schema.get("description", "")},
                required=bool(raw.get("required")),
                example=first_example(self._document, raw) or schema_example(schema),
            )
            taken.append(own.name)
            found.append(ir.Parameter(field=own, location=place_of))
        order = {wire: position for position, wire in enumerate(_path_names(path))}
        return tuple(
            sorted(
                found,
                key=lambda p: order.get(p.field.wire, len(order)) if p.location == "path" else len(order),
            )
        )

    def _body(self, path: str, method: str, raw: Json, place: Place, taken: list[str]) -> ir.Body | None:
        if "requestBody" not in raw:
            return None
        body = self._document.resolve(raw["requestBody"])
        where = (*place, "requestBody")
        required = bool(body.get("required"))
        for kind, media in preferred(body["content"]).items():
            where = (*where, "content", kind)
            if not is_json(kind):
                break
            schema = media.get("schema", {})
            hint = f"{_operation_id(path, method, raw)} body"
            found = self._schemas.type(schema, (*where, "schema"), hint, sent=True)
            if isinstance(found, ir.ModelRef):
                properties = self._schemas.properties(found.name)
                return ir.Body(required=required, fields=sent_fields(properties, taken, needed=required))
            whole = field(
                "body",
                names.identifier("body", taken),
                found,
                {"description": body.get("description", "")},
                required=required,
            )
            return ir.Body(required=required, whole=whole)
        raise SpecError(where, "only JSON bodies can be sent")

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

    def _success(self, path: str, method: str, raw: Json, place: Place) -> ir.Success:
        responses = raw.get("responses", {})
        statuses = [status for status in responses if is_success(status)] or [
            s for s in responses if s == "default"
        ]
        if not statuses:
            raise SpecError((*place, "responses"), "no successful answer is described")
        first: ir.Success | None = None
        for status in statuses:
            where = (*place, "responses", status)
            answer = self._document.resolve(responses[status])
            success = self._answer(path, method, status, answer, where)
            if first is None:
                first = success
            elif (success.kind, success.type) != (first.kind, first.type):
                raise SpecError(
                    where, f"its body differs from that of {statuses[0]}; one type must do for both"
                )
        assert first is not None
        return first

    def _answer(self, path: str, method: str, status: str, answer: Json, place: Place) -> ir.Success:
        number = int(status.upper().replace("X", "0")) if status != "default" else 200
        description = answer.get("description", "")
        content = preferred(answer.get("content", {}))
        if not content:
            return ir.Success(status=number, kind="none", description=description)
        media_type, media = next(iter(content.items()))
        example = first_example(self._document, media)
        if is_json(media_type):
            where = (*place, "content", media_type, "schema")
            hint = f"{_operation_id(path, method, self._raw['paths'][path][method])} response"
            kind = self._schemas.type(media.get("schema", {}), where, hint)
            return ir.Success(status=number, kind="json", type=kind, description=description, example=example)
        text: Literal["text", "bytes"] = "text" if media_type.startswith("text/") else "bytes"
        return ir.Success(status=number, kind=text, description=description, example=example)

    def _refusals(self, raw: Json) -> tuple[ir.Refusal, ...]:
        refused = {s: a for s, a in raw.get("responses", {}).items() if not is_success(s)}
        return tuple(refusal(self._document, status, answer) for status, answer in refused.items())

    def _body_example(self, raw: Json, body: ir.Body | None) -> tuple[tuple[str, Any], ...]:
        if body is None or not body.fields:
            return ()
        content = preferred(self._document.resolve(raw["requestBody"])["content"])
        example = first_example(self._document, next(iter(content.values())))
        if example and isinstance(example[0], dict):
            by_wire = {field.wire: field.name for field in body.fields}
            return tuple((by_wire[wire], value) for wire, value in example[0].items() if wire in by_wire)
        return tuple((f.name, f.example) for f in body.fields if f.required and f.has_example)

    def _paging(
        self, raw: Json, parameters: tuple[ir.Parameter, ...], success: ir.Success, place: Place
    ) -> ir.PagePaging | None:
        paging = raw.get("x-pagination")
        if paging is None:
            return None
        where = (*place, "x-pagination")
        if not isinstance(paging, dict) or paging.get("style") != "page-number":
            raise SpecError((*where, "style"), "expected page-number")
        if not isinstance(success.type, ir.ModelRef):
            raise SpecError(where, "a list in pages needs an answer that is an object")
        queries = {p.field.wire for p in parameters if p.location == "query"}
        fields = {field.wire: field for field in model_fields(self._schemas.properties(success.type.name))}
        for key, known in (
            ("page", queries),
            ("items", fields),
            ("page_number", fields),
            ("total_pages", fields),
        ):
            if paging.get(key) not in known:
                wanted = (
                    f"one of {', '.join(sorted(known))}" if known else "a name, but there is none to choose"
                )
                raise SpecError((*where, key), f"expected {wanted}, got {paging.get(key)!r}")
        items = fields[paging["items"]]
        if not isinstance(items.type, ir.ListOf):
            raise SpecError((*where, "items"), f"expected the name of an array, but {items.wire} is none")
        return ir.PagePaging(
            parameter=paging["page"],
            size=paging.get("size"),
            items=items.name,
            number=fields[paging["page_number"]].name,
            total=fields[paging["total_pages"]].name,
            item_type=items.type.item,
            envelope=success.type.name,
            wire=ir.Envelope(
                items=items.wire,
                number=paging["page_number"],
                pages=paging["total_pages"],
                size=paging.get("page_size"),
                entries=paging.get("total_entries"),
            ),
        )


def _types(operation: ir.Operation) -> list[ir.TypeRef]:
    body = operation.body
    types = [parameter.field.type for parameter in operation.parameters]
    if body is not None:
        types += [field.type for field in (*body.fields, *([body.whole] if body.whole else ()))]
    return [*types, *([operation.success.type] if operation.success.type else ())]


def _operation_id(path: str, method: str, raw: Json) -> str:
    return raw.get("operationId") or f"{method} {path}"


def _location(given: str, place: Place) -> ir.Location:
    match given:
        case "path" | "query" | "header":
            return given
    raise SpecError((*place, "in"), f"a {given} parameter cannot be sent")


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


def _path_names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]
