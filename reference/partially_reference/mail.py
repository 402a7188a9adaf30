"""Emails: their text, their sending, and the copies that the harness reads."""

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

_MAX_KEPT_EMAILS = 10_000
"""How many emails the outbox keeps. After that it drops the oldest."""


@dataclass(frozen=True)
class Email:
    """One email in plain text."""

    customer_id: str
    to: str
    subject: str
    body: str


@dataclass(frozen=True)
class MailServer:
    """The address of an SMTP server that sends emails."""

    host: str
    port: int


class EmailComposer:
    """Writes emails."""

    sender = "no-reply@partially.example"

    def login_token(self, customer: Mapping[str, Any], token: str, minutes: int) -> Email:
        """The email with a login token. The token is on a line of its own."""
        body = (
            f"Your login token is:\n\n{token}\n\n"
            f"It works once, within {minutes} minutes. If you did not ask for it, ignore this email.\n"
        )
        return Email(customer["id"], self.address(customer), "Your login token", body)

    def address(self, customer: Mapping[str, Any]) -> str:
        """The address of a customer: the one that is stored, not the one that was typed."""
        return str(customer["email"])


class Outbox:
    """Keeps sent emails in memory, so that the harness can show them."""

    def __init__(self) -> None:
        # Each email is stored with its folded address, so that it can be found by that.
        self._emails: deque[tuple[str, Email]] = deque(maxlen=_MAX_KEPT_EMAILS)
        self._lock = threading.Lock()

    def keep(self, email: Email) -> None:
        """Add an email."""
        with self._lock:
            self._emails.append((fold(email.to), email))

    def sent_to(self, address: str) -> list[Email]:
        """The emails to an address, oldest first. Upper and lower case are equal."""
        wanted = fold(address)
        with self._lock:
            return [email for folded, email in self._emails if folded == wanted]

    def forget(self, customer_id: str) -> None:
        """Delete all emails to a customer, also those to an earlier address."""
        with self._lock:
            kept = [entry for entry in self._emails if entry[1].customer_id != customer_id]
            self._emails = deque(kept, maxlen=_MAX_KEPT_EMAILS)


class Mailer:
    """Sends emails.

    Args:
        server: The mail server. Without one, nothing is sent.
        outbox: Keeps every email. Without one, nothing is kept.
        sender: The address that the emails come from.
    """

    def __init__(self, server: MailServer | None, outbox: Outbox | None, sender: str) -> None:
        self.server = server
        self.outbox = outbox
        self.sender = sender

    def keep(self, email: Email) -> None:
        """Put an email into the outbox for the harness."""
        if self.outbox is not None:
            self.outbox.keep(email)

    def deliver(self, email: Email) -> None:
        """Send an email through the mail server.

        A failure is only logged. The caller of the API must not see, in the response or in the time that
        it takes, whether an email was sent.
        """
        if self.server is None:
            return
        try:
            with smtplib.SMTP(self.server.host, self.server.port, timeout=_SMTP_TIMEOUT) as smtp:
                smtp.send_message(self.as_message(email))
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # ValueError: the mail server cannot encode this address.
            logger.error(  # noqa: TRY400 - a traceback through smtplib does not help to find the cause
                "an email was not sent by smtp://%s:%d: %s", self.server.host, self.server.port, error
            )

    def as_message(self, email: Email) -> EmailMessage:
        """The email as a message with headers, ready to be sent."""
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = email.to
        message["Subject"] = email.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message.set_content(email.body)
        return message
