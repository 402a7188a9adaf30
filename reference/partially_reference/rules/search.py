"""Which customers a search finds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from partially_reference.storage.functions import contains
from partially_reference.storage.tables import customers
from partially_reference.text import fold


class Search:
    """Searches for a part of an email if the query has an @, otherwise for a part of the first or last name.

    Case is ignored, in every script. No character has a special meaning. The published text:
    "List All Customers".
    """

    def condition(self, q: str | None) -> sa.ColumnElement[bool]:
        """The condition that a found customer meets. Without a query, or with an empty one, all are found."""
        if not q:
            return sa.true()
        return self.in_email(q) if self.is_for_email(q) else self.in_names(q)

    def is_for_email(self, q: str) -> bool:
        """Whether the query searches emails."""
        return "@" in q

    def in_email(self, q: str) -> sa.ColumnElement[bool]:
        """The email contains the query."""
        return contains(customers.c.email_folded, fold(q))

    def in_names(self, q: str) -> sa.ColumnElement[bool]:
        """The first or the last name contains the query."""
        return sa.or_(*(contains(column, fold(q)) for column in self.name_columns()))

    def name_columns(self) -> tuple[sa.Column[Any], ...]:
        """The columns of folded names that are searched."""
        return (customers.c.first_name_folded, customers.c.last_name_folded)
