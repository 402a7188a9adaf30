# Shipped by partially-generate with every client. Edit it there, not here.
"""From arguments to the bytes of a request: only what was passed, and nothing that changes its address."""

from __future__ import annotations

import copy
import datetime as dt
import logging
import math
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from ..errors import ConfigurationError, InvalidRequestError
from .logs import logger
from .operation import Arguments, CallOptions, Operation
from .redaction import HIDDEN, hides
from .response import Headers, RequestInfo
from .settings import (
    Settings,
    checked_headers,
    checked_retries,
    checked_timeout,
    overridden,
    timeout_phases,
)

_JSON = ("Content-Type", "application/json")


class Request:
    """A request ready to be sent. Its `repr` shows nothing of what it carries."""

    __slots__ = (
        "body",
        "details",
        "headers",
        "label",
        "max_retries",
        "method",
        "operation",
        "origin",
        "secrets",
        "timeout",
        "url",
    )

    def __init__(
        self,
        *,
        operation: str,
        label: str,
        method: str,
        origin: str,
        url: str,
        headers: tuple[tuple[str, str], ...],
        body: bytes | None,
        timeout: dict[str, Any],
        max_retries: int,
        secrets: tuple[str, ...],
        details: str,
    ) -> None:
        self.operation = operation
        self.label = label
        self.method = method
        self.origin = origin
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.max_retries = max_retries
        self.secrets = secrets
        self.details = details

    def info(self, retries_taken: int) -> RequestInfo:
        """What may be shown of it."""
        hidden = self.secrets[0] if self.secrets else ""
        shown = [
            (name, HIDDEN if hides(name) or (hidden and hidden in value) else value)
            for name, value in self.headers
        ]
        return RequestInfo(self.operation, self.method, self.url, Headers(shown), retries_taken)

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The same request with more headers.

        Raises:
            InvalidRequestError: One cannot be sent.
        """
        twin = copy.copy(self)
        try:
            twin.headers = overridden(self.headers, checked_headers(headers))
        except ConfigurationError as error:
            raise InvalidRequestError(f"{self.operation}: on_request: {error}") from None
        return twin


def build_request(
    operation: Operation[Any], settings: Settings, arguments: Arguments, options: CallOptions
) -> Request:
    """Put a request together.

    Raises:
        InvalidRequestError: An argument cannot be sent as it is.
    """
    query = {**arguments.query, **options.extra_query} if options.extra_query else arguments.query
    given = arguments.body
    if options.extra_body:
        given = {**given, **options.extra_body} if isinstance(given, dict) else dict(options.extra_body)
    body = _body(operation, given)
    headers = settings.headers_with_key if operation.authenticated else settings.headers
    if body is not None:
        headers = overridden((*headers, _JSON), settings.extra_headers)
    timeout, max_retries = settings.phases, settings.max_retries
    try:
        if arguments.headers or options.extra_headers:
            own = checked_headers(_header_arguments(arguments.headers))
            headers = overridden(headers, (*own, *checked_headers(options.extra_headers)))
        if options.timeout is not msgspec.UNSET:
            timeout = timeout_phases(checked_timeout(options.timeout))
        if options.max_retries is not msgspec.UNSET:
            max_retries = checked_retries(options.max_retries)
    except ConfigurationError as error:
        raise InvalidRequestError(f"{operation.name}: {error}") from None
    return Request(
        operation=operation.name,
        label=f"{operation.method} {operation.path}",
        method=operation.method,
        origin=settings.origin,
        url=settings.base_url + _path(operation, arguments.path) + _query(operation, query),
        headers=headers,
        body=body,
        timeout=timeout,
        max_retries=max_retries,
        secrets=_secrets(operation, settings, given),
        details=_details(query, given) if logger.isEnabledFor(logging.DEBUG) else "",
    )


def _details(query: Mapping[str, Any], body: Any) -> str:
    """What is sent, by its names alone."""
    parts = [
        f"{what} {', '.join(sent)}"
        for what, fields in (("query", query), ("body", body))
        if isinstance(fields, Mapping)
        and (sent := [str(name) for name, value in fields.items() if value is not msgspec.UNSET])
    ]
    return "; ".join(parts) or "no query, no body fields"


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
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidRequestError(f"{operation.name}: {name} is {value}, which is no number to send")
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
