"""Checks: functions that name the rule they check and take what they need as parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

CheckFunction = TypeVar("CheckFunction", bound=Callable[..., None])

_ATTRIBUTE = "conformance_check"


@dataclass(frozen=True, slots=True)
class Check:
    """What the suite knows about a check function.

    Attributes:
        rule: Id of the rule it checks.
        shape: Whether it looks at single exchanges only, so that a mock without state can pass.
        read_only: Whether it sends no request that creates, changes or removes anything.
        exhausting: Whether it may reach the limits of a target, such as for logins. Such checks run last.
        late: Whether it needs many customers. Such checks run after the others, which have created them.
    """

    rule: str
    shape: bool = False
    read_only: bool = False
    exhausting: bool = False
    late: bool = False


def check(
    rule: str,
    *,
    shape: bool = False,
    read_only: bool = False,
    exhausting: bool = False,
    late: bool = False,
) -> Callable[[CheckFunction], CheckFunction]:
    """Make a function the check of a rule.

    Its arguments are passed by name: `api` and `other` (the API with the key of the first and of the
    second merchant), `given` (prepared customers, plans, passwords and tokens), `harness`, `data` (fresh
    values), `choices`, `fuzz`, `contract`, and every other attribute of the bench, such as `offered`.

    The function returns if the rule holds, and raises an exception of `check_end` if not. After a failure it
    is called again with fresh data.

    Args:
        rule: Id of the rule.
        shape: Whether the function looks at single exchanges only.
        read_only: Whether it sends no request that creates, changes or removes anything.
        exhausting: Whether it may reach the limits of a target. Such checks run last.
        late: Whether it needs many customers. Such checks run after the others, which have created them.
    """

    def bind(function: CheckFunction) -> CheckFunction:
        setattr(function, _ATTRIBUTE, Check(rule, shape, read_only, exhausting, late))
        return function

    return bind


def client_check(rule: str) -> Callable[[CheckFunction], CheckFunction]:
    """Make a function the check of a rule about clients.

    Its parameters are `client` and `fuzz`. `--profile` and `--read-only` are about servers and do not
    exclude it.
    """
    return check(rule, shape=True, read_only=True)


def check_of(function: object) -> Check | None:
    """What the suite knows about a check function; None if the object is not one."""
    if not inspect.isfunction(function):
        return None
    found: Check | None = getattr(function, _ATTRIBUTE, None)
    return found
