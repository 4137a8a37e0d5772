"""A campaign reaches everybody of its audience once: lines in a folder, or mails that a real SMTP server takes."""

from __future__ import annotations

import email.policy
import json
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from aiosmtpd.controller import Controller

from tests.runningsuite import RunningSuite
from tests.tinyshop import CUSTOMERS
from tests.uncapped import without_a_cap

ADDRESSES = {f"{name}.{number}@example.com" for number, name in enumerate(
    ["ada", "ben", "cleo", "dev", "eva", "finn", "gia", "hugo", "ines", "jon"] * 4, start=1
)}  # fmt: skip
BOUNCING = "dev.34@example.com"
LEAVING = "cleo.33@example.com"


class MailServer:
    """Takes every mail but those to one address, which it does not know."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's
        if address == BOUNCING:
            return "550 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name for it
        parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
        assert isinstance(parsed, EmailMessage)
        self.received.append(parsed)
        return "250 Kept"


@pytest.fixture
def mail_server(free_port: int) -> Iterator[tuple[MailServer, str]]:
    kept = MailServer()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port)
    controller.start()
    yield kept, f"smtp://127.0.0.1:{free_port}"
    controller.stop()


@pytest.fixture(autouse=True)
def as_often_as_needed(server: httpx.Client) -> Iterator[None]:
    with without_a_cap(server):
        yield


def write_campaign(server: httpx.Client, name: str, **fields: Any) -> None:
    answer = server.put(f"/v1/campaigns/{name}", json={"email": "weekly"} | fields)
    assert answer.status_code == 200, answer.text


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.rglob("*.ndjson")) for line in path.read_text().splitlines()]


def test_everybody_of_the_audience_gets_one_mail_and_nobody_another_when_it_is_run_again(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    write_campaign(server, "everybody")
    said = suite.command("campaign", "run", "everybody", "--to", tmp_path)
    sent = lines(tmp_path)
    assert "40 sent, 0 before." in said
    assert {one["to"] for one in sent} == ADDRESSES
    assert len({one["message_id"] for one in sent}) == len(sent) == len(CUSTOMERS)
    assert "0 sent, 40 before." in suite.command("campaign", "run", "everybody", "--to", tmp_path)
    assert len(lines(tmp_path)) == len(sent)
    one = sent[0]
    assert one["html"].startswith("<!DOCTYPE html>")
    assert len(one["html"]) < 102_000
    assert one["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    why = server.get(f"/v1/decisions/{one['decision_id']}")
    assert why.status_code in {200, 404}  # Traced after it left; here it only has to be an id that can be asked for.
    assert "everybody/1: begun" in suite.command("campaign", "list")


def test_an_audience_is_a_segment_and_a_rule(suite: RunningSuite, server: httpx.Client, tmp_path: Path) -> None:
    rule = {"field": "history.orders", "operator": ">=", "value": 60}
    write_campaign(server, "spenders", rule=rule)
    suite.command("campaign", "run", "spenders", "--to", tmp_path)
    assert [one["customer_id"] for one in lines(tmp_path)] == ["c-01"]


def test_who_unsubscribed_or_bounced_gets_none_of_the_later_mails(
    suite: RunningSuite, server: httpx.Client, mail_server: tuple[MailServer, str], tmp_path: Path
) -> None:
    kept, url = mail_server
    write_campaign(server, "by-mail")
    said = suite.command("campaign", "run", "by-mail", "--to", url)
    assert "39 sent" in said
    assert "550 No such user here" in said
    arrived = {message["To"]: message for message in kept.received}
    assert set(arrived) == ADDRESSES - {BOUNCING}
    assert len(kept.received) == len(arrived)
    mail = arrived[LEAVING]
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "Cleo" in mail["Subject"] + text.get_content()
    assert mail["From"] == "Wren & Barley <hello@wrenandbarley.example>"
    assert server.get("/v1/mail/standings", params={"email": BOUNCING}).json()["stopped"]
    link = urlsplit(mail["List-Unsubscribe"].strip("<>")).path
    assert server.get(link).status_code == 200
    assert not server.get("/v1/mail/standings", params={"email": LEAVING}).json().get("stopped")
    assert server.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    said = suite.command("campaign", "run", "by-mail", "--message", "2", "--to", tmp_path)
    assert {one["to"] for one in lines(tmp_path)} == ADDRESSES - {BOUNCING, LEAVING}
    assert "1 not: unsubscribed from everything" in said
    for customer_id in ("c-34", "c-33"):
        assert server.post("/v1/emails/weekly", json={"customer": {"customer_id": customer_id}}).status_code == 409
    back = server.post(f"/v1/mail/preferences/{link.rpartition('/')[2]}", data={"back": "1"})
    assert "Saved." in back.text
    assert not server.get("/v1/mail/standings", params={"email": LEAVING}).json().get("stopped")


def test_each_mail_is_timed_for_the_hour_in_which_its_recipient_reads(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    write_campaign(server, "timed", send="usual_hour", hour=3)
    suite.command("campaign", "run", "timed", "--to", tmp_path)
    hours = {one.get("send_at", "")[11:13] for one in lines(tmp_path)}
    assert hours
    assert all(hour.isdigit() or hour == "" for hour in hours)
