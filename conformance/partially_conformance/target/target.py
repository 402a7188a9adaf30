"""The target: which server is checked, with which keys, and what the suite may do to it."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from partially_conformance.target.configuration import ConfigurationError, Table, read_toml

_FROM_ENVIRONMENT = "env:"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]+\]")
_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)

DEFAULT_TIMEOUT: float = 10.0
"""Seconds for one response, unless the target says otherwise."""

DEFAULT_EMAIL_DOMAIN = "example.com"
"""Where made-up addresses are unless the target says otherwise. Nobody reads mail there (RFC 2606)."""


class TargetError(ConfigurationError):
    """The target cannot be used."""


@dataclass(frozen=True, slots=True)
class Start:
    """How the suite starts the server itself.

    Attributes:
        command: The program and its arguments.
        env: Variables set for it, beside those of the suite's own environment.
    """

    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Only the program: arguments and variables are where keys are."""
        return f"Start({self.command[0]!r}, ...)"


@dataclass(frozen=True, slots=True)
class Live:
    """The consent to check a server on another machine.

    Attributes:
        confirm: Must be true.
        email_domain: Every address the suite makes up is here.
    """

    confirm: bool
    email_domain: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the suite's own mail server listens.

    Attributes:
        host: An address or name of this machine, IPv6 without brackets.
        port: From 1 to 65535. Not 0: the server that is checked has to be told the port.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """As it is written in a target file."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A server to check. Every value has been found sound.

    Attributes:
        name: What the report calls it.
        base_url: Where the API is, without a slash at the end.
        api_key: The key of the merchant whose customers the suite makes.
        other_api_key: The key of a second merchant. Without it, isolation is not tested.
        harness_url: Where the harness is. Without it, what needs it is not tested.
        smtp_listen: Where the suite receives the emails the server sends. None reads them from the harness.
        rate: Requests a second at most. None is unlimited.
        timeout: Seconds for one response.
        start: How to start the server, if the suite is to do it.
        live: The consent that a server on another machine needs.
    """

    name: str
    base_url: str
    api_key: str = field(repr=False)
    other_api_key: str | None = field(default=None, repr=False)
    harness_url: str | None = None
    smtp_listen: Listen | None = None
    rate: float | None = None
    timeout: float = DEFAULT_TIMEOUT
    start: Start | None = None
    live: Live | None = None

    @property
    def email_domain(self) -> str:
        """The domain of every address the suite makes up."""
        return self.live.email_domain if self.live else DEFAULT_EMAIL_DOMAIN


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What the command line says about the target. Each value given replaces that of the file.

    Attributes:
        base_url: For `--base-url`.
        api_key: For `--api-key`.
        other_api_key: For `--other-api-key`.
        harness_url: For `--harness-url`.
        smtp_listen: For `--smtp-listen`.
    """

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    other_api_key: str | None = field(default=None, repr=False)
    harness_url: str | None = None
    smtp_listen: str | None = None

    def given(self) -> dict[str, str]:
        """The values that were given, by the key of the target file each one replaces."""
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}


def load_target(
    path: Path, options: TargetOptions | None = None, environment: Mapping[str, str] = os.environ
) -> Target:
    """Read a target file. What the command line says goes before what the file says.

    Args:
        path: The file. `docs/target-file.md` describes it.
        options: What the command line says.
        environment: Where the values written `env:NAME` are.

    Raises:
        TargetError: It cannot be read, or something in it is not as it must be.
    """
    values, _ = read_toml(path, TargetError)
    given = (options or TargetOptions()).given()
    return _build(values | given, str(path), given, environment, default_name=path.stem)


def from_options(options: TargetOptions, environment: Mapping[str, str] = os.environ) -> Target | None:
    """The target the command line alone describes, None if it says nothing about one.

    Raises:
        TargetError: It says too little, or something that cannot be.
    """
    given = options.given()
    if not given:
        return None
    for key in ("base_url", "api_key"):
        if key not in given:
            first = _option(next(iter(given)))
            raise TargetError(f"{first} without a target file also needs {_option(key)}")
    return _build(
        given, "the command line", given, environment, default_name=urlsplit(given["base_url"]).netloc
    )


def _option(key: str) -> str:
    return "--" + key.replace("_", "-")


def _build(
    values: dict[str, Any],
    file: str,
    given: dict[str, str],
    environment: Mapping[str, str],
    default_name: str,
) -> Target:
    top = Table(values, file, "", TargetError)
    top.only(entry.name for entry in dataclasses.fields(Target))
    top.required("base_url", "api_key")

    def text(key: str) -> str | None:
        value = top.string(key)
        return None if value is None else _from_environment(value, where(key), environment)

    def where(key: str) -> str:
        return _option(key) if key in given else f"{file}: {key}"

    base_url = _url(text("base_url") or "", where("base_url"))
    harness = text("harness_url")
    harness_url = None if harness is None else _url(harness, where("harness_url"))
    api_key = _key(text("api_key") or "", where("api_key"))
    other = text("other_api_key")
    other_api_key = None if other is None else _key(other, where("other_api_key"))
    if api_key == other_api_key:
        raise TargetError(
            f"{where('other_api_key')}: expected the key of another merchant, got the same key as api_key"
        )
    listen = text("smtp_listen")
    smtp_listen = None if listen is None else _listen(listen, where("smtp_listen"))
    name = top.string("name")
    if name is not None and (not name.strip() or not name.isprintable()):
        raise TargetError(top.wrong("name", "a printable text that is not empty", repr(name)))
    live = _live(top.table("live"))
    for key, url in (("base_url", base_url), ("harness_url", harness_url)):
        if url is not None and not is_loopback(url) and not (live and live.confirm):
            raise TargetError(
                f"{where(key)}: {urlsplit(url).hostname} is not a loopback address. The suite makes, changes"
                " and removes customers: a target file must allow it by [live], confirm = true, email_domain"
            )
    return Target(
        name=name if name is not None else default_name,
        base_url=base_url,
        api_key=api_key,
        other_api_key=other_api_key,
        harness_url=harness_url,
        smtp_listen=smtp_listen,
        rate=top.positive("rate"),
        timeout=top.positive("timeout") or DEFAULT_TIMEOUT,
        start=_start(top.table("start")),
        live=live,
    )


def _start(table: Table | None) -> Start | None:
    if table is None:
        return None
    table.only(entry.name for entry in dataclasses.fields(Start))
    table.required("command")
    command, env = table.strings("command") or (), table.string_table("env")
    if not command or not command[0]:
        raise TargetError(table.wrong("command", "a program and its arguments", repr(list(command))))
    for index, part in enumerate(command):
        if "\0" in part:
            raise TargetError(table.wrong(f"command[{index}]", "a text without NUL", repr(part)))
    for name, value in env.items():
        if not name or "=" in name or "\0" in name + value:
            raise TargetError(table.wrong("env", "names without '=' and texts without NUL", repr(name)))
    return Start(command, env)


def _live(table: Table | None) -> Live | None:
    if table is None:
        return None
    keys = tuple(entry.name for entry in dataclasses.fields(Live))
    table.only(keys)
    table.required(*keys)
    confirm, domain = table.boolean("confirm"), table.string("email_domain")
    if domain is None or not _DOMAIN.fullmatch(domain):
        raise TargetError(table.wrong("email_domain", "a domain such as example.com", repr(domain)))
    return Live(bool(confirm), domain)


def _from_environment(value: str, where: str, environment: Mapping[str, str]) -> str:
    if not value.startswith(_FROM_ENVIRONMENT):
        return value
    name = value.removeprefix(_FROM_ENVIRONMENT)
    if not name:
        raise TargetError(f"{where}: expected the name of a variable after 'env:', got nothing")
    if not (found := environment.get(name)):
        state = "is empty" if name in environment else "is not set"
        raise TargetError(f"{where}: the environment variable {name} {state}")
    return found


def _key(value: str, where: str) -> str:
    if not value:
        raise TargetError(f"{where}: expected a key, got an empty text")
    if odd := next((index for index, sign in enumerate(value, 1) if not "!" <= sign <= "~"), None):
        raise TargetError(
            f"{where}: expected printable ASCII without blanks, got something else as character {odd}"
        )
    return value


def _url(value: str, where: str) -> str:
    """The URL without a slash at the end.

    Strict on purpose: two parsers must never disagree on which host this is.
    """
    wanted = "expected a URL such as http://127.0.0.1:8080/api"
    shown = repr(value)
    if "@" in value:
        raise TargetError(f"{where}: {wanted}, got one with an '@'; a user and a password do not belong here")
    if not re.fullmatch(r"[!-~]+", value) or "\\" in value:
        raise TargetError(f"{where}: {wanted}, got {shown}")
    if "?" in value or "#" in value:
        raise TargetError(f"{where}: {wanted}, without query and fragment, got {shown}")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"{where}: {wanted}, got {shown}: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise TargetError(f"{where}: {wanted}, with http or https, got {shown}")
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    if port == 0 or not _HOST.fullmatch(host):
        raise TargetError(f"{where}: {wanted}, with a host, got {shown}")
    return value.rstrip("/")


def _listen(value: str, where: str) -> Listen:
    host, _, port = value.rpartition(":")
    if not _HOST.fullmatch(host) or not (port.isascii() and port.isdigit()):
        raise TargetError(f"{where}: expected HOST:PORT such as 127.0.0.1:2525, got {value!r}")
    if not 1 <= int(port[:6]) <= 65535:
        raise TargetError(
            f"{where}: expected a port from 1 to 65535, which the server can be told, got {value!r}"
        )
    return Listen(host.strip("[]"), int(port))


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine: 127.0.0.0/8, ::1 or localhost, and no other name."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
