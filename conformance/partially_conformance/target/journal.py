"""The journal: the customers and plans that a run has created, so that all can be removed again."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partially_conformance.traffic.exchange import Exchange

FILE_NAME = "journal.jsonl"
"""The name of the journal in a run folder."""


class JournalError(Exception):
    """The journal is missing or cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer that has not been removed yet.

    Attributes:
        customer_id: Its id.
        key_name: The name of the key with which it was created.
        plans: The ids of its plans.
    """

    customer_id: str
    key_name: str
    plans: tuple[str, ...]


class Journal:
    """The customers and plans that a run has created. Each is written to the file at once. Thread-safe.

    Args:
        path: The file to append to; None to keep the journal in memory only.
        base_url: Where the API of their target is, for `cleanup`.
        harness_url: Where the harness of the target is; None if it has none.
    """

    def __init__(self, path: Path | None, base_url: str, harness_url: str | None = None) -> None:
        self._lock = threading.Lock()
        self._customers: dict[str, str] = {}
        self._plans: dict[str, list[str]] = {}
        self._requested_creates: dict[str, str] = {}
        self._doubted_creates: dict[str, str] = {}
        self._requested_plans: dict[str, int] = {}
        self._file = path.open("a", encoding="utf-8") if path else None
        self.path = path
        self._write({"base_url": base_url, "harness_url": harness_url})

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def create_requested(self, email: str, key_name: str) -> None:
        """Note that a customer with this email will be created with the key of this name."""
        with self._lock:
            self._requested_creates[email] = key_name
            self._write({"asked": email, "key": key_name})

    def create_answered(self, email: str) -> None:
        """Note that a create was answered. Until then the customer may exist without a known id."""
        with self._lock:
            if self._requested_creates.pop(email, None) is not None:
                self._write({"answered": email})

    def create_ended(self, email: str, exchange: Exchange) -> None:
        """Note how a create with this email ended, which says whether its customer may exist."""
        if exchange.response is None:
            if exchange.unsent:
                self.create_answered(email)
        elif exchange.response.status < 500:
            self.create_answered(email)
        else:
            self.create_doubted(email)

    def create_doubted(self, email: str) -> None:
        """Note that a create was answered with a 5xx, which does not say whether anything was stored."""
        with self._lock:
            if (key_name := self._requested_creates.pop(email, None)) is not None:
                self._doubted_creates[email] = key_name
                self._write({"doubted": email})

    def doubted(self) -> dict[str, str]:
        """Emails of customers whose create was answered with a 5xx, each with the name of the key."""
        with self._lock:
            return dict(self._doubted_creates)

    def unanswered(self) -> dict[str, str]:
        """Emails of customers whose create got no response, each with the name of the key."""
        with self._lock:
            return dict(self._requested_creates)

    def created(self, customer_id: str, key_name: str) -> None:
        """Note that a customer was created with the key of this name."""
        with self._lock:
            if customer_id not in self._customers:
                self._customers[customer_id] = key_name
                self._write({"customer": customer_id, "key": key_name})

    def plan_requested(self, customer_id: str) -> None:
        """Note that a plan of a customer will be created. Only the response has its id."""
        with self._lock:
            self._requested_plans[customer_id] = self._requested_plans.get(customer_id, 0) + 1
            self._write({"planning": customer_id})

    def may_have_another_plan(self, customer_id: str) -> bool:
        """Whether the customer may have a plan whose id is unknown, because the response did not come."""
        return self._requested_plans.get(customer_id, 0) > len(self._plans.get(customer_id, ()))

    def plan_created(self, customer_id: str, plan_id: str) -> None:
        """Note that a plan of a customer was created."""
        with self._lock:
            self._plans.setdefault(customer_id, []).append(plan_id)
            self._write({"plan": plan_id, "of": customer_id})

    def removed(self, customer_id: str) -> None:
        """Note that a customer was removed."""
        with self._lock:
            self._customers.pop(customer_id, None)
            self._write({"removed": customer_id})

    def key_of(self, customer_id: str) -> str | None:
        """The name of the key with which the customer was created; None if it is unknown or removed."""
        return self._customers.get(customer_id)

    def left(self) -> list[Entry]:
        """The customers that have not been removed yet, newest first."""
        with self._lock:
            entries = [
                Entry(customer_id, key_name, tuple(self._plans.get(customer_id, ())))
                for customer_id, key_name in self._customers.items()
            ]
        return entries[::-1]

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read_journal(folder: Path) -> tuple[str, str | None, Journal]:
    """Read the journal of an earlier run.

    Args:
        folder: Its run folder.

    Returns:
        The base URL of the target, the URL of its harness if it has one, and the journal.

    Raises:
        JournalError: The folder has no journal, or a line of the journal is not valid.
    """
    path = folder / FILE_NAME
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {error.strerror}") from error
    entries: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except ValueError as error:
            if number == len(lines):
                break  # the run was stopped while it wrote this line
            raise JournalError(f"{path}: line {number} is not JSON") from error
        entries.append(entry if isinstance(entry, dict) else {})
    if not entries or not isinstance(entries[0].get("base_url"), str):
        raise JournalError(f"{path}: the first line has no base_url of a target")
    journal = Journal(None, entries[0]["base_url"])
    for number, entry in enumerate(entries[1:], 2):
        if not _add_line(journal, entry):
            raise JournalError(f"{path}: line {number} is neither about a customer nor about a plan")
    return entries[0]["base_url"], entries[0].get("harness_url"), journal


def _add_line(journal: Journal, entry: dict[str, Any]) -> bool:
    """Add a line of a journal file to a journal; returns whether the line is known."""
    match entry:
        case {"asked": str(email), "key": str(key)}:
            journal.create_requested(email, key)
        case {"answered": str(email)}:
            journal.create_answered(email)
        case {"doubted": str(email)}:
            journal.create_doubted(email)
        case {"customer": str(customer), "key": str(key)}:
            journal.created(customer, key)
        case {"planning": str(customer)}:
            journal.plan_requested(customer)
        case {"plan": str(plan), "of": str(customer)}:
            journal.plan_created(customer, plan)
        case {"removed": str(customer)}:
            journal.removed(customer)
        case _:
            return False
    return True
