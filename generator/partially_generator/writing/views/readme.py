"""What the template of the README prints."""

from __future__ import annotations

from typing import Any

from partially_generator.api import ir
from partially_generator.reading.config import Config
from partially_generator.writing.text import markdown, python_code
from partially_generator.writing.views import client_classes, fake_class, method_pages, methods

_QUICK = 3
"""Operations that the first example shows."""

_HOOKS = "on_request=trace, on_response=count"


def template_values(api: ir.Api, config: Config) -> dict[str, Any]:
    """All values of the template."""
    paged = next((operation for operation in api.operations if operation.paging), None)
    paging = paged.paging if paged else None
    envelope = next((m for m in api.models if paging and m.name == paging.envelope), None)
    base = client_classes.default_base_url(api)
    shown = _shown(api)
    plain = next((o for o in shown[1:] if not o.paging), shown[0])
    source = method_pages.source_of(api, plain)
    known = method_pages.linked_arguments(api, plain, source) if source else {}
    credentials = 'api_key="your_api_key"' if api.keys else ""
    return {
        "config": config,
        "has_key": bool(api.keys),
        "credentials": credentials,
        "hook_arguments": f"{credentials}, {_HOOKS}".removeprefix(", "),
        "transport_arguments": f"{credentials}, transport=transport".removeprefix(", "),
        "aiohttp_arguments": f"{credentials}, transport=AiohttpTransport()".removeprefix(", "),
        "title": markdown.cell(api.title),
        "api_version": markdown.cell(api.version),
        "intro": markdown.cell(python_code.sentence(api.summary or api.title)),
        "quickstart": _calls(api, shown, is_async=False),
        "async_quickstart": _calls(api, shown, is_async=True),
        "methods": [
            {
                "call": f"client.{operation.resource}.{operation.name}",
                "page": method_pages.page_path(operation),
                "request": markdown.span(f"{operation.http_method} {operation.path}"),
                "summary": markdown.cell(python_code.sentence(operation.summary)),
            }
            for operation in api.operations
        ],
        "has_models": bool(api.models or api.unions),
        "models_page": method_pages.MODELS,
        "has_paging": paged is not None,
        "list_method": f"{paged.resource}.{paged.name}" if paged else "",
        "list_arguments": f"{paging.parameter}=2" if paging and paging.style == "page-number" else "",
        "page_fields": [field.name for field in envelope.fields] if envelope else [],
        "base_url": markdown.span(base) if base else "none: required",
        "model_example": next((m.name.lower() for m in api.models), "model"),
        "raw_call": f"client.{plain.resource}.with_raw_response.{plain.name}",
        "raw_arguments": ", ".join(methods.example_arguments(plain, known)),
        "call_lines": methods.example_call(plain, is_async=False),
        "tested_lines": _calls(api, shown[:1], is_async=False),
        "tested_call": python_code.literal(f"{shown[0].resource}.{shown[0].name}"),
        "fake": fake_class.class_name(config),
        "has_logins": "logins" in fake_class.extras(api),
        "has_plans": "plans" in fake_class.extras(api),
    }


def _shown(api: ir.Api) -> list[ir.Operation]:
    """A few operations that belong together: one whose result others need, one of those, and a list."""
    linked = [operation for operation in api.operations if method_pages.source_of(api, operation)]
    if not linked:
        return [o for o in api.operations if o.success.kind == "json"][:_QUICK] or [api.operations[0]]
    source = method_pages.source_of(api, linked[0])
    paged = [operation for operation in api.operations if operation.paging]
    return [*([source] if source else []), *linked[: _QUICK - 1], *paged[:1]]


def _calls(api: ir.Api, operations: list[ir.Operation], *, is_async: bool) -> list[str]:
    """The calls of several operations. Each can use the results of the calls before it."""
    lines: list[str] = []
    done: list[ir.Operation] = []
    for operation in operations:
        source = method_pages.source_of(api, operation)
        if source is not None and source in done:
            lines += methods.example_call(
                operation, is_async, method_pages.linked_arguments(api, operation, source)
            )
        else:
            lines += method_pages.example_calls(api, operation, is_async)
        done += [operation, *([source] if source else [])]
    return lines
