"""Faults of servers: deliberately broken servers. They prove that each check of a target can fail.

Each fault is a class of the reference server with a method or two replaced. It has one sentence that says
what is wrong, and the rules that must catch it.
"""

from __future__ import annotations

import sys

from partially_conformance.selftest.overlays.servers import Overlay, overlays

MODULES: tuple[str, ...] = (
    "auth.unchecked_operations", "auth.keys", "auth.isolation", "auth.second_merchant", "list.pages",
    "list.customers", "list.long_lists", "search.columns", "search.matches", "search.special_characters",
    "search.results", "search.after_changes", "read.by_id", "read.times", "read.secrets",
    "read.simultaneous_requests", "read.many_customers", "read.sequences", "create.stored_fields",
    "create.refusals", "create.text", "create.providers", "update.fields", "update.unusual_requests",
    "update.consequences", "gdpr.removal", "gdpr.plans", "gdpr.leaked_data", "gdpr.logins",
    "gdpr.history", "password.login", "password.storage", "password.side_effects", "token.login",
    "token.validity", "token.side_effects", "http.conventions", "http.unusual_requests",
    "http.generated_requests", "http.framing",
)  # fmt: skip
"""The modules with faults, by area of the catalogue."""


def all_faults() -> tuple[Overlay, ...]:
    """Every fault, in the order of the modules."""
    return tuple(overlays(sys.modules[__name__], MODULES))
