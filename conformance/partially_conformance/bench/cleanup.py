"""Removing the customers that a run has created."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from partially_conformance.bench.api import Api
from partially_conformance.target.harness import Harness
from partially_conformance.target.journal import Entry, Journal
from partially_conformance.traffic.availability import is_no_service
from partially_conformance.traffic.check_end import CheckEnd, TargetGone, Violation

_GONE = {404, 410}

_MOST_REFUSED = 10  # removals in a row with a 5xx or a redirect, after which no other is tried

_AT_ONCE = 4  # removals at the same time: few enough for any target


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The result of a clean-up.

    Attributes:
        removed: How many customers were removed.
        left: Why each of the others could not be removed, by id, or by email if its id is unknown.
    """

    removed: int
    left: Mapping[str, str]


def clean_up(journal: Journal, apis: Mapping[str, Api], harness: Harness | None) -> Cleaned:
    """Remove all customers of the journal that have not been removed, after closing their plans if needed.

    Args:
        journal: The customers. Those that are removed are noted there.
        apis: The API with the key of each merchant, by the name of the key.
        harness: Closes plans; without it a customer with an open plan stays.
    """
    lost = _find_unanswered(journal, apis)
    _find_doubted(journal, apis)
    removal = _Removal(journal, apis, harness)
    entries = journal.left()
    # A removal may have failed because of others at the same time.
    again = _at_once(removal, entries)
    left = {entry.customer_id: why for entry in again if (why := removal.of(entry)) is not None}
    return Cleaned(len(entries) - len(left), {**lost, **left})


def _at_once(removal: _Removal, entries: Sequence[Entry]) -> list[Entry]:
    """Remove customers, several at the same time; returns those that could not be removed."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            outcomes = list(pool.map(removal.of, entries))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [entry for entry, why in zip(entries, outcomes, strict=True) if why is not None]


class _Removal:
    """Removes customers and notes it in the journal."""

    def __init__(self, journal: Journal, apis: Mapping[str, Api], harness: Harness | None) -> None:
        self._journal = journal
        self._apis = apis
        self._harness = harness
        self._silent: str | None = None  # why the target counts as gone; then it gets no more requests
        self._refused = 0  # removals in a row that something before the target seems to have answered

    def of(self, entry: Entry) -> str | None:
        """Remove a customer; returns None if that worked, else why it did not."""
        api = self._apis.get(entry.key_name)
        if api is None:
            return f"it was created with the key {entry.key_name}, which was not given"
        if self._silent is not None:
            return self._silent
        about_plans: str | None = None
        try:
            outcome = self._remove(api, entry.customer_id)
            if outcome is not None and entry.plans:
                about_plans = _close(entry.plans, self._harness)
                outcome = self._remove(api, entry.customer_id)
        except TargetGone as end:
            outcome = self._silent = str(end)
        except CheckEnd as end:
            outcome = str(end)
        if outcome is None:
            self._journal.removed(entry.customer_id)
            return None
        if self._journal.may_have_another_plan(entry.customer_id):
            about_plans = (
                about_plans or "it may have a plan whose id the run does not know; close that plan by hand"
            )
        return "; ".join(filter(None, (outcome, about_plans)))

    def _remove(self, api: Api, customer_id: str) -> str | None:
        """Send a removal; returns None if the customer is gone afterwards, else the status.

        Raises:
            TargetGone: Too many removals in a row got a 5xx or a redirect.
        """
        answer = api.gdpr_remove(customer_id)
        # A target may refuse to remove a customer twice.
        if answer.ok or {answer.status, api.get(customer_id).status} & _GONE:
            self._refused = 0
            return None
        self._refused = self._refused + 1 if is_no_service(answer.status) else 0
        if self._refused >= _MOST_REFUSED:
            raise TargetGone(f"the last {self._refused} removals got status {answer.status}")
        return f"status {answer.status}"


def _find_unanswered(journal: Journal, apis: Mapping[str, Api]) -> dict[str, str]:
    """Look for customers whose create got no response, and note them in the journal.

    Their emails were generated for the run, so no other customer has them.

    Returns:
        Why the search failed, by email.
    """
    lost: dict[str, str] = {}
    for email, key_name in journal.unanswered().items():
        api = apis.get(key_name)
        try:
            if api is None:
                lost[email] = (
                    f"it may exist: its create got no response, and the key {key_name} was not given"
                )
                continue
            _note_customers(journal, api, email)
        except CheckEnd as end:
            why = end.observed if isinstance(end, Violation) else str(end)
            lost[email] = f"it may exist: its create got no response, and it could not be searched for: {why}"
    return lost


def _find_doubted(journal: Journal, apis: Mapping[str, Api]) -> None:
    """Look for customers whose create was answered with a 5xx, and note those that exist in the journal.

    A target that refuses the search as well has most likely refused the create before it stored anything.
    It is not asked again, and these customers do not count as left.
    """
    for email, key_name in journal.doubted().items():
        api = apis.get(key_name)
        try:
            if api is not None:
                _note_customers(journal, api, email)
        except CheckEnd:
            return


def _note_customers(journal: Journal, api: Api, email: str) -> None:
    """Search for the customers with an email, and note them in the journal.

    Raises:
        CheckEnd: The search did not work.
    """
    for customer in api.list(q=email).page().customers:
        if str(customer["email"]).lower() == email.lower():
            journal.created(customer.id, api.key.name)
    journal.create_answered(email)


def _close(plans: Sequence[str], harness: Harness | None) -> str | None:
    """Close plans, which may prevent a removal; returns None if that worked, else why it did not."""
    if harness is None:
        return "it has plans, and there is no harness to close them" if plans else None
    try:
        for plan_id in plans:
            if harness.plan(plan_id) is not None:
                harness.set_plan(plan_id, "paid")
    except CheckEnd as end:
        return str(end)
    return None
