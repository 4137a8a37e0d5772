"""What is known of a person: computed with the event that changes it, whole in one answer, with where it is from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import event, page, viewed
from tests.waiting import eventually


def told(server: httpx.Client, visitor: str) -> dict[str, Any]:
    """Attributes of an anonymous visitor; none while nothing is known."""
    answer = server.get(f"/v1/profiles/{visitor}", params={"kind": "anonymous"})
    attributes: dict[str, Any] = answer.json()["facts"]["attributes"] if answer.status_code == 200 else {}
    return attributes


@pytest.mark.row(34, 35, 36, 50, 116)
def test_who_spends_most_is_told_by_recency_frequency_spend_value_and_likelihood_of_leaving(
    server: httpx.Client,
) -> None:
    best = server.get("/v1/profiles/c-01").json()["facts"]["attributes"]
    newest = server.get("/v1/profiles/c-40").json()["facts"]["attributes"]
    assert best["history.monetary_quintile"] == 5
    assert best["history.rfm"][2] == "5"
    assert best["history.predicted_value"] > newest["history.predicted_value"] > 0
    assert 0 <= best["history.attrition"] <= 1


@pytest.mark.row(61)
def test_customers_are_told_apart_by_the_four_treatments(server: httpx.Client) -> None:
    regular = server.get("/v1/profiles/c-01").json()["facts"]["attributes"]
    assert regular["treatment.visitor"] == "repeat"
    assert regular["treatment.frequency"] == "frequent"
    assert regular["treatment.breadth"] == "cross_category"
    server.post("/v1/track", json=event("Product Reviewed", {"product_id": "i-01"}, anonymousId="reviewer"))
    eventually(
        lambda: told(server, "reviewer").get("treatment.advocacy") == "advocate", "an advocate told", within=60
    )
    assert told(server, "reviewer")["treatment.visitor"] == "first_time"


@pytest.mark.row(3, 38, 68, 84, 97)
def test_dwelling_on_an_item_tells_a_stage_of_the_journey(server: httpx.Client, collector: httpx.Client) -> None:
    context = {"device": {"type": "mobile"}, "location": {"city": "Ulm"}, "campaign": {"name": "spring"}}
    collector.post("/v1/track", json=viewed("i-31", anonymousId="dweller", context=context))
    eventually(lambda: told(server, "dweller").get("journey.stage") == "researching", "the first view", within=60)
    collector.post(
        "/v1/track", json=event("Item Dwelled", {"product_id": "i-31", "seconds": 75}, anonymousId="dweller")
    )
    collector.post("/v1/track", json=event("Item Hovered", {"product_id": "i-33"}, anonymousId="dweller"))
    eventually(lambda: told(server, "dweller").get("session.hovers") == 1, "the hover", within=60)
    found = told(server, "dweller")
    assert found["journey.stage"] == "evaluating"
    assert (found["session.longest_dwell"], found["session.dwell_item"]) == (75, "i-31")
    assert (found["session.device"], found["session.place"]) == ("mobile", "Ulm")
    assert found["affinity.categories"]
    collector.post("/v1/track", json=event("Product Added", {"product_id": "i-31"}, anonymousId="dweller"))
    eventually(lambda: told(server, "dweller").get("journey.stage") == "ready", "the cart", within=60)


@pytest.mark.row(122, 101)
def test_the_entry_campaign_is_known_of_the_visit(server: httpx.Client, collector: httpx.Client) -> None:
    context = {"campaign": {"name": "spring"}, "page": {"referrer": "https://www.news.example/a?b=c"}}
    collector.post("/v1/page", json={"anonymousId": "arrived", "context": context})
    eventually(lambda: "session.campaign" in told(server, "arrived"), "the campaign", within=60)
    found = told(server, "arrived")
    assert (found["session.campaign"], found["session.referrer_host"]) == ("spring", "news.example")


@pytest.mark.row(82, 124)
def test_the_whole_profile_says_of_each_trait_where_it_is_from_and_since_when(server: httpx.Client) -> None:
    profile = server.get("/v1/profiles/c-01").json()
    assert profile["identities"]["customer_id"] == "c-01"
    age = profile["traits"]["age"]
    assert (age["value"], age["source"]) == ("35-44", "imported")
    assert datetime.fromisoformat(age["at"]).tzinfo is not None
    assert profile["traits"]["history.predicted_value"]["source"] == "computed"
    assert profile["orders"]
    assert profile["consent"] == {}


def test_a_timeline_tells_what_somebody_did_latest_first(server: httpx.Client, collector: httpx.Client) -> None:
    for place, item_id in enumerate(("i-05", "i-06")):
        at = (datetime.now(UTC) - timedelta(seconds=60 - place)).isoformat()
        collector.post("/v1/track", json=viewed(item_id, anonymousId="traced", timestamp=at))

    def lines() -> list[dict[str, Any]]:
        answer = server.get("/v1/profiles/traced/timeline", params={"kind": "anonymous"})
        events: list[dict[str, Any]] = answer.json()["events"] if answer.status_code == 200 else []
        return events

    eventually(lambda: len(lines()) == 2, "both views in the timeline", within=60)
    assert [(line["event"], line["about"]) for line in lines()] == [
        ("product viewed", "i-06"),
        ("product viewed", "i-05"),
    ]
    assert server.get("/v1/profiles/nobody-at-all/timeline").status_code == 404


def test_orders_that_a_file_told_of_stand_in_the_timeline_with_their_value(server: httpx.Client) -> None:
    orders = server.get("/v1/profiles/c-07").json()["orders"]
    lines = server.get("/v1/profiles/c-07/timeline", params={"count": 200}).json()["events"]
    told = [(line["at"], line["value"]) for line in lines if line["event"] == "order completed"]
    assert sorted(told) == sorted((one["at"], one["value"]) for one in orders)
    assert len(told) > 10
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)


def test_a_long_timeline_is_read_page_by_page_from_the_newest(server: httpx.Client) -> None:
    start = datetime.now(UTC) - timedelta(days=2)
    told = [
        viewed(f"i-{number}", anonymousId="busy", timestamp=(start + timedelta(seconds=number)).isoformat())
        for number in range(230)
    ]
    for place in range(0, len(told), 46):
        server.post("/v1/batch", json={"batch": told[place : place + 46]})

    def asked(**more: Any) -> dict[str, Any]:
        answer = server.get("/v1/profiles/busy/timeline", params={"kind": "anonymous", **more})
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
        return found

    eventually(lambda: asked().get("of") == 230, "all of it in the timeline", within=60)
    about: list[str] = []
    page: dict[str, Any] = {"next": 0}
    while "next" in page:
        page = asked(before=page["next"])
        about += [line["about"] for line in page["events"]]
    assert about == [f"i-{number}" for number in reversed(range(230))]


@pytest.mark.row(88, 3, 29)
def test_who_takes_a_call_sees_the_web_visit_that_followed_a_recent_one(server: httpx.Client) -> None:
    called = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    contact = {"reason": "late delivery", "ticket_id": "t-88"}
    promised = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    ticket = {"ticket_id": "t-88", "reason": "late delivery", "promised_at": promised}
    server.post("/v1/track", json=event("Contact Made", contact, userId="c-12", timestamp=called))
    server.post("/v1/track", json=event("Ticket Opened", ticket, userId="c-12", timestamp=called))
    server.post("/v1/track", json=viewed("i-21", userId="c-12"))

    def view() -> dict[str, Any]:
        found: dict[str, Any] = server.get("/v1/profiles/c-12/contact-centre").json()
        return found

    eventually(lambda: "i-21" in view()["summary"], "the visit beside the call", within=60)
    assert view()["linked_contact"]["reason"] == "late delivery"
    assert view()["open_tickets"][0]["promised_at"] is not None
    assert view()["visit"]["items"] == ["i-21"]
    assert "3 hours ago about 'late delivery'" in view()["summary"]
    attributes = server.get("/v1/profiles/c-12").json()["facts"]["attributes"]
    assert attributes["contact.open_tickets"] == 1


@pytest.mark.row(121)
def test_the_usual_hour_of_opening_counts_people_only(server: httpx.Client) -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=5, second=0, microsecond=0) - timedelta(days=10)
    for day in range(3):
        moment = noon + timedelta(days=day)
        opened = {"anonymousId": "reader", "context": {"userAgent": "Thunderbird/128"}}
        server.post("/v1/track", json=event("Email Opened", {"email_id": "w"}, timestamp=moment.isoformat(), **opened))
        proxied = {"anonymousId": "reader", "context": {"userAgent": "Mozilla/5.0"}}
        at = (moment + timedelta(hours=6)).isoformat()
        for _ in range(2):
            server.post("/v1/track", json=event("Email Opened", {"email_id": "w"}, timestamp=at, **proxied))
    eventually(lambda: told(server, "reader").get("usual.open_hour") == 12, "the hour of reading", within=60)


@pytest.mark.row(4)
def test_a_decision_shows_how_much_rests_on_identity_and_how_much_on_behaviour(server: httpx.Client) -> None:
    def recognized() -> dict[str, Any] | None:
        """A page for which profiles told in time whose it is."""
        payload = page(server, "home", {"customer_id": "c-07"})
        return payload if payload["customer"]["known"] else None

    known = eventually(recognized, "a page that knows its customer", within=60)
    assert known is not None
    looking = page(server, "home", {"anonymous_id": "only-looks"}, events=[viewed("i-10")])

    def axes(payload: dict[str, Any]) -> tuple[float, float]:
        why = server.get(f"/v1/decisions/{payload['decision_id']}")
        if why.status_code != 200 or not why.json()["inputs"]:
            return (0.0, 0.0)
        attributes = why.json()["inputs"]["facts"]["attributes"]
        return attributes["share.identity"], attributes["share.behaviour"]

    eventually(lambda: axes(known) != (0.0, 0.0) and axes(looking) != (0.0, 0.0), "both traces", within=60)
    assert axes(known)[0] > 0.5
    assert axes(looking) == (0.0, 1.0)
