"""The constants that hold the fixed part of each operation."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import quote

from partially_generator.api import ir
from partially_generator.writing.text import python_code


def operation_views(
    operations: list[ir.Operation], security: tuple[tuple[str, ...], ...]
) -> list[dict[str, str]]:
    """The constants with the fixed part of each operation; `security` is the default of the client."""
    return [
        {
            "name": constant_name(operation),
            "type": returned_type(operation, "model"),
            "arguments": _fixed(operation, security),
        }
        for operation in operations
    ]


def constant_name(operation: ir.Operation) -> str:
    """The name of the constant of an operation."""
    return f"_{operation.name.upper()}"


def _fixed(operation: ir.Operation, security: tuple[tuple[str, ...], ...]) -> str:
    parts = [
        f"name={f'{operation.resource}.{operation.name}'!r}",
        f"method={operation.http_method!r}",
        f"path={_quoted(operation.path)!r}",
        f"repeatable={operation.retry == 'safe'}",
    ]
    parts += _answer(operation.success)
    styles = [(p.location, p.field.wire, p.style) for p in operation.parameters if p.style]
    if styles:
        written = (f"({place!r}, {wire!r}): styles.{style}" for place, wire, style in styles)
        parts.append(f"styles={{{', '.join(written)}}}")
    body = operation.body
    if body is not None and body.required:
        parts.append("body_required=True")
    parts += _encoding(body) if body is not None else []
    secret = [field.wire for field in body.fields if field.secret] if body else []
    if secret:
        parts.append(f"secret=frozenset({{{', '.join(map(repr, secret))}}})")
    if not operation.authenticated:
        parts.append("authenticated=False")
    elif operation.security != security:
        parts.append(f"security={operation.security!r}")
    if operation.server is not None:
        parts.append(f"server={operation.server!r}")
    if operation.paging:
        paging = operation.paging
        named = {
            "parameter": paging.parameter,
            "items": paging.items,
            "number": paging.number,
            "total": paging.total,
            "next": paging.next,
            "style": paging.style if paging.style != "page-number" else "",
        }
        parts.append(
            f"paging=Paging({', '.join(f'{key}={value!r}' for key, value in named.items() if value)})"
        )
    return ", ".join(parts)


def _answer(success: ir.Success) -> list[str]:
    """How the response is requested and read."""
    is_json = success.kind == "json"
    parts = [f"returns={_one_return(success, 'model')}" if is_json else f"body_kind={success.kind!r}"]
    if success.accept not in {"", "application/json"}:
        parts.append(f"accept={success.accept!r}")
    if success.others:
        parts.append(f"others={{{', '.join(map(_other, success.others))}}}")
    return parts


def _quoted(path: str) -> str:
    """The path, percent-encoded except for the names of its parameters."""
    return "".join(
        part if part.startswith("{") else quote(part, safe="/:@!$&'()*+,;=~-._%")
        for part in re.split(r"(\{[^{}]*\})", path)
    )


def _encoding(body: ir.Body) -> list[str]:
    """How the body becomes bytes."""
    match body.kind:
        case "json":
            return [f"content_type={body.media_type!r}"] if body.media_type != "application/json" else []
        case "form":
            written = (f"{wire!r}: styles.{writer}" for wire, writer in body.writers)
            return [f"encode=bodies.form({{{', '.join(written)}}})"]
        case "multipart":
            types = (f"{wire!r}: {content_type!r}" for wire, content_type in body.writers)
            return [f"encode=bodies.multipart({body.media_type!r}, {{{', '.join(types)}}})"]
        case _:
            return [f"encode=bodies.raw({body.media_type!r})"]


def _other(other: ir.OtherStatus) -> str:
    return (
        f"{other.status!r}: ({other.kind!r}, {_one_return(other, 'model') if other.kind == 'json' else None})"
    )


def returned_type(operation: ir.Operation, use: Literal["model", "returned"]) -> str:
    """What an operation returns, as an annotation."""
    others = [_one_return(other, use) for other in operation.success.others]
    return python_code.union([_one_return(operation.success, use), *others])


def _one_return(answer: ir.Success | ir.OtherStatus, use: Literal["model", "returned"]) -> str:
    match answer.kind:
        case "json":
            assert answer.type is not None, answer
            return python_code.annotation(answer.type, use)
        case "text":
            return "str"
        case "bytes":
            return "bytes"
        case _:
            return "None"
