"""One strategy in every channel: the same choices, in the form that each of them shows."""

from __future__ import annotations

import re
import time
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import event, items_of, offers_of, page, shown_items, slot, viewed
from tests.waiting import eventually

HTML = {"Accept": "text/html"}


def asked(server: httpx.Client, name: str, customer: str, **context: Any) -> dict[str, Any]:
    return page(server, name, {"customer_id": customer}, preview=True, context=context)


@pytest.mark.row(12, 39, 15, 67, 52, 31)
def test_one_strategy_decides_and_each_channel_has_its_form(server: httpx.Client) -> None:
    web = asked(server, "home", "c-01")
    app = asked(server, "home", "c-01", channel="app", screen="390x844")
    push = asked(server, "nudge", "c-01", channel="push")
    till = asked(server, "till", "c-01", channel="store")
    letter = asked(server, "letter", "c-01", channel="direct_mail")
    call = asked(server, "call", "c-01", channel="contact_centre")
    promised = set(offers_of(web))
    in_app = {one["id"] for one in app["slots"] for one in one.get("offers", ())}
    assert in_app <= promised
    assert {one["offer_id"] for one in call["offer"]} & promised
    assert push["data"]["offer_id"] in promised
    assert len(push["title"]) <= 50
    assert len(push["body"]) <= 150
    assert "Ada" in push["title"]
    assert any("Ada" in line for line in till["lines"])
    assert all(len(line) <= till["width"] for line in (*till["lines"], *letter["lines"]))
    assert call["who"]["name"] == "Ada"
    assert call["say"][0].startswith("Hello Ada")
    whole = page(server, "home", {"customer_id": "c-01"}, preview=True, context={"channel": "app"}, form="page")
    assert len(str(app)) < len(str(whole)) * 0.7


@pytest.mark.row(12, 39)
def test_paper_comes_as_plain_text_for_who_asks_for_it(server: httpx.Client) -> None:
    parameters = {"customer_id": "c-01", "channel": "store", "width": "32", "preview": "true"}
    answer = server.get("/v1/pages/till", params=parameters, headers={"Accept": "text/plain"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert max(map(len, answer.text.splitlines())) <= 32


@pytest.mark.row(88, 89, 12)
def test_an_agent_sees_who_calls_and_why_they_may(server: httpx.Client, collector: httpx.Client) -> None:
    told = {"ticket_id": "t-77", "reason": "a torn bag", "promised_at": time.time() + 2 * 86_400}
    server.post("/v1/track", json=event("Ticket Opened", told, userId="c-16"))
    server.post("/v1/track", json=viewed("i-22", userId="c-16"))

    def pressing() -> bool:
        brief = asked(server, "call", "c-16", channel="contact_centre")
        return any("t-77" in one and "torn bag" in one for one in brief["why"])

    eventually(pressing, "the ticket in the brief")
    html = server.get("/v1/pages/call", params={"customer_id": "c-16", "channel": "contact_centre"}, headers=HTML)
    assert "t-77" in html.text
    refused = collector.get("/v1/pages/call", params={"anonymous_id": "x", "channel": "contact_centre"})
    assert refused.status_code == 401


@pytest.mark.row(109, 58)
def test_what_was_viewed_on_the_laptop_is_resumed_on_the_phone_fit_to_its_screen(server: httpx.Client) -> None:
    began = time.time() - 3_600
    for item_id, times in (("i-41", 1), ("i-42", 4), ("i-43", 2), ("i-45", 1), ("i-46", 1), ("i-47", 1)):
        for minute in range(times):
            looked = viewed(item_id, anonymousId="resume-laptop", timestamp=began + 60 * minute)
            server.post("/v1/track", json=looked)
    for device in ("resume-laptop", "resume-phone"):
        server.post("/v1/identify", json={"userId": "c-resumes", "anonymousId": device, "traits": {}})

    def resumed(screen: str) -> list[str]:
        context = {"channel": "app", "screen": screen}
        shown = page(server, "home", {"anonymous_id": "resume-phone"}, preview=True, context=context)
        return [one["id"] for one in shown["slots"] if one["id"] == "resume" for one in one.get("items", ())]

    eventually(lambda: len(resumed("1200x800")) == 6, "the laptop's views on the phone")
    on_phone = resumed("390x844")
    assert on_phone[0] == "i-42"
    assert len(on_phone) == 4


@pytest.mark.row(80)
def test_in_the_store_the_phone_leads_to_the_list_aisle_by_aisle(server: httpx.Client) -> None:
    longest = 0
    for customer in ("c-01", "c-02", "c-03", "c-04", "c-05"):
        shown = asked(server, "in_store", customer, channel="app", store_id="s-1")
        route = next(one for one in shown["slots"] if one["id"] == "map")["route"]
        aisles = [int(stop["aisle"]) for stop in route]
        assert aisles == sorted(aisles)
        longest = max(longest, len(aisles))
    assert longest > 1
    html = server.get(
        "/v1/pages/in_store", params={"customer_id": "c-02", "channel": "app", "form": "page"}, headers=HTML
    )
    assert "Aisles in walking order" in html.text


@pytest.mark.row(81)
def test_a_scanned_bar_code_is_compared_with_others_and_their_ratings(server: httpx.Client) -> None:
    for item_id, title, code, rating in (
        ("i-13", "Whole Milk", "04006381333931", 4.5),
        ("i-14", "Oat Milk", "7612345", 3.0),
    ):
        item = {"title": title, "department": "Dairy", "category": "Milk", "price": 1.9}
        item |= {"attributes": {"gtin": code, "rating": rating, "ratings": 31}}
        assert server.put(f"/v1/items/{item_id}", json=item).status_code == 200

    def compared() -> dict[str, Any]:
        shown = asked(server, "in_store", "c-02", channel="app", barcode="4006381333931")
        found = [one for one in shown["slots"] if one["id"] == "comparison"]
        return found[0] if found and found[0].get("items") else {}

    comparison = eventually(compared, "the scanned item")
    assert comparison["scanned"] == "i-13"
    assert comparison["items"][0]["rating"] == 4.5
    assert len(comparison["items"]) > 1
    assert comparison["best"]["rating"] == "i-13"


@pytest.mark.row(56)
def test_a_pattern_in_what_they_do_is_told_in_a_sentence(server: httpx.Client) -> None:
    """Somebody who buys coffee and bagels together, and other things on other days."""
    now = time.time()
    things = [f"i-{number:02}" for number in (49, 50, 51, 52, 53, 54)]
    for week in range(10):
        for day, products in ((0, (f"i-pat-c{week}", f"i-pat-b{week}")), (3, (things[week % 6],))):
            lines = [{"product_id": one, "quantity": 1, "price": 2.0} for one in products]
            at = now - (week * 7 + day + 1) * 86_400
            order = {"order_id": f"pat-{week}-{day}", "total": 4.0, "products": lines}
            server.post("/v1/track", json=event("Order Completed", order, userId="c-pattern", timestamp=at))
        for name, category in ((f"i-pat-c{week}", "Coffee"), (f"i-pat-b{week}", "Bagels")):
            server.put(
                f"/v1/items/{name}", json={"title": name, "department": "Pantry", "category": category, "price": 2.0}
            )

    def told() -> str:
        insight = slot(asked(server, "account", "c-pattern"), "insight")[0]["insight"]
        return insight["sentence"] if insight else ""

    sentence = eventually(told, "the pattern")
    assert "Coffee" in sentence or "Bagels" in sentence
    assert "usually" in sentence
    german = slot(asked(server, "account", "c-pattern", locale="de-DE"), "insight")[0]["insight"]["sentence"]
    assert "kaufen Sie meist" in german


@pytest.mark.row(73)
def test_results_of_a_search_stand_in_each_customers_order(server: httpx.Client) -> None:
    found = [f"i-{number:02}" for number in range(1, 41)]
    orders = set()
    for customer in ("c-01", "c-02", "c-03"):
        shown = asked(server, "search", customer, query="bread", results=found)
        results = [item["item_id"] for item in slot(shown, "search")[0]["items"]]
        assert set(results) <= set(found)
        assert not set(results) & set(shown_items(shown))
        orders.add(tuple(results))
    assert len(orders) == 3


@pytest.mark.row(110, 31)
def test_an_edge_puts_a_page_together_from_what_all_share_and_what_is_personal(server: httpx.Client) -> None:
    parameters = {"customer_id": "c-03", "form": "includes"}
    skeleton = server.get("/v1/pages/home", params=parameters, headers=HTML)
    assert skeleton.headers["surrogate-control"] == 'content="ESI/1.0"'
    assert skeleton.headers["cache-control"] == "no-store"
    addresses = [
        one.replace("&amp;", "&").replace("&#x2f;", "/")
        for one in re.findall(r'src="([^"]+fragments[^"]+)"', skeleton.text)
    ]
    assert addresses
    for address in addresses:
        part = server.get(address, headers=HTML)
        assert part.status_code == 200, part.text
        assert "public" in part.headers["cache-control"]
        assert "layout-home" in part.headers["surrogate-key"].split()
        assert part.headers["cache-tag"].split(",") == part.headers["surrogate-key"].split()
        again = server.get(address, headers={**HTML, "If-None-Match": part.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    personal = server.get("/v1/pages/home/fragments/offers", params={"customer_id": "c-03"})
    assert personal.headers["cache-control"] == "no-store"
    assert personal.json()["slot"]["type"] == "offers"
    refused = server.get("/v1/pages/home/fragments/offers", params={"variant": "everyone"})
    assert refused.status_code in (404, 422)


@pytest.mark.row(118, 24)
def test_not_for_me_makes_an_item_disappear_everywhere_at_once(server: httpx.Client) -> None:
    customer = {"customer_id": "c-19"}
    before = page(server, "home", customer)
    unwanted = items_of(before, "for_you")[0]
    no = event("Item Dismissed", {"product_id": unwanted, "decision_id": before["decision_id"]})
    at_once = page(server, "home", customer, events=[no])
    assert unwanted not in shown_items(at_once)
    views = [viewed(f"i-view-{number}", userId="c-19") for number in range(60)]
    server.post("/v1/batch", json={"batch": views})

    def gone() -> bool:
        profile = server.get("/v1/profiles/c-19").json()
        return [one["item_id"] for one in profile["not_for_me"]] == [unwanted] and len(profile["facts"]["recent"]) >= 50

    eventually(gone, "the word in the profile, after many views")
    for name, context in (
        ("home", {}),
        ("product", {"item_id": "i-02"}),
        ("account", {}),
        ("home", {"channel": "app"}),
    ):
        shown = page(server, name, customer, preview=True, context=context, form="page")
        assert unwanted not in str([one.get("items") for one in shown["slots"]])
    server.post("/v1/track", json=event("Product Added", {"product_id": unwanted}, userId="c-19"))
    eventually(lambda: not server.get("/v1/profiles/c-19").json()["not_for_me"], "the word taken back")


@pytest.mark.row(53)
def test_a_poor_rating_and_a_complaint_are_events(server: httpx.Client) -> None:
    server.post("/v1/track", json=event("Product Reviewed", {"product_id": "i-33", "rating": 1}, userId="c-21"))
    server.post("/v1/track", json=event("Complaint Made", {"reason": "too sweet"}, userId="c-21"))

    def told() -> bool:
        lines = server.get("/v1/profiles/c-21/timeline").text
        unwanted = [one["item_id"] for one in server.get("/v1/profiles/c-21").json()["not_for_me"]]
        return "complaint made" in lines and unwanted == ["i-33"]

    eventually(told, "the rating and the complaint")
