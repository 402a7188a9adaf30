"""Variants: what the body of a refusal looks like."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.responses import HTMLResponse, Response

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.answers import Answers
from partially_reference.rules.refusals import Refusal


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


@variant(says="Messages are in Spanish.")
class OtherMessages(Answers):
    def message(self, text: str) -> Response:
        return super().message({"Token sent": "Código enviado"}.get(text, "Hecho"))

    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        return {"message": "No es posible"}


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


@variant(
    says="The body of a refusal is `detail`: a list of problems with place, message and type, or the message."
)
class RefusalsWithDetail(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        problems = [problem.partition(": ") for problem in refusal.errors]
        listed = [
            {"loc": ["body", field.lower()], "msg": problem, "type": "value_error"}
            for field, _, problem in problems
        ]
        return {"detail": listed or refusal.message}


@variant(says="The body of a refusal has a message and lists of problems by field.")
class RefusalsByFieldWithMessage(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        by_field: dict[str, list[str]] = {}
        for one in refusal.errors:
            field, _, problem = one.partition(": ")
            by_field.setdefault(field.lower(), []).append(problem)
        return {"message": refusal.message, **({"errors": by_field} if by_field else {})}


@variant(says="The body of a refusal has time, status and path, and no message.")
class RefusalsWithTime(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        now = datetime.now(tz=UTC).isoformat(timespec="milliseconds")
        status = HTTPStatus(self.status(refusal))
        return {"timestamp": now, "status": status.value, "error": status.phrase, "path": "/api/customer"}


@variant(says="The message of a refusal is a list of texts.")
class MessagesAsList(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        status = HTTPStatus(self.status(refusal))
        return {
            "statusCode": status.value,
            "error": status.phrase,
            "message": [problem.lower() for problem in refusal.errors] or [refusal.message],
        }
