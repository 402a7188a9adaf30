"""Legal choices that come with a framework, a database or a language, and that nobody made on purpose."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from jsonschema_rs import Draft202012Validator
from starlette.requests import Request
from starlette.responses import Response

from partially_conformance.selftest.overlays.servers import variant
from partially_conformance.selftest.variants.servers.ids import GivesOtherIds, ReadsOtherIds
from partially_conformance.selftest.variants.servers.storage import Texts
from partially_reference.contract import Operation
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.routing import Call, Reader
from partially_reference.http.validation import Validation
from partially_reference.rules.fields import Fields
from partially_reference.rules.refusals import InvalidInput, Refusal, TooManyAttempts
from partially_reference.storage.stores import Record

_EDITS = frozenset({"createCustomer", "updateCustomer"})


# -- texts -------------------------------------------------------------------------------


@variant(
    "empty-string", says="A value of blanks only is stored as null; blanks around other values are kept."
)
class OnlyBlanksAreNull(Texts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept if kept and kept.strip() else None


@variant(
    "email-case",
    says="Emails are stored in lower case without the blanks around them; other fields are stored as sent.",
)
class OnlyEmailsTidied(Texts):
    def text(self, name: str, value: str) -> str | None:
        kept = super().text(name, value)
        return kept.strip().lower() if kept is not None and name == "email" else kept


# -- values of other types ---------------------------------------------------------------


def _scalars(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if not isinstance(value, list | dict)}


class _OddValuesNotChecked(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        super().check_body(operation, validator, _scalars(body) if operation.id in _EDITS else body)


@variant(says="A list or an object in place of a text is ignored.", also=[_OddValuesNotChecked])
class OddValuesLeftOut(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return super().pick(_scalars(body))


def _spelled(body: Mapping[str, Any]) -> dict[str, Any]:
    spell: Mapping[Any, str] = {True: "true", False: "false"}
    return {name: spell[value] if isinstance(value, bool) else value for name, value in body.items()}


class _TruthNotChecked(Validation):
    def check_body(self, operation: Operation, validator: Draft202012Validator, body: dict[str, Any]) -> None:
        super().check_body(operation, validator, _spelled(body) if operation.id in _EDITS else body)


@variant(
    says="True and false in place of a text are stored as the texts `true` and `false`.",
    also=[_TruthNotChecked],
)
class TruthSpelledOut(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return _spelled(super().pick(body))


@variant("null-for-default", "null-on-update", says="Null is refused for each field, in creates and updates.")
class NullRefused(Fields):
    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        picked = super().pick(body)
        if nulls := [name for name, value in picked.items() if value is None]:
            raise InvalidInput("Something is wrong with the input", [f"{name}: is null" for name in nulls])
        return picked


# -- ids and times -----------------------------------------------------------------------


class _ReadsObjectIds(ReadsOtherIds):
    form = "[0-9a-f]{24}"


@variant(
    "malformed-id-status",
    says="Ids are ObjectIds of MongoDB: 24 hexadecimal digits.",
    also=[_ReadsObjectIds],
)
class ObjectIds(GivesOtherIds):
    process: ClassVar[str] = secrets.token_hex(5)
    numbers: ClassVar[Iterator[int]] = itertools.count(secrets.randbelow(1 << 23))

    def make_id(self) -> str:
        return f"{int(time.time()):08x}{self.process}{next(self.numbers):06x}"


class _ReadsUuids7(ReadsOtherIds):
    form = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@variant("malformed-id-status", says="Ids are UUIDs that begin with the time.", also=[_ReadsUuids7])
class UuidsWithTime(GivesOtherIds):
    def make_id(self) -> str:
        stamp = time.time_ns() // 1_000_000
        return str(UUID(int=stamp << 80 | 0x7 << 76 | 0x2 << 62 | secrets.randbits(62)))


@variant(says="Fractions of a second are shown without trailing zeros, and whole seconds without a fraction.")
class FractionsOfAnyLength(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": shown["inserted_at"].rstrip("0").rstrip(".")}


# -- refusals ----------------------------------------------------------------------------


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


# -- limits on all requests ----------------------------------------------------------------


class _Counted(Answers):
    def error_headers(self, refusal: Refusal) -> dict[str, str]:
        headers = super().error_headers(refusal)
        limited = isinstance(refusal, TooManyAttempts)
        return {**headers, "X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0"} if limited else headers


@variant(
    says="The server answers at most 400 requests per second and refuses more with 429.", also=[_Counted]
)
class Throttled(Reader):
    a_second = 400

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._lock = threading.Lock()
        self._counted: dict[int, int] = {}

    async def call(self, request: Request, operation: Operation, validator: Draft202012Validator) -> Call:
        now = int(time.monotonic())
        with self._lock:
            self._counted = {now: self._counted.get(now, 0) + 1}
            if self._counted[now] > self.a_second:
                raise TooManyAttempts("Too Many Attempts.", retry_after=1)
        return await super().call(request, operation, validator)


@variant("empty-update", says="A body that is null, false or an empty list counts as an empty object.")
class EmptyIsEmpty(Bodies):
    def parse(self, content: bytes) -> dict[str, Any]:
        return {} if content.strip() in {b"null", b"false", b"[]"} else super().parse(content)
