"""The configuration of a client, a small TOML file: its names and its version."""

from __future__ import annotations

import difflib
import keyword
import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from partially_generator.reading.errors import GeneratorError

DEFAULT: Path = Path(__file__).parent / "client.toml"
"""The configuration of the client of this project."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the configuration.

    Attributes:
        wanted: What a value must be. Completes "expected ...".
        about: What the key is for.
    """

    pattern: re.Pattern[str]
    wanted: str
    about: str


_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")

KEYS: dict[str, Key] = {
    "package": Key(
        re.compile(r"[a-z][a-z0-9_]*"),
        "a package name in lower case, such as acme_client",
        "What programs import.",
    ),
    "distribution": Key(
        re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"),
        "a name such as acme-client",
        "What pip installs.",
    ),
    "version": Key(
        re.compile(r"[0-9]+(\.[0-9]+)*((a|b|rc|\.dev|\.post)[0-9]+)?"),
        "a version such as 1.2.0",
        "Version of the client. `partially-generate diff` suggests the next one.",
    ),
    "client_class": Key(_CLASS, "a class name such as Acme", "The blocking client."),
    "async_client_class": Key(_CLASS, "a class name such as AsyncAcme", "The asynchronous client."),
    "error_class": Key(_CLASS, "a class name such as AcmeError", "The base of all errors the client raises."),
    "environment": Key(
        re.compile(r"[A-Z][A-Z0-9_]*"),
        "a prefix in capitals such as ACME",
        "Prefix of the environment variables that the client reads, such as ACME_API_KEY for ACME.",
    ),
    "copyright": Key(
        re.compile(r"[^\x00-\x1f\x7f]+"),
        "the text after (c) in the license, on one line",
        "Year and owner, for the license of the client (MIT).",
    ),
}
"""All keys, in the order in which `init` writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Names and version of a client."""

    package: str
    distribution: str
    version: str
    client_class: str
    async_client_class: str
    error_class: str
    environment: str
    copyright: str


def read_config(path: Path = DEFAULT) -> Config:
    """Read a configuration.

    Raises:
        GeneratorError: The file cannot be read, or a key is unknown, missing or unusable.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GeneratorError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise GeneratorError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise GeneratorError(f"{path}: not TOML: {error}") from error
    known = [field.name for field in fields(Config)]
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise GeneratorError(f"{path}: {key}: unknown key; {hint}Valid keys: {', '.join(known)}")
    for key in known:
        _check(path, key, values.get(key))
    config = Config(**values)
    if len({config.client_class, config.async_client_class, config.error_class}) < 3:
        raise GeneratorError(f"{path}: client_class, async_client_class and error_class must differ")
    return config


def _check(path: Path, key: str, value: object) -> None:
    wanted = KEYS[key].wanted
    if value is None:
        raise GeneratorError(f"{path}: {key}: missing; expected {wanted}")
    if not isinstance(value, str) or not KEYS[key].pattern.fullmatch(value) or keyword.iskeyword(value):
        raise GeneratorError(f"{path}: {key}: expected {wanted}, got {value!r}")
