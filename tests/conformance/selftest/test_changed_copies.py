"""The changes of the faults and variants of clients fit the sources of the client.

After an edit of the client, these tests tell which changes must follow it. `test_client_faults.py` tests
which rules catch the faults.
"""

from __future__ import annotations

import pytest

from partially_conformance.selftest.faults.clients import all_client_faults
from partially_conformance.selftest.overlays.clients import ClientOverlay, client_sources
from partially_conformance.selftest.variants.clients import all_client_variants

SOURCES = client_sources().texts


@pytest.mark.parametrize("overlay", [*all_client_faults(), *all_client_variants()], ids=lambda one: one.name)
def test_a_change_fits_the_sources(overlay: ClientOverlay) -> None:
    sources = client_sources()
    overlay.change(sources)
    changed = {path for path, text in sources.texts.items() if text != SOURCES[path]}
    assert changed
    for path in changed:
        compile(sources.texts[path], path, "exec")
