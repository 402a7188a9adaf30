"""Telling whether a story that was sent again shows the same failure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(?P<fraction>[.,]\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?")
_TOKEN = re.compile(r"\$TOKEN_\d+")

_HEADERS = ("content-type", "www-authenticate", "allow")
"""The response headers that are compared. Others say nothing, or differ each time."""


class Outcome(StrEnum):
    """What came of sending a story again."""

    STILL_FAILS = "still fails"
    NO_LONGER_FAILS = "no longer fails"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of sending a story again, and why."""

    outcome: Outcome
    reason: str


def compare(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], tags: tuple[str, str]
) -> Verdict:
    """Compare the exchanges of a story with those of the story sent again.

    The exchanges that show the failure must be the same again, but for what differs each time. Of those that
    lead to it only the kind of the status must be the same.

    Args:
        before: The exchanges as the report has them.
        now: The exchanges as they are now, in the same form.
        tags: The tags of the emails then and now.
    """
    emails = _emails(before, tags[0])
    pairs = list(zip(before, now, strict=True))
    if (trouble := _trouble_before(pairs)) is not None:
        return Verdict(Outcome.CANNOT_TELL, trouble)
    for number, (then, again) in enumerate(pairs, 1):
        if (changed := _change(number, then, again, tags, emails)) is not None:
            return changed
    if any(then != again for then, again in _statuses_of_races(pairs)):
        return Verdict(Outcome.NO_LONGER_FAILS, "requests of the same time get other statuses than before")
    if _repetitions(before) != _repetitions(now):
        return Verdict(Outcome.NO_LONGER_FAILS, "other steps than before get equal responses")
    return Verdict(Outcome.STILL_FAILS, f"{len(before)} requests are answered as before")


_Pair = tuple[Mapping[str, Any], Mapping[str, Any]]


def _change(
    number: int,
    then: Mapping[str, Any],
    now: Mapping[str, Any],
    tags: tuple[str, str],
    emails: Collection[str],
) -> Verdict | None:
    """What is different about a step that shows the failure; None if nothing is."""
    in_race = then["again"].get("race") is not None
    if not then["again"]["shows"] or (in_race and then["request"]["method"] != "GET"):
        return None  # which of several writes at the same time comes first is up to chance
    if _status(then) != _status(now):
        return Verdict(Outcome.NO_LONGER_FAILS, _difference(number, then, now))
    if _seen(then, tags[0], emails) == _seen(now, tags[1], emails):
        return None
    if _pages(now) < _pages(then):
        return Verdict(Outcome.CANNOT_TELL, f"step {number} gets fewer pages of customers than before")
    return Verdict(Outcome.NO_LONGER_FAILS, f"step {number} gets another response than before")


def _trouble_before(pairs: Sequence[_Pair]) -> str | None:
    """Which step that only leads to the failure did not do what it did before; None if all did."""
    for number, (then, again) in enumerate(pairs, 1):
        leads = not then["again"]["shows"] and then["again"].get("race") is None
        if leads and _status(then) // 100 != _status(again) // 100:
            return _difference(number, then, again)
    return None


def _statuses_of_races(pairs: Sequence[_Pair]) -> list[tuple[set[int], set[int]]]:
    """The statuses, then and now, of the requests that are sent at the same time as one that shows it."""
    races = {then["again"].get("race") for then, _ in pairs if then["again"]["shows"]} - {None}
    groups = [[pair for pair in pairs if pair[0]["again"].get("race") == race] for race in sorted(races)]
    return [({_status(one) for one, _ in group}, {_status(one) for _, one in group}) for group in groups]


def _status(exchange: Mapping[str, Any]) -> int:
    return int(exchange["response"]["status"])


def _pages(exchange: Mapping[str, Any]) -> int:
    """How many pages of customers a response speaks of; 0 if of none."""
    try:
        pages = json.loads(exchange["response"]["body"])["total_pages"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return 0
    return pages if isinstance(pages, int) else 0


def _repetitions(steps: Sequence[Mapping[str, Any]]) -> list[tuple[int, int, bool]]:
    """Which steps read the same as an earlier one, and whether they got the same ids in the same order."""
    reads: dict[str, list[tuple[int, list[str]]]] = {}
    found = []
    for number, step in enumerate(steps):
        request = step["request"]
        if request["method"] != "GET" or step["again"].get("race") is not None:
            continue
        ids = _ID.findall(step["response"]["body"])
        path = json.dumps(step["again"]["path"])
        for earlier, others in reads.setdefault(path, []):
            found.append((earlier, number, ids == others))
        reads[path].append((number, ids))
    return found


def _difference(number: int, then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    statuses = [f"status {status}" if status else "no response" for status in (_status(now), _status(then))]
    return f"step {number} gets {statuses[0]}, {statuses[1]} before"


def _seen(exchange: Mapping[str, Any], tag: str, emails: Collection[str]) -> Any:
    response = exchange["response"]
    if "/emails?" in exchange["request"]["url"] and exchange["again"]["to"] == "harness":
        return exchange["again"]["emails"]
    headers = {name: response["headers"].get(name) for name in _HEADERS}
    whole_list = exchange["request"]["method"] == "GET" and "q=" not in exchange["request"]["url"]
    try:
        body = _plain(json.loads(response["body"]), tag, emails)
    except (ValueError, RecursionError):
        body = _text(response["body"], tag)
    if whole_list and isinstance(body, dict) and "fits" in body:
        del body["customers"]  # which customers there are beside those of the story differs
    return headers, body


def _plain(value: Any, tag: str, emails: Collection[str]) -> Any:
    """A JSON value without what differs each time."""
    match value:
        case str():
            return _text(value, tag)
        case {"customers": list()}:
            return _page(value, tag, emails)
        case dict():
            return {
                name: "ID" if name == "id" or name.endswith("_id") else _plain(one, tag, emails)
                for name, one in value.items()
            }
        case list():
            return [_plain(one, tag, emails) for one in value]
        case _:
            return value


def _page(value: Mapping[str, Any], tag: str, emails: Collection[str]) -> Any:
    """A page of a list without the customers that the story does not name, and what its numbers say."""
    plain = [_plain(one, tag, emails) for one in value["customers"]]
    own = [one for one in plain if isinstance(one, dict) and str(one.get("email")).lower() in emails]
    others = [one for one in plain if isinstance(one, dict) and one not in own]
    return {
        "kinds": {name: type(one).__name__ for name, one in value.items()},
        "fits": _fits(value),
        "customers": own,
        "fields": sorted({name for one in others for name in one}),
        "times": sorted(_times(others)),
    }


def _times(customers: Sequence[Mapping[str, Any]]) -> set[str]:
    """The forms of the times in customers."""
    fields = [field for one in customers for field in one.items()]
    return {
        f"{name} {value}" for name, value in fields if isinstance(value, str) and value.startswith("TIME")
    }


def _fits(page: Mapping[str, Any]) -> tuple[bool, bool] | None:
    """Whether the numbers of a page fit each other and its customers; None without numbers."""
    numbers = [page.get(name) for name in ("total_entries", "total_pages", "page_size", "page_number")]
    entries, pages, size, number = (one if type(one) is int else 0 for one in numbers)
    if size <= 0 or number <= 0:
        return None
    shown = max(0, min(size, entries - size * (number - 1)))
    return pages == max(1, math.ceil(entries / size)), shown == len(page["customers"])


def _text(text: str, tag: str) -> str:
    text = _TOKEN.sub("TOKEN", _ID.sub("ID", text))
    text = _TIME.sub(lambda found: f"TIME{found['fraction'] and '.0'}{found['zone'] or ''}", text)
    return re.sub(re.escape(tag), "TAG", text, flags=re.IGNORECASE) if tag else text


def _emails(steps: Sequence[Mapping[str, Any]], tag: str) -> set[str]:
    """The emails that the requests of a story name, in lower case."""
    sent = " ".join(f"{step['request']['body'] or ''}" for step in steps)
    found = re.findall(r'"email" *: *"([^"\\]+)"', sent)
    return {_text(one, tag).lower() for one in found}
