"""Variants of servers: conforming servers with other choices. They prove that the suite does not fail them.

Each variant is a class of the reference server with a method or two replaced.
"""

from __future__ import annotations

import sys

from partially_conformance.selftest.overlays.servers import Overlay, overlays

MODULES: tuple[str, ...] = (
    "statuses", "refusals", "responses", "times", "paths_and_methods", "ids", "search", "texts", "emails",
    "bodies", "removal", "logins", "limits", "framing",
)  # fmt: skip
"""The modules with variants."""


def all_variants() -> tuple[Overlay, ...]:
    """Every variant, in the order of the modules."""
    return tuple(overlays(sys.modules[__name__], MODULES))
