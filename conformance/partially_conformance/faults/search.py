"""Faults of SEARCH."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from partially_conformance.overlay import fault
from partially_reference.rules.search import Search
from partially_reference.storage.tables import customers


@fault("SEARCH-4", says="Only last names are searched.")
class OnlyLastNames(Search):
    def name_columns(self) -> tuple[sa.Column[Any], ...]:
        return (customers.c.last_name_folded,)
