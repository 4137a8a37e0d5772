"""What happens now is on the next page: the demonstration's moments, each raised by its event, said by an action."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.scenarios.calls import event, order, page, slot, viewed
from tests.waiting import eventually


def said(server: httpx.Client, who: dict[str, str]) -> list[str]:
    """Ids of the actions on this customer's home page."""
    payload = page(server, "home", who)
    return [action["action_id"] for one in slot(payload, "action") for action in one["actions"]]


def comes(server: httpx.Client, who: dict[str, str], moment: str) -> None:
    eventually(lambda: f"moment/{moment}" in said(server, who), f"{moment} on the next page", within=60)


@pytest.mark.row(1, 18, 46, 90, 95, 104, 106)
def test_exit_intent_shows_a_secret_sale_to_who_never_bought_on_the_next_page(
    server: httpx.Client, collector: httpx.Client
) -> None:
    collector.post("/v1/track", json=viewed("i-31", anonymousId="leaving"))
    collector.post("/v1/track", json=event("Exit Intent", {}, anonymousId="leaving"))
    comes(server, {"anonymous_id": "leaving"}, "secret-sale")
    server.post("/v1/track", json=event("Exit Intent", {}, userId="c-02"))
    server.post("/v1/track", json=viewed("i-55", userId="c-02"))
    eventually(lambda: "i-55" in server.get("/v1/profiles/c-02").text, "the later view", within=60)
    assert "moment/secret-sale" not in said(server, {"customer_id": "c-02"})


@pytest.mark.row(97, 103)
def test_a_minute_on_one_item_is_answered_at_once(server: httpx.Client, collector: httpx.Client) -> None:
    dwelled = event("Item Dwelled", {"product_id": "i-31", "seconds": 70}, anonymousId="staring")
    collector.post("/v1/track", json=dwelled)
    comes(server, {"anonymous_id": "staring"}, "long-look")


@pytest.mark.row(79, 3)
def test_walking_up_to_a_store_is_greeted(server: httpx.Client, collector: httpx.Client) -> None:
    collector.post("/v1/track", json=event("Geofence Entered", {"geofence": "store-5"}, anonymousId="walker"))
    comes(server, {"anonymous_id": "walker"}, "at-the-store")


@pytest.mark.row(93, 65, 92)
def test_an_order_paid_and_a_ticket_resolved_are_said_to_whom_they_concern(server: httpx.Client) -> None:
    server.post("/v1/track", json=order("i-20", userId="c-14"))
    comes(server, {"customer_id": "c-14"}, "order-paid")
    server.post("/v1/track", json=event("Ticket Opened", {"ticket_id": "t-1", "reason": "size"}, userId="c-15"))
    server.post("/v1/track", json=event("Ticket Resolved", {"ticket_id": "t-1"}, userId="c-15"))
    comes(server, {"customer_id": "c-15"}, "ticket-resolved")
    assert "moment/order-paid" not in said(server, {"customer_id": "c-15"})


@pytest.mark.row(45, 65)
def test_who_registers_is_welcomed_once(server: httpx.Client) -> None:
    told: dict[str, Any] = {"userId": "c-fresh", "anonymousId": "was-a-visitor", "traits": {"first_name": "Ola"}}
    server.post("/v1/identify", json=told)
    comes(server, {"customer_id": "c-fresh"}, "registered")
    seen = event("Promotion Viewed", {"promotion_id": "moment/registered"}, userId="c-fresh")
    server.post("/v1/track", json=seen)
    who = {"customer_id": "c-fresh"}
    eventually(lambda: "moment/registered" not in said(server, who), "said no more once seen", within=60)
    server.post("/v1/identify", json=told | {"traits": {"first_name": "Olga"}})
    eventually(lambda: "Olga" in server.get("/v1/profiles/c-fresh").text, "the new name", within=60)
    assert "moment/registered" not in said(server, who)
