"""Emails: what they say, where they go, and what the harness may read of them."""

from __future__ import annotations

import logging
import smtplib
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from partially_reference.text import fold

logger = logging.getLogger(__name__)

_SMTP_TIMEOUT = 10.0
"""Seconds to wait for the mail server."""

_KEPT_EMAILS = 10_000
"""How many emails the outbox keeps; the oldest go first."""


@dataclass(frozen=True)
class Email:
    """One email in plain text."""

    customer_id: str
    to: str
    subject: str
    body: str


@dataclass(frozen=True)
class MailServer:
    """Where emails are handed over, by SMTP."""

    host: str
    port: int


class EmailComposer:
    """Writes the emails."""

    sender = "no-reply@partially.example"

    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        """The email that carries a login token, which stands on a line of its own."""
        body = (
            f"Your login token is:\n\n{token}\n\n"
            f"It works once, within {minutes} minutes. If you did not ask for it, ignore this email.\n"
        )
        return Email(customer["id"], self.address(customer), "Your login token", body)

    def address(self, customer: Mapping[str, Any]) -> str:
        """Where to write to a customer: the address that is stored, whatever was typed."""
        return str(customer["email"])


class Outbox:
    """Keeps the emails that were sent, in memory, for the harness to read."""

    def __init__(self) -> None:
        # With the folded address beside each, by which they are looked up.
        self._emails: deque[tuple[str, Email]] = deque(maxlen=_KEPT_EMAILS)
        self._lock = threading.Lock()

    def keep(self, email: Email) -> None:
        """Add an email."""
        with self._lock:
            self._emails.append((fold(email.to), email))

    def sent_to(self, address: str) -> list[Email]:
        """The emails to an address, ignoring its case, oldest first."""
        wanted = fold(address)
        with self._lock:
            return [email for folded, email in self._emails if folded == wanted]

    def forget(self, customer_id: str) -> None:
        """Drop the emails to a customer, under whatever address."""
        with self._lock:
            kept = [entry for entry in self._emails if entry[1].customer_id != customer_id]
            self._emails = deque(kept, maxlen=_KEPT_EMAILS)


class Mailer:
    """Sends emails.

    Args:
        server: The mail server; None sends nothing.
        outbox: Where every email is kept; None keeps nothing.
        sender: The address the emails come from.
    """

    def __init__(self, server: MailServer | None, outbox: Outbox | None, sender: str) -> None:
        self.server = server
        self.outbox = outbox
        self.sender = sender

    def keep(self, email: Email) -> None:
        """Keep an email for the harness, at once."""
        if self.outbox is not None:
            self.outbox.keep(email)

    def deliver(self, email: Email) -> None:
        """Hand an email to the mail server.

        A mail server that fails is logged and nothing else: the caller of the API must not learn
        from the answer, nor from its time, whether there was anybody to write to.
        """
        if self.server is None:
            return
        try:
            with smtplib.SMTP(self.server.host, self.server.port, timeout=_SMTP_TIMEOUT) as smtp:
                smtp.send_message(self.as_message(email))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # ValueError: an address this mail server has no way to write down.
            logger.error(  # noqa: TRY400 - where in smtplib it failed helps nobody
                "an email was not sent by smtp://%s:%d: %s", self.server.host, self.server.port, error
            )

    def as_message(self, email: Email) -> EmailMessage:
        """An email in the form in which it travels."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = email.to
        message["Subject"] = email.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message.set_content(email.body)
        return message
