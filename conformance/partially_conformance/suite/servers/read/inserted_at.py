"""READ: when a customer was created."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from partially_conformance.bench.api import Answer, Api
from partially_conformance.bench.data import Data
from partially_conformance.rules.catalogue import Need
from partially_conformance.rules.check import check
from partially_conformance.rules.contract import Contract
from partially_conformance.suite.servers.shared.lists import LONG_PAGE
from partially_conformance.target.mailbox import wait_for
from partially_conformance.traffic.check_end import Blocked, NotObservable
from partially_conformance.traffic.exchange import MISSING

FARTHEST_ZONES = (timedelta(hours=-12), timedelta(hours=14))
"""The local times that are furthest behind UTC and ahead of it."""

ZONE_STEP = timedelta(minutes=15)
"""Every zone in use is a multiple of this away from UTC."""

SKEW = timedelta(minutes=2)
"""How far the clock that stamps customers may be off from the one of the Date header, or from ours."""

ROUNDED_SKEW = timedelta(seconds=5)
"""The same for times that end in whole minutes, which a rounded time always does and a true one rarely."""


@dataclass(frozen=True)
class Stamp:
    """An inserted_at as it came.

    Attributes:
        time: What it says, if it can be read at all; without a zone.
    """

    answer: Answer
    text: object
    time: datetime | None


@check("READ-4", shape=True, read_only=True)
def times_in_a_list_have_no_zone(api: Api, contract: Contract) -> None:
    """The customers on the first page, as long as it gets, and one of them read alone."""
    for stamp in _existing(api):
        _must_be_in_form(stamp, contract)


@check("READ-4", shape=True)
def times_of_new_customers_have_no_zone(api: Api, data: Data, contract: Contract) -> None:
    """The answers to a create, a read and an update."""
    for answer in _new(api, data):
        _must_be_in_form(answer, contract)


@check("READ-10", shape=True, read_only=True)
def times_in_a_list_carry_microseconds(api: Api) -> None:
    """The customers on the first page, as long as it gets, and one of them read alone."""
    for stamp in _existing(api):
        _must_have_six_decimals(stamp)


@check("READ-10", shape=True)
def times_of_new_customers_carry_microseconds(api: Api, data: Data) -> None:
    """The answers to a create, a read and an update."""
    for stamp in _new(api, data):
        _must_have_six_decimals(stamp)


@check("READ-5")
def the_time_is_when_the_customer_was_created(api: Api, data: Data, offered: frozenset[Need]) -> None:
    """Two customers created one after another, against the clock of the target and each other.

    Who lets the harness move the clock may have only one, which an earlier run has moved forward.
    """
    first, created = _created(api, data)
    # A clock that stands still shows once it had the time to move on, whatever its resolution.
    gap, begun = (0.05 if first.microsecond else 1.05), time.monotonic()
    wait_for(lambda: time.monotonic() - begun > gap)
    second, answer = _created(api, data)
    if first == second:
        raise answer.violation(
            "two customers created one after another to have two times",
            f"both have {second.isoformat()}",
            created,
        )
    ahead = [stamped - _clock_of(by) for stamped, by in ((first, created), (second, answer))]
    if Need.CLOCK in offered and min(ahead) > FARTHEST_ZONES[1] and abs(ahead[0] - ahead[1]) < SKEW:
        return
    rounded = not any(one.second or one.microsecond for one in (first, second))
    for stamped, by in ((first, created), (second, answer)):
        now = _clock_of(by)
        offset = stamped - now
        zone = round(offset / ZONE_STEP) * ZONE_STEP
        allowed = ROUNDED_SKEW if rounded else SKEW
        if not FARTHEST_ZONES[0] <= zone <= FARTHEST_ZONES[1] or abs(offset - zone) > allowed:
            raise by.violation(
                f"inserted_at to be the time of creation in some zone, which in UTC is {now.isoformat()}",
                f"it is {stamped.isoformat()}",
            )


def _created(api: Api, data: Data) -> tuple[datetime, Answer]:
    """A new customer: when it says it was created, and the answer."""
    answer = api.create(email=data.email())
    stamp = _stamp(answer, answer.json)
    if stamp.time is None and _is_in_form(stamp, api.contract):
        raise answer.violation("inserted_at to be a day of the calendar", f"it is {stamp.text!r}")
    if stamp.time is None:
        raise Blocked("inserted_at is no time that can be read")
    return stamp.time, answer


def _clock_of(answer: Answer) -> datetime:
    """What time the target thinks it is, in UTC without a zone; our own clock if it does not tell."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).replace(tzinfo=None)  # always in GMT
    except ValueError:
        return datetime.now(UTC).replace(tzinfo=None)


def _existing(api: Api) -> Iterator[Stamp]:
    """Stamps of customers that are there already.

    Raises:
        NotObservable: There are none.
    """
    answer = api.list(per_page=LONG_PAGE)
    if answer.is_refusal:
        answer = api.list()
    customers = answer.json.get("customers") if isinstance(answer.json, dict) else None
    if not answer.ok or not isinstance(customers, list) or not customers:
        raise NotObservable("there is no customer in the list")
    for customer in customers:
        yield _stamp(answer, customer)
    alone = api.get(str(customers[0].get("id")))
    if alone.ok:
        yield _stamp(alone, alone.json)


def _new(api: Api, data: Data) -> Iterator[Stamp]:
    """Stamps of a new customer, in each kind of answer that has one."""
    created = api.create(email=data.email())
    yield _stamp(created, created.json)
    customer_id = str(created.json.get("id"))
    for answer in (api.get(customer_id), api.update(customer_id, first_name=data.word())):
        yield _stamp(answer, answer.json)


def _stamp(answer: Answer, customer: object) -> Stamp:
    if (
        not answer.ok
        or answer.json is MISSING
        or not isinstance(customer, dict)
        or "inserted_at" not in customer
    ):
        raise Blocked(f"no customer with an inserted_at came, but status {answer.status}")
    text = customer["inserted_at"]
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None) if isinstance(text, str) else None
    except ValueError:
        moment = None
    return Stamp(answer, text, moment)


def _must_be_in_form(stamp: Stamp, contract: Contract) -> None:
    if not _is_in_form(stamp, contract):
        raise stamp.answer.violation(
            "inserted_at as a date and a time of day without a zone, such as 2018-11-27T20:10:19.437168",
            f"it is {stamp.text!r}",
        )


def _is_in_form(stamp: Stamp, contract: Contract) -> bool:
    """Whether it is written as the document says; whether there is such a day is another matter."""
    pattern = contract.response_fields["inserted_at"]["pattern"]
    return isinstance(stamp.text, str) and re.search(pattern, stamp.text) is not None


def _must_have_six_decimals(stamp: Stamp) -> None:
    if not isinstance(stamp.text, str) or re.search(r":\d\d\.\d{6}(?!\d)", stamp.text) is None:
        raise stamp.answer.violation("inserted_at with six decimals of a second", f"it is {stamp.text!r}")
