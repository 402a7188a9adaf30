"""What becomes of the fields of a body on create and on update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from partially_reference.contract import DEFAULTS, INPUT_FIELDS
from partially_reference.storage.tables import FOLDED_FIELDS
from partially_reference.text import fold


class Fields:
    """Picks the fields a merchant may set and fills in defaults on create.

    Values are kept exactly as sent: not trimmed, not cut, case and all. A null is a value like any
    other, on create too: it is stored in place of the default. Unknown fields, and those only the
    server sets, are ignored.
    """

    def pick(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of a body that a merchant may set."""
        return {name: body[name] for name in INPUT_FIELDS if name in body}

    def defaults(self) -> dict[str, Any]:
        """The documented defaults of a create."""
        return DEFAULTS

    def for_create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a create stores."""
        return {**self.defaults(), **self.pick(body)}

    def for_update(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What an update changes: what was sent, and nothing else."""
        return self.pick(body)

    def derived(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The columns that follow from the changed fields: folded copies, and the claim on an email."""
        folded = {
            f"{name}_folded": fold(values[name]) if values[name] is not None else None
            for name in FOLDED_FIELDS
            if name in values
        }
        if "email" in values:
            folded["email_claimed"] = self.claim(folded["email_folded"])
        return folded

    def claim(self, email_folded: str | None) -> str | None:
        """What no second customer of the merchant may have: the email, whatever its case."""
        return email_folded
