"""What a browser must be told so that a script of another origin may call the API (the CORS protocol)."""

from __future__ import annotations

from dataclasses import replace

from partially_conformance.clients.requests.sent_request import SentRequest
from partially_conformance.traffic.exchange import Response

_EXPOSED = "Content-Type, Location, Retry-After, WWW-Authenticate"


def is_preflight(sent: SentRequest) -> bool:
    """Whether a browser asks by this request what a script may send."""
    return (
        sent.method == "OPTIONS"
        and bool(sent.header("origin"))
        and bool(sent.header("access-control-request-method"))
    )


def permission(sent: SentRequest) -> Response:
    """The answer to a preflight request: the script may send what it asked for."""
    allowed = {
        "access-control-allow-methods": ", ".join(sent.header("access-control-request-method")),
        "access-control-allow-headers": ", ".join(sent.header("access-control-request-headers")),
    }
    return Response(204, allowed, b"")


def readable_by_scripts(sent: SentRequest, response: Response) -> Response:
    """The response with headers by which a script of the origin of this request may read it."""
    origins = sent.header("origin")
    if not origins:
        return response
    added = {
        "access-control-allow-origin": origins[0],
        "access-control-expose-headers": _EXPOSED,
        "vary": "Origin",
    }
    return replace(response, headers={**response.headers, **added})
