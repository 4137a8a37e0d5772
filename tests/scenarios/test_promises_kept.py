"""Promises are kept, exact and explained: the same on every channel, counted once, tried out before, decided again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import email, event, home, offers_of
from tests.waiting import eventually

GIFT = {"kind": "gift", "headline": "A gift for the first", "priority": 98, "limit": {"total": 2, "per_customer": 1}}


def explained(server: httpx.Client, decision_id: str, **parameters: str) -> dict[str, Any]:
    """Why the decision came out so, once it is written."""
    found: dict[str, Any] = {}

    def written() -> bool:
        answer = server.get(f"/v1/decisions/{decision_id}", params=parameters)
        if answer.status_code == 200:
            found.update(answer.json())
        return answer.status_code == 200

    eventually(written, "the decision's trace", within=60)
    return found


@pytest.mark.row(13, 15, 16, 67)
def test_what_was_made_on_the_page_is_made_in_the_e_mail_as_well(server: httpx.Client) -> None:
    on_page = offers_of(home(server, "c-03"))
    assert offers_of(home(server, "c-03"))[: len(on_page)] == on_page
    mail = email(server, "c-03", "kept-promise")
    trace = explained(server, mail["decision_id"])
    assert set(on_page) & {one["offer_id"] for one in trace["candidates"] if one["outcome"] == "chosen"}
    assert set(trace["inputs"]["made_from"]["promised"]) >= set(on_page)


@pytest.mark.row(64, 23, 30)
def test_a_decision_is_made_again_from_its_log_and_says_why_not(server: httpx.Client) -> None:
    decision_id = home(server, "c-04")["decision_id"]
    to_nobody_else = {"rules": [{"field": "context.campaign", "operator": "=", "value": "later"}]}
    later = {"kind": "free_shipping", "headline": "Later", "priority": 99, "rule": to_nobody_else}
    server.put("/v1/offers/later", json=later).raise_for_status()
    found = explained(server, decision_id, why_not="high-value-free-shipping")
    assert found["replayed"] is True
    assert found["why_not"].startswith("high-value-free-shipping was")
    assert "later" not in {one["offer_id"] for one in found["candidates"]}
    ranked = [one for one in found["candidates"] if one["outcome"] == "chosen"]
    assert all(set(one["parts"]) == {"worth", "fit", "newness"} and one["basis"] for one in ranked)


@pytest.mark.row(5, 21)
def test_a_redemption_counts_once_and_fetching_pages_consumes_nothing(server: httpx.Client) -> None:
    server.put("/v1/offers/first-two", json=GIFT).raise_for_status()
    for _ in range(50):
        home(server, "c-05")

    def redeem(key: str, customer: str) -> httpx.Response:
        body = {"offer_id": "first-two", "customer_id": customer}
        return server.post("/v1/redemptions", json=body, headers={"Idempotency-Key": key})

    first = redeem("order-1", "c-05")
    assert first.json()["counted"] is True
    assert redeem("order-1", "c-05").json() == first.json()
    assert redeem("order-1", "c-06").status_code == 422
    assert redeem("order-2", "c-05").json()["counted"] is False
    assert redeem("order-3", "c-06").json()["counted"] is True
    assert redeem("order-4", "c-07").json()["counted"] is False
    eventually(lambda: "first-two" not in offers_of(home(server, "c-08")), "the used up offer gone", within=60)
    body = {"offer_id": "first-two", "customer_id": "c-05"}
    assert server.post("/v1/redemptions", json=body).status_code == 400


@pytest.mark.row(15, 21)
def test_an_offer_that_stands_goes_when_it_is_redeemed_and_changes_when_its_document_does(server: httpx.Client) -> None:
    once = {"kind": "gift", "headline": "Once each", "priority": 97, "limit": {"per_customer": 1}}
    server.put("/v1/offers/once-each", json=once).raise_for_status()

    def headlines(customer_id: str) -> list[str]:
        slots = home(server, customer_id)["slots"]
        return [one["headline"] for slot in slots for one in slot.get("offers", [])]

    def is_made(customer_id: str) -> bool:
        return "Once each" in headlines(customer_id)

    for customer_id in ("c-31", "c-32"):
        eventually(partial(is_made, customer_id), "the new offer made", within=20)
        # From the second page on it is a promise, that stands without being asked about.
        assert all(is_made(customer_id) for _ in range(4))
    body = {"offer_id": "once-each", "customer_id": "c-31"}
    redeemed = server.post("/v1/redemptions", json=body, headers={"Idempotency-Key": "once-each-31"})
    assert redeemed.json()["counted"] is True
    # Much sooner than what stands would end by itself.
    eventually(lambda: not is_made("c-31"), "the redeemed offer gone", within=20)
    server.put("/v1/offers/once-each", json={**once, "headline": "One for each"}).raise_for_status()
    eventually(lambda: "One for each" in headlines("c-32"), "the document's new words", within=20)
    server.delete("/v1/offers/once-each").raise_for_status()


@pytest.mark.row(32, 99)
def test_an_offer_is_tried_out_before_anybody_is_made_it(server: httpx.Client) -> None:
    rule = {"rules": [{"field": "segments", "operator": "contains", "value": "families"}]}
    offer = {"kind": "amount_off", "value": 3, "headline": "Three off", "priority": 99, "cost": 3, "rule": rule}
    tried = server.post("/v1/offers/simulate", json={"offer_id": "three", "offer": offer})
    assert tried.status_code == 200, tried.text
    found = tried.json()
    assert 0 < found["eligible"] < found["customers"]
    assert found["segments"]["families"] == found["eligible"]
    assert found["made"] == found["eligible"]
    assert found["cost"] > 0
    assert "three" not in offers_of(home(server, "c-01"))
    wrong = {**offer, "value": 0}
    assert server.post("/v1/offers/simulate", json={"offer_id": "three", "offer": wrong}).status_code == 422


@pytest.mark.row(19, 57)
@pytest.mark.parametrize(("name", "customer_id"), [("Promotion Dismissed", "c-09"), ("Offer Refused", "c-13")])
def test_what_was_refused_is_not_made_again(server: httpx.Client, name: str, customer_id: str) -> None:
    payload = home(server, customer_id)
    refused = offers_of(payload)[0]
    told = event(name, {"promotion_id": refused, "decision_id": payload["decision_id"]})
    server.post("/v1/batch", json={"batch": [{**told, "userId": customer_id}]}).raise_for_status()
    eventually(lambda: refused not in offers_of(home(server, customer_id)), "the refused offer gone", within=60)


@pytest.mark.row(17)
def test_what_is_decided_ahead_waits_for_its_customer_and_is_checked_on_contact(
    server: httpx.Client, suite: RunningSuite, tmp_path: Path
) -> None:
    said = suite.command("offers", "precompute", "everybody", "--into", tmp_path / "ahead.ndjson")
    assert "customers decided for" in said
    mail = email(server, "c-10", "decided-ahead")
    trace = explained(server, mail["decision_id"])
    assert trace["inputs"]["made_from"]["promised"]


def test_how_a_folder_differs_from_what_is_at_work_is_told_line_by_line(suite: RunningSuite, tmp_path: Path) -> None:
    (tmp_path / "goals").mkdir()
    (tmp_path / "goals" / "default.toml").write_text("fit = 2.0\n")
    assert '+  "fit": 2.0' in suite.command("diff", tmp_path)
