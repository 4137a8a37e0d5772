"""Moments on a real nats-server: raised, waited for over a restart, told to pages, browsers and other systems."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from tailorbird.bus.connect import connect
from tailorbird.contracts.identity import ERASE, EraseQuery
from tailorbird.contracts.profiles import (
    COLLECTED,
    WEBHOOKS,
    Event,
    EventBatch,
    Profile,
    WebhooksQuery,
)
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.app import build
from tailorbird.host.broker import free_port
from tailorbird.host.settings import SuiteSettings
from tailorbird.profiles.http import ROUTES
from tailorbird.profiles.moments.duelist import Due
from tests.integration.profilesalone import SAID, Receiver, Shop, profiles_alone, receiving

pytestmark = pytest.mark.anyio

WRITE_KEY, SERVER_KEY = "write-key", "server-key"


def came(profile: Profile) -> list[str]:
    return [note.moment for note in profile.moments]


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> AsyncIterator[Shop]:
    async with profiles_alone(tmp_path_factory.mktemp("moments"), receiver) as shop:
        yield shop


@pytest.mark.row(104)
async def test_exit_intent_of_somebody_who_never_bought_fires_once_a_visit(shop: Shop) -> None:
    rule = {"field": "history.orders", "operator": "=", "value": 0}
    await shop.moment("exit", on=["Exit Intent"], once="visit", rule=rule)
    await shop.did("leaver", "Exit Intent")
    first = await shop.until("leaver", lambda profile: came(profile) == ["exit"])
    await shop.did("leaver", "Exit Intent")
    await shop.did("leaver", "Product Viewed", product_id="i-1")
    second = await shop.until("leaver", lambda profile: bool(profile.facts.recent))
    assert second.moments == first.moments
    await shop.did("buyer", "Order Completed", order_id="o-1", revenue=9.0, products=[{"product_id": "i-1"}])
    await shop.did("buyer", "Exit Intent")
    await shop.did("buyer", "Product Viewed", product_id="i-1")
    assert came(await shop.until("buyer", lambda profile: len(profile.facts.recent) > 1)) == []


async def test_what_was_seen_is_not_said_again(shop: Shop) -> None:
    await shop.moment("seen", on=["Sighed"])
    await shop.did("looker", "Sighed")
    await shop.until("looker", lambda profile: came(profile) == ["seen"])
    await shop.did("looker", "Promotion Viewed", promotion_id="moment/seen")
    await shop.until("looker", lambda profile: came(profile) == [])


@pytest.mark.row(105, 7)
async def test_an_untouched_cart_is_spoken_of_after_a_wait_unless_there_was_an_order(shop: Shop) -> None:
    rule = {"field": "cart.count", "operator": ">=", "value": 1}
    await shop.moment("cart", on=["Product Added"], wait_seconds=2, unless=["Order Completed"], rule=rule)
    await shop.did("forgetful", "Product Added", product_id="i-1")
    await shop.did("quick", "Product Added", product_id="i-1")
    await shop.did("quick", "Order Completed", order_id="o-2", revenue=5.0, products=[{"product_id": "i-1"}])
    await shop.until("forgetful", lambda profile: came(profile) == ["cart"])
    await shop.until("quick", lambda profile: profile.facts.attributes["history.orders"] == 1)
    assert came(await shop.profile("quick")) == []


async def test_a_wait_survives_a_restart_and_moves_with_a_visitor_who_signs_in(shop: Shop) -> None:
    await shop.moment("later", on=["Wished"], wait_seconds=3)
    await shop.did("patient", "Wished")
    await shop.did("signs-in", "Wished")
    for who in ("patient", "signs-in"):
        await shop.until(who, lambda profile: profile.known)
    event = Event(
        message_id="signs-in-now", type="identify", at=time.time(), anonymous_id="signs-in", customer_id="c-9",
        trusted=True,
    )  # fmt: skip
    await shop.bus.announcer.append(COLLECTED, EventBatch(events=(event,)), "signs-in-now")
    await shop.until("signs-in", lambda profile: profile.customer.customer_id == "c-9")
    await shop.stop()
    await shop.start()
    for who in ("patient", "signs-in"):
        profile = await shop.until(who, lambda profile: bool(profile.moments))
        assert came(profile) == ["later"]


@pytest.mark.row(93, 110)
async def test_a_webhook_is_signed_tried_again_over_a_restart_and_sent_once(shop: Shop, receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/hook"
    paid = {"on": ["Order Paid For"], "webhooks": ["crm"], "page": False, "browser": False}
    applied = await shop.apply(("webhook", "crm", {"url": url}), ("moment", "paid", paid))
    assert applied.problems == ()
    receiver.answers = [500, 503]
    message_id = await shop.did("payer", "Order Paid For")
    async with asyncio.timeout(60):
        while not receiver.got:
            await asyncio.sleep(0.01)
        await shop.stop()
        await shop.start()
        while len(receiver.got) < 3:
            await asyncio.sleep(0.01)
    await shop.did("payer", "Order Paid For", again=message_id)
    await shop.did("payer", "Product Viewed", product_id="i-2")
    await shop.until("payer", lambda profile: bool(profile.facts.recent))
    (told,) = (await shop.bus.asker.ask(WEBHOOKS, WebhooksQuery())).webhooks
    assert told.moments == ("paid",)
    went = told.deliveries
    assert (went.taken, went.refused, went.reason, went.given_up) == (1, 2, "answered 503", 0)
    secret = base64.b64decode(told.secret.removeprefix("whsec_"))
    for headers, body in receiver.got:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    data = msgspec.json.decode(receiver.got[-1][1])["data"]
    assert (data["moment"], data["anonymous_id"]) == ("paid", "payer")


async def test_of_somebody_erased_nothing_waits_and_nobody_is_told(shop: Shop, receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/down"
    down = {"on": ["Left Forever"], "webhooks": ["down"], "page": False, "browser": False}
    applied = await shop.apply(("webhook", "down", {"url": url}), ("moment", "down", down))
    assert applied.problems == ()
    await shop.moment("much-later", on=["Left Forever"], wait_seconds=3_600)
    receiver.answers = [500] * 20
    for who in ("forgotten", "remembered"):
        await shop.did(who, "Left Forever")

    async def kept_of(person: str) -> list[int]:
        found = []
        for name in ("moments_waiting", "webhooks_due"):
            entries = (await (await shop.bus.bucket(name)).entries()).values()
            bodies = [msgspec.json.decode(entry.value, type=Due).body for entry in entries if entry.value is not None]
            found.append(sum(person.encode() in entry for entry in bodies))
        return found

    persons = [(await shop.until(who, lambda profile: profile.known)).person for who in ("forgotten", "remembered")]
    async with asyncio.timeout(60):
        while [await kept_of(person) for person in persons] != [[1, 1], [1, 1]]:
            await asyncio.sleep(0.02)
    await shop.bus.asker.ask(ERASE, EraseQuery(customer=CustomerRef(anonymous_id="forgotten")))
    assert [await kept_of(person) for person in persons] == [[0, 0], [1, 1]]
    receiver.answers = []


async def test_mistakes_in_moments_and_webhooks_are_told(shop: Shop) -> None:
    applied = await shop.apply(
        ("webhook", "inside", {"url": "https://10.0.0.8/hook"}),
        ("webhook", "plain", {"url": "http://shop.example/hook"}),
        ("moment", "wrong", {"on": ["X"], "rule": {"field": "cart.total", "operator": ">", "value": 1}}),
        ("moment", "lost", SAID | {"on": ["X"], "webhooks": ["nobody"], "unless": ["Y"]}),
    )
    told = {problem.path: problem.sentence for problem in applied.problems}
    assert "private" in told["webhook/inside $.url"]
    assert "https" in told["webhook/plain $.url"]
    assert "page that is called" in told["moment/wrong $.rule"]
    assert "missing" in told["moment/wrong $.headline"]
    assert "no webhook 'nobody'" in told["moment/lost $.webhooks"]
    assert "wait_seconds" in told["moment/lost $.unless"]


@pytest.fixture
async def browser_url(shop: Shop, tmp_path: Path) -> AsyncIterator[str]:
    settings = SuiteSettings(home=tmp_path, write_key=WRITE_KEY, server_key=SERVER_KEY)
    app: Any = build([], {"profiles": ROUTES}, lambda: connect("gateway", shop.address, shop.address), settings, {})
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="on", log_config=None, timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@pytest.mark.row(65, 90, 94)
async def test_a_browser_that_listens_hears_of_a_moment_and_after_a_break_of_what_it_missed(
    shop: Shop, browser_url: str
) -> None:
    await shop.moment("whisper", on=["Whispered"])
    listening = {"anonymous_id": "ear", "write_key": WRITE_KEY}
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=browser_url, timeout=60) as client:
        async with client.stream("GET", "/v1/moments", params=listening) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            assert "listening" in await anext(lines)
            await shop.did("ear", "Whispered")
            first = await _next_event(lines)
        assert first["data"]["headline"] == "Said"
        await shop.did("ear", "Whispered")
        await shop.until("ear", lambda profile: len(profile.moments) == 2)
        headers = {"Last-Event-ID": first["id"]}
        async with client.stream("GET", "/v1/moments", params=listening, headers=headers) as stream:
            missed = await _next_event(stream.aiter_lines())
        assert missed["data"]["moment"] == "whisper"
        assert missed["id"] != first["id"]
        for params in ({"anonymous_id": "ear"}, {"customer_id": "c-1", "write_key": WRITE_KEY}):
            assert (await client.get("/v1/moments", params=params)).status_code == 401


async def _next_event(lines: AsyncIterator[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async for line in lines:
        name, _, value = line.partition(": ")
        if name in ("id", "event"):
            found[name] = value
        elif name == "data":
            found["data"] = msgspec.json.decode(value)
        elif not line and "data" in found:
            return found
    raise AssertionError("the stream ended")
