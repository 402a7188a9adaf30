"""What a check is: a function that names the rule it checks, and takes what it needs to do so."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

CheckFunction = TypeVar("CheckFunction", bound=Callable[..., None])

_ATTRIBUTE = "conformance_check"


@dataclass(frozen=True, slots=True)
class Check:
    """How a check function is bound to the catalogue.

    Attributes:
        rule: Id of the rule it checks.
        shape: Whether one exchange at a time can show it, so that a mock without a state can pass.
        read_only: Whether it sends nothing that creates, changes or removes.
        exhausting: Whether it may use up what a server allows for some time. It comes after all others.
    """

    rule: str
    shape: bool = False
    read_only: bool = False
    exhausting: bool = False


def check(
    rule: str, *, shape: bool = False, read_only: bool = False, exhausting: bool = False
) -> Callable[[CheckFunction], CheckFunction]:
    """Make a function the check of a rule.

    Its parameters are filled in by name: `api` and `other` (the API with the key of the first and of
    the second merchant), `given` (customers, plans, passwords and tokens to build on), `harness`,
    `data` (fresh values), `choices`, `fuzz`, `contract`, and whatever else the bench has, such as `offered`.

    It returns if the rule holds and raises what `outcome.py` defines if not. It is called again, on
    fresh data, when it fails.
    """

    def bind(function: CheckFunction) -> CheckFunction:
        setattr(function, _ATTRIBUTE, Check(rule, shape, read_only, exhausting))
        return function

    return bind


def client_check(rule: str) -> Callable[[CheckFunction], CheckFunction]:
    """Make a function the check of a rule about clients.

    Its parameters are `client` and `fuzz`. Profile and `--read-only` are about servers: it always runs.
    """
    return check(rule, shape=True, read_only=True)


def check_of(function: object) -> Check | None:
    """How a function is bound to the catalogue; None if it is no check."""
    if not inspect.isfunction(function):
        return None
    found: Check | None = getattr(function, _ATTRIBUTE, None)
    return found
