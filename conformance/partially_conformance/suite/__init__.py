"""The list of all checks, with a folder of modules for each area of the catalogue."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator

from partially_conformance.rules.check import Check, check_of

MODULES: tuple[str, ...] = tuple(
    f"{__name__}.{name}"
    for name in (
        "servers.auth.keys",
        "servers.auth.isolation",
        "servers.auth.second_merchant",
        "servers.list.pages",
        "servers.list.long_lists",
        "servers.search.matches",
        "servers.search.special_characters",
        "servers.search.after_changes",
        "servers.read.by_id",
        "servers.read.many_customers",
        "servers.read.inserted_at",
        "servers.read.secrets",
        "servers.create.stored_fields",
        "servers.create.refusals",
        "servers.create.text",
        "servers.create.codes",
        "servers.create.providers",
        "servers.update.fields",
        "servers.update.unusual_requests",
        "servers.update.consequences",
        "servers.gdpr.removal",
        "servers.gdpr.plans",
        "servers.gdpr.logins",
        "servers.password.login",
        "servers.password.exact_match",
        "servers.token.login",
        "servers.token.emails",
        "servers.token.guessing",
        "servers.http.conventions",
        "servers.http.unusual_requests",
        "servers.http.framing",
        "servers.http.generated_requests",
        "servers.read.stateful_test",
        "clients.requests",
        "clients.retries",
        "clients.answers",
        "clients.real_connections",
        "clients.pages",
        "clients.secrets",
        "clients.sync_and_async",
    )
)
"""The modules with checks, in the order in which they run."""


def all_checks() -> Iterator[tuple[Check, Callable[..., None]]]:
    """Return every check with its function, in the order in which they run."""
    for name in MODULES:
        module = importlib.import_module(name)
        for _, function in sorted(
            inspect.getmembers(module, inspect.isfunction), key=lambda member: _line(member[1])
        ):
            found = check_of(function)
            if found is not None and function.__module__ == name:
                yield found, function


def checks_of(rule_id: str) -> list[tuple[str, str]]:
    """Return the dotted name and the first docstring line of each check of a rule."""
    return [
        (f"{function.__module__}.{function.__name__}", (inspect.getdoc(function) or "").partition("\n")[0])
        for found, function in all_checks()
        if found.rule == rule_id
    ]


def _line(function: Callable[..., None]) -> int:
    return function.__code__.co_firstlineno
