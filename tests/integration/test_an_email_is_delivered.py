"""An e-mail system fetches an e-mail from the suite and sends it: what arrives is what was decided."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """Keeps what a mail server was handed."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name for it
        self.received.append(envelope.content)
        return "250 Kept"


@pytest.fixture
def mail_server(free_port: int) -> Iterator[Controller]:
    controller = Controller(Mailbox(), hostname="127.0.0.1", port=free_port)
    controller.start()
    yield controller
    controller.stop()


def test_what_arrives_is_what_was_decided(server: httpx.Client, mail_server: Controller) -> None:
    asked = {"customer": {"customer_id": "c-01"}, "message_id": "delivery"}
    answer = server.post("/v1/emails/weekly", json=asked)
    assert answer.status_code == 200
    decided = answer.json()
    with smtplib.SMTP("127.0.0.1", mail_server.port) as smtp:
        # Not `send_message`, which writes ">From" where a line begins with "From".
        smtp.sendmail("shop@example.com", ["ada.1@example.com"], _message(decided).as_bytes(policy=SMTP))
    arrived = BytesParser(policy=default).parsebytes(mail_server.handler.received[0])
    assert arrived["Subject"] == decided["subject"]
    assert {name: arrived[name] for name in decided["headers"]} == decided["headers"]
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().split() == decided["text"].split()
    assert html.get_content().split() == decided["html"].split()


def _message(decided: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "shop@example.com", "ada.1@example.com", decided["subject"]
    for name, value in decided["headers"].items():
        message[name] = value
    message.set_content(decided["text"])
    message.add_alternative(decided["html"], subtype="html")
    return message
