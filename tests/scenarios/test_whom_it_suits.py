"""One strategy for each customer: other words for other personas, promises that follow what they do, calm for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import event, home, offers_of, order, page, slot
from tests.scenarios.marketer import Marketer, known_as, with_a_goal
from tests.scenarios.test_promises_kept import explained
from tests.tinyshop import CUSTOMERS
from tests.uncapped import without_a_cap
from tests.waiting import eventually


@pytest.fixture
def marketer(server: httpx.Client, request: pytest.FixtureRequest) -> Iterator[Marketer]:
    """For the customers whom the test names behind the word that they are known by."""
    word, *customers = request.param
    at_work = Marketer(server, known_as(server, word, *customers))
    yield at_work
    at_work.takes_off()


def offers(payload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {offer["offer_id"]: offer for one in slot(payload, "offers") for offer in one["offers"]}


def comes(server: httpx.Client, customer_id: str, offer_id: str) -> dict[str, Any]:
    """The offer as this customer sees it, as soon as it stands on their page."""
    seen: dict[str, Any] = {}

    def there() -> bool:
        seen.update(home(server, customer_id))
        return offer_id in offers(seen)

    try:
        eventually(there, offer_id, within=60)
    except AssertionError as never:
        why = explained(server, seen["decision_id"], why_not=offer_id)["why_not"]
        raise AssertionError(f"{offer_id} is not on the page of {customer_id}: {why}") from never
    return offers(seen)[offer_id]


def mailed(server: httpx.Client, customer_id: str, message_id: str) -> dict[str, Any]:
    body = {"customer": {"customer_id": customer_id}, "message_id": message_id}
    with without_a_cap(server):
        answer = server.post("/v1/emails/weekly", json=body)
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()
    return payload


def bought(server: httpx.Client, customer_id: str, item_id: str) -> None:
    server.post("/v1/track", json=order(item_id, userId=customer_id)).raise_for_status()


@pytest.mark.row(64, 11)
@pytest.mark.parametrize("marketer", [("words", *CUSTOMERS[28:34])], indirect=True)
def test_one_offer_has_other_words_and_another_picture_for_each_persona_on_page_and_in_mail(
    server: httpx.Client, marketer: Marketer
) -> None:
    personas = {who: home(server, who, preview=True)["customer"].get("persona") for who in CUSTOMERS[28:34]}
    of_persona = {persona: who for who, persona in personas.items() if persona}
    (one_persona, one), (other_persona, other), *_ = of_persona.items()
    said = {
        persona: {"headline": f"Said to {persona}", "image": f"https://shop.example/{persona}.png", "theme": persona}
        for persona in (one_persona, other_persona)
    }
    marketer.writes("/v1/offers/said-twice", kind="percent_off", value=11, creatives=said, control_share=0.0)
    for customer, persona, stranger in ((one, one_persona, other_persona), (other, other_persona, one_persona)):
        shown = comes(server, customer, "said-twice")
        assert (shown["headline"], shown["image"], shown["theme"]) == tuple(said[persona].values())
        mail = mailed(server, customer, "said-twice")
        assert f"Said to {persona}" in mail["text"]
        assert f"{persona}.png" in mail["html"]
        assert f"Said to {stranger}" not in mail["text"] + mail["html"]


@pytest.mark.row(57, 16)
@pytest.mark.parametrize("marketer", [("calm", "c-34")], indirect=True)
def test_who_was_spoken_to_often_enough_over_all_channels_is_left_in_peace_by_each(
    server: httpx.Client, marketer: Marketer
) -> None:
    marketer.writes("/v1/offers/calm", kind="free_shipping", control_share=0.0)

    def spoken_to(channel: str) -> dict[str, Any]:
        """Once: each time that an offer comes to them by such a channel counts."""
        name = {"push": "nudge", "contact_centre": "call"}[channel]
        body = {"customer": {"customer_id": "c-34"}, "form": "page", "context": {"channel": channel}}
        answer = server.post(f"/v1/pages/{name}", json=body)
        assert answer.status_code == 200, answer.text
        payload: dict[str, Any] = answer.json()
        return payload

    comes(server, "c-34", "calm")
    with with_a_goal(server, contact={"per_day": 3}):
        assert "Something to say" in mailed(server, "c-34", "calm-1")["text"]
        eventually(lambda: "calm" in offers(spoken_to("push")), "the push message", within=60)

        def left_in_peace() -> bool:
            call = spoken_to("contact_centre")
            if offers(call) or call["fallbacks"]:
                return False
            return "spoken to often enough" in explained(server, call["decision_id"], why_not="calm")["why_not"]

        eventually(left_in_peace, "an agent who offers nothing", within=60)
        comes(server, "c-34", "calm")  # A page that they open themselves is no contact.


@pytest.mark.row(17, 18, 19)
@pytest.mark.parametrize("marketer", [("ahead", "c-35", "c-36")], indirect=True)
def test_what_was_decided_ahead_is_dropped_at_the_moment_of_contact_when_it_has_been_bought_meanwhile(
    server: httpx.Client, suite: RunningSuite, marketer: Marketer, tmp_path: Path
) -> None:
    scope = {"item_ids": ["tea-for-later"]}
    marketer.writes("/v1/offers/ahead", kind="percent_off", value=20, scope=scope, control_share=0.0)
    eventually(lambda: "ahead" in offers(home(server, "c-36", preview=True)), "the offer", within=60)
    suite.command("offers", "precompute", "everybody", "--channel", "email", "--into", tmp_path / "ahead.ndjson")
    lines = [json.loads(line) for line in (tmp_path / "ahead.ndjson").read_text().splitlines()]
    waiting = {one["customer_id"]: one["offers"] for one in lines}
    assert "ahead" in waiting["c-35"]
    assert "ahead" in waiting["c-36"]
    bought(server, "c-35", "tea-for-later")
    eventually(lambda: "ahead" not in offers(home(server, "c-35", preview=True)), "the purchase", within=60)
    mail = mailed(server, "c-35", "ahead")
    trace = explained(server, mail["decision_id"])
    assert "ahead" in trace["inputs"]["made_from"]["promised"]
    fate = next(one for one in trace["candidates"] if one["offer_id"] == "ahead")
    assert (fate["outcome"], fate["field"]) == ("refused", "just_bought")
    kept = explained(server, mailed(server, "c-36", "ahead")["decision_id"])
    assert "ahead" in {one["offer_id"] for one in kept["candidates"] if one["outcome"] == "chosen"}


@pytest.mark.row(20, 19)
@pytest.mark.parametrize("marketer", [("beside", "c-27")], indirect=True)
def test_what_was_just_bought_is_not_discounted_and_what_goes_with_it_leads(
    server: httpx.Client, marketer: Marketer
) -> None:
    shirt, shorts = "i-37", "i-39"
    anything: dict[str, Any] = {"kind": "percent_off", "control_share": 0.0}
    marketer.writes("/v1/offers/off-shirts", value=30, scope={"item_ids": [shirt]}, **anything)
    marketer.writes("/v1/offers/off-all", value=20, margin=24, **anything)
    goes_with = {"item_ids": [shirt]}
    marketer.writes("/v1/offers/off-shorts", value=5, scope={"item_ids": [shorts]}, goes_with=goes_with, **anything)
    ours = {"off-shirts", "off-all", "off-shorts"}

    def order_of_ours() -> list[str]:
        # Nothing is remembered of a preview, so nothing is promised by looking.
        return [one for one in offers_of(home(server, "c-27", preview=True)) if one in ours]

    with with_a_goal(server, exploring=0.0):
        eventually(lambda: set(order_of_ours()) == ours, "all three", within=60)
        assert order_of_ours()[0] != "off-shorts"
        bought(server, "c-27", shirt)
        eventually(lambda: order_of_ours() == ["off-shorts", "off-all"], "the complement in front", within=60)
        agent = {"channel": "contact_centre"}
        call = page(server, "call", {"customer_id": "c-27"}, form="page", preview=True, context=agent)
        assert "off-shirts" not in offers(call)


@pytest.mark.row(23, 30, 32)
@pytest.mark.parametrize("marketer", [("blend", "c-39")], indirect=True)
def test_rules_priorities_weights_and_objectives_are_the_marketers_and_the_model_orders_the_rest(
    server: httpx.Client, marketer: Marketer
) -> None:
    """Who it is (a trait), where they are (the campaign) and what the shop wants (the objective), in one decision."""
    there = {"field": "context.campaign", "operator": "=", "value": "blend"}
    plain: dict[str, Any] = {"kind": "percent_off", "control_share": 0.0}
    marketer.writes("/v1/offers/blend-much", there, value=20, **plain)
    marketer.writes("/v1/offers/blend-little", there, value=5, objective="clear stock", **plain)
    ours = {"blend-much", "blend-little"}

    def leads(name: str, campaign: str = "blend") -> bool:
        found = offers_of(home(server, "c-39", preview=True, context={"campaign": campaign}))
        return [one for one in found if one in ours][:1] == [name]

    with with_a_goal(server, exploring=0.0):
        eventually(lambda: leads("blend-much"), "the one that is worth more", within=60)
        assert not ours & set(offers_of(home(server, "c-39", preview=True, context={"campaign": "other"})))
        assert not ours & set(offers_of(home(server, "c-40", preview=True, context={"campaign": "blend"})))
        with with_a_goal(server, exploring=0.0, objectives={"clear stock": 20.0}):
            eventually(lambda: leads("blend-little"), "what the shop wants most", within=60)
        eventually(lambda: leads("blend-much"), "as before", within=60)
        marketer.writes("/v1/offers/blend-little", there, value=5, weight=50.0, **plain)
        eventually(lambda: leads("blend-little"), "what weighs more", within=60)
        marketer.writes("/v1/offers/blend-little", there, value=5, weight=50.0, priority=99, **plain)
        eventually(lambda: leads("blend-much"), "the higher tier, whatever the weights", within=60)


@pytest.mark.row(42, 36, 102)
@pytest.mark.parametrize("marketer", [("worth", *CUSTOMERS[:12])], indirect=True)
def test_ten_percent_pop_up_for_those_alone_of_whom_much_is_expected(
    server: httpx.Client, marketer: Marketer
) -> None:
    facts = {one: server.get(f"/v1/profiles/{one}").json()["facts"]["attributes"] for one in CUSTOMERS[:12]}
    value = {one: found["history.predicted_value"] for one, found in facts.items()}
    least = sorted(value.values())[6]
    much = {"field": "history.predicted_value", "operator": ">=", "value": least}
    marketer.writes("/v1/offers/ten-off", much, kind="percent_off", value=10, control_share=0.0)
    best = max(value, key=lambda one: value[one])
    eventually(lambda: "ten-off" in offers(home(server, best)), "the ten percent", within=60)
    shown = {one for one in value if "ten-off" in offers(home(server, one, preview=True))}
    assert shown == {one for one in value if value[one] >= least}


@pytest.mark.row(16, 15, 5)
@pytest.mark.parametrize("marketer", [("once", "c-38")], indirect=True)
def test_what_was_redeemed_in_the_store_is_gone_from_page_and_mail(server: httpx.Client, marketer: Marketer) -> None:
    promised: dict[str, Any] = {"kind": "bogo", "quantity": 2, "headline": "Buy two, one free"}
    marketer.writes("/v1/offers/once", limit={"per_customer": 1}, control_share=0.0, **promised)
    shown = comes(server, "c-38", "once")
    assert (shown["kind"], shown["quantity"]) == ("bogo", 2)
    assert "Buy two, one free" in mailed(server, "c-38", "once-1")["text"]
    body = {"offer_id": "once", "customer_id": "c-38", "channel": "store"}
    redeemed = server.post("/v1/redemptions", json=body, headers={"Idempotency-Key": "once-c-38"})
    assert redeemed.json()["counted"] is True
    eventually(lambda: "once" not in offers(home(server, "c-38")), "gone from the page", within=60)
    assert "Buy two, one free" not in mailed(server, "c-38", "once-2")["text"]


@pytest.mark.row(7)
def test_an_application_left_half_done_is_followed_up_and_a_finished_one_is_not(
    server: httpx.Client, suite: RunningSuite, tmp_path: Path
) -> None:
    (tmp_path / "moments").mkdir()
    (tmp_path / "moments" / "application-waits.toml").write_text(
        'name = "An application left half done"\non = ["Application Started"]\nunless = ["Application Sent"]\n'
        'wait_seconds = 2\nheadline = "Your application is saved"\ntext = "Two questions are left."\n'
    )
    suite.command("apply", tmp_path)
    for customer in ("c-16", "c-17"):
        server.post("/v1/track", json=event("Application Started", {}, userId=customer)).raise_for_status()
    server.post("/v1/track", json=event("Application Sent", {}, userId="c-17")).raise_for_status()

    def told(customer: str) -> bool:
        return "Your application is saved" in str(slot(home(server, customer), "action"))

    eventually(lambda: told("c-16"), "the reminder", within=60)
    assert not told("c-17")
