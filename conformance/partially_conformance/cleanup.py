"""Removing the customers a run has made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from partially_conformance.api import Api
from partially_conformance.harness import Harness
from partially_conformance.journal import Journal
from partially_conformance.outcome import CheckEnd


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many customers were removed, and what is in the way of the others by their id."""

    removed: int
    left: Mapping[str, str]


def clean_up(journal: Journal, apis: Mapping[str, Api], harness: Harness | None) -> Cleaned:
    """Remove all customers of the journal that are still there. Plans that are open are closed first.

    Args:
        apis: The API with the key of each merchant, by the name of the key.
        harness: Closes plans; without one a customer with an open plan stays.
    """
    removed, left = 0, {}
    for customer_id, key_name, plans in journal.left():
        api = apis.get(key_name)
        if api is None:
            left[customer_id] = f"it was made with the key {key_name}, which is not there"
            continue
        try:
            if harness is not None:
                for plan_id in plans:
                    if harness.plan(plan_id) is not None:
                        harness.set_plan(plan_id, "paid")
            answer = api.gdpr_remove(customer_id)
            gone = answer.ok or answer.status in (404, 410)
            outcome = f"status {answer.status}"
        except CheckEnd as end:
            gone, outcome = False, str(end)
        if gone:
            journal.removed(customer_id)
            removed += 1
        else:
            left[customer_id] = outcome
    return Cleaned(removed, left)
