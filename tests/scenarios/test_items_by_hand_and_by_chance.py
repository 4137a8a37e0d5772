"""What marketers say of items, and what chance is given: at work on the next page, and told with the decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.scenarios.calls import home, shown_items, slot
from tests.tinyshop import CUSTOMERS
from tests.waiting import eventually


@pytest.fixture
def curated(server: httpx.Client) -> Iterator[httpx.Client]:
    yield server
    for one in server.get("/v1/curations").json().get("documents", []):
        server.delete(f"/v1/curations/{one['id']}")


def put(server: httpx.Client, name: str, **curation: Any) -> httpx.Response:
    response = server.put(f"/v1/curations/{name}", json=curation)
    assert response.status_code == 200, response.text
    return response


@pytest.mark.row(95)
def test_a_marketer_pins_and_bans_items_and_the_next_page_follows(curated: httpx.Client) -> None:
    customer = CUSTOMERS[3]
    before = shown_items(home(curated, customer))
    first_slot = slot(home(curated, customer), "recommendations")[0]["id"]
    pinned = next(item for item in (f"i-{n:02}" for n in range(2, 60)) if item not in before)
    put(curated, "week", does="pin", items=[pinned], slots=[first_slot], reason="Fresh from the market today")
    put(curated, "recall", does="ban", items=before[:2])

    def follows() -> bool:
        payload = home(curated, customer)
        items = next(one for one in payload["slots"] if one["id"] == first_slot)["items"]
        told = items[0]["item_id"] == pinned and items[0]["reasons"] == ["Fresh from the market today"]
        return told and not set(before[:2]) & set(shown_items(payload))

    eventually(follows, "the pin and the ban are on the page")
    for name in ("week", "recall"):
        assert curated.delete(f"/v1/curations/{name}").status_code == 200
    eventually(lambda: pinned not in shown_items(home(curated, customer))[:1], "the pin is gone")


def test_a_curation_that_was_changed_meanwhile_is_not_overwritten(curated: httpx.Client) -> None:
    tag = put(curated, "week", does="boost", categories=["Bakery"], strength=3).headers["etag"]
    put(curated, "week", does="boost", categories=["Dairy"])
    late = curated.put("/v1/curations/week", json={"does": "ban", "items": ["i-02"]}, headers={"If-Match": tag})
    assert late.status_code == 412
    wrong = curated.put("/v1/curations/week", json={"does": "pin", "categories": ["Dairy"]})
    assert wrong.status_code == 422
    assert "A pin names the items" in wrong.json()["detail"]


@pytest.fixture
def exploring(server: httpx.Client) -> Iterator[httpx.Client]:
    """While the test runs, readers of one site see a home page that gives a third of a slot to chance."""
    before = server.get("/v1/layouts/home").json()
    shelf = {"id": "new_here", "type": "recommendations", "strategy": "for_you", "count": 9, "explore": 0.34}
    rule = {"field": "context.referrer_host", "operator": "=", "value": "chance.example"}
    variant = before["variants"][0] | {"id": "chance", "rule": rule, "personas": [], "slots": [shelf]}
    answer = server.put("/v1/layouts/home", json=before | {"variants": [variant, *before["variants"]]})
    assert answer.status_code == 200, answer.text
    yield server
    server.put("/v1/layouts/home", json=before)


@pytest.mark.row(118)
def test_a_share_of_a_slot_goes_to_items_hardly_known_and_the_decision_says_how_likely_each_was(
    exploring: httpx.Client,
) -> None:
    def explored() -> dict[str, Any] | None:
        payload = home(exploring, CUSTOMERS[8], context={"referrer": "https://chance.example/"})
        return payload if [one["id"] for one in payload["slots"]] == ["new_here"] else None

    payload = eventually(explored, "the page that explores")
    assert payload is not None
    shown = [item["item_id"] for item in payload["slots"][0]["items"]]
    address = f"/v1/decisions/{payload['decision_id']}"
    eventually(lambda: exploring.get(address).status_code == 200, "the decision")
    chosen = [one for one in exploring.get(address).json()["choices"] if one["slot"] == "new_here"]
    assert [one["id"] for one in chosen] == shown
    shares = [one.get("propensity", 1.0) for one in chosen]
    assert sum(1 for share in shares if share < 1.0) == 3
    assert all(0.0 < share <= 1.0 for share in shares)
