"""The next version after a change."""

from __future__ import annotations

import re
from dataclasses import dataclass

from partially_generator.diff.changes.rules import STEPS, Step

_VERSION = re.compile(r"(v?)(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?(?:\.(0|[1-9][0-9]*))?")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The version something should have after the change.

    Attributes:
        current: The version before the change.
        suggested: The version after it; None if `current` does not consist of numbers.
        given: The version in the new document; None for the client, which has only one version.
        enough: Whether `given` is high enough; None if that is unknown.
    """

    current: str
    suggested: str | None
    given: str | None = None
    enough: bool | None = None


def next_version(version: str, step: Step) -> str | None:
    """The version after a step by Semantic Versioning; None if it does not consist of one to three numbers.

    Below 1.0.0 that specification promises nothing. Package managers treat the first number that is not 0 as
    the major version: 0.3.1 becomes 0.4.0 if callers break and 0.3.2 otherwise, and 0.0.3 always becomes
    0.0.4.
    """
    numbers = _numbers(version)
    if numbers is None:
        return None
    if step == "none":
        return version
    major, minor, patch = numbers
    if major > 0:
        after = {"major": (major + 1, 0, 0), "minor": (major, minor + 1, 0)}.get(
            step, (major, minor, patch + 1)
        )
    elif minor > 0 and step == "major":
        after = (0, minor + 1, 0)
    else:
        after = (0, minor, patch + 1)
    return f"{version[:1] if version.startswith('v') else ''}{'.'.join(map(str, after))}"


def suggest(current: str, step: Step) -> Suggestion:
    """The suggestion for the client, whose version is raised by hand afterwards."""
    return Suggestion(current, next_version(current, step))


def check_version(current: str, given: str, step: Step) -> Suggestion:
    """The suggestion for the description, which has a version before and after."""
    wanted = next_version(current, step)
    reached, needed = _numbers(given), _numbers(wanted) if wanted else None
    enough = None if reached is None or needed is None else reached >= needed
    return Suggestion(current, wanted, given, enough)


def larger_step(left: Step, right: Step) -> Step:
    """The larger of two steps."""
    return max(left, right, key=STEPS.index)


def _numbers(version: str) -> tuple[int, int, int] | None:
    found = _VERSION.fullmatch(version)
    if not found:
        return None
    major, minor, patch = (int(number or 0) for number in found.groups()[1:])
    return major, minor, patch
