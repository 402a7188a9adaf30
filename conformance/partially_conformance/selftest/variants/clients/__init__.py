"""Variants of clients: conforming clients with other choices. They prove that the suite does not fail them.

Each variant is a function that changes the sources of the client of this project in one point.
"""

from __future__ import annotations

import sys

from partially_conformance.selftest.overlays.clients import ClientOverlay, client_overlays

MODULES: tuple[str, ...] = ("requests", "retries")
"""The modules with variants."""


def all_client_variants() -> tuple[ClientOverlay, ...]:
    """Every variant, in the order of the modules."""
    return tuple(client_overlays(sys.modules[__name__], MODULES))
