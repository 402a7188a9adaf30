"""Faults of HTTP: malformed, large or wrongly labelled bodies, and internals shown in refusals."""

from __future__ import annotations

import json
import traceback
from typing import Any

from starlette.requests import Request

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.refusals import BodyTooLarge, UnsupportedBody
from partially_reference.rules.refusals import InvalidInput, Refusal


class _FailsInsteadOfRefusing(Bodies):
    """Ends in a 500 where a body should be refused for this reason."""

    reason = ""

    def parse(self, content: bytes) -> dict[str, Any]:
        try:
            return super().parse(content)
        except InvalidInput as refusal:
            if any(self.reason in one for one in refusal.errors):
                raise RuntimeError(refusal.errors) from refusal
            raise


@fault("HTTP-4", says="A body that is not UTF-8 is answered with 500.")
class Utf8Fails(_FailsInsteadOfRefusing):
    reason = "not UTF-8"


@fault("HTTP-4", says="A deeply nested body is answered with 500.")
class DepthFails(_FailsInsteadOfRefusing):
    reason = "nested too deeply"


@fault("HTTP-4", says="A body with half a surrogate pair is answered with 500.")
class SurrogateFails(_FailsInsteadOfRefusing):
    reason = "half a surrogate pair"


@fault("HTTP-4", says="A body with a number of thousands of digits is answered with 500.")
class LongNumberFails(_FailsInsteadOfRefusing):
    reason = "number that is too long"


@fault("HTTP-4", says="A body with NaN is answered with 500.")
class NanFails(_FailsInsteadOfRefusing):
    reason = "is no number"


@fault("HTTP-5", says="A large body is answered with 500.")
class LargeBodyFails(Answers):
    def status(self, refusal: Refusal) -> int:
        return 500 if isinstance(refusal, BodyTooLarge) else super().status(refusal)


@fault("HTTP-5", says="The request after one with a large body is answered with 500.")
class LargeBodyStays(Answers):
    full = False

    def status(self, refusal: Refusal) -> int:
        self.full = self.full or isinstance(refusal, BodyTooLarge)
        return super().status(refusal)

    def shown(self, customer: Any) -> dict[str, Any]:
        if self.full:
            self.full = False
            raise MemoryError("no memory left")
        return super().shown(customer)


@fault("HTTP-6", says="A body with another Content-Type than JSON is answered with 500.")
class OtherLabelFails(Answers):
    def status(self, refusal: Refusal) -> int:
        return 500 if isinstance(refusal, UnsupportedBody) else super().status(refusal)


@fault("HTTP-6", says="A body that is labelled as plain text is decoded as Latin-1.")
class PlainTextIsLatin1(Bodies):
    async def read(self, request: Request) -> dict[str, Any]:
        if request.headers.get("content-type") != "text/plain":
            return await super().read(request)
        content = await self.content(request)
        return self.parse(content.decode("latin-1").encode())


@fault("HTTP-6", says="A body without a Content-Type is answered with 500.")
class NoLabelFails(Bodies):
    def check_label(self, request: Request) -> None:
        request.headers["content-type"].lower()
        super().check_label(request)


@fault("HTTP-6", says="A multipart form without a boundary is answered with 500.")
class NoBoundaryFails(Bodies):
    def check_label(self, request: Request) -> None:
        if request.headers.get("content-type") == "multipart/form-data":
            raise RuntimeError("Multipart: Boundary not found")
        super().check_label(request)


@fault("HTTP-6", says="From a body with another Content-Type than JSON, only the email is stored.")
class OnlyEmailFromOthers(Bodies):
    async def read(self, request: Request) -> dict[str, Any]:
        try:
            return await super().read(request)
        except UnsupportedBody:
            body = json.loads(await self.content(request))
            return {name: body[name] for name in ("email",) if name in body}


@fault("HTTP-10", says="A refusal shows the stack trace of the server.")
class StackShown(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        trace = "".join(traceback.format_exception(refusal))
        return (
            {**super().error_body(refusal), "trace": trace} if refusal.errors else super().error_body(refusal)
        )


@fault("HTTP-10", says="The refusal of a taken email shows the error message of the database.")
class DatabaseQuoted(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        cause = refusal.__cause__
        return {"message": str(cause)} if cause is not None else super().error_body(refusal)


@fault("HTTP-10", says="The refusal of a malformed id shows the name of a source file of the server.")
class FileNamed(Answers):
    def error_body(self, refusal: Refusal) -> dict[str, Any]:
        frames = traceback.extract_tb(refusal.__traceback__)
        place = f" ({frames[-1].filename})" if frames and "UUID" in refusal.message else ""
        return {"message": refusal.message + place}
