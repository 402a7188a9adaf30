"""What is checked: one module for each area of the catalogue, one function for each check."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator

from partially_conformance.check import Check, check_of

MODULES: tuple[str, ...] = tuple(
    f"{__name__}.{name}"
    for name in (
        "auth",
        "auth_merchants",
        "listing",
        "search",
        "search_text",
        "read",
        "read_times",
        "read_secrets",
        "create",
        "create_refused",
        "create_text",
        "create_codes",
        "update",
        "update_odd",
        "gdpr",
        "gdpr_plans",
        "gdpr_logins",
        "password",
        "password_exact",
        "token",
        "token_emails",
        "token_guesses",
        "http",
        "http_odd",
        "generated",
        "course",
        "client_requests",
        "client_retries",
        "client_answers",
        "client_wire",
        "client_pages",
        "client_secrets",
        "client_twins",
    )
)
"""The modules with checks, in the order in which they run."""


def all_checks() -> Iterator[tuple[Check, Callable[..., None]]]:
    """Every check with its function, in the order in which they run."""
    for name in MODULES:
        module = importlib.import_module(name)
        for _, function in sorted(
            inspect.getmembers(module, inspect.isfunction), key=lambda member: _line(member[1])
        ):
            found = check_of(function)
            if found is not None and function.__module__ == name:
                yield found, function


def checks_of(rule_id: str) -> list[tuple[str, str]]:
    """The checks of a rule: where each is, and the first line of what it says of itself."""
    return [
        (f"{function.__module__}.{function.__name__}", (inspect.getdoc(function) or "").partition("\n")[0])
        for found, function in all_checks()
        if found.rule == rule_id
    ]


def _line(function: Callable[..., None]) -> int:
    return function.__code__.co_firstlineno
