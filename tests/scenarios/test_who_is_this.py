"""Known or anonymous, by identity and by behaviour: the suite knows whom a page is for."""

from __future__ import annotations

import httpx
import pytest

from tests.scenarios.calls import event, home, offers_of, page, viewed
from tests.waiting import eventually


@pytest.mark.row(2, 34, 61, 62, 82, 95)
def test_a_profile_holds_who_somebody_is_and_what_they_bought(server: httpx.Client) -> None:
    profile = server.get("/v1/profiles/c-01").json()
    attributes = profile["facts"]["attributes"]
    assert attributes["customer.age"] == "35-44"
    assert attributes["customer.kids_count"] == "2"
    assert attributes["history.orders"] > 50
    assert attributes["history.spend"] > 0
    assert attributes["history.days_since_last_order"] < 14
    assert attributes["history.value_quintile"] == 5
    assert profile["persona"] == "families"


@pytest.mark.row(28)
def test_a_profile_that_is_read_holds_no_key_and_no_e_mail_address(server: httpx.Client) -> None:
    text = server.get("/v1/profiles/c-01").text
    assert "decision_key" not in text


@pytest.mark.row(40, 114, 125)
def test_a_visitor_of_whom_nothing_is_known_gets_a_good_page_too(server: httpx.Client) -> None:
    payload = home(server)
    assert payload["customer"]["known"] is False
    assert payload["customer"]["persona"] == "everyone"
    assert len([item for slot in payload["slots"] for item in slot.get("items", [])]) >= 12
    assert any(slot["type"] == "offers" and slot["offers"] for slot in payload["slots"])
    assert payload["fallbacks"] == []


@pytest.mark.row(3, 38, 92)
def test_what_an_anonymous_visitor_looks_at_is_in_their_profile_at_once(
    server: httpx.Client, collector: httpx.Client
) -> None:
    assert collector.post("/v1/track", json=viewed("i-31", anonymousId="looker")).json() == {"success": True}

    def seen() -> bool:
        answer = server.get("/v1/profiles/looker", params={"kind": "anonymous"})
        return answer.status_code == 200 and "i-31" in answer.text

    eventually(seen, "the view in the profile", within=10)


@pytest.mark.row(4, 30, 68)
def test_identity_and_behaviour_both_change_what_is_shown(server: httpx.Client) -> None:
    quiet = home(server, "c-05", preview=True)
    added = [event("Product Added", {"product_id": item_id, "quantity": 1}) for item_id in ("i-45", "i-53")]
    looking = home(server, "c-05", preview=True, events=added)
    other = home(server, "c-06", preview=True, events=added)
    assert _shelves(quiet) != _shelves(looking)
    assert _shelves(looking) != _shelves(other)


@pytest.mark.row(53, 85)
def test_what_somebody_told_when_registering_is_kept(server: httpx.Client) -> None:
    told = {
        "type": "identify",
        "userId": "c-new",
        "anonymousId": "registering",
        "traits": {"first_name": "Nia", "household_composition": "2 Adults Kids", "age": "35-44"},
    }
    assert server.post("/v1/identify", json=told).status_code == 200

    def known() -> bool:
        answer = server.get("/v1/profiles/c-new")
        return answer.status_code == 200 and answer.json()["first_name"] == "Nia"

    eventually(known, "the stated traits in the profile", within=10)
    assert server.get("/v1/profiles/c-new").json()["facts"]["attributes"]["customer.age"] == "35-44"


@pytest.mark.row(83, 58)
def test_a_visitor_who_signs_in_brings_along_what_they_did_before(server: httpx.Client) -> None:
    for item_id in ("i-33", "i-34"):
        server.post("/v1/track", json=viewed(item_id, anonymousId="laptop"))
    server.post("/v1/identify", json={"userId": "c-two-devices", "anonymousId": "laptop", "traits": {}})

    def together() -> bool:
        answer = server.get("/v1/profiles/c-two-devices")
        return answer.status_code == 200 and "i-33" in answer.text and "i-34" in answer.text

    eventually(together, "the laptop's views in the customer's profile", within=10)


@pytest.mark.row(122)
def test_where_a_visitor_comes_from_decides_the_first_page(server: httpx.Client) -> None:
    from_site = home(server, context={"referrer": "https://gadgets.example/reviews?id=5"})
    from_nowhere = home(server)
    assert from_site["layout"]["variant"] == "gadgets"
    assert from_nowhere["layout"]["variant"] != "gadgets"


@pytest.mark.row(102)
def test_the_best_customer_and_a_stranger_from_an_advertisement_get_different_pages(server: httpx.Client) -> None:
    regular = home(server, "c-01", preview=True)
    from_ad = {"referrer": "https://ads.example/banner?id=7", "campaign": "spring-display"}
    stranger = page(server, "home", {"anonymous_id": "from-an-ad"}, context=from_ad, preview=True)
    assert regular["layout"]["variant"] != stranger["layout"]["variant"]
    assert _shelves(regular) != _shelves(stranger)
    assert set(offers_of(regular)) != set(offers_of(stranger))
    assert "Ada" in str(regular["slots"])
    assert "Ada" not in str(stranger["slots"])


def test_an_id_nobody_knows_is_served_as_anonymous_and_said_so(server: httpx.Client) -> None:
    payload = page(server, "home", {"customer_id": "no-such-customer"})
    assert payload["customer"]["known"] is False
    assert "no-such-customer" in payload["customer"]["note"]


def test_a_search_is_an_event_like_any_other(collector: httpx.Client) -> None:
    asked = event("Products Searched", {"query": "oat milk"}, anonymousId="searcher")
    assert collector.post("/v1/track", json=asked).json() == {"success": True}


def _shelves(payload: dict[str, object]) -> list[object]:
    return [
        (slot["id"], [item["item_id"] for item in slot["items"]])
        for slot in payload["slots"]  # type: ignore[attr-defined]
        if slot["type"] == "recommendations"
    ]
