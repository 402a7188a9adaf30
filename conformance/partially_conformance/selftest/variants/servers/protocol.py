"""Legal choices about what is around the documented operations: paths, methods, headers, labels."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from jsonschema_rs import Draft202012Validator
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.refusals import MethodNotAllowed, UnknownRoute
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.refusals import Refusal


class _Instead(Response):
    """Answers in another way than with a refusal, where the request is one that it knows."""

    def __init__(self, otherwise: Response) -> None:
        super().__init__()
        self.otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self.answered(scope, receive, send):
            await self.otherwise(scope, receive, send)

    async def answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer, or leave it."""
        raise NotImplementedError

    async def as_if(self, scope: Scope, receive: Receive, send: Send, **other: str) -> bool:
        """Answer as if another method or path had been asked for."""
        await scope["app"]({**scope, **other}, receive, send)
        return True


# -- paths -------------------------------------------------------------------------------


class _WithoutSlash(_Instead):
    async def answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        path = scope["path"]
        return path.endswith("/") and await self.as_if(scope, receive, send, path=path.rstrip("/"))


@variant(says="A slash at the end of a path is ignored.")
class SlashesAtTheEndIgnored(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        answer = super().refusal(refusal)
        return _WithoutSlash(answer) if isinstance(refusal, UnknownRoute) else answer


class _ToWithoutSlash(_Instead):
    async def answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        if not scope["path"].endswith("/"):
            return False
        await RedirectResponse(scope["path"].rstrip("/"), HTTPStatus.PERMANENT_REDIRECT)(scope, receive, send)
        return True


@variant(says="A path with a slash at its end is redirected to the path without it.")
class SlashesAtTheEndRedirected(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        answer = super().refusal(refusal)
        return _ToWithoutSlash(answer) if isinstance(refusal, UnknownRoute) else answer


# -- methods -----------------------------------------------------------------------------


class _MoreMethods(_Instead):
    async def answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        customer_id = scope["path_params"].get("id")
        is_customer = customer_id is not None and scope["path"] == f"/api/customer/{customer_id}"
        match scope["method"]:
            case "OPTIONS":
                allowed = {"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE"}
                await Response(status_code=HTTPStatus.NO_CONTENT, headers=allowed)(scope, receive, send)
                return True
            case "PATCH" if is_customer:
                return await self.as_if(scope, receive, send, method="PUT")
            case "DELETE" if is_customer:
                path = f"/api/customer/gdpr_remove/{customer_id}"
                return await self.as_if(scope, receive, send, method="PUT", path=path)
            case _:
                return False


@variant(says="PATCH updates, DELETE removes as gdpr_remove does, and OPTIONS answers 204 with CORS headers.")
class MoreMethods(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        answer = super().refusal(refusal)
        return _MoreMethods(answer) if isinstance(refusal, MethodNotAllowed) else answer


@variant(says="HEAD is answered with 405.")
class NoHead(Reader):
    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        if request.method == "HEAD":
            raise MethodNotAllowed(["GET", "PUT"] if "id" in request.path_params else ["GET", "POST"])
        return await super().call(request, operation, validator)


# -- headers and how a body is sent ---------------------------------------------------------


class _Conditional(Response):
    """Not sent again to a client that has it."""

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


@variant(says="The body of a refusal is a problem detail as in RFC 9457.")
class ProblemDetails(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        status = HTTPStatus(self.status(refusal))
        told = super().error_body(refusal)
        return {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": told.pop("message"),
            **told,
        }

    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {**super().error_headers(refusal), "Content-Type": "application/problem+json"}


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
