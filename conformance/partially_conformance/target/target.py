"""The target: where it is, its keys, how it is started, and whether the suite may change it."""

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

from partially_conformance.target.configuration import ConfigurationError, Table, nearest, read_toml

_FROM_ENVIRONMENT = "env:"
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]+\]")
_DOMAIN = re.compile(
    r"(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)

_SECRET_KEYS = ("api_key", "other_api_key", "start")  # a command and its variables may contain keys

RUN_TABLE = "run"
"""The table with options of the command `run`, which reads it itself."""

DEFAULT_TIMEOUT: float = 10.0
"""Seconds for one response unless the target file says otherwise."""

DEFAULT_EMAIL_DOMAIN = "example.com"
"""The domain of generated emails unless the target file says otherwise. It receives no mail (RFC 2606)."""


class TargetError(ConfigurationError):
    """The target file or an option about the target cannot be used."""


@dataclass(frozen=True, slots=True)
class Start:
    """How the suite starts the target.

    Attributes:
        command: The program and its arguments.
        env: Environment variables for it, in addition to those of the suite.
    """

    command: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Only the program: arguments and variables may contain keys."""
        return f"Start({self.command[0]!r}, ...)"


@dataclass(frozen=True, slots=True)
class Live:
    """The consent to check a target on another machine.

    Attributes:
        confirm: Must be true.
        email_domain: The domain of every email that the suite generates.
    """

    confirm: bool
    email_domain: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the suite's own mail server listens.

    Attributes:
        host: An address or name of this machine, IPv6 without brackets.
        port: From 1 to 65535. Not 0: the target must be configured with the port.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """The address as a target file has it, such as `127.0.0.1:2525`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A target to check. All values are valid.

    Attributes:
        name: Its name in the report.
        base_url: Where its API is, without a slash at the end.
        api_key: The key of the merchant for whom the suite creates customers.
        other_api_key: The key of a second merchant; None if isolation cannot be tested.
        harness_url: Where its harness is; None if it has none.
        smtp_listen: Where the suite receives the emails of the target; None to read them from the harness.
        rate: Most requests per second; None for no limit.
        timeout: Longest time for one exchange. In seconds.
        start: How the suite starts it; None if it runs already.
        live: The consent that a target on another machine needs.
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
        """The domain of every email that the suite generates."""
        return self.live.email_domain if self.live else DEFAULT_EMAIL_DOMAIN


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """The options of the command line about the target. Each replaces the value in the target file.

    Attributes:
        base_url: The value of `--base-url`.
        api_key: The value of `--api-key`.
        other_api_key: The value of `--other-api-key`.
        harness_url: The value of `--harness-url`.
        smtp_listen: The value of `--smtp-listen`.
    """

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    other_api_key: str | None = field(default=None, repr=False)
    harness_url: str | None = None
    smtp_listen: str | None = None

    def given(self) -> dict[str, str]:
        """The options that were given, by the key of the target file that each replaces."""
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}


def load_target(
    path: Path, options: TargetOptions | None = None, environment: Mapping[str, str] = os.environ
) -> Target:
    """Read a target file. Options of the command line replace values of the file.

    Args:
        path: The file. `docs/target-file.md` describes it.
        options: The options of the command line.
        environment: The variables that values of the form `env:NAME` refer to.

    Raises:
        TargetError: The file cannot be read, or a value is not as it must be.
    """
    values, _ = read_toml(path, TargetError)
    given = (options or TargetOptions()).given()
    return _build(values | given, str(path), given, environment, default_name=path.stem)


def from_options(options: TargetOptions, environment: Mapping[str, str] = os.environ) -> Target | None:
    """The target that the options describe without a target file; None if no option is about a target.

    Raises:
        TargetError: An option is missing, or a value is not as it must be.
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
    top = Table(values, file, "", TargetError, secret=_SECRET_KEYS)
    top.allow_only((*(entry.name for entry in dataclasses.fields(Target)), RUN_TABLE))
    top.require("base_url", "api_key")

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
            f"{where('other_api_key')}: expected the key of another merchant, got the key of api_key again"
        )
    listen = text("smtp_listen")
    smtp_listen = None if listen is None else _listen(listen, where("smtp_listen"))
    name = top.string("name")
    if name is not None and (not name.strip() or not name.isprintable()):
        raise TargetError(top.wrong("name", "printable text that is not empty", repr(name)))
    live = _live(top.table("live"))
    for key, url in (("base_url", base_url), ("harness_url", harness_url)):
        if url is not None and not is_loopback(url) and not (live and live.confirm):
            raise TargetError(
                f"{where(key)}: {urlsplit(url).hostname} is not a loopback address. The suite creates,"
                " changes and removes customers: a target file must allow this with [live], confirm = true"
                " and email_domain"
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
    table.allow_only(entry.name for entry in dataclasses.fields(Start))
    table.require("command")
    command, env = table.strings("command") or (), table.string_table("env")
    if not command or not command[0]:
        got = "an empty name of a program" if command else "an empty array"
        raise TargetError(table.wrong("command", "a program and its arguments", got))
    for index, part in enumerate(command):
        if "\0" in part:
            raise TargetError(table.wrong(f"command[{index}]", "a string without NUL", "one with NUL"))
    for name, value in env.items():
        if not name or "=" in name or "\0" in name:
            wanted = "the name of a variable, without '=' and NUL"
            raise TargetError(table.wrong("env", wanted, repr(name)))
        if "\0" in value:
            raise TargetError(table.wrong(f"env.{name}", "a string without NUL", "one with NUL"))
    return Start(command, env)


def _live(table: Table | None) -> Live | None:
    if table is None:
        return None
    keys = tuple(entry.name for entry in dataclasses.fields(Live))
    table.allow_only(keys)
    table.require(*keys)
    confirm, domain = table.boolean("confirm"), table.string("email_domain")
    if domain is None or not _DOMAIN.fullmatch(domain):
        raise TargetError(table.wrong("email_domain", "a domain such as example.com", repr(domain)))
    return Live(bool(confirm), domain)


def _from_environment(value: str, where: str, environment: Mapping[str, str]) -> str:
    if not value.startswith(_FROM_ENVIRONMENT):
        return value
    name = value.removeprefix(_FROM_ENVIRONMENT)
    if not name:
        raise TargetError(f"{where}: expected the name of an environment variable after 'env:', got nothing")
    if not (found := environment.get(name)):
        state = "is empty" if name in environment else f"is not set{nearest(name, environment)}"
        raise TargetError(f"{where}: the environment variable {name} {state}")
    return found


def _key(value: str, where: str) -> str:
    if not value:
        raise TargetError(f"{where}: expected a key, got an empty string")
    if wrong := next((index for index, sign in enumerate(value, 1) if not "!" <= sign <= "~"), None):
        raise TargetError(
            f"{where}: expected printable ASCII without blanks, got something else at character {wrong}"
        )
    return value


def _url(value: str, where: str) -> str:
    """The URL without a slash at the end.

    It is strict on purpose: no two parsers may disagree about the host.
    """
    expected = "expected a URL such as http://127.0.0.1:8080/api"
    shown = repr(value)
    if "@" in value:
        raise TargetError(f"{where}: {expected}, got one with '@'; it must contain no user and no password")
    if not re.fullmatch(r"[!-~]+", value) or "\\" in value:
        raise TargetError(f"{where}: {expected}, got {shown}")
    if "?" in value or "#" in value:
        raise TargetError(f"{where}: {expected}, without query and fragment, got {shown}")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"{where}: {expected}, got {shown}") from error
    if parts.scheme not in ("http", "https"):
        raise TargetError(f"{where}: {expected}, with http or https, got {shown}")
    host = parts.netloc if port is None else parts.netloc.rpartition(":")[0]
    if port == 0 or not _HOST.fullmatch(host):
        raise TargetError(f"{where}: {expected}, with a host, got {shown}")
    return value.rstrip("/")


def _listen(value: str, where: str) -> Listen:
    host, _, port = value.rpartition(":")
    if not _HOST.fullmatch(host) or not (port.isascii() and port.isdigit()):
        raise TargetError(f"{where}: expected HOST:PORT such as 127.0.0.1:2525, got {value!r}")
    if not 1 <= int(port[:6]) <= 65535:
        raise TargetError(
            f"{where}: expected a port from 1 to 65535, to which the target can send, got {value!r}"
        )
    return Listen(host.strip("[]"), int(port))


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine: 127.0.0.0/8, ::1 or localhost, and no other name."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
