"""A limit on guessing that shuts out others is a finding of its own, and no reason for no verdict."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conformance.run.conftest import keys

from partially_conformance.selftest.overlays.servers import Overlay
from partially_reference.http.answers import Answers
from partially_reference.rules.logins import Logins
from partially_reference.rules.refusals import LoginFailed, Refusal

ALLOWED = 6
"""Wrong passwords before the lockout: fewer than a run of the PASSWORD rules sends."""


class ShutOut(Refusal):
    """Logins are refused because others guessed."""


class Status403(Answers):
    def status(self, refusal: Refusal) -> int:
        return 403 if isinstance(refusal, ShutOut) else super().status(refusal)


class ShutsOutAMerchant(Logins):
    """Refuses all logins of a merchant after some wrong ones."""

    def by_password(self, merchant_id: str, email: str, password: str) -> Any:
        wrong = self.__dict__.setdefault("wrong", {})
        place = self.place(merchant_id)
        if wrong.get(place, 0) >= ALLOWED:
            raise ShutOut("Not allowed")
        try:
            return super().by_password(merchant_id, email, password)
        except LoginFailed:
            wrong[place] = wrong.get(place, 0) + 1
            raise

    def place(self, merchant_id: str) -> str:
        return merchant_id


class ShutsOutEverybody(ShutsOutAMerchant):
    """Refuses all logins of all merchants after some wrong ones."""

    def place(self, merchant_id: str) -> str:
        return "everybody"


def without_clock(_count: int, seen: Any, line: Any) -> bool:
    """The clock of the target cannot be moved, so that limits stay."""
    if seen.target != "/harness/":
        return False
    line.json(200, {"capabilities": ["password"]})
    return True


@pytest.mark.parametrize(
    ("logins", "who"),
    [(ShutsOutAMerchant, "another customer"), (ShutsOutEverybody, "a customer of another merchant")],
)
def test_a_lockout_of_others_fails_its_own_rule(
    proxied: Any, bounded_run: Any, logins: type, who: str
) -> None:
    overlay = Overlay("shuts-out", "Others are shut out.", (), (logins, Status403))
    target, server = proxied(without_clock, overlay, harness=True)
    ended = bounded_run(server.url, "--rules", "PASSWORD-*", **keys(target), timeout=10.0)
    rules = {rule["id"]: rule for rule in ended.report["rules"]}
    failed = rules["PASSWORD-16"]
    assert failed["status"] == "failed"
    failure = failed["failures"][0]
    assert failure["expected"] == f"{who} to log in after wrong logins of others"
    assert failure["observed"] == "status 403"
    assert failure["exchanges"][-1]["response"]["status"] == 403
    assert "/login_password" in failure["exchanges"][-1]["request"]["url"]
    untested = [rule for rule in rules.values() if rule["status"] == "not_tested"]
    assert untested
    assert {rule["reason"].split(":")[0] for rule in untested} == {"because PASSWORD-16 fails"}
    assert "inconclusive" not in {rule["status"] for rule in rules.values()}
    assert (ended.code, ended.report["verdict"]) == (0, "conforms")
