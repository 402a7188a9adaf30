"""Faults of clients: deliberately broken clients. They prove that each rule about clients can fail.

Each fault is a function that changes the sources of the client of this project. It has one sentence that says
what is wrong, and the rules that must catch it.
"""

from __future__ import annotations

import sys

from partially_conformance.selftest.overlays.clients import ClientOverlay, client_overlays

MODULES: tuple[str, ...] = ("requests", "retries", "answers", "errors", "pages", "secrets", "sync_and_async")
"""The modules with faults."""


def all_client_faults() -> tuple[ClientOverlay, ...]:
    """Every fault, in the order of the modules."""
    return tuple(client_overlays(sys.modules[__name__], MODULES))
