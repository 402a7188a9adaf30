"""Conforming clients that made other choices, by which the suite proves that it fails none of them.

Each is the client of this project with one legal choice made otherwise.
"""

from __future__ import annotations

import sys

from partially_conformance.selftest.overlays.clients import ClientOverlay, client_overlays

MODULES: tuple[str, ...] = ("requests", "retries")
"""The modules with variants."""


def all_client_variants() -> tuple[ClientOverlay, ...]:
    """Every variant, in the order of the modules."""
    return tuple(client_overlays(sys.modules[__name__], MODULES))
