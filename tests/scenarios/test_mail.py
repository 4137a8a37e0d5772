"""E-mails for an occasion: each says what this recipient should know now, and leaves when they read."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import event, order
from tests.tinyshop import GOES_WITH, TinyShop
from tests.uncapped import without_a_cap


def preview(server: httpx.Client, email: str, customer_id: str) -> dict[str, Any]:
    """The e-mail as it would be now; nothing is stored by asking."""
    body = {"customer": {"customer_id": customer_id}, "preview": True}
    answer = server.post(f"/v1/emails/{email}", json=body)
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()
    return payload


def tell(server: httpx.Client, customer_id: str, *events: dict[str, Any]) -> None:
    batch = [one | {"userId": customer_id} for one in events]
    assert server.post("/v1/batch", json={"batch": batch}).status_code == 200


def wait_until(what: Callable[[], bool], sentence: str) -> None:
    until = time.monotonic() + 60.0
    while not what():
        assert time.monotonic() < until, sentence
        time.sleep(0.1)


@pytest.mark.row(74)
def test_the_card_and_what_it_brings_are_told(server: httpx.Client) -> None:
    tell(server, "c-25", event("Loyalty Changed", {"level": "gold", "points": 1620}))
    wait_until(lambda: "1620" in preview(server, "loyalty", "c-25")["text"], "The points are not in the mail.")
    text = preview(server, "loyalty", "c-25")["text"]
    assert "Gold" in text
    assert "Two points for every dollar" in text
    tell(server, "c-26", event("Loyalty Changed", {"level": "silver", "points": 600}))
    wait_until(
        lambda: "900 points to Gold" in preview(server, "loyalty", "c-26")["text"], "What is missing is not told."
    )


@pytest.mark.row(76)
def test_a_sale_nearby_is_told_some_days_ahead(server: httpx.Client) -> None:
    listed = server.get("/v1/emails").json()["documents"]
    email = next(one["body"] for one in listed if one["id"] == "local-sale")
    starts = datetime.now(UTC) + timedelta(days=3)
    for variant in email["variants"]:
        [notice] = [slot for slot in variant["slots"] if slot["id"] == "sale"]
        sale = {"title": "Three days at Elm Street", "starts_at": starts.isoformat(), "announced_days": 5}
        ended = {"title": "Long over", "starts_at": "2020-01-01T09:00:00Z", "ends_at": "2020-01-02T09:00:00Z"}
        notice["events"] = [ended, sale]
    assert server.put("/v1/emails/sale-ahead", json=email).status_code == 200
    text = preview(server, "sale-ahead", "c-27")["text"]
    assert "Three days at Elm Street" in text
    assert "Long over" not in text
    assert str(starts.day) in text


@pytest.mark.row(78)
def test_by_when_a_request_for_help_will_be_settled_is_told(server: httpx.Client) -> None:
    promised = datetime.now(UTC) + timedelta(days=2)
    ticket = {"ticket_id": "t-78", "reason": "A cracked jar", "promised_at": promised.isoformat()}
    tell(server, "c-30", event("Ticket Opened", ticket))
    wait_until(
        lambda: "You will have an answer by" in preview(server, "ticket", "c-30")["text"], "The promise is not told."
    )
    text = preview(server, "ticket", "c-30")["text"]
    assert "A cracked jar" in text
    assert "t-78" in text


@pytest.mark.row(75)
def test_after_an_order_a_mail_brings_what_goes_with_it(server: httpx.Client, tiny_shop: TinyShop) -> None:
    bought, goes_with = "i-37", GOES_WITH["i-37"]
    titles = {"i-37": "Spaghetti", "i-39": "Tomato Sauce"}
    tell(server, "c-29", order(bought))
    wait_until(
        lambda: titles[goes_with] in preview(server, "after-order", "c-29")["text"],
        "What goes with the order was not in the mail.",
    )
    mail = preview(server, "after-order", "c-29")
    assert f"{titles[bought]}:" not in mail["text"]
    assert "Goes with what you just bought" in mail["text"]


@pytest.mark.row(77)
def test_what_is_new_comes_from_the_categories_that_one_buys_in(server: httpx.Client) -> None:
    liked, other = (f"new-{uuid.uuid4().hex[:8]}" for _ in range(2))
    for item_id, department, category in ((liked, "Dairy", "Cheese"), (other, "Household", "Pets")):
        item = {"title": f"Novelty {item_id}", "department": department, "category": category, "price": 4.0}
        assert server.put(f"/v1/items/{item_id}", json=item).status_code in {200, 201}
    tell(server, "c-22", *(order(item) for item in ("i-17", "i-18", "i-19", "i-20", "i-17")))
    wait_until(
        lambda: f"Novelty {liked}" in preview(server, "new-arrivals", "c-22")["text"], "The new cheese was not in it."
    )
    for item_id in (liked, other):
        server.put(f"/v1/items/{item_id}", json={"stock": 0})


@pytest.mark.row(105)
def test_a_cart_left_behind_says_what_in_it_could_sell_out(server: httpx.Client) -> None:
    scarce = f"scarce-{uuid.uuid4().hex[:8]}"
    item = {"title": f"Last {scarce}", "department": "Bakery", "category": "Cakes", "price": 9.0, "stock": 3}
    assert server.put(f"/v1/items/{scarce}", json=item).status_code in {200, 201}
    products = [{"product_id": scarce, "quantity": 1}, {"product_id": "i-08", "quantity": 2}]
    tell(server, "c-23", event("Cart Viewed", {"cart_id": "cart-23", "products": products}))
    wait_until(lambda: "Only 3 left" in preview(server, "cart", "c-23")["text"], "The mail does not say it.")
    mail = preview(server, "cart", "c-23")
    assert mail["text"].count("it could sell out") == 1
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    server.put(f"/v1/items/{scarce}", json={"stock": 3, "stock_at": an_hour_ago.isoformat()}).raise_for_status()
    wait_until(
        lambda: "sell out" not in preview(server, "cart", "c-23")["text"], "What was counted an hour ago is still said."
    )
    assert f"Last {scarce}" in preview(server, "cart", "c-23")["text"]
    assert "2 in your cart" in mail["text"]
    assert "/v1/mail/unsubscribe/" in mail["headers"]["List-Unsubscribe"]
    server.put(f"/v1/items/{scarce}", json={"stock": 0})


@pytest.mark.row(121)
def test_a_mail_leaves_in_the_hour_in_which_its_recipient_opens_mail(
    suite: RunningSuite, server: httpx.Client, tmp_path: Path
) -> None:
    customer, hour = "c-24", 4
    day = datetime.now(UTC).replace(hour=hour, minute=20, second=0, microsecond=0)
    opened = [day - timedelta(days=days) for days in range(1, 6)]
    agent = {"userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0"}
    tell(
        server,
        customer,
        *(event("Email Opened", {"email_id": "weekly"}, timestamp=at.isoformat(), context=agent) for at in opened),
    )
    rule = {"field": "usual.open_hour", "operator": "=", "value": hour}
    wait_until(
        lambda: server.post("/v1/segments/count", json={"rule": rule}).json()["customers"] > 0,
        "The recipient's hour was not learned.",
    )
    campaign = {"email": "weekly", "send": "usual_hour", "rule": rule}
    assert server.put("/v1/campaigns/early", json=campaign).status_code == 200
    with without_a_cap(server):
        suite.command("campaign", "run", "early", "--to", tmp_path)
    sent = [json.loads(line) for path in tmp_path.rglob("*.ndjson") for line in path.read_text().splitlines()]
    [mail] = [one for one in sent if one["customer_id"] == customer]
    # Run within that very hour, the mail leaves at once.
    assert mail.get("send_at", day.isoformat())[11:13] == f"{hour:02}"
