"""The fields of a body that a create and an update store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partially_reference.contract import DEFAULTS, INPUT_FIELDS
from partially_reference.storage.tables import FOLDED_FIELDS
from partially_reference.text import fold


class Fields:
    """Picks the fields that a merchant may set, and adds the defaults of a create.

    Values are stored exactly as they were sent: not trimmed, not cut short and in the same case. A null is a
    value like any other. In a create it is stored in place of the default. Unknown fields, and fields that
    only the server sets, are ignored.
    """

    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a body that a merchant may set."""
        return {name: body[name] for name in INPUT_FIELDS if name in body}

    def defaults(self) -> dict[str, Any]:
        """The documented defaults of a create."""
        return DEFAULTS

    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The values that a create stores."""
        return {**self.defaults(), **self.pick(body)}

    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The values that an update changes: those that were sent and no others."""
        return self.pick(body)

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The columns that follow from changed fields: folded copies, and the email that must be unique."""
        folded = {
            f"{name}_folded": fold(values[name]) if values[name] is not None else None
            for name in FOLDED_FIELDS
            if name in values
        }
        if "email" in values:
            folded["email_claimed"] = self.claim(folded["email_folded"])
        return folded

    def claim(self, email_folded: str | None) -> str | None:
        """The value that must be unique for each merchant: the folded email."""
        return email_folded
