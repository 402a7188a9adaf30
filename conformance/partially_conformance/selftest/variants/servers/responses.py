"""Variants: how responses are written, labelled and sent, and what they show beyond the documented fields."""

from __future__ import annotations

import gzip
import hashlib
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.answers import Answers
from partially_reference.storage.stores import Record


@variant(says="The Content-Type of responses names the charset.")
class CharsetNamed(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return super().json(
            content, status, {**(headers or {}), "Content-Type": "application/json; charset=utf-8"}
        )


@variant(says="The Content-Type of responses is `application/json;charset=UTF-8`.")
class CharsetInCapitals(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        label = {"Content-Type": "application/json;charset=UTF-8"}
        return super().json(content, status, {**(headers or {}), **label})


@variant(says="The Content-Type of responses is `application/vnd.api+json`.")
class LabelledAsOwnJson(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        label = {"Content-Type": "application/vnd.api+json"}
        return super().json(content, status, {**(headers or {}), **label})


@variant(
    says="JSON is indented, slashes are escaped, and characters outside ASCII are written as \\u escapes."
)
class EscapedJson(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        response = super().json(content, status, headers)
        response.body = json.dumps(content, indent=4).replace("/", "\\/").encode()
        response.headers["Content-Length"] = str(len(response.body))
        return response


@variant(says="JSON writes angle brackets and ampersands as \\u escapes.")
class AnglesEscaped(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        made = super().json(content, status, headers)
        body = bytes(made.body)
        for sign in (b"<", b">", b"&"):
            body = body.replace(sign, b"\\u%04x" % ord(sign))
        made.body = body
        made.headers["Content-Length"] = str(len(body))
        return made


@variant(says="Every response has additional headers of a proxy, a tracing tool and a framework.")
class ManyHeaders(Answers):
    more: Mapping[str, str] = {
        "Server": "nginx",
        "Via": "1.1 proxy.example",
        "X-Request-Id": "5f0c2b1e-7d0f-4c9b-8a43-0b6d3a1c9f10",
        "X-Runtime": "0.004217",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Strict-Transport-Security": "max-age=63072000",
        "Access-Control-Allow-Origin": "*",
        "Set-Cookie": "session=c2Vzc2lvbg; Path=/; HttpOnly",
        "Vary": "Accept, Origin",
    }

    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return super().json(content, status, {**self.more, **(headers or {})})


class _Conditional(Response):
    """A response with an ETag, or 304 if the client sent this ETag."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tag = f'W/"{hashlib.sha256(self.body).hexdigest()[:32]}"'
        if scope["method"] == "GET" and Headers(scope=scope).get("if-none-match") == tag:
            unmodified = Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
            await unmodified(scope, receive, send)
            return
        self.headers["ETag"] = tag
        await super().__call__(scope, receive, send)


@variant(says="Responses have an ETag, and If-None-Match is answered with 304.")
class EntityTags(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        made = super().json(content, status, {"Cache-Control": "max-age=0, private, must-revalidate"})
        return _Conditional(bytes(made.body), status, {**made.headers, **(headers or {})})


@variant(says="Response bodies are sent in chunks without a Content-Length.")
class Chunked(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        made = super().json(content, status, headers)
        del made.headers["Content-Length"]
        body = bytes(made.body)
        pieces = [body[start : start + 100] for start in range(0, len(body), 100)]
        return StreamingResponse(iter(pieces), status, headers=made.headers)


@variant(says="Response bodies are always compressed, even if the client did not ask for it.")
class CompressedAnyway(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        made = super().json(content, status, {**(headers or {}), "Content-Encoding": "gzip"})
        made.body = gzip.compress(bytes(made.body))
        made.headers["Content-Length"] = str(len(made.body))
        return made


@variant(says="Every connection is closed after one response.")
class ConnectionsClosed(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return super().json(content, status, {**(headers or {}), "Connection": "close"})


@variant(says="Every response takes some milliseconds longer.")
class Slow(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        time.sleep(0.004)
        return super().json(content, status, headers)


@variant("extra-fields", says="Customers show their language.")
class LanguageShown(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "language": customer["language"]}


@variant(
    "extra-fields", says="Customers and lists have additional fields, some of which differ in every response."
)
class MetadataShown(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        more: dict[str, Any] = {
            "object": "customer",
            "notes": None,
            "has_password": customer["password_hash"] is not None,
            "served_at": time.time(),
            "links": {"self": f"/api/customer/{customer['id']}"},
            "tags": [],
        }
        return {**more, **super().shown(customer)}

    def page(self, page: dict[str, Any]) -> Response:
        number = page["page_number"]
        return super().page({**page, "has_more": number < page["total_pages"], "next_page": number + 1})
