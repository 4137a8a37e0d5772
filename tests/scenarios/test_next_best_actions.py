"""The best next thing may be no offer: a theme among several, help before it is asked for, a person, or silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import event, home, offers_of, page, slot
from tests.scenarios.marketer import Marketer
from tests.waiting import eventually

CAMPAIGN = "next-best-actions"
ONLY_HERE = {"field": "context.campaign", "operator": "=", "value": CAMPAIGN}
"""Pages of this campaign are asked for by nobody else."""


@pytest.fixture
def marketer(server: httpx.Client) -> Iterator[Marketer]:
    at_work = Marketer(server, ONLY_HERE)
    yield at_work
    at_work.takes_off()


def seen(server: httpx.Client, customer: str, **context: Any) -> dict[str, Any]:
    return home(server, customer, context={"campaign": CAMPAIGN, **context})


def kinds(payload: dict[str, Any]) -> list[str]:
    return [str(action["kind"]) for one in slot(payload, "action") for action in one["actions"]]


@pytest.mark.row(8, 64)
def test_of_several_themes_one_is_chosen_and_said_in_its_own_look(server: httpx.Client, marketer: Marketer) -> None:
    themes = {"theme-school": "back-to-school", "theme-travel": "holiday-travel", "theme-garden": "garden"}
    for number, (name, theme) in enumerate(themes.items()):
        marketer.writes(
            f"/v1/offers/{name}", kind="percent_off", value=10 + number, theme=theme, exclusion_group="theme"
        )
    eventually(lambda: set(offers_of(seen(server, "c-03"))) & set(themes), "a theme on the page", within=60)
    offers = [one for part in slot(seen(server, "c-03"), "offers") for one in part["offers"]]
    chosen = [one for one in offers if one["offer_id"] in themes]
    assert len(chosen) == 1
    assert chosen[0]["theme"] == themes[chosen[0]["offer_id"]]


@pytest.mark.row(59, 55, 119)
def test_help_is_offered_before_it_is_asked_for_to_those_who_welcome_it_alone(
    server: httpx.Client, marketer: Marketer
) -> None:
    welcome = {"field": "cart.count", "operator": ">=", "value": 1}
    marketer.writes("/v1/actions/guide-me", welcome, kind="advice", headline="How can we help you choose?")
    cart = [{"item_id": "i-05", "quantity": 1}]
    eventually(lambda: "advice" in kinds(seen(server, "c-02", cart=cart)), "the advice", within=60)
    assert "advice" not in kinds(seen(server, "c-02"))


@pytest.mark.row(9)
@pytest.mark.parametrize("kind", ["escalate", "alert", "status_update", "article", "insight", "reminder", "live_chat"])
def test_an_action_of_each_kind_reaches_the_page_with_what_the_site_needs_to_carry_it_out(
    server: httpx.Client, marketer: Marketer, kind: str
) -> None:
    needs = {"queue": "level-3", "number": 7}
    marketer.writes(f"/v1/actions/do-{kind}", kind=kind, url="/support", attributes=needs)

    def there() -> bool:
        actions = [action for one in slot(seen(server, "c-04"), "action") for action in one["actions"]]
        return any(one["kind"] == kind and one["attributes"] == needs for one in actions)

    eventually(there, f"the action {kind}", within=60)


@pytest.mark.row(105)
def test_that_few_are_left_is_said_of_a_stock_counted_just_now_and_never_of_an_older_one(server: httpx.Client) -> None:
    item = {"title": "The last pie", "department": "Bakery", "category": "Cakes", "price": 7.0}

    def notes(**counted: Any) -> list[dict[str, Any]]:
        """What is said on the item's page once its stock is told, and the page knows of it."""
        server.put("/v1/items/last-pie", json=item | counted | {"title": f"The last pie {counted}"}).raise_for_status()
        shown: dict[str, Any] = {}

        def told() -> bool:
            shown.update(page(server, "product", {}, context={"item_id": "last-pie"}))
            return str(counted) in str(slot(shown, "item"))

        eventually(told, "the item as it is now", within=60)
        said = [action for one in slot(shown, "action") for action in one["actions"] if action["kind"] == "scarcity"]
        assert ("left" in slot(shown, "item")[0]["item"]) is bool(said)
        return said

    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert [one["left"] for one in notes(stock=3)] == [3]
    assert notes(stock=3, stock_at=an_hour_ago.isoformat()) == []
    assert [one["left"] for one in notes(stock=2)] == [2]
    assert notes(stock=200) == []
    assert notes(stock=None) == []
    server.put("/v1/items/last-pie", json={"stock": 0}).raise_for_status()


@pytest.mark.row(119, 57)
def test_to_say_nothing_is_an_action_like_the_others(server: httpx.Client, marketer: Marketer) -> None:
    marketer.writes("/v1/actions/say-nothing", kind="silence", margin=100_000.0)
    # A visitor for whom no moment waits: what answers something that happened is said all the same.
    eventually(lambda: kinds(seen(server, "")) == [], "silence", within=60)
    assert "to say nothing more is worth more here" in slot(seen(server, ""), "action")[0]["note"]


@pytest.mark.row(22, 24)
def test_what_customers_do_is_learned_without_anybody_training(server: httpx.Client, marketer: Marketer) -> None:
    marketer.writes("/v1/offers/learned-about", kind="amount_off", value=2, cost=2)
    eventually(lambda: "learned-about" in offers_of(seen(server, "c-06")), "the offer on the page", within=60)

    def worth() -> float:
        """What the offer is held to be worth, in the first decision from now on that could consider it."""
        found: list[float] = []

        def considered() -> bool:
            decision = seen(server, "c-06", locale="en")["decision_id"]
            eventually(lambda: server.get(f"/v1/decisions/{decision}").status_code == 200, "its trace", within=60)
            candidates = server.get(f"/v1/decisions/{decision}").json()["candidates"]
            found.extend(float(one["parts"]["worth"]) for one in candidates if one["offer_id"] == "learned-about")
            return bool(found)

        eventually(considered, "a decision that considers the offer", within=60)
        return found[0]

    before = worth()
    for number in range(40):
        body = {"offer_id": "learned-about", "customer_id": f"c-0{number % 8 + 1}", "channel": "web"}
        seen(server, body["customer_id"])
        server.post("/v1/redemptions", json=body, headers={"Idempotency-Key": f"learn-{number}"}).raise_for_status()
        clicked = event("Promotion Clicked", {"promotion_id": "learned-about"}, userId=body["customer_id"])
        server.post("/v1/batch", json={"batch": [clicked]}).raise_for_status()
    eventually(lambda: worth() > before, "a better opinion of what is taken up", within=90)
