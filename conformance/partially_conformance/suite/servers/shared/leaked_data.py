"""Looking for what is left of a removed customer."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from partially_conformance.bench.api import Answer, Api, Customer, Page
from partially_conformance.bench.given import Given, prerequisite
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.expectations import both_show, same
from partially_conformance.suite.servers.shared.lists import LONG_PAGE
from partially_conformance.traffic.exchange import MISSING

GONE = (404, 410)
"""The statuses that say that there is no such customer, any more or ever."""

_SHARED_BY_MANY = frozenset({"country-code", "region-code", "iana-time-zone", "language-code"})
"""Formats of fields whose values point at nobody."""

_SHARED_BY_CHANCE = frozenset({"postal-code", "phone"})
"""Formats of which there are so few values that another customer may have the same one."""

_PAGES_AT_EACH_END = 5  # of a long list; new customers are at one of its ends
_LONG = 8  # characters; a shorter value is looked for as a whole word
_A_WORD = 12  # letters; the half of a shorter word may be a part of any text
_PHONE_DIGITS = 10  # digits at the end of a phone number that tell it, however it is written


def personal_values(customer: Mapping[str, Any], contract: Contract) -> dict[str, str]:
    """The values of a customer that point at a person, by field. Codes, zones and defaults do not."""
    return {
        name: customer[name]
        for name in contract.kept_fields
        if customer.get(name)
        and "default" not in contract.create_fields[name]
        and contract.create_fields[name].get("format") not in _SHARED_BY_MANY
    }


def trace(body: Any, values: Mapping[str, str]) -> str | None:
    """Where in a body one of the values is, in words; None if none is."""
    wanted = [(name, value, _Needle(value)) for name, value in values.items()]
    for place, leaf in _leaves(body, "$"):
        hay = _Hay(leaf)
        for name, value, needle in wanted:
            if needle.is_in(hay):
                return f"{name} {value!r} is at {place}"
    return None


def must_be_without(answer: Answer, values: Mapping[str, str], what: str, about: Customer) -> None:
    """No personal value of before is in the answer."""
    if found := trace(answer.text if answer.json is MISSING else answer.json, values):
        raise answer.violation(f"no personal value of before in {what}", found, about=[about.id])


def must_be_gone(api: Api, customer: Customer) -> None:
    """The id of the customer is unknown."""
    answer = api.get(customer.id)
    if answer.status not in GONE:
        raise answer.violation("the id of a deleted customer to be unknown: 404", f"status {answer.status}")


def must_be_anonymised(api: Api, customer: Customer, values: Mapping[str, str]) -> Answer:
    """The customer reads as unknown, or with nothing of before."""
    answer = api.get(customer.id)
    if not answer.ok and answer.status not in GONE:
        raise answer.violation("404, or the customer without personal values", f"status {answer.status}")
    left = {**values, **_local_part(values), **_coded(values), **_halves(values)}
    must_be_without(answer, left, "the answer to a get", customer)
    return answer


def must_be_unlisted(api: Api, customer: Customer, values: Mapping[str, str]) -> None:
    """No personal value of before is in the list."""
    fields = api.contract.create_fields
    own = {
        name: value for name, value in values.items() if fields[name].get("format") not in _SHARED_BY_CHANCE
    }
    for answer, page in ends_of_list(api):
        for entry in page.customers:
            if found := trace(entry, {**values, **_local_part(values)} if entry.id == customer.id else own):
                raise answer.violation(
                    "no personal value of before in the list", f"in an entry, {found}", about=[customer.id]
                )


def ends_of_list(api: Api) -> Iterator[tuple[Answer, Page]]:
    """The pages of the list; of a long one, the first and the last few."""
    number, last = 1, 1
    while number <= last:
        with prerequisite("listing customers"):
            answer = api.list(per_page=LONG_PAGE, page=number)
            page = answer.page()
        yield answer, page
        last = page["total_pages"]
        number = max(number, last - _PAGES_AT_EACH_END) + 1 if number == _PAGES_AT_EACH_END else number + 1


def must_stay(before: Customer, api: Api, because: Answer, what: str, earlier: Sequence[Answer] = ()) -> None:
    """A request, such as the removal of somebody else, has left a customer as it was.

    Args:
        earlier: What was sent before it and belongs to the story.
    """
    answer = api.get(before.id)
    if not answer.ok:
        raise answer.violation(f"{what} to be there as before", f"status {answer.status}", *earlier, because)
    now = answer.customer(what)
    for name in both_show(api, now, before):
        if not same(name, now[name], before[name]):
            raise answer.violation(
                f"{what} to keep its {name} {before[name]!r}", f"it is {now[name]!r}", *earlier, because
            )


def removable(
    given: Given, offered: Collection[Need], email: Callable[[], str] | None = None
) -> list[Customer]:
    """A customer to be deleted and, where the harness makes plans, one to be anonymised.

    Args:
        email: Makes the email of each.
    """

    def made() -> Customer:
        return given.full_customer() if email is None else given.full_customer(email=email())

    customers = [made()]
    if Need.PAYMENT_PLANS in offered:
        customers.append(made())
        given.plan(customers[-1], "paid")
    return customers


def _local_part(values: Mapping[str, str]) -> dict[str, str]:
    """What stands before the @ of an email. It tells the person as well as the whole does."""
    local = values.get("email", "").partition("@")[0]
    return {"the local part of the email": local} if local else {}


def _coded(values: Mapping[str, str]) -> dict[str, str]:
    """The email in codes that everybody can read."""
    raw = values.get("email", "").encode()
    if not raw:
        return {}
    coded = {"in base64": base64.urlsafe_b64encode(raw).decode().rstrip("="), "in digits": raw.hex()}
    return {f"the email {how}": text for how, text in coded.items()}


def _halves(values: Mapping[str, str]) -> dict[str, str]:
    """The first halves of words that nobody else has, as a mask leaves them."""
    return {
        f"the first half of {name}": value[: len(value) // 2]
        for name, value in values.items()
        if value.isalpha() and len(value) >= _A_WORD
    }


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """The texts and numbers in a JSON value, each with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}[{index}]")
    elif value is not None:
        yield place, str(value)


class _Hay:
    """A text in which values are looked for, however they are written."""

    def __init__(self, text: str) -> None:
        self.text = text.casefold()

    @functools.cached_property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.text)


class _Needle:
    """A value that is looked for: as it is, and as a phone number if it may be one."""

    def __init__(self, value: str) -> None:
        self._text = value.casefold()
        self._digits = re.sub(r"\D", "", self._text)[-_PHONE_DIGITS:]

    def is_in(self, hay: _Hay) -> bool:
        if self._text in hay.text and (len(self._text) >= _LONG or self._is_a_word_in(hay.text)):
            return True
        return len(self._digits) == _PHONE_DIGITS and self._digits in hay.digits

    def _is_a_word_in(self, text: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(self._text)}(?!\w)", text) is not None
