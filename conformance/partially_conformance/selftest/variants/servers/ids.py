"""Variants: the form of ids, and how malformed ids are refused."""

from __future__ import annotations

import itertools
import re
import secrets
import time
import uuid
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.answers import Answers
from partially_reference.http.routing import Reader
from partially_reference.rules.customers import Customers
from partially_reference.rules.refusals import InvalidInput, Refusal

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ReadsOtherIds(Reader):
    """Accepts ids of another form, and refuses texts of any other form."""

    form: ClassVar[str]

    def identifier(self, text: str) -> str:
        if re.fullmatch(self.form, text, re.ASCII) is None:
            raise InvalidInput("The id is malformed")
        return text


class GivesOtherIds(Customers):
    """Gives ids of another form."""

    def identity(self, merchant_id: str) -> dict[str, Any]:
        return {**super().identity(merchant_id), "id": self.make_id()}

    def make_id(self) -> str:
        raise NotImplementedError


class _ReadsNumbers(ReadsOtherIds):
    form = r"\d{1,18}"


@variant("malformed-id-status", says="Ids are consecutive numbers from 1.", also=[_ReadsNumbers])
class NumberedIds(GivesOtherIds):
    numbers: Iterator[int] = itertools.count(1)

    def make_id(self) -> str:
        return str(next(self.numbers))


class _ReadsUlids(ReadsOtherIds):
    form = f"[{_CROCKFORD}]{{26}}"


@variant(
    "malformed-id-status",
    says="Ids are ULIDs.",
    also=[_ReadsUlids],
)
class UlidIds(GivesOtherIds):
    def make_id(self) -> str:
        return "01M8" + "".join(secrets.choice(_CROCKFORD) for _ in range(22))


class _ReadsPrefixed(ReadsOtherIds):
    form = "cus_[0-9a-f]{20}"


@variant("malformed-id-status", says="Ids begin with `cus_`.", also=[_ReadsPrefixed])
class PrefixedIds(GivesOtherIds):
    def make_id(self) -> str:
        return f"cus_{secrets.token_hex(10)}"


class _ReadsShort(ReadsOtherIds):
    form = r"[\w-]{8}"


@variant(
    "malformed-id-status", says="Ids are eight letters, digits, dashes and underscores.", also=[_ReadsShort]
)
class ShortIds(GivesOtherIds):
    def make_id(self) -> str:
        return secrets.token_urlsafe(6)


@variant("malformed-id-status", says="A malformed id is answered with 400.")
class MalformedIdIsBadInput(Reader):
    def identifier(self, text: str) -> str:
        try:
            return str(uuid.UUID(super().identifier(text)))
        except Refusal:
            raise InvalidInput("The id is not a UUID") from None


class _MalformedId(Refusal):
    """The text cannot be an id."""


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
