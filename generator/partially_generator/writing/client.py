"""Generates the files of a client from a document."""

from __future__ import annotations

from partially_generator.api import ir
from partially_generator.api.reader import read_api
from partially_generator.reading.config import Config
from partially_generator.reading.errors import GeneratorError, SpecError
from partially_generator.writing.render import Files, render
from partially_spec import Document


def generate_client(document: Document, config: Config) -> tuple[ir.Api, Files]:
    """The picture of the API, and the files of its client.

    Raises:
        GeneratorError: No client can be generated. The message names the file and the place.
    """
    try:
        api = read_api(document)
        return api, render(api, config)
    except SpecError as error:
        raise GeneratorError(f"{document.path}: {error}") from error
    except RecursionError as error:
        deep = "its schemas are nested too deeply"
        raise GeneratorError(f"{document.path}: {deep}") from error
