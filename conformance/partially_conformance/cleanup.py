"""Removing the customers a run has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partially_conformance.api import Api
from partially_conformance.harness import Harness
from partially_conformance.journal import Journal
from partially_conformance.outcome import CheckEnd, TargetGone

_NOT_THERE = {404, 410}


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
    removed = 0
    left = _find_unanswered(journal, apis)
    silent: str | None = None  # why the target counts as gone: it is not asked about each of many customers
    for customer_id, key_name, plans in journal.left():
        api = apis.get(key_name)
        if api is None:
            left[customer_id] = f"it was made with the key {key_name}, which is not there"
            continue
        if silent is not None:
            left[customer_id] = silent
            continue
        trouble = _close(plans, harness)
        try:
            answer = api.gdpr_remove(customer_id)
            # What was removed before may be refused to be removed again.
            gone = answer.ok or {answer.status, api.get(customer_id).status} & _NOT_THERE != set()
            outcome = f"status {answer.status}"
            if not gone and journal.may_have_another_plan(customer_id):
                trouble = trouble or "it may have a plan whose id the run was not told; close that by hand"
        except TargetGone as end:
            gone, outcome = False, str(end)
            silent = outcome
        except CheckEnd as end:
            gone, outcome = False, str(end)
        if gone:
            journal.removed(customer_id)
            removed += 1
        else:
            left[customer_id] = "; ".join(filter(None, (outcome, trouble)))
    return Cleaned(removed, left)


def _find_unanswered(journal: Journal, apis: Mapping[str, Api]) -> dict[str, str]:
    """Look for customers whose creation was never answered, and note them in the journal.

    Their emails were made up for this run, so nobody else has them.

    Returns:
        Those that could not be looked for, and why.
    """
    lost: dict[str, str] = {}
    for email, key_name in journal.unanswered().items():
        api = apis.get(key_name)
        try:
            if api is None:
                lost[email] = f"its creation was not answered, and the key {key_name} is not there"
                continue
            for customer in api.list(q=email).page().customers:
                if str(customer["email"]).lower() == email.lower():
                    journal.created(customer.id, key_name)
            journal.answered(email)
        except CheckEnd as end:
            lost[email] = f"its creation was not answered: {end}"
    return lost


def _close(plans: Sequence[str], harness: Harness | None) -> str | None:
    """Close plans, which stand in the way of a removal. What went wrong, if something did."""
    if harness is None:
        return "it has plans, and there is no harness to close them" if plans else None
    try:
        for plan_id in plans:
            if harness.plan(plan_id) is not None:
                harness.set_plan(plan_id, "paid")
    except CheckEnd as end:
        return str(end)
    return None
