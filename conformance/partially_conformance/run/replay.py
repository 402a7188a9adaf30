"""Sending the stories of a report again: does each still fail?"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partially_conformance.bench.bench import Bench
from partially_conformance.rules.catalogue import load_catalogue
from partially_conformance.stories.comparison import Outcome, Verdict, compare
from partially_conformance.stories.resend import (
    Destination,
    NotReplayableError,
    Resending,
    fresh_tag,
    mails_in,
)
from partially_conformance.stories.story import exchange_record
from partially_conformance.stories.variables import created_id
from partially_conformance.suite import all_checks
from partially_conformance.traffic.check_end import CheckEnd, TargetGone, Violation
from partially_conformance.traffic.exchange import Exchange, Request

_ROUNDS_OF_RACE = 5
"""How often a story whose requests are sent at the same time is tried: how they meet is up to chance."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A story that was sent again.

    Attributes:
        rule: The id of its rule.
        number: Which of the failures of the rule it is, from 1.
        of: How many failures of the rule there are.
        verdict: What came of it.
    """

    rule: str
    number: int
    of: int
    verdict: Verdict


def replay(report: Mapping[str, Any], rules: Sequence[str], bench: Bench) -> Iterator[Replayed]:
    """Send the stories of a report to a target, one after the other.

    Where the story alone does not tell, such as on a target with fewer customers than before, the checks of
    the rule decide. Customers that are created are noted in the journal of the bench, for the clean-up.

    Args:
        report: The report, as `run --json` writes it.
        rules: The ids of the rules whose stories are sent; empty for all.
        bench: The bench of the target.

    Raises:
        TargetGone: The target has stopped responding.
    """
    replaying = _Replaying(str(report.get("run_tag") or ""), bench)
    for rule in report["rules"]:
        if rules and rule["id"] not in rules:
            continue
        failures = rule["failures"]
        for number, failure in enumerate(failures, 1):
            verdict = replaying.verdict(rule["id"], failure["exchanges"])
            yield Replayed(rule["id"], number, len(failures), verdict)


class _Replaying:
    """Sends stories again.

    Args:
        tag: The tag of the emails in the report.
        bench: The bench of the target.
    """

    def __init__(self, tag: str, bench: Bench) -> None:
        self._tag = tag
        self._bench = bench
        self._count = 0
        self._keys = {api.key.name: api.key.value for api in (bench.api, bench.other) if api is not None}

    def verdict(self, rule: str, steps: Sequence[Mapping[str, Any]]) -> Verdict:
        """What comes of sending one story again.

        Raises:
            TargetGone: The target has stopped responding.
        """
        if not all("again" in step for step in steps):
            return Verdict(Outcome.CANNOT_TELL, "the report does not say how to send it again")
        if any(step["again"]["to"] == "client" for step in steps):
            return Verdict(Outcome.CANNOT_TELL, "it is a story of a client, which sends its requests itself")
        races = any("race" in step["again"] for step in steps)
        for _ in range(_ROUNDS_OF_RACE if races else 1):
            verdict = self._sent_again(steps)
            if verdict.outcome is Outcome.STILL_FAILS:
                return verdict
        return verdict if verdict.outcome is Outcome.NO_LONGER_FAILS else self._checked(rule, verdict)

    def _sent_again(self, steps: Sequence[Mapping[str, Any]]) -> Verdict:
        self._count += 1
        fresh = fresh_tag(self._bench.data.tag, self._count)
        try:
            sent = Resending(self._destination(), self._tag, fresh).send([step["again"] for step in steps])
        except NotReplayableError as reason:
            return Verdict(Outcome.CANNOT_TELL, str(reason))
        now = [self._record(step, exchange) for step, exchange in zip(steps, sent, strict=True)]
        return compare(steps, now, (self._tag, fresh))

    def _record(self, step: Mapping[str, Any], exchange: Exchange) -> dict[str, Any]:
        """An exchange in the form of those in the report."""
        record = dataclasses.asdict(exchange_record(exchange, self._bench.secrets))
        return {**record, "again": {**step["again"], "emails": len(mails_in(exchange))}}

    def _destination(self) -> Destination:
        target, inbox = self._bench.target, self._bench.inbox
        bases = {"api": target.base_url}
        if target.harness_url is not None:
            bases["harness"] = target.harness_url

        def emails(address: str) -> list[str]:
            assert inbox is not None
            return [f"{one['subject']}\n{one['body']}" for one in inbox.sent_to(address)]

        return Destination(bases, self._keys, self._send, None if inbox is None else emails)

    def _send(self, request: Request) -> Exchange:
        exchange = self._bench.transport.send(request)
        created = created_id(exchange)
        if created is not None and request.purpose == "api":
            sent = request.headers.get("Authorization", "")
            own = self._bench.api.key.name
            name = next((name for name, value in self._keys.items() if sent.endswith(value)), own)
            self._bench.journal.created(created, name)
        elif created is not None and request.target.endswith("/payment_plans"):
            self._bench.journal.plan_created(request.target.split("/")[-2], created)
        return exchange

    def _checked(self, rule_id: str, verdict: Verdict) -> Verdict:
        """What the checks of a rule say now, where its story does not tell."""
        bench = self._bench
        if bench.harness is not None and not bench.offered:
            bench.inspect_harness()
        functions = [function for found, function in all_checks() if found.rule == rule_id]
        passed = bool(functions)
        for function in functions:
            if load_catalogue().rule(rule_id).needs - bench.offered:
                return verdict
            bench.data.begin(f"{rule_id}/{function.__name__}/replay")
            bench.recorder.new_attempt()
            try:
                function(**{name: getattr(bench, name) for name in inspect.signature(function).parameters})
            except Violation as violation:
                seen = f"expected {violation.expected}; observed {violation.observed}"
                return Verdict(Outcome.STILL_FAILS, f"its story does not tell, its check does: {seen}")
            except TargetGone:
                raise
            except CheckEnd:
                passed = False
        if not passed:
            return verdict
        return Verdict(Outcome.NO_LONGER_FAILS, f"its checks pass; its story does not tell: {verdict.reason}")
