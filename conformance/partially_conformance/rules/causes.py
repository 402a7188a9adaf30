"""Failures grouped by cause: what several rules fail for is told once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from partially_conformance.rules.catalogue import Catalogue, load_catalogue
from partially_conformance.rules.results import Cause, RuleResult, Status
from partially_conformance.traffic.records import Failure

_VALUE = re.compile(
    r"""'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | [\w.+-]+@[\w.-]*\w | \b[0-9a-f]{8}[0-9a-f-]{3,}\b | \d+""",
    re.VERBOSE,
)
"""What may differ between two failures of one cause: quoted texts, emails, ids and numbers."""

_NAME = re.compile(r"[A-Za-z_]+")


def causes_of(results: Iterable[RuleResult], catalogue: Catalogue | None = None) -> tuple[Cause, ...]:
    """Group the failures of the failed rules by cause, in the order of the results.

    Two failures have one cause if they have the same expectation and observation up to values, such as ids,
    emails and numbers, and if their last request asks for the same operation and gets the same status.

    Args:
        results: The results of the rules. Other than failed rules are ignored.
        catalogue: Says which rule is about a topic; the catalogue of the suite unless given.
    """
    catalogue = catalogue or load_catalogue()
    groups: dict[tuple[str, ...], dict[str, Failure]] = {}
    for result in results:
        if result.status is Status.FAILED:
            for failure in result.failures:
                groups.setdefault(_key(failure), {}).setdefault(result.rule.id, failure)
    return tuple(_cause(group, catalogue) for group in groups.values())


def _cause(group: dict[str, Failure], catalogue: Catalogue) -> Cause:
    about = [catalogue.about(one.topic) for one in group.values() if one.topic is not None]
    owners = [found[0].id for found in about if found is not None and found[0].id in group]
    rules = tuple(dict.fromkeys([*owners, *group]))
    first = group[rules[0]]
    return Cause(first.expected, first.observed, rules)


def _key(failure: Failure) -> tuple[str, ...]:
    texts = (without_values(failure.expected), without_values(failure.observed))
    if not failure.exchanges:
        return texts
    last = failure.exchanges[-1]
    path = urlsplit(last.request.url).path.split("/")
    places = "/".join(step if _NAME.fullmatch(step) or not step else "*" for step in path)
    return *texts, last.request.method, places, str(last.response.status)


def without_values(text: str) -> str:
    """A text with each value in it as an ellipsis."""
    return _VALUE.sub("…", text)
