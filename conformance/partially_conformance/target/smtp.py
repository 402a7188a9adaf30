"""The mail server of the suite: receives the emails of a target and keeps them for the checks."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from partially_conformance.target.configuration import ConfigurationError
from partially_conformance.target.target import Listen


class SmtpError(ConfigurationError):
    """The mail server cannot listen at the given address."""


class Inbox:
    """The received emails, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._emails: list[dict[str, str]] = []
        self._lock = threading.Lock()

    def sent_to(self, address: str) -> list[dict[str, str]]:
        """The emails to an address, ignoring its case, oldest first: each `to`, `subject` and `body`."""
        with self._lock:
            return [email for email in self._emails if email["to"].lower() == address.lower()]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep an email. aiosmtpd demands this name."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "surrogateescape")
        message = message_from_bytes(raw, EmailMessage, policy=SMTPUTF8)
        subject, body = str(message.get("Subject", "")), text_of(message)
        with self._lock:
            self._emails += [{"to": to, "subject": subject, "body": body} for to in envelope.rcpt_tos]
        return "250 kept"


def text_of(message: EmailMessage) -> str:
    """All texts of a message, plain ones before HTML, without attachments."""
    texts: dict[str, list[str]] = {"plain": [], "html": []}
    for part in message.walk():
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            texts.setdefault(part.get_content_subtype(), []).append(_decoded(part))
    return "\n".join(text for same_kind in texts.values() for text in same_kind)


def _decoded(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes), "only a multipart has none"
    try:
        text = payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = payload.decode("utf-8", "replace")  # an unknown charset
    return text.replace("\r\n", "\n")


class _Controller(Controller):
    """Serves on a socket that is bound already: so the error for a taken address comes before a thread."""

    def __init__(self, inbox: Inbox, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(inbox, hostname=host, port=port)
        self._listener = listener

    async def _create_server(self) -> asyncio.AbstractServer:
        return await self.loop.create_server(self._factory_invoker, sock=self._listener)


@contextmanager
def receiving(where: Listen) -> Iterator[Inbox]:
    """Run the mail server while the block runs.

    Args:
        where: The address at which it listens.

    Raises:
        SmtpError: The address is in use, or does not belong to this machine.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        listener = socket.create_server((where.host, where.port), family=family)
    except OSError as error:
        unknown = isinstance(error, socket.gaierror)
        why = "the host name cannot be resolved" if unknown else os.strerror(error.errno or 0)
        raise SmtpError(
            f"smtp_listen: cannot listen on {where}: {why};"
            " choose another address, or stop the program that listens there"
        ) from error
    inbox = Inbox()
    controller = _Controller(inbox, listener)
    with listener:
        controller.start()
        try:
            yield inbox
        finally:
            controller.stop()
