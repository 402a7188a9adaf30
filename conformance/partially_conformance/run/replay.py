"""Sending the stories of a report again: does each still fail?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from partially_conformance.bench.bench import Bench
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


def stories_of(report: Mapping[str, Any], rules: Sequence[str]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The rules of a report that have stories, with these.

    Args:
        report: The report, as `run --json` writes it.
        rules: The ids of the rules that are asked for; empty for all.
    """
    return [
        (rule["id"], rule["failures"])
        for rule in report["rules"]
        if rule["failures"] and (not rules or rule["id"] in rules)
    ]


def replay(report: Mapping[str, Any], rules: Sequence[str], bench: Bench) -> Iterator[Replayed]:
    """Send the stories of a report to a target, one after the other.

    Customers that are created are noted in the journal of the bench, for the clean-up.

    Args:
        report: The report.
        rules: The ids of the rules whose stories are sent; empty for all.
        bench: The bench of the target.

    Raises:
        TargetGone: The target has stopped responding.
    """
    tag, count = str(report.get("run_tag") or ""), 0
    for rule, failures in stories_of(report, rules):
        for number, failure in enumerate(failures, 1):
            verdict = Verdict(Outcome.CANNOT_TELL, "the report does not say how to send it again")
            for _ in range(_ROUNDS_OF_RACE if _has_race(failure) else 1):
                count += 1
                if all("again" in step for step in failure["exchanges"]):
                    verdict = _replayed(failure["exchanges"], tag, fresh_tag(bench.data.tag, count), bench)
                if verdict.outcome is Outcome.STILL_FAILS:
                    break
            yield Replayed(rule, number, len(failures), verdict)


def _has_race(failure: Mapping[str, Any]) -> bool:
    return any("race" in step.get("again", {}) for step in failure["exchanges"])


def _replayed(steps: Sequence[Mapping[str, Any]], tag: str, fresh: str, bench: Bench) -> Verdict:
    try:
        sent = Resending(_destination(bench), tag, fresh).send([step["again"] for step in steps])
    except NotReplayableError as reason:
        return Verdict(Outcome.CANNOT_TELL, str(reason))
    now = [
        {
            **dataclasses.asdict(exchange_record(exchange, bench.secrets)),
            "again": {**step["again"], "emails": len(mails_in(exchange))},
        }
        for step, exchange in zip(steps, sent, strict=True)
    ]
    return compare(steps, now, (tag, fresh))


def _destination(bench: Bench) -> Destination:
    bases = {"api": bench.target.base_url}
    if bench.target.harness_url is not None:
        bases["harness"] = bench.target.harness_url
    keys = {api.key.name: api.key.value for api in (bench.api, bench.other) if api is not None}
    inbox = bench.inbox

    def emails(address: str) -> list[str]:
        assert inbox is not None
        return [f"{one['subject']}\n{one['body']}" for one in inbox.sent_to(address)]

    def send(request: Request) -> Exchange:
        exchange = bench.transport.send(request)
        _note(exchange, keys, bench)
        return exchange

    return Destination(bases, keys, send, None if inbox is None else emails)


def _note(exchange: Exchange, keys: Mapping[str, str], bench: Bench) -> None:
    """Note a created customer or plan in the journal, so that it is removed at the end."""
    created = created_id(exchange)
    if created is None:
        return
    request = exchange.request
    if request.purpose == "api":
        sent = request.headers.get("Authorization", "")
        name = next((name for name, value in keys.items() if sent.endswith(value)), bench.api.key.name)
        bench.journal.created(created, name)
    elif request.target.endswith("/payment_plans"):
        customer = request.target.split("/")[-2]
        with suppress(KeyError):
            bench.journal.plan_created(customer, created)
