"""Writing the client of a description into a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from partially_generator.api import ir
from partially_generator.commands import kept_description
from partially_generator.reading.config import Config, read_config
from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError
from partially_generator.writing import client_folder
from partially_generator.writing.client import generate_client
from partially_generator.writing.render import Files
from partially_spec import Document


def write_client(spec: Path, config: Path, folder: Path, *, against: Document | None) -> list[str]:
    """Write the client; returns the lines to print about it.

    Args:
        against: The description to compare with; None for the one kept in the folder.

    Raises:
        GeneratorError: An input cannot be used, or the folder cannot be written.
    """
    document, names = read_document(spec), read_config(config)
    api, files = client_files(document, names)
    told = list(_changes(document, names, folder, against))
    client_folder.write(files, folder)
    left_out = [f"Left out, because the server calls it: {what}" for what in api.left_out]
    return [f"Wrote the client, {len(files)} files, to {folder.resolve()}", *left_out, *told]


def client_files(document: Document, config: Config) -> tuple[ir.Api, Files]:
    """The picture of the API, and all files of its client with the description beside them.

    Raises:
        GeneratorError: No client can be made of the document.
    """
    api, files = generate_client(document, config)
    return api, dict(
        sorted({**files, kept_description.FILE_NAME: kept_description.content(document)}.items())
    )


def _changes(document: Document, config: Config, folder: Path, against: Document | None) -> Iterator[str]:
    """What changed since the client in the folder was written, in a few lines; none without a change."""
    if against is None:
        try:
            against = kept_description.read(folder)
        except GeneratorError as error:
            yield f"The changes are unknown: {error}"
            return
    if against is None or kept_description.content(against) == kept_description.content(document):
        return
    from partially_generator.diff.difference import difference  # noqa: PLC0415
    from partially_generator.diff.report.console import summary  # noqa: PLC0415 - griffe is slow to load

    found = difference(against, document, config)
    if found.outcome != "same":
        yield f"Since {against.path}:"
        yield from summary(found)
