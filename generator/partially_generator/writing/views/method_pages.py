"""The pages of the documentation: one for each method, and one for the models."""

from __future__ import annotations

from dataclasses import dataclass

from partially_generator.api import ir
from partially_generator.api.call_options import method_options
from partially_generator.reading.config import Config
from partially_generator.writing.text import markdown, python_code
from partially_generator.writing.views import fake_behaviours, methods, sample_answers
from partially_generator.writing.views.class_names import page_class

FOLDER = "docs"
"""The folder of the pages within the distribution."""

MODELS = f"{FOLDER}/models.md"
"""The page of the models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPage:
    """The page of one operation. All texts are Markdown."""

    path: str
    call: str
    request: str
    summary: str
    description: str
    deprecated: bool
    has_key: bool
    arguments: list[dict[str, str]]
    options: list[dict[str, str]]
    result: str
    result_type: str
    answer: str
    errors: list[dict[str, str]]
    retries: str
    example: str
    async_example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSection:
    """The section of a model or of a union."""

    name: str
    description: str
    fields: list[dict[str, str]]
    members: list[str]
    """The types that a union is one of."""


def page_path(operation: ir.Operation) -> str:
    """The file of an operation's page within the distribution."""
    return f"{FOLDER}/{operation.resource}/{operation.name}.md"


def operation_pages(api: ir.Api, config: Config) -> list[OperationPage]:
    """The pages of all operations, in their order."""
    return [_page(api, config, operation) for operation in api.operations]


def _page(api: ir.Api, config: Config, operation: ir.Operation) -> OperationPage:
    positional, keyword = methods.split_arguments(operation)
    success, answer = operation.success, sample_answers.answer(api, operation)
    return OperationPage(
        path=page_path(operation),
        call=f"client.{operation.resource}.{operation.name}",
        request=markdown.span(f"{operation.http_method} {operation.path}"),
        summary=markdown.cell(python_code.sentence(operation.summary)),
        description=markdown.prose(operation.description),
        deprecated=operation.deprecated,
        has_key=bool(api.keys),
        arguments=[_argument(field, operation) for field in (*positional, *keyword)],
        options=[
            {
                "name": markdown.span(option.name),
                "type": markdown.span(option.annotation),
                "text": markdown.cell(python_code.sentence(option.text)),
            }
            for option in method_options(operation)
        ],
        result=markdown.cell(python_code.sentence(success.description)),
        result_type=_result_type(api, operation),
        answer=_block("json", markdown.as_json(answer[0])) if answer else "",
        errors=[
            {"name": markdown.span(name), "when": markdown.cell(when)}
            for name, when in methods.raised_errors(operation)
        ],
        retries=methods.RETRY_TEXT[operation.retry],
        example=_block("python", example_program(api, config, operation)),
        async_example=_block("python", async_example_program(api, config, operation)),
    )


def _block(language: str, lines: list[str]) -> str:
    return "\n".join(markdown.fenced(language, lines))


def _argument(field: ir.Field, operation: ir.Operation) -> dict[str, str]:
    place = next(where for own, where, _ in methods.argument_places(operation) if own is field)
    renamed = f", as {markdown.span(field.wire)}" if field.wire != field.name else ""
    return {
        "name": markdown.span(field.name),
        "type": markdown.span(python_code.annotation(field.type, "argument")),
        "required": "yes" if field.required else "",
        "default": markdown.span(python_code.literal(field.default)) if field.has_default else "",
        "place": f"{place}{renamed}",
        "text": _text(field),
    }


def _text(field: ir.Field) -> str:
    gone = " Deprecated: it may be removed." if field.deprecated else ""
    return markdown.cell((python_code.sentence(field.description) or "Not described.") + gone)


def _result_type(api: ir.Api, operation: ir.Operation) -> str:
    if operation.paging is not None:
        item = python_code.annotation(operation.paging.item_type, "returned")
        linked = _linked(operation.paging.item_type, item)
        return (
            f"A {markdown.span(page_class(api, operation, is_async=False))} with the fields of "
            f"{_linked(operation.success.type, operation.paging.envelope)}; iterate over it to get every "
            f"{linked} of this page and of all following pages."
        )
    others = [f"With {other.status}: {_answer_type(other)}" for other in operation.success.others]
    return " ".join([_answer_type(operation.success), *others])


def _answer_type(answer: ir.Success | ir.OtherStatus) -> str:
    match answer.kind:
        case "json":
            written = python_code.annotation(answer.type or ir.Scalar("any"), "returned")
            return f"{_linked(answer.type, written.replace('builtins.', ''))}."
        case "none":
            return "Nothing."
        case kind:
            return f"{markdown.span('str' if kind == 'text' else 'bytes')}."


def _linked(kind: ir.TypeRef | None, text: str) -> str:
    names = ir.models_in(kind) if kind else ()
    return (
        f"[{markdown.span(text)}](../models.md{markdown.anchor(names[0])})" if names else markdown.span(text)
    )


def example_calls(api: ir.Api, operation: ir.Operation, is_async: bool) -> list[str]:
    """The calls of an example: first those whose results it needs, then its own."""
    return _example_calls(api, operation, is_async, ())


def _example_calls(api: ir.Api, operation: ir.Operation, is_async: bool, above: tuple[str, ...]) -> list[str]:
    source = source_of(api, operation)
    if source is None or source.operation_id in above:
        return methods.example_call(operation, is_async)
    before = _example_calls(api, source, is_async, (*above, operation.operation_id))
    return before + methods.example_call(operation, is_async, linked_arguments(api, operation, source))


def linked_arguments(api: ir.Api, operation: ir.Operation, source: ir.Operation) -> dict[str, str]:
    """Expressions for the parameters of the path, taken from the result of the source operation."""
    link = _link(api, operation)
    assert link is not None, operation.name
    attributes = {field.wire: field.name for field in _answered(api, source)}
    return {name: f"{methods.result_name(source)}.{attributes[wire]}" for name, wire in link.fields}


def _link(api: ir.Api, operation: ir.Operation) -> ir.Link | None:
    """The link to an operation: from the document, else derived from the paths."""
    return operation.link or fake_behaviours.link_by_paths(api, operation)


def _answered(api: ir.Api, operation: ir.Operation) -> tuple[ir.Field, ...]:
    kind = operation.success.type
    return next((m.fields for m in api.models if isinstance(kind, ir.ModelRef) and m.name == kind.name), ())


def source_of(api: ir.Api, operation: ir.Operation) -> ir.Operation | None:
    """The operation whose response holds the parameters of the path of this one."""
    link = _link(api, operation)
    source = next((o for o in api.operations if link and o.operation_id == link.operation), None)
    if link is None or source is None or source is operation:
        return None
    fields = {field.wire for field in _answered(api, source)}
    return source if all(wire in fields for _, wire in link.fields) else None


def example_program(api: ir.Api, config: Config, operation: ir.Operation) -> list[str]:
    """A complete program that calls an operation. Key and address come from the environment."""
    return [
        f"from {config.package} import {config.client_class}",
        "",
        f"with {config.client_class}() as client:",
        *(f"    {line}" for line in _shown(operation, example_calls(api, operation, is_async=False))),
    ]


def async_example_program(api: ir.Api, config: Config, operation: ir.Operation) -> list[str]:
    """The same program, asynchronous."""
    return [
        "import asyncio",
        "",
        f"from {config.package} import {config.async_client_class}",
        "",
        "",
        "async def main() -> None:",
        f"    async with {config.async_client_class}() as client:",
        *(f"        {line}" for line in _shown(operation, example_calls(api, operation, is_async=True))),
        "",
        "",
        "asyncio.run(main())",
    ]


def _shown(operation: ir.Operation, lines: list[str]) -> list[str]:
    result = methods.result_name(operation)
    return [*lines, *([f"print({result})"] if result and not operation.paging else [])]


def model_sections(api: ir.Api) -> list[ModelSection]:
    """The models and the unions, by name."""
    models = [
        ModelSection(
            name=model.name,
            description=markdown.prose(model.description),
            fields=[_field(field) for field in model.fields],
            members=[],
        )
        for model in api.models
    ]
    unions = [
        ModelSection(
            name=union.name,
            description=markdown.prose(union.description),
            fields=[],
            members=[markdown.span(python_code.annotation(member, "returned")) for member in union.members],
        )
        for union in api.unions
    ]
    return sorted([*models, *unions], key=lambda section: section.name)


def _field(field: ir.Field) -> dict[str, str]:
    written = python_code.annotation(field.type, "returned").replace("builtins.", "")
    if not field.required:
        written = python_code.or_unset(written)
    return {
        "name": markdown.span(field.name),
        "wire": markdown.span(field.wire) if field.wire != field.name else "",
        "type": markdown.span(written),
        "text": _text(field),
        "example": markdown.span(" ".join(markdown.as_json(field.example))) if field.has_example else "",
    }
