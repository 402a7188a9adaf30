"""Deliberately broken servers, by which the suite proves that each check can fail.

Each is the reference server with one defect: a class with a method or two replaced, one sentence that
says what is wrong with it, and the rules that must catch it.
"""

from __future__ import annotations

import sys

from partially_conformance.overlay import Overlay, overlays

MODULES: tuple[str, ...] = (
    "auth", "auth_keys", "auth_merchants", "listing", "search", "search_text", "read", "course", "create",
    "create_refused", "create_text", "update", "update_odd", "gdpr", "gdpr_plans", "gdpr_traces",
    "gdpr_logins", "gdpr_history", "password", "password_kept", "password_habits", "token", "token_works",
    "token_habits", "http", "http_odd", "generated", "hidden",
    "hidden_logins",
)  # fmt: skip
"""The modules with faults, one for each area of the catalogue; large areas have several."""


def all_faults() -> tuple[Overlay, ...]:
    """Every fault, in the order of the modules."""
    return tuple(overlays(sys.modules[__name__], MODULES))
