"""Login emails over SMTP."""

import logging
import queue
import socket

import pytest
from aiosmtpd.controller import Controller

from partially_reference.settings import MailServer


class Inbox(queue.Queue):
    """Accepts every email."""

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the name aiosmtpd asks for
        self.put(envelope)
        return "250 OK"


class FreePort(Controller):
    """A mail server on a free port. The original class would connect to port 0."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def inbox():
    inbox = Inbox()
    controller = FreePort(inbox, hostname="127.0.0.1", port=0, enable_SMTPUTF8=True)
    controller.start()
    inbox.server = MailServer("127.0.0.1", controller.port)
    yield inbox
    controller.stop()


@pytest.mark.parametrize("email", ["Ann+tag@example.com", "anné@exämple.com"])
def test_a_login_email_is_handed_to_the_mail_server(server_with, inbox, email):
    with server_with(mail_server=inbox.server) as shop:
        customer = shop.create(email=email)
        token = shop.mailed_token(email)
        envelope = inbox.get(timeout=30)
        assert envelope.rcpt_tos == [email]
        assert token in envelope.content.decode().splitlines()
        assert shop.login_token(token).json() == customer


def test_a_failing_mail_server_is_logged_and_not_shown(server_with, caplog):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with caplog.at_level(logging.ERROR), server_with(mail_server=MailServer("127.0.0.1", port)) as shop:
        shop.create(email="a@b.co")
        assert shop.call("POST", "/customer/login_email", json={"email": "a@b.co"}).status_code == 200
    (record,) = caplog.records
    assert f"an email was not sent by smtp://127.0.0.1:{port}" in record.getMessage()
