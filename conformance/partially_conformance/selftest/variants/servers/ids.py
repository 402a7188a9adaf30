"""Legal choices about the ids of customers, whose form the text leaves open."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Iterator
from typing import Any, ClassVar

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.http.routing import Reader
from partially_reference.rules.customers import Customers
from partially_reference.rules.refusals import InvalidInput

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ReadsOtherIds(Reader):
    """Takes ids of another form; what has not this form is bad input."""

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
