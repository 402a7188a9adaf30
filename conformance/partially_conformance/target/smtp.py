"""The suite's own mail server: takes every email a target sends, and keeps it for the checks to read."""

from __future__ import annotations

import asyncio
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
    """The mail server cannot listen where it was told to."""


class Inbox:
    """The emails that came, in the order in which they came."""

    def __init__(self) -> None:
        self._emails: list[dict[str, str]] = []
        self._lock = threading.Lock()

    def sent_to(self, address: str) -> list[dict[str, str]]:
        """The emails to an address, ignoring its case, oldest first: each `to`, `subject` and `body`."""
        with self._lock:
            return [email for email in self._emails if email["to"].lower() == address.lower()]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take an email in. The name is that which aiosmtpd looks for."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "surrogateescape")
        message = message_from_bytes(raw, EmailMessage, policy=SMTPUTF8)
        subject, body = str(message.get("Subject", "")), text_of(message)
        with self._lock:
            self._emails += [{"to": to, "subject": subject, "body": body} for to in envelope.rcpt_tos]
        return "250 kept"


def text_of(message: EmailMessage) -> str:
    """Every text of a message, plain ones first, whatever it is wrapped in. Attachments are left out."""
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
        text = payload.decode("utf-8", "replace")  # a charset nobody knows
    return text.replace("\r\n", "\n")


class _Controller(Controller):
    """Serves on a socket that is already bound: one that cannot be had is known before a thread starts."""

    def __init__(self, inbox: Inbox, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(inbox, hostname=host, port=port)
        self._listener = listener

    async def _create_server(self) -> asyncio.AbstractServer:
        return await self.loop.create_server(self._factory_invoker, sock=self._listener)


@contextmanager
def receiving(where: Listen) -> Iterator[Inbox]:
    """Run the mail server while the block runs.

    Raises:
        SmtpError: The address is taken, or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        listener = socket.create_server((where.host, where.port), family=family)
    except OSError as error:
        raise SmtpError(
            f"smtp_listen: cannot listen on {where}: {error.strerror or error}; choose another port, or"
            " stop what listens there"
        ) from error
    inbox = Inbox()
    controller = _Controller(inbox, listener)
    with listener:
        controller.start()
        try:
            yield inbox
        finally:
            controller.stop()
