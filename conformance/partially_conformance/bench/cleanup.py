"""Removing the customers a run has made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from partially_conformance.bench.api import Api
from partially_conformance.target.harness import Harness
from partially_conformance.target.journal import Entry, Journal
from partially_conformance.traffic.check_end import CheckEnd, TargetGone

_NOT_THERE = {404, 410}

_AT_ONCE = 4  # removals under way at the same time: few enough for any server


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many customers were removed, and what is in the way of the others by their id."""

    removed: int
    left: Mapping[str, str]


def clean_up(journal: Journal, apis: Mapping[str, Api], harness: Harness | None) -> Cleaned:
    """Remove all customers of the journal that are still there. Plans in the way are closed.

    Args:
        apis: The API with the key of each merchant, by the name of the key.
        harness: Closes plans; without one a customer with an open plan stays.
    """
    lost = _find_unanswered(journal, apis)
    removal = _Removal(journal, apis, harness)
    entries = journal.left()
    # What failed may have failed because of the others beside it.
    again = _at_once(removal, entries)
    left = {entry.customer_id: why for entry in again if (why := removal.of(entry)) is not None}
    return Cleaned(len(entries) - len(left), {**lost, **left})


def _at_once(removal: _Removal, entries: Sequence[Entry]) -> list[Entry]:
    """Remove several customers at the same time; returns those that could not be removed."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            outcomes = list(pool.map(removal.of, entries))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [entry for entry, why in zip(entries, outcomes, strict=True) if why is not None]


class _Removal:
    """Removes customers and writes it down."""

    def __init__(self, journal: Journal, apis: Mapping[str, Api], harness: Harness | None) -> None:
        self._journal = journal
        self._apis = apis
        self._harness = harness
        self._silent: str | None = None  # why the target counts as gone: it is not asked about each of many

    def of(self, entry: Entry) -> str | None:
        """Remove a customer; None if that worked, else why not."""
        api = self._apis.get(entry.key_name)
        if api is None:
            return f"it was made with the key {entry.key_name}, which is not there"
        if self._silent is not None:
            return self._silent
        trouble: str | None = None
        try:
            outcome = _remove(api, entry.customer_id)
            if outcome is not None and entry.plans:
                trouble = _close(entry.plans, self._harness)
                outcome = _remove(api, entry.customer_id)
        except TargetGone as end:
            outcome = self._silent = str(end)
        except CheckEnd as end:
            outcome = str(end)
        if outcome is None:
            self._journal.removed(entry.customer_id)
            return None
        if self._journal.may_have_another_plan(entry.customer_id):
            trouble = trouble or "it may have a plan whose id the run was not told; close that by hand"
        return "; ".join(filter(None, (outcome, trouble)))


def _remove(api: Api, customer_id: str) -> str | None:
    """Ask for a removal; None if the customer is gone then, else what was answered."""
    answer = api.gdpr_remove(customer_id)
    # What was removed before may be refused to be removed again.
    if answer.ok or {answer.status, api.get(customer_id).status} & _NOT_THERE:
        return None
    return f"status {answer.status}"


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
            journal.create_answered(email)
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
