"""Finding personal data that is left after a removal."""

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
from partially_conformance.suite.servers.shared.expectations import fields_in_both, same_value
from partially_conformance.suite.servers.shared.lists import LONGEST_PAGE
from partially_conformance.traffic.exchange import MISSING

NOT_FOUND = (404, 410)
"""The statuses that say that there is no such customer."""

_SHARED_BY_MANY = frozenset({"country-code", "region-code", "iana-time-zone", "language-code"})
"""Formats of fields whose values do not identify a person."""

_SHARED_BY_CHANCE = frozenset({"postal-code", "phone"})
"""Formats with so few values that another customer may have the same one."""

_PAGES_AT_EACH_END = 5  # of a long list; new customers are on the first pages or on the last
_LONG = 8  # characters; a shorter value is searched for as a whole word
_LONG_WORD = 12  # letters; half of a shorter word may occur in any text
_PHONE_DIGITS = 10  # digits at the end of a phone number that identify it in any notation


def personal_values(customer: Mapping[str, Any], contract: Contract) -> dict[str, str]:
    """Return the values of a customer that identify a person, by field: no codes, time zones and defaults."""
    return {
        name: customer[name]
        for name in contract.kept_fields
        if customer.get(name)
        and "default" not in contract.create_fields[name]
        and contract.create_fields[name].get("format") not in _SHARED_BY_MANY
    }


def find_leak(body: Any, values: Mapping[str, str]) -> str | None:
    """Describe the first place in a body that contains one of the values; None if there is none."""
    personal = [(name, value, _PersonalValue(value)) for name, value in values.items()]
    for place, leaf in _leaves(body, "$"):
        text = _Text(leaf)
        for name, value, searched in personal:
            if searched.is_in(text):
                return f"{name} {value!r} is at {place}"
    return None


def must_not_leak(answer: Answer, values: Mapping[str, str], what: str, about: Customer) -> None:
    """Require that a response contains none of the personal values of a removed customer."""
    if found := find_leak(answer.text if answer.json is MISSING else answer.json, values):
        raise answer.violation(f"no personal data of the removed customer in {what}", found, about=[about.id])


def must_be_deleted(api: Api, customer: Customer) -> Answer:
    """Require that a read of the customer answers 404 or 410, and return its response."""
    answer = api.get(customer.id)
    if answer.status not in NOT_FOUND:
        raise answer.violation(
            "a read of a deleted customer to be answered with 404 or 410", f"status {answer.status}"
        )
    return answer


def must_be_anonymised(api: Api, customer: Customer, values: Mapping[str, str]) -> Answer:
    """Require that a read answers 404 or shows no personal data of the customer, and return its response."""
    answer = api.get(customer.id)
    if not answer.ok and answer.status not in NOT_FOUND:
        raise answer.violation(
            "a read of an anonymised customer to answer 404, or the customer without personal data",
            f"status {answer.status}",
        )
    left = {**values, **_local_part(values), **_coded(values), **_halves(values)}
    must_not_leak(answer, left, "the response to a read", customer)
    return answer


def must_not_leak_in_list(api: Api, customer: Customer, values: Mapping[str, str]) -> None:
    """Require that the list contains none of the personal values of a removed customer."""
    fields = api.contract.create_fields
    own = {
        name: value for name, value in values.items() if fields[name].get("format") not in _SHARED_BY_CHANCE
    }
    for answer, page in first_and_last_pages(api):
        for entry in page.customers:
            if found := find_leak(
                entry, {**values, **_local_part(values)} if entry.id == customer.id else own
            ):
                raise answer.violation(
                    "no personal data of the removed customer in the list",
                    f"in an entry of the list, {found}",
                    about=[customer.id],
                )


def first_and_last_pages(api: Api) -> Iterator[tuple[Answer, Page]]:
    """Request the pages of the list; of a long list, the first and the last few."""
    number, last = 1, 1
    while number <= last:
        with prerequisite("listing customers"):
            answer = api.list(per_page=LONGEST_PAGE, page=number)
            page = answer.page()
        yield answer, page
        last = page["total_pages"]
        number = max(number, last - _PAGES_AT_EACH_END) + 1 if number == _PAGES_AT_EACH_END else number + 1


def must_exist_unchanged(
    before: Customer, api: Api, sent: Answer, what: str, earlier: Sequence[Answer] = ()
) -> None:
    """Require that a customer still exists and is unchanged after a request.

    Args:
        sent: The response to that request, such as the removal of another customer.
        what: What the customer is called in a failure.
        earlier: Responses to earlier requests that belong to the story.
    """
    answer = api.get(before.id)
    if not answer.ok:
        raise answer.violation(f"{what} to be readable as before", f"status {answer.status}", *earlier, sent)
    now = answer.customer(what)
    for name in fields_in_both(api, now, before):
        if not same_value(name, now[name], before[name]):
            raise answer.violation(
                f"{what} to keep the {name} {before[name]!r}", f"{name} is {now[name]!r}", *earlier, sent
            )


def customers_to_remove(
    given: Given, offered: Collection[Need], email: Callable[[], str] | None = None
) -> list[Customer]:
    """Create a customer to be deleted and, if the harness creates plans, one to be anonymised.

    Args:
        email: Generates the email of each.
    """

    def create() -> Customer:
        return given.full_customer() if email is None else given.full_customer(email=email())

    customers = [create()]
    if Need.PAYMENT_PLANS in offered:
        customers.append(create())
        given.plan(customers[-1], "paid")
    return customers


def _local_part(values: Mapping[str, str]) -> dict[str, str]:
    """The part of the email before the @, which identifies a person as well as the whole email does."""
    local = values.get("email", "").partition("@")[0]
    return {"the local part of the email": local} if local else {}


def _coded(values: Mapping[str, str]) -> dict[str, str]:
    """The email in encodings that anyone can decode."""
    raw = values.get("email", "").encode()
    if not raw:
        return {}
    coded = {"in base64": base64.urlsafe_b64encode(raw).decode().rstrip("="), "in hexadecimal": raw.hex()}
    return {f"the email {how}": text for how, text in coded.items()}


def _halves(values: Mapping[str, str]) -> dict[str, str]:
    """The first halves of long words, which a mask may leave readable."""
    return {
        f"the first half of {name}": value[: len(value) // 2]
        for name, value in values.items()
        if value.isalpha() and len(value) >= _LONG_WORD
    }


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """The strings and numbers in a JSON value, each with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}[{index}]")
    elif value is not None:
        yield place, str(value)


class _Text:
    """A text in which personal values are searched for, in any notation."""

    def __init__(self, text: str) -> None:
        self.text = text.casefold()

    @functools.cached_property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.text)


class _PersonalValue:
    """A value that is searched for: as it is, and as a phone number if it may be one."""

    def __init__(self, value: str) -> None:
        self._text = value.casefold()
        self._digits = re.sub(r"\D", "", self._text)[-_PHONE_DIGITS:]

    def is_in(self, text: _Text) -> bool:
        if self._text in text.text and (len(self._text) >= _LONG or self._is_a_word_in(text.text)):
            return True
        return len(self._digits) == _PHONE_DIGITS and self._digits in text.digits

    def _is_a_word_in(self, text: str) -> bool:
        return re.search(rf"(?<!\w){re.escape(self._text)}(?!\w)", text) is not None
