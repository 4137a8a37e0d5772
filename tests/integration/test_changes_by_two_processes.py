"""Two processes change one set of documents: `If-Match` holds between them, and a change is checked on the latest."""

from __future__ import annotations

import asyncio
import itertools

import msgspec
import pytest
from msgspec import Raw

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ApplyQuery, Document
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker
from tailorbird.host.documents import DocumentStore
from tailorbird.host.turns import HEAD
from tailorbird.offers.documents.checking import check_documents
from tailorbird.offers.documents.offer import Action, Offer

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

KINDS = {"offer": Offer, "action": Action}
BUCKET = "turns_offers"


def addresses(brokers: tuple[Broker, Broker]) -> tuple[Address, Address]:
    return Address(brokers[0].url), Address(brokers[1].url)


async def opened(bus: NatsBus) -> DocumentStore:
    """A store as another process has it. It follows nothing: the worst that a slow process may be."""
    return await DocumentStore.open(await bus.bucket(BUCKET), KINDS, check_documents)


def putting(identity: str, headline: str, only_if: str = "") -> ApplyQuery:
    body = Raw(msgspec.json.encode({"kind": "free_shipping", "headline": headline}))
    return ApplyQuery(documents=(Document(kind="offer", id=identity, body=body),), only_if=only_if)


async def test_of_those_who_change_the_same_version_one_succeeds_whichever_process_they_ask(
    brokers: tuple[Broker, Broker],
) -> None:
    async with connect("turns", *addresses(brokers)) as bus:
        first, second = await opened(bus), await opened(bus)
        for number in range(8):
            await first.apply(putting("one", f"Before {number}"))
            version = first.version
            both = [
                store.apply(putting(f"of-{place}", f"{number}", version)) for place, store in enumerate((first, second))
            ]
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            refused = [one for one in outcomes if isinstance(one, BaseException)]
            assert [fault.code for fault in refused if isinstance(fault, Fault)] == [412]


async def test_nobody_is_lost_without_a_version_and_the_sum_is_the_same_everywhere(
    brokers: tuple[Broker, Broker],
) -> None:
    async with connect("turns", *addresses(brokers)) as bus:
        stores = [await opened(bus) for _ in range(3)]
        writing = [store.apply(putting(f"s{place}-{n}", "x")) for n in range(6) for place, store in enumerate(stores)]
        await asyncio.gather(*writing)
        for store in (*stores, await opened(bus)):
            await store.apply(putting("last", "the same"))
            wanted = {f"s{place}-{n}" for place, n in itertools.product(range(3), range(6))}
            assert wanted <= set(store.of("offer"))
        assert len({store.version for store in stores}) == 1


async def test_a_process_that_died_in_between_holds_nobody_up(brokers: tuple[Broker, Broker]) -> None:
    async with connect("turns", *addresses(brokers)) as bus:
        store = await opened(bus)
        await store.apply(putting("one", "x"))
        await (await bus.bucket(BUCKET)).put(HEAD, b"never to be")
        assert (await store.apply(putting("one", "y", store.version))).changed == ("offer/one",)
