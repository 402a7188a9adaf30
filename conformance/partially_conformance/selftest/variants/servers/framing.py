"""Variants: how requests are framed, and what the harness shows of plans."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request

from partially_conformance.selftest.overlays.fronts import BadRequest, Field, Front
from partially_conformance.selftest.overlays.servers import variant
from partially_reference.contract import PLAN_COPIES
from partially_reference.http.answers import Answers
from partially_reference.http.bodies import Bodies
from partially_reference.http.harness import HarnessApi
from partially_reference.rules.refusals import Refusal


@variant(says="Requests are read by a small front, which passes them on one at a time.")
class ReadByAFront(Front):
    pass


@variant(says="Every connection is closed after one response.")
class OneRequestAConnection(Front):
    def closes(self, fields: Sequence[Field]) -> bool:
        return True


@variant(says="A folded header is unfolded.")
class FoldsAreUnfolded(Front):
    def fields(self, reader: io.BufferedReader) -> list[Field]:
        fields: list[Field] = []
        for line in self._lines(reader):
            name, colon, value = line.partition(":")
            if line.startswith((" ", "\t")) and fields:
                fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
            elif colon and self.is_name(name):
                fields.append((name, value.strip(" \t")))
            else:
                raise BadRequest("A header is malformed")
        return fields

    def _lines(self, reader: io.BufferedReader) -> Iterator[str]:
        while (line := reader.readline(65536)) not in (b"\r\n", b""):
            yield line.decode("latin-1").rstrip("\r\n")


class _LengthRequired(Refusal):
    """The request has no Content-Length."""


class _Status411(Answers):
    def status(self, refusal: Refusal) -> int:
        return 411 if isinstance(refusal, _LengthRequired) else super().status(refusal)


@variant(says="A body in chunks is refused with 411.", also=[_Status411])
class ChunksRefused(Bodies):
    async def read(self, request: Request) -> dict[str, Any]:
        if "transfer-encoding" in request.headers:
            raise _LengthRequired("Content-Length is missing")
        return await super().read(request)


@variant(says="The harness shows no address on plans.")
class PlansWithoutAddress(HarnessApi):
    def plan(self, connection: sa.Connection, plan_id: str) -> dict[str, Any]:
        shown = super().plan(connection, plan_id)
        return {name: value for name, value in shown.items() if name not in PLAN_COPIES}
