"""Faults of READ: times of creation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from partially_conformance.selftest.overlays.servers import fault
from partially_reference.clock import Clock
from partially_reference.http.answers import Answers
from partially_reference.storage.stores import Record


class TimesWritten(Answers):
    """Shows times of creation in another form."""

    def shown(self, customer: Record) -> dict[str, Any]:
        return {**super().shown(customer), "inserted_at": self.written(customer["inserted_at"])}

    def written(self, moment: datetime) -> Any:
        raise NotImplementedError


@fault("READ-4", says="Times of creation end in Z.")
class TimesWithZ(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return f"{moment.isoformat(timespec='microseconds')}Z"


@fault("READ-4", says="Times of creation have a UTC offset.")
class TimesWithOffset(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return moment.replace(tzinfo=UTC).isoformat(timespec="microseconds")


@fault("READ-4", says="Times of creation are seconds since 1970.")
class TimesAsNumbers(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return moment.replace(tzinfo=UTC).timestamp()


@fault("READ-4", says="Times of creation have a blank instead of the T.")
class TimesWithBlank(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return moment.isoformat(" ", timespec="microseconds")


@fault("READ-5", says="Times of creation name a day that does not exist.")
class EveryMonthHas31Days(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return f"{moment:%Y}-02-31T{moment:%H:%M:%S.%f}"


@fault(
    "READ-5",
    says="The time of creation is the same for all customers: the time of the first create.",
)
class TimeOfTheStart(Clock):
    started: datetime | None = None

    def now(self) -> datetime:
        self.started = self.started or super().now()
        return self.started


@fault("READ-5", says="The time of creation has only the day; its time of day is midnight.")
class OnlyTheDay(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return f"{moment.date().isoformat()}T00:00:00.000000"


@fault("READ-5", says="The time of creation reads milliseconds as seconds, so it lies in 1970.")
class WrongUnit(TimesWritten):
    def written(self, moment: datetime) -> Any:
        seconds = moment.replace(tzinfo=UTC).timestamp() / 1000
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


@fault("READ-5", says="The time of creation is that of the merchant's account.")
class TimeOfTheAccount(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return moment.replace(year=2015, month=9, day=11).isoformat(timespec="microseconds")


@fault("READ-10", says="Times of creation have milliseconds instead of microseconds.")
class OnlyMilliseconds(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return moment.isoformat(timespec="milliseconds")


@fault("READ-10", says="Times of creation have no fraction of a second.")
class OnlySeconds(TimesWritten):
    def written(self, moment: datetime) -> Any:
        return moment.isoformat(timespec="seconds")
