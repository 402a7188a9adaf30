"""Builds a request from arguments: only what was passed is sent, and no argument can change the address."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ...errors import ConfigurationError, InvalidRequestError
from ..messages.response import Headers, RequestInfo
from ..observability.logs import logger
from ..observability.redaction import HIDDEN, is_secret_name
from ..settings.credentials import NO_KEYS, SentKeys, missing_key_message
from ..settings.headers import checked_headers, merge_headers
from ..settings.settings import Settings, checked_retries
from ..settings.timeouts import checked_timeout, timeout_phases
from .operation import Arguments, CallOptions, Operation
from .text import quoted, text


class Request:
    """A request that is ready to be sent. Its `repr` shows none of its data."""

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
        "shown",
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
        shown: str = "",
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
        self.shown = shown or url

    def info(self, retries_taken: int) -> RequestInfo:
        """The part of the request that may be shown."""
        hidden = self.secrets[0] if self.secrets else ""
        shown = [
            (name, HIDDEN if is_secret_name(name) or (hidden and hidden in value) else value)
            for name, value in self.headers
        ]
        return RequestInfo(self.operation, self.method, self.shown, Headers(shown), retries_taken)

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The same request with more headers.

        Raises:
            InvalidRequestError: One cannot be sent.
        """
        twin = copy.copy(self)
        try:
            twin.headers = merge_headers(self.headers, checked_headers(headers))
        except ConfigurationError as error:
            raise InvalidRequestError(f"{self.operation}: on_request: {error}") from None
        return twin


def build_request(
    operation: Operation[Any], settings: Settings, arguments: Arguments, options: CallOptions
) -> Request:
    """Build a request.

    Raises:
        ConfigurationError: A key that the operation needs is missing.
        InvalidRequestError: An argument cannot be sent.
    """
    try:
        return _built(operation, settings, arguments, options)
    except InvalidRequestError as error:
        # Without the cause: its text may show the value that could not be sent.
        raise InvalidRequestError(f"{operation.name}: {error}") from None


def _built(
    operation: Operation[Any], settings: Settings, arguments: Arguments, options: CallOptions
) -> Request:
    query = {**arguments.query, **options.extra_query} if options.extra_query else arguments.query
    given = arguments.body
    if options.extra_body:
        given = {**given, **options.extra_body} if isinstance(given, dict) else dict(options.extra_body)
    body, content_type = _body(operation, given)
    keys, headers = _keys(operation, settings)
    own = _header_arguments(operation, arguments, keys.cookies)
    usual = [("Content-Type", content_type)] if body is not None else []
    if operation.accept:
        usual.append(("Accept", operation.accept))
    if usual:
        headers = merge_headers((*headers, *usual), settings.extra_headers)
    timeout, max_retries = settings.phases, settings.max_retries
    try:
        if own or options.extra_headers:
            headers = merge_headers(headers, (*checked_headers(own), *checked_headers(options.extra_headers)))
        if options.timeout is not msgspec.UNSET:
            timeout = timeout_phases(checked_timeout(options.timeout))
        if options.max_retries is not msgspec.UNSET:
            max_retries = checked_retries(options.max_retries)
    except ConfigurationError as error:
        raise InvalidRequestError(str(error)) from None
    base, origin = _address(operation, settings)
    address = base + _path(operation, arguments.path)
    pieces = _query(operation, query)
    return Request(
        operation=operation.name,
        label=f"{operation.method} {operation.path}",
        method=operation.method,
        origin=origin,
        url=_with_query(address, [*pieces, *keys.query]),
        headers=headers,
        body=body,
        timeout=timeout,
        max_retries=max_retries,
        secrets=_secrets(operation, settings, given),
        details=_details(query, given) if logger.isEnabledFor(logging.DEBUG) else "",
        shown=_with_query(address, [*pieces, *(f"{key.partition('=')[0]}={HIDDEN}" for key in keys.query)]),
    )


def _keys(operation: Operation[Any], settings: Settings) -> tuple[SentKeys, tuple[tuple[str, str], ...]]:
    """The keys of the operation, and the headers of the client with them."""
    if not operation.authenticated:
        return NO_KEYS, settings.headers
    if operation.security is None:
        keys = settings.usual
        if keys is not None:
            return keys, settings.headers_with_key
    else:
        keys = settings.choose_keys(operation.security)
        if keys is not None:
            return keys, merge_headers((*settings.headers, *keys.headers), settings.extra_headers)
    product = settings.product
    wanted = product.security if operation.security is None else operation.security
    raise ConfigurationError(
        f"{operation.name}: {missing_key_message(product.environment, product.schemes, wanted)}"
    )


def _address(operation: Operation[Any], settings: Settings) -> tuple[str, str]:
    """The base address and its origin. An address that the user chose applies to all operations."""
    if not operation.server or settings.base_url != (settings.product.base_url or "").rstrip("/"):
        return settings.base_url, settings.origin
    parts = urlsplit(operation.server)
    return operation.server.rstrip("/"), f"{parts.scheme}://{parts.netloc}"


def _with_query(address: str, pieces: list[str]) -> str:
    return f"{address}?{'&'.join(pieces)}" if pieces else address


def _details(query: Mapping[str, Any], body: Any) -> str:
    """The names of what is sent, without values."""
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
        # Replacing one name after the other is safe: an encoded value contains no brace.
        path = path.replace(f"{{{name}}}", _segment(operation, name, value))
    return path


def _segment(operation: Operation[Any], name: str, value: Any) -> str:
    write = operation.styles.get(("path", name))
    segment = quoted(name, text(name, value)) if write is None else write(name, value)
    if not segment:
        raise InvalidRequestError(f"{name} is empty, so it would be a different request")
    if segment in {".", ".."}:
        # Encoding does not help: servers treat a dot and its encoded form the same.
        raise InvalidRequestError(f"{name} is {segment!r}, so it would be a different request")
    return segment


def _query(operation: Operation[Any], arguments: Mapping[str, Any]) -> list[str]:
    pieces: list[str] = []
    for name, value in arguments.items():
        if value is msgspec.UNSET:
            continue
        write = operation.styles.get(("query", name))
        if write is not None:
            pieces += write(name, value)
            continue
        for item in value if isinstance(value, list | tuple) else [value]:
            pieces.append(f"{quoted(name, str(name))}={quoted(name, text(name, item))}")
    return pieces


def _header_arguments(
    operation: Operation[Any], arguments: Arguments, cookies: tuple[str, ...]
) -> list[tuple[str, str]]:
    found = []
    for name, value in arguments.headers.items():
        if value is not msgspec.UNSET:
            write = operation.styles.get(("header", name))
            found.append((name, text(name, value) if write is None else write(name, value)))
    crumbs = list(cookies)
    for name, value in arguments.cookies.items():
        if value is not msgspec.UNSET:
            crumbs += operation.styles[("cookie", name)](name, value)
    return [*found, ("Cookie", "; ".join(crumbs))] if crumbs else found


def _body(operation: Operation[Any], body: Any) -> tuple[bytes | None, str]:
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if value is not msgspec.UNSET}
        if not body and not operation.body_required:
            return None, ""
    if body is msgspec.UNSET:
        return None, ""
    try:
        if operation.encode is not None:
            return operation.encode(body)
        return msgspec.json.encode(body), operation.content_type
    except InvalidRequestError:
        raise
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidRequestError(
            f"the body cannot be written as JSON: {type(error).__name__} in {_unencodable_field(body)}"
            if operation.encode is None
            else f"the body cannot be sent: {type(error).__name__}"
        ) from None


def _unencodable_field(body: Any) -> str:
    for name, value in body.items() if isinstance(body, dict) else ():
        try:
            msgspec.json.encode({name: value})
        except (TypeError, ValueError, OverflowError, RecursionError):
            return f"{name} (a {type(value).__name__})"
    return "the body"


def _secrets(operation: Operation[Any], settings: Settings, body: Any) -> tuple[str, ...]:
    found = list(settings.secrets)
    if operation.secret and isinstance(body, dict):
        found += [
            value for name, value in body.items() if name in operation.secret and isinstance(value, str)
        ]
    return tuple(found)
