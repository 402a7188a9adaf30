# Shipped by partially-generate with every client. Edit it there, not here.
"""From arguments to the bytes of a request: only what was passed, and nothing that changes its address."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from ..errors import ConfigurationError, InvalidRequestError
from .operation import Arguments, CallOptions, Operation
from .settings import Settings, checked_headers, checked_timeout, timeout_phases


class Request:
    """A request ready to be sent. Its `repr` shows nothing of what it carries."""

    __slots__ = ("body", "headers", "label", "method", "secrets", "timeout", "url")

    def __init__(
        self,
        *,
        label: str,
        method: str,
        url: str,
        headers: list[tuple[str, str]],
        body: bytes | None,
        timeout: dict[str, Any],
        secrets: tuple[str, ...],
    ) -> None:
        self.label = label
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.secrets = secrets


def build_request(
    operation: Operation[Any], settings: Settings, arguments: Arguments, options: CallOptions
) -> Request:
    """Put a request together.

    Raises:
        InvalidRequestError: An argument cannot be sent as it is.
    """
    try:
        extra_headers = checked_headers(options.extra_headers)
        headers_given = checked_headers(_header_arguments(arguments.headers))
        timeout = settings.timeout if options.timeout is msgspec.UNSET else checked_timeout(options.timeout)
    except ConfigurationError as error:
        raise InvalidRequestError(f"{operation.name}: {error}") from None
    query = _query(operation, {**arguments.query, **(options.extra_query or {})})
    body = _body(operation, arguments.body)
    headers = dict(settings.headers)
    if operation.authenticated and settings.product.auth_header is not None:
        headers[settings.product.auth_header] = settings.product.auth_prefix + settings.api_key
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Request(
        label=f"{operation.method} {operation.path}",
        method=operation.method,
        url=settings.base_url + _path(operation, arguments.path) + query,
        headers=_overridden(headers, (*headers_given, *extra_headers)),
        body=body,
        timeout=timeout_phases(timeout),
        secrets=_secrets(operation, settings, arguments.body),
    )


def _overridden(headers: dict[str, str], later: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    by_name = {name.lower(): (name, value) for name, value in headers.items()}
    by_name.update({name.lower(): (name, value) for name, value in later})
    return list(by_name.values())


def _path(operation: Operation[Any], arguments: Mapping[str, Any]) -> str:
    path = operation.path
    for name, value in arguments.items():
        # One pass for each name is safe: a quoted value holds no brace.
        path = path.replace(f"{{{name}}}", _segment(operation, name, value))
    return path


def _segment(operation: Operation[Any], name: str, value: Any) -> str:
    text = _text(operation, name, value)
    if not text:
        raise InvalidRequestError(f"{operation.name}: {name} is empty, which would be a different request")
    if text in {".", ".."}:
        # Quoting does not help: a dot and its escape are the same to every server.
        raise InvalidRequestError(f"{operation.name}: {name} is {text!r}, which would be a different request")
    return _quoted(operation, name, text)


def _query(operation: Operation[Any], arguments: Mapping[str, Any]) -> str:
    pairs = []
    for name, value in arguments.items():
        if value is msgspec.UNSET:
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            text = _quoted(operation, name, _text(operation, name, item))
            pairs.append(f"{_quoted(operation, name, str(name))}={text}")
    return f"?{'&'.join(pairs)}" if pairs else ""


def _header_arguments(arguments: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in arguments.items() if value is not msgspec.UNSET}


def _text(operation: Operation[Any], name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if value is None:
        raise InvalidRequestError(
            f"{operation.name}: {name} is None, which an address cannot carry: leave it out"
        )
    raise InvalidRequestError(
        f"{operation.name}: {name} is a {type(value).__name__}, which an address cannot carry"
    )


def _quoted(operation: Operation[Any], name: str, text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise InvalidRequestError(
            f"{operation.name}: {name} holds half a character (a lone surrogate)"
        ) from error


def _body(operation: Operation[Any], body: Any) -> bytes | None:
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if value is not msgspec.UNSET}
        if not body and not operation.body_required:
            return None
    if body is msgspec.UNSET:
        return None
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        # The cause is left out on purpose: its text may show what could not be sent.
        raise InvalidRequestError(
            f"{operation.name}: the body is no JSON: {type(error).__name__} in {_culprit(body)}"
        ) from None


def _culprit(body: Any) -> str:
    for name, value in body.items() if isinstance(body, dict) else ():
        try:
            msgspec.json.encode({name: value})
        except (TypeError, ValueError, OverflowError, RecursionError):
            return f"{name} (a {type(value).__name__})"
    return "the body"


def _secrets(operation: Operation[Any], settings: Settings, body: Any) -> tuple[str, ...]:
    found = [settings.api_key]
    if operation.secret and isinstance(body, dict):
        found += [
            value for name, value in body.items() if name in operation.secret and isinstance(value, str)
        ]
    return tuple(found)
