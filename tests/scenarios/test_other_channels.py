"""What tills, the call centre and the loyalty programme know comes in by file, and the next page knows it."""

from __future__ import annotations

import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import home, items_of, slot
from tests.waiting import eventually


def profile(server: httpx.Client, customer_id: str) -> dict[str, Any]:
    answer = server.get(f"/v1/profiles/{customer_id}")
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return found


def actions(server: httpx.Client, customer_id: str) -> list[str]:
    payload = home(server, customer_id, preview=True)
    return [action["action_id"] for one in slot(payload, "action") for action in one["actions"]]


def counts(said: str, table: str) -> tuple[int, ...]:
    """Read, stored, unchanged, refused, as the command prints them."""
    found = re.search(rf"{table}\s*│\s*(\d+)\s*│\s*(\d+)\s*│\s*(\d+)\s*│\s*(\d+)", said)
    assert found, said
    return tuple(int(group) for group in found.groups())


@pytest.mark.row(29, 113, 86, 14)
def test_what_was_bought_with_a_card_is_its_customers_once_the_card_is_theirs(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    at = int(time.time()) - 3_600
    till, cards = tmp_path / "till", tmp_path / "cards"
    for folder in (till, cards):
        folder.mkdir()
    (till / "store_purchases.csv").write_text(
        "customer_id,loyalty_card,item_id,time,quantity,value,order_id,store_id\n"
        f",card-till,i-44,{at},2,7.00,r-1,s-9\n"
        f",card-till,i-43,{at},1,3.00,r-1,s-9\n"
        f"c-36,,i-44,{at},1,3.50,r-2,s-9\n"
        f",,i-44,{at},1,3.50,r-3,s-9\n"
        f",card-till,i-44,{at},0,3.50,r-4,s-9\n"
    )
    (cards / "loyalty_cards.csv").write_text(
        "loyalty_card,customer_id,level,points,segment,since\n"
        "card-till,c-tills,platinum,250,weekend,2024-05-01\n"
        "card-of-nobody,,bronze,10,,\n"
    )
    assert counts(suite.command("load", till), "store_purchases") == (5, 3, 0, 2)
    assert "none of" in (suite.home / "quarantine" / "store_purchases.csv").read_text()
    shutil.copy(till / "store_purchases.csv", cards)
    said = suite.command("load", cards)
    assert (counts(said, "loyalty_cards"), counts(said, "store_purchases")) == ((2, 2, 0, 0), (5, 0, 3, 2))
    # The card led to a person of its own before: told again, what it bought counts once all the same.
    said = suite.command("load", cards)
    assert (counts(said, "loyalty_cards"), counts(said, "store_purchases")) == ((2, 0, 2, 0), (5, 0, 3, 2))
    found = profile(server, "c-tills")
    attributes = found["facts"]["attributes"]
    assert (attributes["history.orders"], attributes["history.spend"]) == (1, 10.0)
    assert (attributes["loyalty.level"], attributes["loyalty.points"]) == ("platinum", 250)
    assert (found["loyalty"]["card"], found["loyalty"]["segment"]) == ("card-till", "weekend")
    assert found["traits"]["loyalty.level"]["source"] == "observed"
    rule = {
        "rules": [
            {"field": "loyalty.level", "operator": "=", "value": "platinum"},
            {"field": "history.spend", "operator": ">=", "value": 10},
        ]
    }
    counted = server.post("/v1/segments/count", json={"rule": rule}, timeout=60)
    assert counted.json().get("customers") == 1, counted.text
    assert "i-44" not in items_of(home(server, "c-tills", preview=True), "for_you")


@pytest.mark.row(14, 24, 88, 123)
def test_who_called_and_waits_for_an_answer_hears_of_it_on_the_next_page(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    called, promised = datetime.now(UTC) - timedelta(hours=5), datetime.now(UTC) + timedelta(days=2)
    calls, audiences = tmp_path / "contacts.csv", tmp_path / "audiences.csv"
    columns = "customer_id,phone,time,reason,ticket_id,promised_at,resolved_at\n"
    row = f"c-25,,{called.isoformat()},The cheese was mouldy,T-900,{promised.isoformat()},"
    server.post("/v1/identify", json={"userId": "c-caller", "traits": {"phone": "+49 30 1234567"}})
    eventually(lambda: bool(profile(server, "c-caller")), "who may call", within=60)

    def said_to_be_in() -> list[str]:
        found: list[str] = profile(server, "c-25")["facts"]["attributes"]["customer.audiences"]
        return found

    calls.write_text(f"{columns}{row}\n,0049 (30) 1234567,{called.isoformat()},Where is my order,T-901,,\n")
    audiences.write_text("audience_id,customer_id,member\nmade-elsewhere,c-25,yes\n")
    assert "open-ticket" not in actions(server, "c-25")
    said = suite.command("load", tmp_path)
    assert (counts(said, "contacts"), counts(said, "audiences")) == ((2, 2, 0, 0), (1, 1, 0, 0))
    eventually(lambda: "open-ticket" in actions(server, "c-25"), "the open ticket on the page", within=60)
    view = server.get("/v1/profiles/c-25/contact-centre").json()
    ticket = view["open_tickets"][0]
    assert (ticket["ticket_id"], ticket["reason"]) == ("T-900", "The cheese was mouldy")
    assert profile(server, "c-caller")["tickets"][0]["ticket_id"] == "T-901"
    assert "made-elsewhere" in said_to_be_in()
    # Resolved, and no longer in the segment that was made elsewhere.
    calls.write_text(f"{columns}{row}{datetime.now(UTC).isoformat()}\n")
    audiences.write_text("audience_id,customer_id,member\nmade-elsewhere,c-25,no\n")
    said = suite.command("load", tmp_path)
    assert (counts(said, "contacts"), counts(said, "audiences")) == ((1, 1, 0, 0), (1, 1, 0, 0))
    said = suite.command("load", tmp_path)
    assert (counts(said, "contacts"), counts(said, "audiences")) == ((1, 0, 1, 0), (1, 0, 1, 0))
    eventually(lambda: "open-ticket" not in actions(server, "c-25"), "the page without it", within=60)
    assert "made-elsewhere" not in said_to_be_in()
