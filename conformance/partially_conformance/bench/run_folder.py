"""The run folder: the journal, and the recording if `--record` asks for one."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import IO

from partially_conformance.stories.story import exchange_record
from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.target.journal import FILE_NAME, Journal, JournalError, read_journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.redaction import Secrets

RECORDING = "exchanges.jsonl"
"""The name of the recording in the folder of `--record`: one exchange per line, as JSON."""


def refuse_leftovers(folder: Path | None) -> None:
    """Refuse a folder with the journal of an earlier run whose customers have not all been removed.

    Raises:
        ConfigurationError: The journal is still needed for `cleanup`, or cannot be read.
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
    """Writes the journal and the recording of one run.

    Args:
        folder: The folder for the recording; None for no recording, and a new folder for the journal.
        hidden: The secrets that the recording must not contain.
        target: The target of the customers in the journal.
        disposable: Whether the target and all its customers end with the run, so that no journal is needed.
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
        """Whether exchanges are recorded."""
        return self._file is not None

    def record(self, exchange: Exchange, **notes: str | int | None) -> None:
        """Add an exchange to the recording.

        Args:
            exchange: The exchange.
            notes: More keys of its line.
        """
        assert self._file is not None
        record = asdict(exchange_record(exchange, self._hidden))
        del record["again"]  # a single exchange is no story
        line = json.dumps({**record, **notes}, ensure_ascii=True)
        with self._lock:
            self._file.write(line + "\n")

    def close(self, *, complete: bool) -> None:
        """Close the files. The journal is kept only if it is still needed.

        Args:
            complete: Whether all customers of the run have been removed.
        """
        self.journal.close()
        if self._file is not None:
            self._file.close()
        if complete and self.journal.path is not None:
            self.journal.path.unlink()
        if complete and self._temporary is not None:
            shutil.rmtree(self._temporary)
