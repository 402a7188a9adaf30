"""Variants: paths and methods beyond the documented ones."""

from __future__ import annotations

from http import HTTPStatus

from jsonschema_rs import Draft202012Validator
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.refusals import MethodNotAllowed, UnknownRoute
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.refusals import Refusal


class _AnswersSome(Response):
    """Answers some requests itself, and sends `otherwise` for all others."""

    def __init__(self, otherwise: Response) -> None:
        super().__init__()
        self.otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self.answers(scope, receive, send):
            await self.otherwise(scope, receive, send)

    async def answers(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer the request; return False if it is none of those that this class answers."""
        raise NotImplementedError

    async def answer_as_if(self, scope: Scope, receive: Receive, send: Send, **other: str) -> bool:
        """Answer as if the request had another method or path."""
        await scope["app"]({**scope, **other}, receive, send)
        return True


class _WithoutSlash(_AnswersSome):
    async def answers(self, scope: Scope, receive: Receive, send: Send) -> bool:
        path = scope["path"]
        return path.endswith("/") and await self.answer_as_if(scope, receive, send, path=path.rstrip("/"))


@variant(says="A slash at the end of a path is ignored.")
class SlashesAtTheEndIgnored(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        answer = super().refusal(refusal)
        return _WithoutSlash(answer) if isinstance(refusal, UnknownRoute) else answer


class _ToWithoutSlash(_AnswersSome):
    async def answers(self, scope: Scope, receive: Receive, send: Send) -> bool:
        if not scope["path"].endswith("/"):
            return False
        await RedirectResponse(scope["path"].rstrip("/"), HTTPStatus.PERMANENT_REDIRECT)(scope, receive, send)
        return True


@variant(says="A path with a slash at its end is redirected to the path without it.")
class SlashesAtTheEndRedirected(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        answer = super().refusal(refusal)
        return _ToWithoutSlash(answer) if isinstance(refusal, UnknownRoute) else answer


class _MoreMethods(_AnswersSome):
    async def answers(self, scope: Scope, receive: Receive, send: Send) -> bool:
        customer_id = scope["path_params"].get("id")
        is_customer = customer_id is not None and scope["path"] == f"/api/customer/{customer_id}"
        match scope["method"]:
            case "OPTIONS":
                allowed = {"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE"}
                await Response(status_code=HTTPStatus.NO_CONTENT, headers=allowed)(scope, receive, send)
                return True
            case "PATCH" if is_customer:
                return await self.answer_as_if(scope, receive, send, method="PUT")
            case "DELETE" if is_customer:
                path = f"/api/customer/gdpr_remove/{customer_id}"
                return await self.answer_as_if(scope, receive, send, method="PUT", path=path)
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


@variant(says="A method that is not documented is answered with 404.")
class OtherMethods404(Answers):
    def status(self, refusal: Refusal) -> int:
        return 404 if isinstance(refusal, MethodNotAllowed) else super().status(refusal)

    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, MethodNotAllowed) else super().error_headers(refusal)


@variant(says="A method that is not documented is answered with 501.")
class OtherMethods501(Answers):
    def status(self, refusal: Refusal) -> int:
        return 501 if isinstance(refusal, MethodNotAllowed) else super().status(refusal)
