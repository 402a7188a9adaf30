"""The requests that a fake received, without the secrets in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import msgspec

from .._core.observability.redaction import is_secret_name
from .._core.observability.secrets import HIDDEN
from .operation_table import Entry


@dataclass(slots=True)
class SeenRequest:
    """A request, and the status of its response. Keys, passwords and tokens are replaced by `[hidden]`.

    Attributes:
        call: The method of the client that sent it, such as `things.get`; None if no operation matches.
        method: The HTTP method.
        path: The path, as it was sent.
        query: The values in the query, by their names.
        headers: The headers, by their names in lower case.
        body: The body as JSON, or as text if it is not JSON; None if there was no body.
        status: The status of the response; None if the connection was broken.
    """

    call: str | None
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: Any
    status: int | None = None


def record_request(
    request: httpx2.Request,
    path: str,
    query: dict[str, list[str]],
    entry: Entry | None,
    key_header: str,
) -> SeenRequest:
    """The record of a request."""
    secret = {a.wire for a in entry.arguments if a.secret} if entry else set()
    headers = {
        name.lower(): HIDDEN if is_secret_name(name) or name.lower() == key_header.lower() else value
        for name, value in request.headers.items()
    }
    shown = {name: [HIDDEN] * len(values) if name in secret else values for name, values in query.items()}
    return SeenRequest(
        call=entry.call if entry else None,
        method=request.method,
        path=path,
        query=shown,
        headers=headers,
        body=_body(request.content, secret),
    )


def _body(content: bytes, secret: set[str | None]) -> Any:
    if not content:
        return None
    try:
        body = msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return HIDDEN if secret else content.decode("utf-8", errors="replace")
    if secret and not isinstance(body, dict):
        return HIDDEN
    return {name: HIDDEN if name in secret else value for name, value in body.items()} if secret else body
