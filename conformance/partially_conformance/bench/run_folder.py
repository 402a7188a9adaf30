"""The folder of a run: its journal, and a recording if one was asked for."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO

from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.target.journal import FILE_NAME, Journal, JournalError, read_journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.redaction import Secrets
from partially_conformance.traffic.story import exchange_record

RECORDING = "exchanges.jsonl"
"""The file in the folder of `--record` that holds every exchange, one a line."""


def refuse_leftovers(folder: Path | None) -> None:
    """Refuse a folder in which an earlier run wrote down customers that are still there.

    Raises:
        ConfigurationError: Its journal would be lost, and with it what is known about them.
    """
    if folder is None or not (folder / FILE_NAME).exists():
        return
    try:
        journal = read_journal(folder)[2]
    except JournalError as error:
        raise ConfigurationError(f"--record: {error}") from error
    if left := len(journal.left()) + len(journal.unanswered()):
        raise ConfigurationError(
            f"--record: {folder} has the journal of a run that left {left} customers;"
            f" `partially-conformance cleanup {folder}` removes them"
        )


class RunFolder:
    """The folder of one run.

    Args:
        folder: Where every exchange is recorded; None records none, and keeps the journal in a new folder.
        target: Whom the customers in the journal belong to.
        disposable: Whether the target ends with the run, and all its customers with it.
    """

    def __init__(self, folder: Path | None, hidden: Secrets, target: Target, *, disposable: bool) -> None:
        self._hidden = hidden
        self._lock = threading.Lock()
        self._temporary: Path | None = None
        self._file: IO[str] | None = None
        if folder is not None:
            folder.mkdir(exist_ok=True)
            self._file = (folder / RECORDING).open("w", encoding="utf-8", newline="\n")
        elif not disposable:
            folder = self._temporary = Path(tempfile.mkdtemp(prefix="partially-conformance-"))
        path = folder / FILE_NAME if folder is not None and not disposable else None
        if path is not None:
            path.unlink(missing_ok=True)
        self.journal = Journal(path, target.base_url, target.harness_url)

    @property
    def records(self) -> bool:
        """Whether exchanges are kept."""
        return self._file is not None

    def record(self, exchange: Exchange, **notes: str | None) -> None:
        """Record an exchange.

        Args:
            notes: What else is to be said of it.
        """
        assert self._file is not None
        line = json.dumps({**asdict(exchange_record(exchange, self._hidden)), **notes}, ensure_ascii=True)
        with self._lock:
            self._file.write(line + "\n")

    def close(self, *, complete: bool) -> None:
        """Finish. A journal stays only if it is still needed.

        Args:
            complete: Whether everything that was made has been removed.
        """
        self.journal.close()
        if self._file is not None:
            self._file.close()
        if complete and self.journal.path is not None:
            self.journal.path.unlink()
        if complete and self._temporary is not None:
            shutil.rmtree(self._temporary)
