"""The command `init`: writes a configuration for another API, with names taken from its description."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import unicodedata
from dataclasses import asdict
from pathlib import Path

from partially_generator.api import names
from partially_generator.reading.config import KEYS, Config
from partially_generator.reading.document import read_document
from partially_generator.reading.errors import GeneratorError, one_line
from partially_generator.writing.client import generate_client
from partially_spec import Document

_GENERIC_WORDS = {
    "api",
    "apis",
    "openapi",
    "rest",
    "http",
    "client",
    "sdk",
    "the",
    "a",
    "an",
    "of",
    "for",
    "v",
}
"""Words of a title that do not name a product."""

_FIRST_VERSION = "0.1.0"

_SUFFIXES = ("", "Client", "Api", "Sdk")
"""Added to a class name until it is unique."""


def init(options: argparse.Namespace) -> int:
    """Write a configuration; returns the exit code.

    Raises:
        GeneratorError: The description cannot be used, or the file exists already or cannot be written.
    """
    path: Path = options.file
    if path.exists() and not options.force:
        raise GeneratorError(f"{path}: exists already; --force overwrites it")
    document = read_document(options.spec)
    config, problem = _config(document)
    try:
        path.write_text(_text(config, document), encoding="utf-8", newline="\n")
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be written: {error.strerror}") from error
    print(f"Wrote {path}: `{config.client_class}` in the package {config.package}")
    if problem:
        print(f"`build` cannot use the description yet: {problem}", file=sys.stderr)
    else:
        print(f"Next: partially-generate build --spec {options.spec} --config {path} --output FOLDER")
    return 0


def _config(document: Document) -> tuple[Config, str | None]:
    """The configuration, and why no client can be built with it, or None."""
    problems: list[str] = []
    for suffix in _SUFFIXES:
        config = _named(document, suffix)
        try:
            generate_client(document, config)
        except GeneratorError as error:
            problems.append(str(error))
        else:
            return config, None
    return _named(document, ""), problems[0]


def _named(document: Document, suffix: str) -> Config:
    info = document.raw["info"]
    title = " ".join(_words(str(info["title"]))) or "api"
    name = names.class_name(title, fallback="Api")
    stem = names.identifier(f"{title} client", fallback="api").removesuffix("_client")
    owner = one_line(str((info.get("contact") or {}).get("name") or info["title"]))
    return Config(
        package=f"{stem}_client",
        distribution=f"{stem.replace('_', '-')}-client",
        version=_FIRST_VERSION,
        client_class=f"{name}{suffix}",
        async_client_class=f"Async{name}{suffix}",
        error_class=f"{name}Error",
        environment=stem.upper(),
        copyright=f"{dt.datetime.now(dt.UTC).year} {owner or 'The authors'}",
    )


def _words(title: str) -> list[str]:
    """The words of the title that make a name: in ASCII, without generic ones if others are left."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    found = names.words(plain)
    return [word for word in found if word not in _GENERIC_WORDS] or found


def _text(config: Config, document: Document) -> str:
    lines = [
        f"# Names and version of the client of {one_line(str(document.raw['info']['title']))}, for",
        "# `partially-generate build --config`. Everything else comes from the description of the API.",
    ]
    for key, value in asdict(config).items():
        lines += ["", f"# {KEYS[key].about}", f"{key} = {json.dumps(value, ensure_ascii=False)}"]
    return "\n".join(lines) + "\n"
