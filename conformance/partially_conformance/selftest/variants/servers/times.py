"""Variants: how times of creation are shown, and which clock gives them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.clock import Clock
from partially_reference.http.answers import Answers
from partially_reference.storage.stores import Record


@variant(says="Times of creation have no fraction of a second.")
class WholeSeconds(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": shown["inserted_at"].partition(".")[0]}


@variant(says="Times of creation have milliseconds.")
class Milliseconds(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": shown["inserted_at"][:-3]}


@variant(says="Fractions of a second are shown without trailing zeros, and whole seconds without a fraction.")
class FractionsOfAnyLength(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        shown = super().shown(customer)
        return {**shown, "inserted_at": shown["inserted_at"].rstrip("0").rstrip(".")}


@variant(says="Times of creation are in the time zone of New York.")
class LocalTimes(Answers):
    def shown(self, customer: Record) -> dict[str, Any]:
        return super().shown({**customer, "inserted_at": customer["inserted_at"] - timedelta(hours=5)})


@variant(says="One clock serves creates and logins, and it is 40 days ahead because of an earlier run.")
class OneClock(Clock):
    def __init__(self) -> None:
        super().__init__()
        self.advance(timedelta(days=40).total_seconds())

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._advanced)
