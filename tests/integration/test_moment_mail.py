"""A moment sends an e-mail and a push message: once, after its wait, and not to who does not want it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import event, order
from tests.uncapped import without_a_cap

MOMENT = """
[mail-test]
on = ["Cart Viewed"]
wait_seconds = 1.0
unless = ["Order Completed"]
page = false
browser = false
headline = "Your cart is still here, and so are we"
text = "What is in it could sell out."
email = "cart"
push = true
url = "/shop/cart"
active = true
"""


@pytest.fixture
def reminding(suite: RunningSuite, server: httpx.Client, tmp_path: Path) -> Iterator[None]:
    """The moment at work, and nobody written to too often."""
    moments = tmp_path / "moments.toml"
    moments.write_text(MOMENT)
    suite.command("apply", tmp_path)
    with without_a_cap(server):
        yield
    moments.write_text(MOMENT.replace("active = true", "active = false"))
    suite.command("apply", tmp_path)


def messages(suite: RunningSuite, customer_id: str) -> list[dict[str, Any]]:
    folder: Path = suite.home / "outbox" / "moments"
    lines = [json.loads(line) for path in folder.glob("*.ndjson") for line in path.read_text().splitlines()]
    return [line for line in lines if line["customer_id"] == customer_id]


def wait_for(suite: RunningSuite, customer_id: str, count: int) -> list[dict[str, Any]]:
    until = time.monotonic() + 90.0
    while len(found := messages(suite, customer_id)) < count:
        assert time.monotonic() < until, f"{len(found)} messages came to {customer_id}."
        time.sleep(0.1)
    return found


def tell(server: httpx.Client, customer_id: str, *events: dict[str, Any]) -> None:
    batch = [one | {"userId": customer_id} for one in events]
    assert server.post("/v1/batch", json={"batch": batch}).status_code == 200


def viewed_cart(item_id: str) -> dict[str, Any]:
    products = [{"product_id": item_id, "quantity": 2, "price": 2.0}]
    return event("Cart Viewed", {"cart_id": str(uuid.uuid4()), "products": products})


def test_a_cart_left_behind_brings_a_mail_and_a_push_unless_it_was_bought_meanwhile(
    suite: RunningSuite, server: httpx.Client, reminding: None
) -> None:
    tell(server, "c-11", viewed_cart("i-05"), order("i-05"))
    tell(server, "c-12", viewed_cart("i-06"))
    found = {one["channel"]: one for one in wait_for(suite, "c-12", 2)}
    assert found["push"]["title"] == "Your cart is still here, and so are we"
    assert "Cheesecake" in found["email"]["text"]
    assert found["email"]["to"].endswith("@example.com")
    assert messages(suite, "c-11") == []
    tell(server, "c-13", viewed_cart("i-07"))
    wait_for(suite, "c-13", 2)
    assert len(messages(suite, "c-12")) == 2


def test_who_unsubscribed_gets_neither(
    suite: RunningSuite, server: httpx.Client, reminding: None
) -> None:
    told = {"email": "eva.35@example.com", "word": "complained"}
    assert server.post("/v1/mail/standings", json=told).status_code == 200
    tell(server, "c-35", viewed_cart("i-05"))
    tell(server, "c-16", viewed_cart("i-05"))
    wait_for(suite, "c-16", 2)
    assert messages(suite, "c-35") == []
