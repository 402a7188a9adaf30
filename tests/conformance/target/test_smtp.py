"""Receiving login emails by SMTP."""

from __future__ import annotations

import base64
import dataclasses
import smtplib
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from partially_conformance.bench.bench import bench_for
from partially_conformance.rules.catalogue import Need
from partially_conformance.target.smtp import Inbox, SmtpError, receiving
from partially_conformance.target.target import Listen
from partially_reference.app import API_PATH, create_app
from partially_reference.mail import MailServer
from partially_reference.serving import running
from partially_reference.settings import Settings


@pytest.fixture
def where() -> Listen:
    """A port that was free a moment ago, outside the range from which clients get theirs."""
    for port in range(20_000 + threading.get_native_id() % 5_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return Listen("127.0.0.1", port)
    raise AssertionError("no port is free")


@pytest.fixture
def inbox(where: Listen) -> Iterator[Inbox]:
    with receiving(where) as inbox:
        yield inbox


def send(where: Listen, raw: bytes, *to: str) -> None:
    with smtplib.SMTP(where.host, where.port, timeout=10) as client:
        client.sendmail("sender@example.com", list(to), raw, mail_options=["SMTPUTF8", "BODY=8BITMIME"])


def test_a_plain_email_is_kept_for_each_of_its_recipients(where: Listen, inbox: Inbox) -> None:
    send(
        where,
        b"To: Else <else@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n..one\r\ntwo\r\n",
        "Ada@Example.com",
        "bob@example.com",
    )
    (email,) = inbox.sent_to("ada@EXAMPLE.com")
    assert email == {"to": "Ada@Example.com", "subject": "Grüße", "body": "..one\ntwo\n"}
    assert len(inbox.sent_to("bob@example.com")) == 1
    assert inbox.sent_to("else@example.com") == inbox.sent_to("da@example.com") == []


def test_emails_come_oldest_first(where: Listen, inbox: Inbox) -> None:
    for number in range(3):
        send(where, f"Subject: {number}\r\n\r\nx\r\n".encode(), "a@example.com")
    assert [email["subject"] for email in inbox.sent_to("a@example.com")] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("kind", "encoding", "body"),
    [
        ("text/plain; charset=utf-8", "quoted-printable", b"t=C3=B6ken=\r\n-1"),
        ("text/plain; charset=utf-8", "base64", base64.b64encode("töken-1".encode())),
        ("text/plain; charset=iso-8859-1", "8bit", "töken-1".encode("latin-1")),
        ("text/plain", "8bit", "töken-1".encode()),
        ("text/plain; charset=no-such-charset", "8bit", "töken-1".encode()),
        ("text/html; charset=utf-8", "8bit", "töken-1".encode()),
    ],
)
def test_every_encoding_is_decoded(
    where: Listen, inbox: Inbox, kind: str, encoding: str, body: bytes
) -> None:
    head = f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    send(where, head.encode() + body + b"\r\n", "a@example.com")
    assert inbox.sent_to("a@example.com")[0]["body"].strip() == "töken-1"


def test_all_texts_of_a_multipart_message_are_read_plain_ones_first(where: Listen, inbox: Inbox) -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("<p>in html</p>", subtype="html")
    message.add_alternative("plainly", subtype="plain")
    message.add_attachment("not this", filename="terms.txt")
    message.add_attachment(b"\0\1", maintype="image", subtype="png", filename="logo.png")
    send(where, bytes(message), "a@example.com")
    assert inbox.sent_to("a@example.com")[0]["body"].split("\n") == ["plainly", "", "<p>in html</p>", ""]


def test_thread_and_port_are_released_even_while_a_client_is_connected(where: Listen) -> None:
    before = threading.active_count()
    with receiving(where), socket.create_connection((where.host, where.port), timeout=10) as client:
        assert client.recv(3) == b"220"
        assert threading.active_count() == before + 1
        staying = client.dup()
    with staying:
        assert threading.active_count() == before
        with receiving(where):  # the port is free again
            pass


def test_a_port_in_use_is_one_clear_error(commands: Any, where: Listen, closed_port: int) -> None:
    with receiving(where):
        with (
            pytest.raises(SmtpError, match=f"cannot listen on {where}: Address already in use"),
            receiving(where),
        ):
            pass
        path = commands.target_file(base_url=f"http://127.0.0.1:{closed_port}/api", smtp_listen=str(where))
        for command in ("run", "doctor"):
            ended = commands(command, path)
            assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
            assert f"smtp_listen: cannot listen on {where}" in ended.err


def test_a_server_that_sends_emails_needs_no_harness_for_tokens(commands: Any, where: Listen) -> None:
    settings = Settings(api_keys=("key-one", "key-two"), mail_server=MailServer(where.host, where.port))
    with running(create_app(settings)) as address:
        path = commands.target_file(base_url=address + API_PATH, api_key="key-one")
        without = commands.run(path, "--rules", "TOKEN-1")
        assert without.status("TOKEN-1") == "not_tested"
        ended = commands.run(path, "--rules", "TOKEN-1", "--smtp-listen", str(where))
        assert (ended.code, ended.status("TOKEN-1")) == (0, "passed")
        doctor = commands("doctor", path, "--smtp-listen", str(where))
    assert "`emails`" not in doctor.out
    assert "`password`" in doctor.out


def test_received_emails_replace_those_of_the_harness(reference: Any, where: Listen) -> None:
    target = dataclasses.replace(reference(), smtp_listen=where)
    with bench_for(target) as bench:
        bench.inspect_harness()
        assert Need.EMAILS in bench.offered
        customer = bench.given.customer()
        bench.api.login_email(email=customer.email).success()
        assert bench.given.emails(customer.email) == []
        send(where, b"Subject: y\r\n\r\nx\r\n", customer.email)
        assert [email["subject"] for email in bench.given.emails(customer.email)] == ["y"]
