"""Which offers and actions: by rules that marketers wrote, for whom they are meant, explained."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.scenarios.calls import email, home, offers_of, page, slot
from tests.tinyshop import CUSTOMERS
from tests.waiting import eventually


@pytest.mark.row(41, 42, 5)
def test_story_1_who_comes_from_the_affiliate_gets_its_page_and_ten_percent_at_once(server: httpx.Client) -> None:
    payload = home(server, context={"referrer": "https://gadgets.example/"})
    assert payload["layout"]["variant"] == "gadgets"
    assert offers_of(payload)[0] == "gadgets-ten-percent"
    offer = slot(payload, "offers")[0]["offers"][0]
    assert offer["headline"] == "10 % off your whole cart"
    assert offer["reasons"]


@pytest.mark.row(43)
def test_story_1_with_items_in_the_cart_other_items_are_offered(server: httpx.Client) -> None:
    context = {"referrer": "https://gadgets.example/", "cart": [{"item_id": "i-37", "quantity": 1}]}
    payload = home(server, context=context)
    assert "i-39" in str(payload["slots"])


@pytest.mark.row(45, 91)
def test_story_2_an_anonymous_visitor_is_offered_free_shipping_for_a_few_answers(server: httpx.Client) -> None:
    payload = home(server)
    assert "register-free-shipping" in offers_of(payload)
    action = slot(payload, "action")[0]["actions"][0]
    assert action["kind"] == "register"
    assert len(action["questions"]) >= 3
    known = home(server, "c-02")
    assert "register-free-shipping" not in offers_of(known)


@pytest.mark.row(47, 48)
def test_story_3_a_valuable_customer_is_welcomed_by_name_with_free_shipping(server: httpx.Client) -> None:
    payload = home(server, "c-01")
    assert "Ada" in str(payload["slots"])
    assert "high-value-free-shipping" in offers_of(payload)


@pytest.mark.row(49, 9, 55)
def test_story_3_with_items_in_the_cart_a_chat_is_opened_to_a_valuable_customer(server: httpx.Client) -> None:
    def kind(customer: str, cart: list[dict[str, object]]) -> str:
        slots = slot(home(server, customer, context={"cart": cart}), "action")
        return next((str(action["kind"]) for one in slots for action in one["actions"]), "")

    cart: list[dict[str, object]] = [{"item_id": "i-05", "quantity": 2}]
    assert kind("c-01", cart) == "live_chat"
    assert kind("c-01", []) != "live_chat"
    assert kind("", cart) != "live_chat"


@pytest.mark.row(13, 15, 52)
def test_the_same_offers_lead_on_the_page_and_in_the_e_mail(server: httpx.Client) -> None:
    on_page = [offer["headline"] for offer in slot(home(server, "c-01"), "offers")[0]["offers"]]
    mail = email(server, "c-01", "same-offers")
    assert any(headline in mail["text"] for headline in on_page)


@pytest.mark.row(17, 113)
def test_a_coupon_reaches_its_audience_alone_and_only_while_it_is_open(server: httpx.Client) -> None:
    seen = {customer: set(offers_of(home(server, customer))) for customer in CUSTOMERS}
    shown = set().union(*seen.values())
    assert not shown & {"coupon-5", "coupon-6"}  # One is over, the other still to come.
    for customer, offers in seen.items():
        audiences = server.get(f"/v1/profiles/{customer}").json()["facts"]["attributes"].get("customer.audiences", [])
        addressed = {one for one in offers if one.startswith("coupon-")}
        assert not addressed or audiences


@pytest.mark.row(21, 32, 99, 66)
def test_an_offer_that_a_marketer_writes_is_on_the_next_page(
    server: httpx.Client, suite: RunningSuite, tmp_path: Path
) -> None:
    folder = tmp_path / "offers"
    folder.mkdir()
    document = folder / "families-only.toml"
    document.write_text(
        'kind = "amount_off"\nvalue = 3\nheadline = "Three dollars for families"\npriority = 99\n'
        '[rule]\ncombinator = "and"\nrules = [\n'
        '  { field = "segments", operator = "contains", value = "families" },\n'
        '  { field = "context.page", operator = "=", value = "home" },\n]\n'
    )
    assert "changed: offer/families-only" in suite.command("apply", tmp_path)
    eventually(lambda: "families-only" in offers_of(home(server, "c-01")), "the offer on the page", within=5)
    assert "families-only" not in offers_of(home(server, "c-02"))
    assert "1 unchanged" in suite.command("apply", tmp_path)
    document.write_text(document.read_text().replace('"segments"', '"segmnets"'))
    refused = suite_command_fails(suite, "apply", tmp_path)
    assert "segmnets" in refused
    assert "segments" in refused  # It says what was probably meant.
    assert "families-only" in offers_of(home(server, "c-01"))


def suite_command_fails(suite: RunningSuite, *arguments: str | Path) -> str:
    """What a command that must fail said."""
    with pytest.raises(pytest.fail.Exception) as failed:
        suite.command(*arguments)
    return str(failed.value)


@pytest.mark.row(64, 21)
def test_why_an_offer_was_chosen_and_another_one_not(server: httpx.Client) -> None:
    decision_id = home(server, "c-02")["decision_id"]
    explained: dict[str, object] = {}

    def written() -> bool:
        answer = server.get(f"/v1/decisions/{decision_id}")
        if answer.status_code == 200:
            explained.update(answer.json())
        return answer.status_code == 200

    eventually(written, "the decision's trace", within=10)
    candidates = {one["offer_id"]: one for one in explained["candidates"]}  # type: ignore[attr-defined]
    assert {one["outcome"] for one in candidates.values()} >= {"chosen", "refused"}
    refused = candidates["high-value-free-shipping"]
    assert refused["outcome"] == "refused"
    assert refused["field"] == "segments"
    assert refused["sentence"]
    versions = explained["decision"]["versions"]  # type: ignore[index]
    assert all(versions.get(name) for name in ("model", "rules", "layouts"))


def test_a_preview_leaves_no_trace(server: httpx.Client) -> None:
    decision_id = home(server, "c-02", preview=True)["decision_id"]
    kept = home(server, "c-02")["decision_id"]
    eventually(lambda: server.get(f"/v1/decisions/{kept}").status_code == 200, "the other decision", within=10)
    assert server.get(f"/v1/decisions/{decision_id}").status_code == 404


def test_an_unknown_decision_is_not_found(server: httpx.Client) -> None:
    answer = server.get("/v1/decisions/0123456789abcdef01234567")
    assert answer.status_code == 404
    assert page(server, "home", {})["decision_id"] != "0123456789abcdef01234567"
