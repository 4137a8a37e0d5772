"""What is kept of persons: loads outlive an undone merge, old things go by themselves, erasures wait for offers."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ImportQuery
from tailorbird.contracts.identity import (
    DECIDE_SUGGESTION,
    ERASE,
    MERGES,
    SUGGEST,
    UNMERGE,
    DecideSuggestionQuery,
    EraseQuery,
    MergesQuery,
    SuggestedIdentity,
    SuggestQuery,
    UnmergeQuery,
)
from tailorbird.contracts.profiles import COLLECTED, IMPORT, PROFILE, Event, EventBatch, Profile, ProfileQuery
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.broker import Broker
from tailorbird.offers.documents.goal import DEFAULT
from tailorbird.offers.learning.memory import Made
from tailorbird.offers.learning.remembering import Remembering
from tailorbird.offers.service import SERVICE as OFFERS
from tailorbird.offers.service import Settings as OfferSettings
from tailorbird.profiles.service import SERVICE
from tailorbird.profiles.settings import Settings

pytestmark = pytest.mark.anyio

PATIENT = msgspec.structs.replace(PROFILE, budget_ms=30_000)
DAY = 86_400


class House:
    """Profiles as they run, and somebody who asks them and loads files."""

    def __init__(self, bus: NatsBus, folder: Path) -> None:
        self.bus = bus
        self._folder = folder

    async def tell(self, kind: str = "track", *, name: str = "", days_ago: Any = 0.0, **fields: Any) -> None:
        now, message_id = time.time(), uuid.uuid4().hex
        told = {"message_id": message_id, "at": now - days_ago * DAY, "received_at": now}
        one = Event(type=kind, event=name, **told, **fields)  # type: ignore[arg-type]
        await self.bus.announcer.append(COLLECTED, EventBatch(events=(one,)), message_id)

    async def load(self, table: str, *rows: dict[str, Any]) -> int:
        """How many rows were new."""
        path = self._folder / f"{table}.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
        await (await self.bus.objects("staging")).put(f"k/{table}.parquet", path)
        return (await self.bus.asker.ask(IMPORT, ImportQuery(table=table, object_name=f"k/{table}.parquet"))).stored

    async def profile(self, **who: str) -> Profile:
        return await self.bus.asker.ask(PATIENT, ProfileQuery(customer=CustomerRef(**who)))

    async def until(self, holds: Any, **who: str) -> Profile:
        async with asyncio.timeout(60):
            while not holds(found := await self.profile(**who)):
                await asyncio.sleep(0.02)
        return found


@contextlib.asynccontextmanager
async def opened(brokers: tuple[Broker, Broker], home: Path, **settings: Any) -> AsyncIterator[House]:
    address, ledger = Address(brokers[0].url), Address(brokers[1].url)
    async with (
        connect("profiles", address, ledger) as bus,
        connect("test", address, ledger) as asking,
        SERVICE.open(bus, Settings(home=home, **settings)),
    ):
        yield House(asking, home)


async def test_what_was_loaded_after_a_merge_outlives_its_undoing(
    brokers: tuple[Broker, Broker], tmp_path: Path
) -> None:
    eve, tablet = {"customer_id": "eve"}, {"anonymous_id": "eves-tablet"}
    at = int(time.time()) - 3_600
    async with opened(brokers, tmp_path) as house:
        await house.load("customers", {"customer_id": "eve", "first_name": "Eve"})
        await house.tell(name="Product Viewed", properties={"product_id": "rye"}, **tablet)
        await house.until(lambda found: found.known, **tablet)
        await house.tell("identify", trusted=True, **eve, **tablet)
        await house.until(lambda found: found.customer.customer_id == "eve", **tablet)
        bought = {"customer_id": "eve", "item_id": "milk", "time": at, "order_id": "o-1", "value": 4.0}
        card = {"loyalty_card": "7", "customer_id": "eve", "level": "gold", "points": 12.0}
        assert await house.load("interactions", bought) == 1
        assert await house.load("loyalty_cards", card) == 1
        assert await house.load("audiences", {"audience_id": "few", "customer_id": "eve"}) == 1
        ref = CustomerRef(**eve)
        (merge,) = (await house.bus.asker.ask(MERGES, MergesQuery(customer=ref))).merges
        await house.bus.asker.ask(UNMERGE, UnmergeQuery(customer=ref, merge_id=merge.merge_id))
        apart, hers = await house.profile(**tablet), await house.profile(**eve)
        assert (apart.customer.customer_id, [one.item_id for one in apart.facts.recent]) == ("", ["rye"])
        told = hers.facts.attributes
        assert (told["history.orders"], told["history.spend"], told["loyalty.level"]) == (1, 4.0, "gold")
        assert told["customer.audiences"] == ["few"]
        assert hers.loyalty is not None
        assert (hers.first_name, hers.loyalty.points) == ("Eve", 12.0)
        assert await house.load("interactions", bought) == 0
        assert await house.load("loyalty_cards", card) == 0


async def test_two_customers_who_were_one_for_a_while_have_each_what_was_loaded_of_them(
    brokers: tuple[Broker, Broker], tmp_path: Path
) -> None:
    at = int(time.time()) - 3_600
    names = ("may", "may-too")
    bought = [
        {"customer_id": name, "item_id": item, "time": at, "order_id": f"o-{name}-{item}", "value": 4.0}
        for name in names
        for item in ("milk", "tea")
    ]
    async with opened(brokers, tmp_path) as house:
        assert await house.load("interactions", bought[0], bought[2]) == 2
        await house.tell(name="Product Viewed", anonymous_id="mays-phone", properties={"product_id": "rye"})
        one, other = sorted([(await house.profile(customer_id=name)).person for name in names])
        pair = SuggestedIdentity(one=one, other=other, score=0.99, agree=("birthday",))
        (told,) = (await house.bus.asker.ask(SUGGEST, SuggestQuery(suggestions=(pair,)))).suggestions
        accept = DecideSuggestionQuery(suggestion_id=told.suggestion_id, accept=True, by="Kim")
        await house.bus.asker.ask(DECIDE_SUGGESTION, accept)
        # Somebody who becomes part of them later stays with the one who stays.
        await house.tell("identify", trusted=True, customer_id="may", anonymous_id="mays-phone")
        await house.until(lambda found: found.customer.customer_id in names, anonymous_id="mays-phone")
        assert await house.load("interactions", *bought) == 2
        assert (await house.profile(customer_id="may")).facts.attributes["history.orders"] == 4
        ref = CustomerRef(customer_id="may-too")
        merges = (await house.bus.asker.ask(MERGES, MergesQuery(customer=ref))).merges
        (merge,) = [found for found in merges if found.customer_id in names]
        await house.bus.asker.ask(UNMERGE, UnmergeQuery(customer=ref, merge_id=merge.merge_id))
        for name in names:
            hers = (await house.profile(customer_id=name)).facts
            assert (hers.attributes["history.orders"], hers.attributes["history.spend"]) == (2, 8.0)
            assert {found.item_id: found.times for found in hers.history} == {"milk": 1, "tea": 1}
        assert await house.load("interactions", *bought) == 0
        phone = await house.profile(anonymous_id="mays-phone")
        assert phone.customer.customer_id == ({*names} - {merge.customer_id}).pop()
        assert "rye" in [one.item_id for one in phone.facts.recent]


async def test_what_is_older_than_its_kind_may_be_goes_by_itself(
    brokers: tuple[Broker, Broker], tmp_path: Path
) -> None:
    limits: dict[str, Any] = dict.fromkeys(("keep_visitors_days", "keep_behaviour_days", "keep_purchases_days"), 30)
    rye, oats = {"product_id": "rye"}, {"product_id": "oats"}
    now = int(time.time())
    bought = {"customer_id": "kept", "order_id": "o-1", "value": 4.0}
    async with opened(brokers, tmp_path) as house:
        await house.tell(name="Product Viewed", days_ago=40, anonymous_id="long-gone", properties=rye)
        await house.tell(name="Product Viewed", days_ago=40, customer_id="kept", properties=rye)
        await house.tell(name="Product Viewed", days_ago=2, customer_id="kept", properties=oats)
        long_ago, lately = {"item_id": "milk", "time": now - 50 * DAY}, {"item_id": "tea", "time": now - 3 * DAY}
        assert await house.load("interactions", bought | long_ago, bought | lately) == 2
        await house.until(lambda found: found.known, anonymous_id="long-gone")
        await house.until(lambda found: len(found.facts.recent) == 3, customer_id="kept")
    async with opened(brokers, tmp_path, sweep_hours=0.0005, **limits) as house:
        await house.until(lambda found: not found.known, anonymous_id="long-gone")
        kept = await house.until(lambda found: len(found.facts.recent) == 2, customer_id="kept")
        assert {one.item_id for one in kept.facts.recent} == {"oats", "tea"}
        assert [one.item_id for one in kept.facts.history] == ["tea"]
        assert kept.facts.attributes["history.spend"] == 8.0


async def test_an_erasure_while_offers_are_down_is_finished_when_they_are_back(
    brokers: tuple[Broker, Broker], tmp_path: Path
) -> None:
    address, ledger = Address(brokers[0].url), Address(brokers[1].url)

    async def noted(bus: NatsBus) -> bytes:
        entries = await (await bus.bucket("offer_memory")).entries()
        return b"".join(zlib.decompress(entry.value) for entry in entries.values() if entry.value is not None)

    async with opened(brokers, tmp_path) as house:
        await house.tell(name="Product Viewed", customer_id="leaves", properties={"product_id": "rye"})
        person = (await house.until(lambda found: found.known, customer_id="leaves")).person
        async with connect("offers", address, ledger) as bus:
            async with Remembering(await bus.bucket("offer_memory"), lambda: DEFAULT) as remembering:
                remembering.write(Made("d-1", person, time.time(), "web", "", ("ship",)))
            assert person.encode() in await noted(bus)
            await house.bus.asker.ask(ERASE, EraseQuery(customer=CustomerRef(customer_id="leaves")))
            assert person.encode() in await noted(bus)
            async with OFFERS.open(bus, OfferSettings()), asyncio.timeout(60):
                while person.encode() in await noted(bus):
                    await asyncio.sleep(0.05)
