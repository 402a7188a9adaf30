"""The changes by which clients are broken on purpose still fit the client.

Whoever changes the client sees here which of them must follow; what they must be caught by is tested in
tests/conformance/clients.
"""

from __future__ import annotations

import pytest

from partially_conformance.clients.copies import ClientOverlay, client_sources
from partially_conformance.faults.clients import all_client_faults
from partially_conformance.variants.clients import all_client_variants

SOURCES = client_sources().texts


@pytest.mark.parametrize("overlay", [*all_client_faults(), *all_client_variants()], ids=lambda one: one.name)
def test_a_change_fits_the_sources(overlay: ClientOverlay) -> None:
    sources = client_sources()
    overlay.change(sources)
    changed = {path for path, text in sources.texts.items() if text != SOURCES[path]}
    assert changed
    for path in changed:
        compile(sources.texts[path], path, "exec")
