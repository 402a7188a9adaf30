"""Legal choices about statuses, headers and the way JSON is written."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.clock import Clock
from partially_reference.http.answers import Answers
from partially_reference.http.authentication import Authenticator
from partially_reference.http.bodies import Bodies
from partially_reference.http.refusals import MethodNotAllowed, Unauthorized, UnsupportedBody
from partially_reference.http.routing import Reader
from partially_reference.rules.refusals import InvalidInput, Refusal
from partially_reference.storage.stores import Record


@variant("create-status", says="A create is answered with 201.")
class CreateAnswers201(Answers):
    created_status = 201


@variant("bad-input-status", says="Invalid input is answered with 422.")
class BadInput422(Answers):
    def status(self, refusal: Refusal) -> int:
        return 422 if isinstance(refusal, InvalidInput) else super().status(refusal)


@variant(
    "form-label",
    says="Only bodies labelled as JSON are accepted; others, such as forms, are refused with 415.",
)
class OnlyJsonLabelled(Bodies):
    def is_json(self, media_type: str) -> bool:
        return media_type == "application/json"


@variant("form-label", says="A body that is not labelled as JSON is ignored, as if it were empty.")
class OtherLabelsIgnored(Bodies):
    def is_json(self, media_type: str) -> bool:
        return media_type == "application/json"

    async def read(self, request: Request) -> dict[str, Any]:
        try:
            return await super().read(request)
        except UnsupportedBody:
            return {}


@variant("missing-key-status", says="A request without a valid key is answered with 403.")
class Keyless403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, Unauthorized) else super().status(refusal)

    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        return {} if isinstance(refusal, Unauthorized) else super().error_headers(refusal)


@variant("malformed-id-status", says="A malformed id is answered with 400.")
class MalformedIdIsBadInput(Reader):
    def identifier(self, text: str) -> str:
        try:
            return str(uuid.UUID(super().identifier(text)))
        except Refusal:
            raise InvalidInput("The id is not a UUID") from None


class _MalformedId(Refusal):
    """The id cannot be one."""


class _MalformedIdStatus(Answers):
    def status(self, refusal: Refusal) -> int:
        return 422 if isinstance(refusal, _MalformedId) else super().status(refusal)


@variant("malformed-id-status", says="A malformed id is answered with 422.", also=[_MalformedIdStatus])
class MalformedId422(Reader):
    def identifier(self, text: str) -> str:
        try:
            return super().identifier(text)
        except Refusal:
            raise _MalformedId("The id is not a UUID") from None


@variant(says="The scheme in the Authorization header is accepted only as `Bearer`.")
class SchemeInOneCase(Authenticator):
    def bearer(self, headers: list[str]) -> str | None:
        return super().bearer([one for one in headers if one.startswith("Bearer ")])


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


@variant(says="The Content-Type of responses names the charset.")
class CharsetNamed(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return super().json(
            content, status, {**(headers or {}), "Content-Type": "application/json; charset=utf-8"}
        )


@variant(
    says="JSON is indented, slashes are escaped, and characters outside ASCII are written as \\u escapes."
)
class EscapedJson(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        response = super().json(content, status, headers)
        response.body = json.dumps(content, indent=4).replace("/", "\\/").encode()
        response.headers["Content-Length"] = str(len(response.body))
        return response


@variant(says="Every connection is closed after one response.")
class ConnectionsClosed(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return super().json(content, status, {**(headers or {}), "Connection": "close"})


@variant(says="Every response takes some milliseconds longer.")
class Slow(Answers):
    def json(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        time.sleep(0.004)
        return super().json(content, status, headers)


@variant(says="The body of a refusal has a code, a status and a request id beside the message.")
class RefusalsWithCodes(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        more = {
            "code": type(refusal).__name__,
            "status": self.status(refusal),
            "request_id": str(uuid.uuid4()),
        }
        return {**super().error_body(refusal), **more}


@variant(says="The body of a refusal is an object of problems by field.")
class RefusalsByField(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        fields = [problem.partition(": ") for problem in refusal.errors]
        return {"errors": {field: [problem] for field, _, problem in fields} or {"detail": refusal.message}}


@variant(says="A refusal has no body.")
class RefusalsWithoutBody(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        return Response(status_code=self.status(refusal), headers=self.error_headers(refusal))


@variant(says="The body of a refusal is an HTML page.")
class RefusalsInHtml(Answers):
    def refusal(self, refusal: Refusal) -> Response:
        page = f"<!DOCTYPE html><title>{self.status(refusal)}</title><h1>That did not work</h1>"
        return HTMLResponse(page, self.status(refusal), headers=self.error_headers(refusal))


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


@variant(says="Times of creation are in the time zone of New York.")
class LocalTimes(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return super().shown({**customer, "inserted_at": customer["inserted_at"] - timedelta(hours=5)})


@variant(says="One clock serves creates and logins, and it is 40 days ahead because of an earlier run.")
class OneClock(Clock):
    def __init__(self) -> None:
        super().__init__()
        self.advance(timedelta(days=40).total_seconds())

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._advanced)


@variant(says="Times of creation have no fraction of a second.")
class WholeSeconds(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": shown["inserted_at"].partition(".")[0]}


@variant(says="Times of creation have milliseconds.")
class Milliseconds(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": shown["inserted_at"][:-3]}


@variant(says="Messages are in Spanish.")
class OtherMessages(Answers):
    def message(self, text: str) -> Response:
        return super().message({"Token sent": "Código enviado"}.get(text, "Hecho"))

    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        return {"message": "No es posible"}


@variant(says="A query parameter that is not documented is refused.")
class UnknownParametersRefused(Reader):
    def sent_query(self, request: Request) -> list[tuple[str, str]]:
        sent = super().sent_query(request)
        for name, _ in sent:
            if name not in {"q", "page", "per_page"}:
                raise InvalidInput("Something is wrong with the query", [f"{name}: is not known"])
        return sent
