"""The methods of a resource: signature, docstring and body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from partially_generator.api import ir, names
from partially_generator.api.call_options import method_options
from partially_generator.runtime.errors import BY_STATUS
from partially_generator.writing.text import python_code
from partially_generator.writing.views.operation_constants import constant_name, returned_type

_INDENT = 8
_NOTHING: Mapping[str, str] = MappingProxyType({})

RETRY_TEXT: dict[ir.Retry, str] = {
    "safe": "A second request has no further effect, so the call is repeated after connection errors and on "
    "408, 429, 502, 503 and 504.",
    "unsent": "The call is repeated only on 429, or if the request certainly did not reach the server: a "
    "second request could be carried out too.",
    "rejected": "The call is repeated only on 429, or if the request certainly did not reach the server: the "
    "response to a second request could differ from that to the first.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """One method of a resource class."""

    definition: str
    name: str
    arguments: list[str]
    returns: str
    docstring: str
    call_arguments: list[str]
    options: list[str]
    secrets: list[str]
    """Arguments that may hold secrets. The method forgets them before it sends anything."""
    raw: str
    """The function that gives the method its type in `with_raw_response`."""
    before: str
    after: str


def method_views(operations: list[ir.Operation], is_async: bool, pages: dict[int, str]) -> list[MethodView]:
    """The methods, in the order of the document."""
    return [_method(operation, is_async, pages.get(id(operation))) for operation in operations]


def _method(operation: ir.Operation, is_async: bool, page: str | None) -> MethodView:
    constant = constant_name(operation)
    if page is None:
        definition = "async def" if is_async else "def"
        returns = returned_type(operation, "returned")
        before = f"return {'await ' if is_async else ''}self._client._call({constant}, "
        after = ")"
    elif is_async:
        assert operation.paging is not None, operation.name
        definition = "def"
        returns = f"AsyncPager[{page}, {python_code.annotation(operation.paging.item_type, 'returned')}]"
        before = f"return AsyncPager(lambda: self._client._page({page}, {constant}, "
        after = "))"
    else:
        definition = "def"
        returns = page
        before = f"return self._client._page({page}, {constant}, "
        after = ")"
    return MethodView(
        definition=definition,
        name=operation.name,
        arguments=_arguments(operation),
        returns=returns,
        docstring=_docstring(operation, is_async),
        call_arguments=_call_arguments(operation),
        options=[option.name for option in method_options(operation)],
        secrets=_secret_arguments(operation),
        raw="as_async_raw" if is_async else "as_raw",
        before=before,
        after=after,
    )


def _secret_arguments(operation: ir.Operation) -> list[str]:
    fields = [p.field for p in operation.parameters]
    whole = operation.body.whole if operation.body else None
    fields += operation.body.fields if operation.body else ()
    options = [option.name for option in method_options(operation) if option.may_be_secret]
    found = [field.name for field in fields if field.secret]
    return [*found, *([whole.name] if whole else []), *options]


def split_arguments(operation: ir.Operation) -> tuple[list[ir.Field], list[ir.Field]]:
    """The arguments that may be given by position, and those by keyword only: the required ones first."""
    positional = [p.field for p in operation.parameters if p.location == "path"]
    keyword = [p.field for p in operation.parameters if p.location != "path"]
    if operation.body is not None:
        keyword += [*operation.body.fields, *([operation.body.whole] if operation.body.whole else [])]
    return positional, sorted(keyword, key=lambda field: not field.required)


def _arguments(operation: ir.Operation) -> list[str]:
    positional, keyword = split_arguments(operation)
    first = [f"{field.name}: {python_code.annotation(field.type, 'argument')}" for field in positional]
    outside = {p.field.name for p in operation.parameters}
    rest = [_keyword_argument(field, can_be_none=field.name in outside) for field in keyword]
    options = [
        f"{option.name}: {option.annotation} = {option.default}" for option in method_options(operation)
    ]
    return ["self", *first, "*", *rest, *options]


def _keyword_argument(field: ir.Field, *, can_be_none: bool) -> str:
    """An argument. One outside of the path and the body is left out if it is None, as if it was not given."""
    annotation = python_code.annotation(field.type, "argument")
    if field.required:
        return f"{field.name}: {annotation}"
    annotation = python_code.or_unset(annotation)
    if can_be_none and "None" not in annotation.split(" | "):
        annotation += " | None"
    return f"{field.name}: {annotation} = UNSET"


def argument_names(operation: ir.Operation) -> list[str]:
    """The arguments that come from the description."""
    return [field.name for fields in split_arguments(operation) for field in fields]


def argument_places(operation: ir.Operation) -> list[tuple[ir.Field, str, str | None]]:
    """For each argument: its field, its location, and its name there, or None if it is the whole body."""
    places: list[tuple[ir.Field, str, str | None]] = [
        (p.field, p.location, p.field.wire) for p in operation.parameters
    ]
    if operation.body is not None:
        places += [(field, "body", field.wire) for field in operation.body.fields]
        places += [(operation.body.whole, "body", None)] if operation.body.whole else []
    return places


def _call_arguments(operation: ir.Operation) -> list[str]:
    parts = []
    for location, keyword in (
        ("path", "path"),
        ("query", "query"),
        ("header", "headers"),
        ("cookie", "cookies"),
    ):
        fields = [p.field for p in operation.parameters if p.location == location]
        if fields:
            parts.append(f"{keyword}={_mapping(fields)}")
    body = operation.body
    if body is not None:
        parts.append(f"body={body.whole.name if body.whole else _mapping(body.fields)}")
    return parts


def _mapping(fields: list[ir.Field] | tuple[ir.Field, ...]) -> str:
    return f"{{{', '.join(f'{field.wire!r}: {field.name}' for field in fields)}}}"


def _docstring(operation: ir.Operation, is_async: bool) -> str:
    width = python_code.WIDTH - _INDENT
    positional, keyword = split_arguments(operation)
    body = python_code.paragraphs(operation.description, width) if operation.description else []
    if operation.deprecated:
        body += [*([""] if body else []), "Deprecated: it may be removed."]
    body += [*([""] if body else []), *python_code.paragraphs(RETRY_TEXT[operation.retry], width)]
    arguments = [(field.name, argument_text(field)) for field in [*positional, *keyword]]
    options = [(option.name, option.text) for option in method_options(operation)]
    body += python_code.section("Args", [*arguments, *options], _INDENT)
    body += python_code.section("Returns", returned_text(operation, is_async), _INDENT)
    body += python_code.section("Raises", raised_errors(operation), _INDENT)
    body += ["", "Example:", *(f"    {line}" for line in example_call(operation, is_async))]
    summary = operation.summary or f"{operation.http_method} {operation.path}"
    return python_code.docstring(summary, body, _INDENT)


def argument_text(field: ir.Field) -> str:
    """The description of an argument, with the server's default."""
    text = python_code.sentence(field.description) or "Not described."
    if field.deprecated:
        text += " Deprecated: it may be removed."
    if field.has_default:
        text += f" If it is left out, the server uses {python_code.literal(field.default)}."
    return text


def returned_text(operation: ir.Operation, is_async: bool) -> list[tuple[str, str]]:
    """The entry of the section `Returns`; none if nothing is returned."""
    if operation.success.kind == "none":
        return []
    text = python_code.sentence(operation.success.description) or "The response."
    if operation.paging and is_async:
        text += " Await it for one page, or iterate over all items with `async for`."
    elif operation.paging:
        text += " Iterate over it to get its items and those of all following pages."
    return [("", text)]


def raised_errors(operation: ir.Operation) -> list[tuple[str, str]]:
    """The errors a method raises, and when."""
    raised: dict[str, str] = {}
    for refusal in operation.refusals:
        name = _error_name(refusal.status)
        raised.setdefault(
            name, f"{refusal.status}: {python_code.sentence(refusal.description) or 'Refused.'}"
        )
    raised.setdefault("APIError", "The server refused the request for another reason.")
    raised["APIConnectionError"] = "No complete response arrived."
    raised["ResponseValidationError"] = "The response does not match the API description."
    raised["InvalidRequestError"] = (
        "An argument is empty or cannot be sent."
        if any(parameter.location == "path" for parameter in operation.parameters)
        else "An argument cannot be sent."
    )
    return list(raised.items())


def _error_name(status: str) -> str:
    if status.isdigit() and int(status) in BY_STATUS:
        return BY_STATUS[int(status)].__name__
    return "InternalServerError" if status.startswith("5") else "APIError"


def example_call(operation: ir.Operation, is_async: bool, known: Mapping[str, str] = _NOTHING) -> list[str]:
    """A call of the operation with the examples of the document.

    Args:
        operation: What is called.
        is_async: Whether it is awaited.
        known: Python expressions for parameters of the path, by their names on the wire.
    """
    paging = operation.paging
    given = example_arguments(operation, known)
    name = f"client.{operation.resource}.{operation.name}"
    if paging:
        item = paging.items.rstrip("s") or "item"
        return [
            f"{'async for' if is_async else 'for'} {item} in {name}({', '.join(given)}):",
            f"    print({item})",
        ]
    assigned = f"{result} = " if (result := result_name(operation)) else ""
    before = f"{assigned}{'await ' if is_async else ''}{name}("
    line = f"{before}{', '.join(given)})"
    if len(line) <= python_code.WIDTH - _INDENT - 4:
        return [line]
    return [before, *(f"    {argument}," for argument in given), ")"]


def example_arguments(operation: ir.Operation, known: Mapping[str, str] = _NOTHING) -> list[str]:
    """The arguments of a call with the examples of the document, as they are written."""
    paging = operation.paging
    unwanted = {paging.parameter, paging.size} if paging else set()
    given = [
        known.get(p.field.wire, _example_value(p.field))
        if p.location == "path"
        else f"{p.field.name}={_example_value(p.field)}"
        for p in operation.parameters
        if p.field.required or (p.field.has_example and p.field.wire not in unwanted)
    ]
    if operation.body is not None:
        given += [f"{name}={python_code.literal(value)}" for name, value in operation.body_example]
    return given


def result_name(operation: ir.Operation) -> str:
    """The variable that holds the result of an example; empty if there is no result."""
    if operation.success.kind == "none":
        return ""
    kind = operation.success.type
    return names.identifier(kind.name, ("client",)) if isinstance(kind, ir.ModelRef) else "answer"


def _example_value(field: ir.Field) -> str:
    return python_code.literal(field.example) if field.has_example else "..."
