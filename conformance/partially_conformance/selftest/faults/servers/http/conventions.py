"""Faults of HTTP: response bodies, unknown paths and methods, refusals, and headers."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

from jsonschema_rs import Draft202012Validator
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.customers import CustomersApi
from partially_reference.http.refusals import MethodNotAllowed, UnknownRoute
from partially_reference.http.routing import Call, Reader
from partially_reference.rules.refusals import Refusal
from partially_reference.storage.stores import Record


@fault("HTTP-1", says="The total of a list is a text.")
class TotalsAreTexts(Answers):
    def page(self, page: dict[str, Any]) -> Response:
        return super().page({**page, "total_entries": str(page["total_entries"])})


@fault("HTTP-1", says="A removal is answered with 204 and no body.")
class RemovedWithoutBody(CustomersApi):
    def gdpr_remove_customer(self, call: Call) -> Response:
        super().gdpr_remove_customer(call)
        return Response(status_code=204)


@fault("HTTP-1", says="The response to an update shows only the changed fields.")
class AnswersWithChanges(CustomersApi):
    def update_customer(self, call: Call) -> Response:
        after = self.answers.shown(self.customers.update(call.merchant_id, call.path["id"], call.body))
        return self.answers.json({name: value for name, value in after.items() if name in {"id", *call.body}})


@fault("PASSWORD-1", says="The response to a login by password is a session object instead of the customer.")
class LoginAnswersWithSession(CustomersApi):
    def login_password(self, call: Call) -> Response:
        super().login_password(call)
        return self.answers.json({"logged_in": True})


@fault("TOKEN-1", says="The response to a login by token wraps the customer in another object.")
class TokenLoginWrapped(CustomersApi):
    def login_token(self, call: Call) -> Response:
        customer = self.logins.by_token(call.merchant_id, call.body["token"])
        return self.answers.json({"customer": self.answers.shown(customer)})


@fault(
    "HTTP-1",
    says="The response to a request for a token, or to a removal, is a JSON text instead of an object.",
)
class TokenSentAsText(Answers):
    def message(self, text: str) -> Response:
        return self.json(text)


@fault("HTTP-1", says="Fields of a customer that are null are left out.")
class NullsLeftOut(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return {name: value for name, value in super().shown(customer).items() if value is not None}


@fault("HTTP-2", says="An unknown path is answered with 200 and an HTML page.")
class PageForEverything(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        if isinstance(refusal, UnknownRoute):
            return HTMLResponse("<!doctype html><div id=app></div>")
        return super().refusal(refusal)


@fault("HTTP-2", says="An unknown path is answered with 500.")
class UnknownPathFails(Answers):
    def status(self, refusal: Refusal) -> int:
        return 500 if isinstance(refusal, UnknownRoute) else super().status(refusal)


@fault("HTTP-3", says="A method that is not documented is answered with 500.")
class OtherMethodFails(Answers):
    def status(self, refusal: Refusal) -> int:
        return 500 if isinstance(refusal, MethodNotAllowed) else super().status(refusal)


@fault("HTTP-3", says="HEAD is answered with 500.")
class HeadFails(Reader):
    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        if request.method == "HEAD":
            raise AttributeError("no handler for HEAD")
        return await super().call(request, operation, validator)


@fault("HTTP-8", says="The body of a refusal is plain text.")
class RefusalsAreTexts(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        return PlainTextResponse(refusal.message, self.status(refusal), headers=self.error_headers(refusal))


@fault("HTTP-8", says="The message of a refusal is in the field `error` instead of `message`.")
class MessageUnderError(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        return {"error": refusal.message}


@fault("HTTP-8", says="The errors of a refusal are an object by field instead of a list.")
class ErrorsByField(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        errors = dict(one.partition(": ")[::2] for one in refusal.errors)
        return {**super().error_body(refusal), **({"errors": errors} if errors else {})}


@fault("HTTP-9", says="The Content-Type of responses is HTML.")
class LabelledAsHtml(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return super().json(content, status, {**(headers or {}), "Content-Type": "text/html; charset=utf-8"})


@fault("HTTP-9", says="The Content-Type of refusals is plain text.")
class RefusalsLabelledAsText(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {**super().error_headers(refusal), "Content-Type": "text/plain"}


@fault("HTTP-11", says="A 405 has no Allow header.")
class NoAllow(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, MethodNotAllowed) else super().error_headers(refusal)


@fault("HTTP-11", says="The Allow header of a 405 names methods that the path does not have.")
class AllowsAll(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        headers = super().error_headers(refusal)
        return {**headers, "Allow": "GET, HEAD, POST, PUT, PATCH, DELETE"} if "Allow" in headers else headers


@fault("HTTP-12", says="A JSON body that is labelled as a form is refused.")
class FormLabelRefused(Bodies):
    def is_json(self, media_type: str) -> bool:
        return media_type != "application/x-www-form-urlencoded" and super().is_json(media_type)


@fault("HTTP-12", says="A JSON body that is labelled as a form is URL-decoded before it is read.")
class FormDecodedFirst(Bodies):
    async def read(self, request: Request) -> dict[str, Any]:
        self.check_label(request)
        content = await self.content(request)
        if "urlencoded" in request.headers.get("content-type", ""):
            content = unquote_plus(content.decode("utf-8", "replace")).encode()
        return self.parse(content)
