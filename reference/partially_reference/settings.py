"""How the server is set up, and how the texts of the command line become settings."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import sqlalchemy as sa

from partially_reference.mail import MailServer

IN_MEMORY = "sqlite://"
"""The database that is forgotten when the server stops."""

_KEY = re.compile(r"[\x21-\x7e]{1,512}")
_SMTP_PORT = 25


class SettingsError(Exception):
    """A setting is not one the server can use. The message says what was wanted and what came."""


@dataclass(frozen=True)
class Settings:
    """What a server is made from.

    Raises:
        SettingsError: A key is not one that a header can carry, or stands there twice.
    """

    api_keys: tuple[str, ...]
    """One merchant each."""
    database: sa.URL = field(default_factory=lambda: database_url(IN_MEMORY))
    mail_server: MailServer | None = None
    """Where login emails go; nowhere when None."""
    harness: bool = False
    """Whether the harness is served, and emails are kept for it."""

    def __post_init__(self) -> None:
        if not self.api_keys:
            raise SettingsError("expected at least one API key")
        for number, key in enumerate(self.api_keys, 1):
            if _KEY.fullmatch(key) is None:
                raise SettingsError(
                    f"API key number {number}: expected 1 to 512 visible ASCII characters without blanks"
                )
        if len(set(self.api_keys)) < len(self.api_keys):
            raise SettingsError("each API key is a merchant of its own, but one was given twice")


def new_api_key() -> str:
    """A random API key."""
    return secrets.token_urlsafe(24)


def database_url(text: str) -> sa.URL:
    """Read where the database is.

    Raises:
        SettingsError: It is neither SQLite nor PostgreSQL, names no database, or is no URL at all.
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
            # The driver would fall back to a database named after the user.
            raise SettingsError(
                f"database: {wanted}, got {url.render_as_string()!r}, which names no database"
            )
        case other:
            raise SettingsError(f"database: {wanted}, got {other!r} in front of ://")


def mail_server(text: str) -> MailServer:
    """Read where emails go. The port is 25 when left out.

    Raises:
        SettingsError: It is not of the form smtp://host:port.
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
