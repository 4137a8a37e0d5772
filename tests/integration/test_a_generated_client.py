"""A Python client that openapi-python-client makes from the suite's own description, calling what a site calls."""

from __future__ import annotations

import importlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.runningsuite import RunningSuite
from tests.waiting import eventually

CONFIG = "post_hooks: []\ncontent_type_overrides:\n  application/x-ndjson: application/octet-stream\n"
CUSTOMER = "c-03"


class Client:
    """The generated package: its functions by tag and name, its models by name."""

    def __init__(self, package: str, suite: RunningSuite) -> None:
        self._package = package
        kinds = importlib.import_module(f"{package}.client")
        patience = httpx.Timeout(20.0)
        self.server = kinds.AuthenticatedClient(base_url=suite.base_url, token=suite.server_key, timeout=patience)
        self.models: Any = importlib.import_module(f"{package}.models")

    def answer(self, tag: str, name: str, *arguments: Any, **named: Any) -> Any:
        """Status, content, and the content as the client reads it."""
        function = importlib.import_module(f"{self._package}.api.{tag}.{name}")
        return function.sync_detailed(*arguments, client=self.server, **named)

    def call(self, tag: str, name: str, *arguments: Any, **named: Any) -> Any:
        """The answer of 200 as the client reads it; anything else fails the test."""
        answer = self.answer(tag, name, *arguments, **named)
        assert answer.status_code == 200, answer.content
        return answer.parsed


@pytest.fixture(scope="module")
def client(suite: RunningSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Made from what the running suite says of itself. A warning would mean that a part of the client is missing."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yml").write_text(CONFIG)
    (folder / "openapi.json").write_bytes(httpx.get(f"{suite.base_url}/schema/openapi.json").content)
    done = subprocess.run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--path", "openapi.json", "--meta", "none",
            "--output-path", "generated_client", "--config", "config.yml", "--fail-on-warning",
        ],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        made = Client("generated_client", suite)
        with made.server:
            yield made
    finally:
        sys.path.remove(str(folder))


def test_it_gets_a_page(client: Client) -> None:
    body = client.models.PageBody(customer=client.models.CustomerBody(customer_id=CUSTOMER))
    page = client.call("pages", "post_page", "home", body=body)
    assert page.customer.customer_id == CUSTOMER
    shelves = [slot for slot in page.slots if slot.type_ == "recommendations"]
    assert all(item.title and item.reasons for shelf in shelves for item in shelf.items)
    assert shelves


def test_it_gets_recommendations(client: Client) -> None:
    body = client.models.RecommendBody(customer=client.models.CustomerBody(customer_id=CUSTOMER), count=5)
    answer = client.call("items", "recommend", body=body)
    assert answer.known
    assert len(answer.items) == 5


def test_it_tells_what_somebody_did_and_reads_their_profile(client: Client) -> None:
    visitor = f"generated-{uuid.uuid4().hex[:12]}"
    properties = client.models.EventSentPropertiesType0.from_dict({"product_id": "i-07"})
    told = client.models.EventSent(anonymous_id=visitor, event="Product Viewed", properties=properties)
    assert client.call("events", "send_track", body=told).success

    def viewed() -> bool:
        found = client.answer("profiles", "profile", visitor)
        return found.status_code == 200 and [one.item_id for one in found.parsed.facts.recent] == ["i-07"]

    eventually(viewed, "the item that was viewed stands in the visitor's profile")


def test_it_writes_an_offer_and_redeems_it(client: Client) -> None:
    models = client.models
    offer_id = f"generated-{uuid.uuid4().hex[:8]}"
    rule = models.Rule(field="customer.nobody", operator=models.RuleOperator("="), value="has this")
    offer = models.Offer(headline="Two for one", kind=models.OfferKind("bogo"), rule=rule)
    applied = client.call("offers", "put_offer", offer_id, body=offer)
    assert applied.changed == [f"offer/{offer_id}"]
    redemption = models.RedemptionBody(offer_id=offer_id, customer_id=CUSTOMER)
    once = client.call("offers", "redeem_once", body=redemption, idempotency_key=f"{offer_id}-1")
    again = client.call("offers", "redeem_once", body=redemption, idempotency_key=f"{offer_id}-1")
    assert once.counted
    assert again == once


def test_what_is_refused_says_why(client: Client) -> None:
    answer = client.answer("items", "recommend", body=client.models.RecommendBody(strategy="by_moonlight"))
    assert answer.status_code == 422
    assert "by_moonlight" in answer.parsed.detail
