"""What the templates print: every decision is made here, so that they only loop and print."""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from partially_generator.api import ir
from partially_generator.reading.config import Config
from partially_generator.writing.text import python_code
from partially_generator.writing.views.class_names import page_class, raw_class, resource_class
from partially_generator.writing.views.methods import MethodView, argument_names, method_views
from partially_generator.writing.views.model_classes import FieldView, model_field, summary_and_body
from partially_generator.writing.views.operation_constants import operation_views


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """The class of the pages of one list."""

    name: str
    base: str
    envelope: str
    item: str
    docstring: str
    fields: list[FieldView]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinView:
    """A resource class, blocking or asynchronous."""

    name: str
    client: str
    docstring: str
    raw_name: str
    raw_docstring: str
    pages: list[PageView]
    methods: list[MethodView]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceView:
    """A module of `resources/`."""

    module: str
    docstring: str
    shadows: bool
    """Whether an argument has the name of a builtin."""
    models: list[str]
    operations: list[dict[str, str]]
    twins: list[TwinView]


def resource_views(api: ir.Api, config: Config) -> list[ResourceView]:
    """The modules of the resources."""
    descriptions = dict(api.tags)
    views = []
    for resource in dict.fromkeys(operation.resource for operation in api.operations):
        operations = [operation for operation in api.operations if operation.resource == resource]
        tag = operations[0].tag
        mentioned = {name for operation in operations for name in _models_of(operation)}
        summary, body = summary_and_body(descriptions[tag], f"The operations on {tag}", 0)
        views.append(
            ResourceView(
                module=resource,
                docstring=python_code.docstring(summary, body, 0),
                shadows=any(hasattr(builtins, name) for o in operations for name in argument_names(o)),
                models=sorted(mentioned),
                operations=operation_views(operations, api.security),
                twins=[_twin(api, config, resource, operations, is_async) for is_async in (False, True)],
            )
        )
    return views


def _models_of(operation: ir.Operation) -> list[str]:
    types = [parameter.field.type for parameter in operation.parameters]
    if operation.body is not None:
        types += [field.type for field in operation.body.fields]
        types += [operation.body.whole.type] if operation.body.whole else []
    answers = [operation.success.type, *(other.type for other in operation.success.others)]
    types += [kind for kind in answers if kind is not None]
    types += [operation.paging.item_type] if operation.paging else []
    return [name for kind in types for name in ir.models_in(kind)]


def _twin(
    api: ir.Api, config: Config, resource: str, operations: list[ir.Operation], is_async: bool
) -> TwinView:
    paged = [operation for operation in operations if operation.paging]
    own = f"{config.async_client_class if is_async else config.client_class}(...).{resource}"
    return TwinView(
        name=resource_class(api, resource, is_async),
        client="AsyncBaseClient" if is_async else "SyncBaseClient",
        docstring=python_code.docstring(
            f"The operations on {operations[0].tag}, as `{own}`",
            python_code.paragraphs(
                "An argument that is left out is not sent. None for a field of the body is sent as null; "
                "None for a query parameter, a header or a cookie leaves it out.",
                python_code.WIDTH - 4,
            ),
            4,
        ),
        raw_name=raw_class(api, resource, is_async),
        raw_docstring=python_code.docstring(f"The methods of `{own}`, returning raw responses", [], 4),
        pages=[_page(api, operation, is_async) for operation in paged],
        methods=method_views(operations, is_async, {id(o): page_class(api, o, is_async) for o in paged}),
    )


def _page(api: ir.Api, operation: ir.Operation, is_async: bool) -> PageView:
    paging = operation.paging
    assert paging is not None, operation.name
    envelope = next(model for model in api.models if model.name == paging.envelope)
    walk = "async for" if is_async else "for"
    return PageView(
        name=page_class(api, operation, is_async),
        base="AsyncPage" if is_async else "SyncPage",
        envelope=paging.envelope,
        item=python_code.annotation(paging.item_type, "returned"),
        docstring=python_code.docstring(
            f"One page of `{operation.resource}.{operation.name}`",
            python_code.paragraphs(
                f"Iterate over it with `{walk}` to get its items and those of all following pages.",
                python_code.WIDTH - 4,
            ),
            4,
        ),
        fields=[model_field(field) for field in envelope.fields],
    )
