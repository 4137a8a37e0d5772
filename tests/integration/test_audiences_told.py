"""Who is in a segment, told to another system: in signed pages, taken one by one, over refusals and restarts."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tailorbird.contracts.audiences import AUDIENCES_BEING_SENT, SEND_AUDIENCE, BeingSentQuery, SendAudienceQuery
from tailorbird.contracts.profiles import WEBHOOKS, WebhooksQuery
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.segments import sending
from tests.integration.profilesalone import Receiver, Shop, profiles_alone, receiving

pytestmark = pytest.mark.anyio

CUSTOMERS = tuple(f"customer-{number}" for number in range(5))
ORDERED = {"rule": {"combinator": "and", "rules": [{"field": "history.orders", "operator": ">=", "value": 1}]}}


@pytest.fixture(scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> AsyncIterator[Shop]:
    async with profiles_alone(tmp_path_factory.mktemp("audiences"), receiver) as shop:
        url = f"http://127.0.0.1:{receiver.port}/audiences"
        applied = await shop.apply(("webhook", "crm", {"url": url}), ("segment", "ordered", ORDERED))
        assert applied.problems == ()
        for customer in CUSTOMERS:
            lines = [{"product_id": "i-1", "price": 9.0}]
            order: dict[str, Any] = {"order_id": f"o-{customer}", "total": 9.0, "products": lines}
            await shop.did(customer, "Order Completed", customer=customer, **order)
        await shop.did("only-looked", "Product Viewed", customer="only-looked", product_id="i-1")
        for who in (*CUSTOMERS, "only-looked"):
            await shop.until(who, lambda profile: profile.known)
        yield shop


def told(receiver: Receiver) -> list[dict[str, Any]]:
    return [msgspec.json.decode(body)["data"] for _, body in receiver.got]


@pytest.mark.row(110)
async def test_everybody_of_it_is_told_once_in_signed_pages_over_a_restart(
    shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "READ_TOGETHER", 2)
    monkeypatch.setattr(sending, "CUSTOMERS_IN_A_PAGE", 2)
    receiver.answers = [500]
    begun = await shop.bus.asker.ask(SEND_AUDIENCE, SendAudienceQuery(segment="ordered", webhook="crm"))
    async with asyncio.timeout(60):
        while not receiver.got:
            await asyncio.sleep(0.01)
        await shop.stop()
        await shop.start()
        while not any(page["last"] for page in told(receiver)):
            await asyncio.sleep(0.01)
        while (await shop.bus.asker.ask(AUDIENCES_BEING_SENT, BeingSentQuery())).sendings:
            await asyncio.sleep(0.01)
    # What was refused came again under its id; a receiver takes each id once.
    pages = {headers["webhook-id"]: page for (headers, _), page in zip(receiver.got, told(receiver), strict=True)}
    assert sorted(one for page in pages.values() for one in page["customers"]) == sorted(CUSTOMERS)
    assert len(pages) > 1
    assert {page["sending"] for page in pages.values()} == {begun.id}
    assert [page["page"] for page in pages.values()] == list(range(1, len(pages) + 1))
    (webhook,) = (await shop.bus.asker.ask(WEBHOOKS, WebhooksQuery())).webhooks
    secret = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    for headers, body in receiver.got:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"


async def test_what_there_is_not_is_told_with_what_there_is(shop: Shop) -> None:
    with pytest.raises(Fault, match="no webhook 'nobody'; there are: crm"):
        await shop.bus.asker.ask(SEND_AUDIENCE, SendAudienceQuery(segment="ordered", webhook="nobody"))
    with pytest.raises(Fault, match="no segment 'nobody'; there are: ordered"):
        await shop.bus.asker.ask(SEND_AUDIENCE, SendAudienceQuery(segment="nobody", webhook="crm"))
