"""The settings of the server, and reading them from the options of the command."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import sqlalchemy as sa

from partially_reference.mail import MailServer

IN_MEMORY = "sqlite://"
"""The URL of a database in memory. It is forgotten when the server stops."""

_KEY = re.compile(r"[\x21-\x7e]{1,512}")
_SMTP_PORT = 25


class SettingsError(Exception):
    """The server cannot use a setting. The message says what was expected and what was given."""


@dataclass(frozen=True)
class Settings:
    """The settings of a server.

    Raises:
        SettingsError: There is no API key, one cannot be sent in a header, or one is given twice.
    """

    api_keys: tuple[str, ...]
    """The API keys. Each is a merchant of its own."""
    database: sa.URL = field(default_factory=lambda: database_url(IN_MEMORY))
    mail_server: MailServer | None = None
    """The mail server that sends login emails. None sends no emails."""
    harness: bool = False
    """Whether to serve the harness and to keep emails for it."""

    def __post_init__(self) -> None:
        if not self.api_keys:
            raise SettingsError("expected at least one API key")
        for number, key in enumerate(self.api_keys, 1):
            if _KEY.fullmatch(key) is None:
                raise SettingsError(
                    f"API key number {number}: expected 1 to 512 visible ASCII characters without blanks"
                )
        if len(set(self.api_keys)) < len(self.api_keys):
            raise SettingsError("expected different API keys, but one was given twice")


def new_api_key() -> str:
    """A random API key."""
    return secrets.token_urlsafe(24)


def database_url(text: str) -> sa.URL:
    """Read the URL of a database.

    Raises:
        SettingsError: The text is not a URL, or not one of SQLite or PostgreSQL, or names no database.
    """
    wanted = "expected sqlite:///PATH, sqlite:// (in memory) or postgresql://USER@HOST/NAME"
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        hidden = re.sub(r":[^:@/]*@", ":***@", text)
        raise SettingsError(f"database: {wanted}, got {hidden!r}") from None
    match url.drivername:
        case "sqlite" if url.query:
            raise SettingsError(f"database: {wanted}, without options, got {text!r}")
        case "sqlite":
            return url
        case "postgresql" | "postgres" | "postgresql+psycopg" if url.database:
            return url.set(drivername="postgresql+psycopg")
        case "postgresql" | "postgres" | "postgresql+psycopg":
            # Otherwise the driver would use a database with the name of the user.
            raise SettingsError(
                f"database: {wanted}, got {url.render_as_string()!r}, which names no database"
            )
        case other:
            raise SettingsError(f"database: {wanted}, got {other!r} before ://")


def mail_server(text: str) -> MailServer:
    """Read the address of a mail server. Without a port, it is 25.

    Raises:
        SettingsError: The text does not have the form smtp://HOST:PORT.
    """
    wanted = f"smtp: expected smtp://HOST:PORT, got {text!r}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(wanted) from None
    if (
        parts.scheme != "smtp"
        or not host
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise SettingsError(wanted)
    return MailServer(host, port or _SMTP_PORT)
