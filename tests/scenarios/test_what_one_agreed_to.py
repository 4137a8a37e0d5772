"""Consent, purpose by purpose: checked inside every decision; without it a page is the one a stranger gets."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import event, page, viewed
from tests.waiting import eventually

MOMENT = {"referrer": "https://gadgets.example/reviews", "cart": [{"item_id": "i-45", "quantity": 1}]}

STRANGER = {"anonymous_id": "never-seen-before"}


def preferences(**purposes: bool) -> dict[str, Any]:
    return {"consent": {"categoryPreferences": purposes}}


def comparable(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload without what differs between any two calls: ids and how long it took."""
    customer = {**payload["customer"], "customer_id": None, "anonymous_id": None}
    meta = {**payload["meta"], "took_ms": 0}
    return {**payload, "decision_id": "", "customer": customer, "meta": meta}


def stands(server: httpx.Client, customer: dict[str, str], purpose: str, granted: bool) -> bool:
    """Whether this is what decisions hold of the purpose by now."""
    trace = page(server, "home", customer, preview=True, explain=True)["trace"]
    return bool(trace["consent"][purpose]["granted"] is granted)


@pytest.mark.row(28)
def test_a_known_customer_who_refuses_gets_the_page_of_a_stranger(server: httpx.Client) -> None:
    customer = {"customer_id": "c-28"}
    assert page(server, "home", customer)["customer"]["known"] is True
    server.post("/v1/track", json=event("Consent Given", {}, userId="c-28", context=preferences(personalization=False)))
    eventually(lambda: stands(server, customer, "personalization", False), "the refusal in decisions")
    looking = [viewed("i-31")]
    refused = page(server, "home", customer, context=MOMENT, events=looking)
    stranger = page(server, "home", STRANGER, context=MOMENT, events=looking, preview=True)
    assert comparable(refused) == comparable(stranger)
    trace = page(server, "home", customer, preview=True, explain=True)["trace"]
    assert trace["consent"]["personalization"]["source"] == "server"
    assert "customer.age" not in trace["attributes"]
    address = f"/v1/decisions/{refused['decision_id']}"
    eventually(lambda: server.get(address).status_code == 200, "the decision")
    told = server.get(address).json()
    assert (told["decision"].get("person", ""), told["inputs"]["customer"]) == ("", {})
    assert "c-28" not in str(told)
    assert told["inputs"]["consent"]["personalization"]["granted"] is False


@pytest.mark.row(28)
def test_a_refusal_that_comes_with_the_first_view_of_a_customer_stands(server: httpx.Client) -> None:
    customer = {"customer_id": f"first-{uuid.uuid4()}"}
    told = viewed("i-31", userId=customer["customer_id"])
    server.post("/v1/track", json={**told, "context": preferences(personalization=False)})
    eventually(lambda: stands(server, customer, "personalization", False), "the refusal in decisions")
    server.post("/v1/batch", json={"batch": [told | {"messageId": str(uuid.uuid4())}]})
    profile = server.get(f"/v1/profiles/{customer['customer_id']}").json()
    assert (profile["session"], profile["facts"]["recent"]) == (None, [])


@pytest.mark.row(28, 40)
def test_an_anonymous_visitor_who_refuses_gets_the_page_of_a_stranger_and_leaves_no_trace(
    server: httpx.Client, collector: httpx.Client
) -> None:
    visitor = {"anonymous_id": "shy"}
    for item_id in ("i-33", "i-34"):
        collector.post("/v1/track", json=viewed(item_id, anonymousId="shy"))
    # Of two words of one second the refusal counts.
    before = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    refused = preferences(personalization=False)
    refusal = event("Consent Given", {}, anonymousId="shy", timestamp=before, context=refused)
    collector.post("/v1/track", json=refusal)
    eventually(lambda: stands(server, visitor, "personalization", False), "the refusal in decisions")
    served = page(server, "home", visitor, context=MOMENT, events=[viewed("i-35")])
    stranger = page(server, "home", STRANGER, context=MOMENT, events=[viewed("i-35")], preview=True)
    assert comparable(served) == comparable(stranger)
    agreed = event("Consent Given", {}, anonymousId="shy", context=preferences(personalization=True))
    collector.post("/v1/track", json=agreed)
    eventually(lambda: stands(server, visitor, "personalization", True), "the agreement in decisions")
    assert "i-35" not in server.get("/v1/profiles/shy", params={"kind": "anonymous"}).text


@pytest.mark.row(28)
def test_global_privacy_control_is_honoured_in_header_and_in_context(
    server: httpx.Client, collector: httpx.Client
) -> None:
    stranger = page(server, "home", STRANGER, context=MOMENT, preview=True)
    by_header = server.post(
        "/v1/pages/home", json={"customer": {"customer_id": "c-22"}, "context": MOMENT}, headers={"Sec-GPC": "1"}
    ).json()
    assert comparable(by_header) == comparable(stranger)
    by_context = page(server, "home", {"customer_id": "c-22"}, context={**MOMENT, "gpc": True}, explain=True)
    assert by_context.pop("trace")["consent"]["advertising"] == {"granted": False, "source": "gpc"}
    stranger.pop("trace", None)
    assert comparable(by_context) == comparable(stranger)
    assert comparable(page(server, "home", {"customer_id": "c-22"}, context=MOMENT)) != comparable(stranger)
    seen = viewed("i-36", anonymousId="private")
    assert collector.post("/v1/track", json=seen, headers={"Sec-GPC": "1"}).json() == {"success": True}
    collector.post("/v1/track", json=viewed("i-37", anonymousId="private-too"))
    eventually(
        lambda: server.get("/v1/profiles/private-too", params={"kind": "anonymous"}).status_code == 200,
        "what came after it",
    )
    assert server.get("/v1/profiles/private", params={"kind": "anonymous"}).status_code == 404


@pytest.mark.row(28, 111)
def test_where_the_region_needs_a_yes_nobody_is_known_without_one(
    server: httpx.Client, collector: httpx.Client
) -> None:
    somewhere = page(server, "home", {"customer_id": "c-24"}, preview=True, context={"region": "US-NY"})
    europe = page(server, "home", {"customer_id": "c-24"}, preview=True, context={"region": "DE"}, explain=True)
    assert (somewhere["customer"]["known"], europe["customer"]["known"]) == (True, False)
    assert europe["trace"]["consent"]["personalization"] == {"granted": False, "source": "default"}
    agreed = event("Consent Given", {}, userId="c-24", context=preferences(personalization=True))
    server.post("/v1/track", json=agreed)

    def known() -> bool:
        served = page(server, "home", {"customer_id": "c-24"}, preview=True, context={"region": "DE"})
        return bool(served["customer"]["known"])

    eventually(known, "the agreement")


@pytest.mark.row(28)
def test_no_e_mail_is_made_for_who_wants_none(server: httpx.Client) -> None:
    server.post("/v1/track", json=event("Consent Given", {}, userId="c-21", context=preferences(email=False)))
    eventually(lambda: stands(server, {"customer_id": "c-21"}, "email", False), "the refusal in decisions")
    answer = server.post("/v1/emails/weekly", json={"customer": {"customer_id": "c-21"}, "message_id": "week-1"})
    assert (answer.status_code, "did not agree" in answer.json()["detail"]) == (409, True)


@pytest.mark.row(28)
def test_a_browser_cannot_agree_for_a_customer(server: httpx.Client, collector: httpx.Client) -> None:
    server.post("/v1/track", json=event("Consent Given", {}, userId="c-23", context=preferences(advertising=False)))
    eventually(lambda: stands(server, {"customer_id": "c-23"}, "advertising", False), "the refusal in decisions")
    forged = event("Consent Given", {}, userId="c-23", context=preferences(advertising=True))
    collector.post("/v1/track", json=forged)
    collector.post("/v1/track", json=viewed("i-38", userId="c-23"))
    eventually(lambda: "i-38" in server.get("/v1/profiles/c-23").text, "what came after it")
    assert stands(server, {"customer_id": "c-23"}, "advertising", False)
