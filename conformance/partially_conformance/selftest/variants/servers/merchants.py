"""Legal choices about what merchants have in common."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from partially_conformance.selftest.overlays.servers import variant
from partially_reference.rules.customers import NOT_SAVED, Customers
from partially_reference.rules.refusals import InvalidInput
from partially_reference.storage.stores import Record
from partially_reference.storage.tables import customers
from partially_reference.text import fold


@variant("email-elsewhere", says="An email is unique across all merchants.")
class EmailsUniqueEverywhere(Customers):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._claiming = threading.Lock()

    def create(self, merchant_id: str, body: Mapping[str, Any]) -> Record:
        with self._claiming, self.unique_email():
            self._refuse_taken(merchant_id, body)
            return super().create(merchant_id, body)

    def update(self, merchant_id: str, customer_id: str, body: Mapping[str, Any]) -> Record:
        with self._claiming, self.unique_email():
            self.read(merchant_id, customer_id)
            self._refuse_taken(merchant_id, body)
            return super().update(merchant_id, customer_id, body)

    def _refuse_taken(self, merchant_id: str, body: Mapping[str, Any]) -> None:
        email = self.fields.pick(body).get("email")
        if not isinstance(email, str):
            return
        taken = sa.select(customers.c.id).where(
            customers.c.merchant_id != merchant_id, customers.c.email_claimed == fold(email)
        )
        with self.storage.reading() as connection:
            if connection.execute(taken).first() is not None:
                raise InvalidInput(NOT_SAVED, ["Email: has already been taken"])
