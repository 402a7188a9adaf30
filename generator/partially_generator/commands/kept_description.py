"""The description a client was made from, kept beside it: what a later build compares the new one with."""

from __future__ import annotations

import json
from pathlib import Path

from partially_generator.reading.document import read_document
from partially_spec import Document

FILE_NAME = "openapi.json"
"""The file in the folder of a client. It is not part of the installed package."""


def content(document: Document) -> bytes:
    """The document as JSON, in its own order and without comments: always the same for the same data."""
    text = json.dumps(document.raw, indent=1, ensure_ascii=False)
    return f"{text}\n".encode(errors="backslashreplace")


def read(folder: Path) -> Document | None:
    """The description of the client in a folder; None where there is no client, or one without it.

    Raises:
        GeneratorError: The file is there and is no valid document.
    """
    path = folder / FILE_NAME
    return read_document(path) if path.is_file() else None
