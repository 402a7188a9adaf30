"""Builds a request from arguments: only what was passed is sent, and no argument can change the address."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from ...errors import ConfigurationError, InvalidRequestError
from ..messages.response import Headers, RequestInfo
from ..observability.logs import logger
from ..observability.redaction import is_secret_name
from ..observability.secrets import HIDDEN, Hidden, Secrets, sealed
from ..settings.credentials import NO_KEYS, SentKeys, missing_key_message
from ..settings.headers import checked_headers, merge_headers
from ..settings.settings import Prepared, Settings, checked_retries, checked_size, checked_total, total_of
from ..settings.timeouts import checked_timeout, timeout_phases
from .operation import Arguments, Call, CallOptions, Operation
from .text import check_numbers, quoted, text


class Sent(NamedTuple):
    """The part of a request that may hold secrets. It is kept in a `Hidden`."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


class Request:
    """A request that is ready to be sent. Its attributes do not show the data that is sent."""

    __slots__ = (
        "_sent",
        "details",
        "label",
        "max_response_bytes",
        "max_retries",
        "method",
        "operation",
        "origin",
        "secrets",
        "shown",
        "timeout",
        "total",
    )

    def __init__(
        self,
        *,
        operation: str,
        label: str,
        method: str,
        origin: str,
        sent: Hidden[Sent],
        timeout: dict[str, Any],
        total: float | None,
        max_response_bytes: int | None,
        max_retries: int,
        secrets: Secrets,
        details: str,
        shown: str,
    ) -> None:
        self.operation = operation
        self.label = label
        self.method = method
        self.origin = origin
        self._sent = sent
        self.timeout = timeout
        self.total = total
        self.max_response_bytes = max_response_bytes
        self.max_retries = max_retries
        self.secrets = secrets
        self.details = details
        self.shown = shown

    def sent(self) -> Sent:
        """Address, headers and body. Keep them in frames that raise no error."""
        return self._sent.reveal()

    def sending(self, **changes: Any) -> Request:
        """The same request with another `url`, `headers` or `body`."""
        twin = copy.copy(self)
        twin._sent = Hidden(self.sent()._replace(**changes))
        return twin

    def info(self, retries_taken: int) -> RequestInfo:
        """The part of the request that may be shown."""
        headers = Headers.read_by(self._shown_headers)
        return RequestInfo(self.operation, self.method, self.shown, headers, retries_taken)

    def _shown_headers(self) -> list[tuple[str, str]]:
        secrets = self.secrets.reveal()
        return [
            (name, HIDDEN if is_secret_name(name) or any(map(value.__contains__, secrets)) else value)
            for name, value in self.sent().headers
        ]

    def with_headers(self, headers: Hidden[Mapping[str, str]]) -> Request:
        """The same request with more headers.

        Raises:
            InvalidRequestError: One cannot be sent.
        """
        return sealed(self._with_headers, headers)

    def _with_headers(self, headers: Hidden[Mapping[str, str]]) -> Request:
        given: object = headers.reveal()
        if not isinstance(given, Mapping):
            wanted = "expected headers as a mapping, or None"
            raise InvalidRequestError(f"{self.operation}: on_request: {wanted}, got {type(given).__name__}")
        try:
            added = checked_headers(given)
        except ConfigurationError as error:
            raise InvalidRequestError(f"{self.operation}: on_request: {error}") from None
        return self.sending(headers=merge_headers(self.sent().headers, added))


def build_request(operation: Operation[Any], settings: Settings, call: Call) -> Request:
    """Build a request.

    Raises:
        ConfigurationError: A key that the operation needs is missing.
        InvalidRequestError: An argument cannot be sent.
    """
    return sealed(_named, operation, settings, call)


def _named(operation: Operation[Any], settings: Settings, call: Call) -> Request:
    try:
        arguments, options = call.reveal()
        return _built(operation, settings, arguments, options)
    except InvalidRequestError as error:
        raise InvalidRequestError(f"{operation.name}: {error}") from None


def _built(
    operation: Operation[Any], settings: Settings, arguments: Arguments, options: CallOptions
) -> Request:
    query = {**arguments.query, **options.extra_query} if options.extra_query else arguments.query
    given = arguments.body
    if options.extra_body:
        given = {**given, **options.extra_body} if isinstance(given, dict) else dict(options.extra_body)
    body, content_type = _body(operation, given)
    prepared = settings.prepared.reveal()
    keys, headers = _keys(operation, settings, prepared)
    own = _header_arguments(operation, arguments, keys.cookies)
    usual = [("Content-Type", content_type)] if body is not None else []
    if operation.accept:
        usual.append(("Accept", operation.accept))
    if usual:
        headers = merge_headers((*headers, *usual), prepared.extra_headers)
    if own or options.extra_headers:
        try:
            more = (*checked_headers(own), *checked_headers(options.extra_headers))
        except ConfigurationError as error:
            raise InvalidRequestError(str(error)) from None
        headers = merge_headers(headers, more)
    timeout, total = settings.phases, settings.total
    max_retries, max_bytes = settings.max_retries, settings.max_response_bytes
    if options[:4] != _NO_LIMITS:
        timeout, total, max_retries, max_bytes = _limits(settings, options)
    base, origin = _address(operation, settings)
    address = base + _path(operation, arguments.path)
    pieces = _query(operation, query)
    url = _with_query(address, [*pieces, *keys.query])
    if len(url) > LONGEST_ADDRESS:
        raise InvalidRequestError(
            f"its address would have {len(url)} characters, and at most {LONGEST_ADDRESS} can be sent"
        )
    hidden = [f"{key.partition('=')[0]}={HIDDEN}" for key in keys.query]
    return Request(
        operation=operation.name,
        label=f"{operation.method} {operation.path}",
        method=operation.method,
        origin=origin,
        sent=Hidden(Sent(url, headers, body)),
        timeout=timeout,
        total=total,
        max_response_bytes=max_bytes,
        max_retries=max_retries,
        secrets=_secrets(operation, settings, given),
        details=_details(query, given) if logger.isEnabledFor(logging.DEBUG) else "",
        shown=_with_query(address, [*pieces, *hidden]) if hidden else url,
    )


LONGEST_ADDRESS = 60_000
"""Characters of the longest address that is sent. HTTP libraries and servers refuse longer ones."""

_NO_LIMITS = CallOptions()[:4]


def _limits(settings: Settings, options: CallOptions) -> tuple[dict[str, Any], float | None, int, int | None]:
    """The limits of one call: timeouts by phase, for the whole try, the retries, and the size of a body."""
    timeout = settings.timeout if options.timeout is msgspec.UNSET else options.timeout
    total = settings.total_timeout if options.total_timeout is msgspec.UNSET else options.total_timeout
    retries = settings.max_retries if options.max_retries is msgspec.UNSET else options.max_retries
    size = options.max_response_bytes
    size = settings.max_response_bytes if size is msgspec.UNSET else size
    try:
        phases = timeout_phases(checked_timeout(timeout), settings.pool_timeout)
        whole = total_of(timeout, checked_total(total))
        return phases, whole, checked_retries(retries), checked_size("max_response_bytes", size)
    except ConfigurationError as error:
        raise InvalidRequestError(str(error)) from None


def _keys(
    operation: Operation[Any], settings: Settings, prepared: Prepared
) -> tuple[SentKeys, tuple[tuple[str, str], ...]]:
    """The keys of the operation, and the headers of the client with them."""
    if not operation.authenticated:
        return NO_KEYS, prepared.headers
    if operation.security is None:
        keys = prepared.usual
        if keys is not None:
            return keys, prepared.headers_with_key
    else:
        keys = prepared.choose_keys(settings.product, operation.security)
        if keys is not None:
            return keys, merge_headers((*prepared.headers, *keys.headers), prepared.extra_headers)
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
        if value is msgspec.UNSET or value is None:
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
        if value is not msgspec.UNSET and value is not None:
            write = operation.styles.get(("header", name))
            found.append((name, text(name, value) if write is None else write(name, value)))
    crumbs = list(cookies)
    for name, value in arguments.cookies.items():
        if value is not msgspec.UNSET and value is not None:
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
        return _json(body), operation.content_type
    except InvalidRequestError:
        raise
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidRequestError(
            f"the body cannot be written as JSON: {type(error).__name__} in {_unencodable_field(body)}"
            if operation.encode is None
            else f"the body cannot be sent: {type(error).__name__}"
        ) from None


def _json(body: Any) -> bytes:
    content = msgspec.json.encode(body)
    if b"null" in content:
        check_numbers("the body", body)  # the encoder writes a number that is none as null
    return content


def _unencodable_field(body: Any) -> str:
    for name, value in body.items() if isinstance(body, dict) else ():
        try:
            msgspec.json.encode({name: value})
        except (TypeError, ValueError, OverflowError, RecursionError):
            return f"{name} (a {type(value).__name__})"
    return "the body"


def _secrets(operation: Operation[Any], settings: Settings, body: Any) -> Secrets:
    if not operation.secret or not isinstance(body, dict):
        return settings.secrets
    own = [value for name, value in body.items() if name in operation.secret and isinstance(value, str)]
    return Hidden((*settings.secrets.reveal(), *own))
