"""Writing down each customer before anything else happens to it, so that all can be removed again."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE_NAME = "journal.jsonl"


class JournalError(Exception):
    """There is no journal, or it is not one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer that is still there.

    Attributes:
        key_name: The name of the key with which it was made.
        plans: The ids of its plans.
    """

    customer_id: str
    key_name: str
    plans: tuple[str, ...]


class Journal:
    """The customers and plans a run has made, on disk as soon as they are known.

    Args:
        path: The file to append to; None keeps it in memory alone.
        base_url: The target they live on, for whoever cleans up later.
    """

    def __init__(self, path: Path | None, base_url: str, harness_url: str | None = None) -> None:
        self._lock = threading.Lock()
        self._customers: dict[str, str] = {}
        self._plans: dict[str, list[str]] = {}
        self._asked: dict[str, str] = {}
        self._planning: dict[str, int] = {}
        self._file = path.open("a", encoding="utf-8") if path else None
        self.path = path
        self._write({"base_url": base_url, "harness_url": harness_url})

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def asked(self, email: str, key_name: str) -> None:
        """Note that a customer with this email is about to be created with the key of this name."""
        with self._lock:
            self._asked[email] = key_name
            self._write({"asked": email, "key": key_name})

    def answered(self, email: str) -> None:
        """Note that it has been said what became of a create. Until then the customer may be there."""
        with self._lock:
            if self._asked.pop(email, None) is not None:
                self._write({"answered": email})

    def unanswered(self) -> dict[str, str]:
        """Emails of customers that may have been created without an answer, with the name of the key."""
        with self._lock:
            return dict(self._asked)

    def created(self, customer_id: str, key_name: str) -> None:
        """Note a customer that was created with the key of this name."""
        with self._lock:
            if customer_id not in self._customers:
                self._customers[customer_id] = key_name
                self._write({"customer": customer_id, "key": key_name})

    def planning(self, customer_id: str) -> None:
        """Note that a plan is about to be given to a customer. Only the answer tells its id."""
        with self._lock:
            self._planning[customer_id] = self._planning.get(customer_id, 0) + 1
            self._write({"planning": customer_id})

    def may_have_another_plan(self, customer_id: str) -> bool:
        """Whether the customer may have a plan whose id was never told."""
        return self._planning.get(customer_id, 0) > len(self._plans.get(customer_id, ()))

    def planned(self, customer_id: str, plan_id: str) -> None:
        """Note a plan that was given to a customer."""
        with self._lock:
            self._plans.setdefault(customer_id, []).append(plan_id)
            self._write({"plan": plan_id, "of": customer_id})

    def removed(self, customer_id: str) -> None:
        """Note that a customer is gone."""
        with self._lock:
            self._customers.pop(customer_id, None)
            self._write({"removed": customer_id})

    def key_of(self, customer_id: str) -> str | None:
        """The name of the key with which this run made the customer; None if it did not, or it is gone."""
        return self._customers.get(customer_id)

    def left(self) -> list[Entry]:
        """The customers that are still there, newest first."""
        with self._lock:
            entries = [
                Entry(customer_id, key_name, tuple(self._plans.get(customer_id, ())))
                for customer_id, key_name in self._customers.items()
            ]
        return entries[::-1]

    def close(self) -> None:
        """Finish writing."""
        if self._file is not None:
            self._file.close()
            self._file = None


def read_journal(folder: Path) -> tuple[str, str | None, Journal]:
    """Read what an earlier run left: base URL, harness URL and a journal of what is still there.

    Raises:
        JournalError: The folder has no journal, or a line of it cannot be read.
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
                break  # the run was cut off while it wrote this line
            raise JournalError(f"{path}: line {number} is not JSON") from error
        entries.append(entry if isinstance(entry, dict) else {})
    if not entries or not isinstance(entries[0].get("base_url"), str):
        raise JournalError(f"{path}: the first line does not name a target")
    journal = Journal(None, entries[0]["base_url"])
    for number, entry in enumerate(entries[1:], 2):
        if not _take_in(journal, entry):
            raise JournalError(f"{path}: line {number} is neither about a customer nor about a plan")
    return entries[0]["base_url"], entries[0].get("harness_url"), journal


def _take_in(journal: Journal, entry: dict[str, Any]) -> bool:
    """Note again what a line of a journal says. Whether it says anything."""
    match entry:
        case {"asked": str(email), "key": str(key)}:
            journal.asked(email, key)
        case {"answered": str(email)}:
            journal.answered(email)
        case {"customer": str(customer), "key": str(key)}:
            journal.created(customer, key)
        case {"planning": str(customer)}:
            journal.planning(customer)
        case {"plan": str(plan), "of": str(customer)}:
            journal.planned(customer, plan)
        case {"removed": str(customer)}:
            journal.removed(customer)
        case _:
            return False
    return True
