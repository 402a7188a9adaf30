"""READ: the format and the truth of inserted_at, the time at which a customer was created."""

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
from partially_conformance.suite.servers.shared.lists import LONGEST_PAGE
from partially_conformance.target.harness import Harness
from partially_conformance.target.mailbox import wait_for
from partially_conformance.traffic.check_end import Blocked, NotObservable
from partially_conformance.traffic.exchange import MISSING

FARTHEST_ZONES = (timedelta(hours=-12), timedelta(hours=14))
"""The time zones furthest behind UTC and furthest ahead of it."""

ZONE_STEP = timedelta(minutes=15)
"""The offset of every time zone in use is a multiple of this."""

SKEW = timedelta(minutes=2)
"""The allowed difference between inserted_at and the Date header, or the clock of the suite."""

ROUNDED_SKEW = timedelta(seconds=5)
"""The allowed difference for times in whole minutes, as a target that rounds them always shows."""


_ADVANCE = timedelta(hours=7)
"""How far the clock is moved to see whether inserted_at follows it."""


@dataclass(frozen=True)
class InsertedAt:
    """An inserted_at of a response.

    Attributes:
        text: The value as it was shown.
        time: The time it says, without a time zone; None if it cannot be parsed.
    """

    answer: Answer
    text: object
    time: datetime | None


@check("READ-4", shape=True, read_only=True)
def times_in_the_list_have_no_time_zone(api: Api, contract: Contract) -> None:
    """Check the customers on the longest first page, and one of them read by its id."""
    for inserted in _times_in_list(api):
        _must_have_documented_format(inserted, contract)


@check("READ-4", shape=True)
def times_of_new_customers_have_no_time_zone(api: Api, data: Data, contract: Contract) -> None:
    """Check the responses to a create, a read and an update."""
    for answer in _times_of_new_customer(api, data):
        _must_have_documented_format(answer, contract)


@check("READ-10", shape=True, read_only=True)
def times_in_the_list_have_microseconds(api: Api) -> None:
    """Check the customers on the longest first page, and one of them read by its id."""
    for inserted in _times_in_list(api):
        _must_have_six_decimals(inserted)


@check("READ-10", shape=True)
def times_of_new_customers_have_microseconds(api: Api, data: Data) -> None:
    """Check the responses to a create, a read and an update."""
    for inserted in _times_of_new_customer(api, data):
        _must_have_six_decimals(inserted)


@check("READ-5")
def inserted_at_is_the_time_of_creation(
    api: Api, data: Data, harness: Harness | None, offered: frozenset[Need]
) -> None:
    """Create two customers one after the other, and compare the times with the clock of the target.

    The harness may have moved the clock of inserted_at forward, in an earlier run too. Then it can move it
    again.
    """
    first, created = _create(api, data)
    # A stopped clock can be seen only after a time longer than the resolution of the clock.
    pause, begun = (0.05 if first.microsecond else 1.05), time.monotonic()
    wait_for(lambda: time.monotonic() - begun > pause)
    second, answer = _create(api, data)
    if first == second:
        raise answer.violation(
            "two customers created one after the other to have different times",
            f"both have the time {second.isoformat()}",
            created,
        )
    ahead = [time_shown - _time_of(by) for time_shown, by in ((first, created), (second, answer))]
    if Need.CLOCK in offered and min(ahead) > FARTHEST_ZONES[1] and abs(ahead[0] - ahead[1]) < SKEW:
        assert harness is not None
        harness.advance(_ADVANCE.total_seconds())
        third, answer_after = _create(api, data)
        if abs(third - _time_of(answer_after) - ahead[1] - _ADVANCE) < SKEW:
            return
    rounded = not any(one.second or one.microsecond for one in (first, second))
    for time_shown, by in ((first, created), (second, answer)):
        now = _time_of(by)
        offset = time_shown - now
        zone = round(offset / ZONE_STEP) * ZONE_STEP
        allowed = ROUNDED_SKEW if rounded else SKEW
        if not FARTHEST_ZONES[0] <= zone <= FARTHEST_ZONES[1] or abs(offset - zone) > allowed:
            raise by.violation(
                f"inserted_at to be the time of creation in some time zone, in UTC {now.isoformat()}",
                f"inserted_at is {time_shown.isoformat()}",
            )


def _create(api: Api, data: Data) -> tuple[datetime, Answer]:
    """Create a customer, and return its inserted_at and the response."""
    answer = api.create(email=data.email())
    inserted = _inserted_at(answer, answer.json)
    if inserted.time is None and _has_documented_format(inserted, api.contract):
        raise answer.violation("inserted_at to be a date that exists", f"inserted_at is {inserted.text!r}")
    if inserted.time is None:
        raise Blocked("inserted_at cannot be parsed as a time")
    return inserted.time, answer


def _time_of(answer: Answer) -> datetime:
    """Return the time of the Date header, or of the clock of the suite if there is none; in UTC."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).replace(tzinfo=None)  # always in GMT
    except ValueError:
        return datetime.now(UTC).replace(tzinfo=None)


def _times_in_list(api: Api) -> Iterator[InsertedAt]:
    """Return inserted_at of the customers on the first page of the list, and of one read by its id.

    Raises:
        NotObservable: The list is empty.
    """
    answer = api.list(per_page=LONGEST_PAGE)
    if answer.is_refusal:
        answer = api.list()
    customers = answer.json.get("customers") if isinstance(answer.json, dict) else None
    if not answer.ok or not isinstance(customers, list) or not customers:
        raise NotObservable("the list shows no customers")
    for customer in customers:
        yield _inserted_at(answer, customer)
    alone = api.get(str(customers[0].get("id")))
    if alone.ok:
        yield _inserted_at(alone, alone.json)


def _times_of_new_customer(api: Api, data: Data) -> Iterator[InsertedAt]:
    """Return inserted_at of a new customer in the responses to a create, a read and an update."""
    created = api.create(email=data.email())
    yield _inserted_at(created, created.json)
    customer_id = str(created.json.get("id"))
    for answer in (api.get(customer_id), api.update(customer_id, first_name=data.word())):
        yield _inserted_at(answer, answer.json)


def _inserted_at(answer: Answer, customer: object) -> InsertedAt:
    if (
        not answer.ok
        or answer.json is MISSING
        or not isinstance(customer, dict)
        or "inserted_at" not in customer
    ):
        raise Blocked(f"the response has no customer with an inserted_at: status {answer.status}")
    text = customer["inserted_at"]
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=None) if isinstance(text, str) else None
    except ValueError:
        moment = None
    return InsertedAt(answer, text, moment)


def _must_have_documented_format(inserted: InsertedAt, contract: Contract) -> None:
    if not _has_documented_format(inserted, contract):
        raise inserted.answer.violation(
            "inserted_at to be a date and time without a time zone, such as 2018-11-27T20:10:19.437168",
            f"inserted_at is {inserted.text!r}",
        )


def _has_documented_format(inserted: InsertedAt, contract: Contract) -> bool:
    """Whether it has the documented format. The date need not exist."""
    pattern = contract.response_fields["inserted_at"]["pattern"]
    return isinstance(inserted.text, str) and re.search(pattern, inserted.text) is not None


def _must_have_six_decimals(inserted: InsertedAt) -> None:
    if not isinstance(inserted.text, str) or re.search(r":\d\d\.\d{6}(?!\d)", inserted.text) is None:
        raise inserted.answer.violation(
            "inserted_at to have six decimals of a second", f"inserted_at is {inserted.text!r}"
        )
