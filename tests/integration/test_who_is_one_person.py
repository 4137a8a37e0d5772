"""Merges on a real nats-server: undone exactly, suggested and accepted, and never made for two who share a device."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.identity import (
    DECIDE_SUGGESTION,
    EXPORT,
    IDENTITY_PAGE,
    MERGES,
    SUGGEST,
    SUGGESTIONS,
    UNMERGE,
    DecideSuggestionQuery,
    ExportQuery,
    IdentityPageQuery,
    IdentityRow,
    MergesQuery,
    SuggestedIdentity,
    SuggestionsQuery,
    SuggestQuery,
    UnmergeQuery,
)
from tailorbird.contracts.profiles import COLLECTED, PROFILE, Event, EventBatch, Profile, ProfileQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.broker import Broker
from tailorbird.profiles.service import SERVICE
from tailorbird.profiles.settings import Settings
from tailorbird.suite.identity.matching import matched

pytestmark = pytest.mark.anyio

PATIENT = msgspec.structs.replace(PROFILE, budget_ms=30_000)


class House:
    """Profiles as they run, and somebody who asks them."""

    def __init__(self, bus: NatsBus) -> None:
        self.bus = bus
        self._number = 0

    async def tell(self, kind: str = "track", name: str = "", **fields: Any) -> None:
        self._number += 1
        now = time.time()
        told = {"at": now, "received_at": now} | fields
        one = Event(message_id=f"w-{self._number}", type=kind, event=name, **told)  # type: ignore[arg-type]
        await self.bus.announcer.append(COLLECTED, EventBatch(events=(one,)), f"w-{self._number}")

    async def view(self, item_id: str, **who: Any) -> None:
        await self.tell(name="Product Viewed", properties={"product_id": item_id}, **who)

    async def profile(self, **who: str) -> Profile:
        return await self.bus.asker.ask(PATIENT, ProfileQuery(customer=CustomerRef(**who)))

    async def viewed(self, count: int, **who: str) -> list[str]:
        """The items viewed, oldest first, once there are so many."""
        async with asyncio.timeout(60):
            while len(found := [one.item_id for one in (await self.profile(**who)).facts.recent]) != count:
                await asyncio.sleep(0.02)
        return sorted(found)


    async def visits(self, **who: str) -> Any:
        view = await self.bus.asker.ask(EXPORT, ExportQuery(customer=CustomerRef(**who)))
        return msgspec.json.decode(view.body)["visits"]


@pytest.fixture(scope="module")
async def house(brokers: tuple[Broker, Broker], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home: Path = tmp_path_factory.mktemp("persons")
    address, ledger = Address(brokers[0].url), Address(brokers[1].url)
    async with (
        connect("profiles", address, ledger) as bus,
        connect("test", address, ledger) as asking,
        SERVICE.open(bus, Settings(home=home)),
    ):
        yield House(asking)


@pytest.mark.row(86, 87)
async def test_a_merge_is_undone_exactly_and_stays_undone(house: House) -> None:
    ann, laptop = {"customer_id": "ann"}, {"anonymous_id": "laptop"}
    await house.view("rye", **ann)
    await house.view("milk", **laptop)
    assert await house.viewed(1, **ann) == ["rye"]
    assert await house.viewed(1, **laptop) == ["milk"]
    persons = {(await house.profile(**ann)).person, (await house.profile(**laptop)).person}
    before = {name: (await house.profile(**who)) for name, who in (("ann", ann), ("laptop", laptop))}
    await house.tell("identify", **ann, **laptop, trusted=True)
    assert await house.viewed(2, **ann) == ["milk", "rye"]
    await house.view("oats", **ann)
    await house.view("tea", **laptop)
    assert await house.viewed(4, **ann) == ["milk", "oats", "rye", "tea"]
    ref = CustomerRef(**ann)
    (merge,) = (await house.bus.asker.ask(MERGES, MergesQuery(customer=ref))).merges
    assert merge.anonymous_ids == ("laptop",)
    await house.bus.asker.ask(UNMERGE, UnmergeQuery(customer=ref, merge_id=merge.merge_id))
    assert await house.viewed(2, **ann) == ["oats", "rye"]
    assert await house.viewed(2, **laptop) == ["milk", "tea"]
    assert {(await house.profile(**ann)).person, (await house.profile(**laptop)).person} == persons
    after = {name: (await house.profile(**who)) for name, who in (("ann", ann), ("laptop", laptop))}
    for name, one in before.items():
        assert (after[name].person, after[name].decision_key) == (one.person, one.decision_key)
        assert set(one.facts.recent) < set(after[name].facts.recent)
    await house.tell("identify", **ann, **laptop, trusted=True)
    await house.view("ham", **laptop)
    assert await house.viewed(3, **laptop) == ["ham", "milk", "tea"]
    assert "ham" not in await house.viewed(2, **ann)
    with pytest.raises(Fault, match="no merge"):
        await house.bus.asker.ask(UNMERGE, UnmergeQuery(customer=ref, merge_id=merge.merge_id))


@pytest.mark.row(86)
async def test_visits_told_in_pieces_are_whole_again_after_a_merge_is_undone(house: House) -> None:
    ann, laptop = {"customer_id": "v-ann"}, {"anonymous_id": "v-laptop"}
    twin, other = {"customer_id": "v-twin"}, {"anonymous_id": "v-other"}
    now = time.time() - 86_400.0
    begins = [now + place * 1_200.0 for place in range(8)]
    for place, at in enumerate(begins):
        await house.view(f"a-{place}", at=at, **twin)
        await house.view(f"l-{place}", at=at + 70_000.0, **other)
    for place in (0, 6, 2, 4):
        await house.view(f"a-{place}", at=begins[place], **ann)
        await house.view(f"l-{place}", at=begins[place] + 70_000.0, **laptop)
    await house.viewed(4, **laptop)
    await house.tell("identify", **ann, **laptop, trusted=True)
    await house.viewed(8, **ann)
    for place in (7, 1, 5, 3):
        await house.view(f"l-{place}", at=begins[place] + 70_000.0, **laptop)
        await house.view(f"a-{place}", at=begins[place], **ann)
    await house.viewed(16, **ann)
    together = await house.visits(**ann)
    assert [visit["views"] for visit in together] == [8, 8]
    ref = CustomerRef(**ann)
    (merge,) = (await house.bus.asker.ask(MERGES, MergesQuery(customer=ref))).merges
    await house.bus.asker.ask(UNMERGE, UnmergeQuery(customer=ref, merge_id=merge.merge_id))
    await house.viewed(8, **laptop)
    assert await house.visits(**ann) == await house.visits(**twin) == together[1:]
    assert await house.visits(**laptop) == await house.visits(**other) == together[:1]


@pytest.mark.row(87)
async def test_a_suggestion_changes_nothing_until_it_is_accepted(house: House) -> None:
    twins = ({"customer_id": "t-1"}, {"customer_id": "t-2"})
    traits = {"first_name": "Tess", "last_name": "Twin", "birthday": "1990-01-01", "postal_code": "12345"}
    for number, who in enumerate(twins):
        await house.tell("identify", **who, traits=traits, trusted=True)
        await house.view(f"t-item-{number}", **who)
        assert await house.viewed(1, **who) == [f"t-item-{number}"]
    rows: list[IdentityRow] = []
    rows += (await house.bus.asker.ask(IDENTITY_PAGE, IdentityPageQuery())).rows
    one, other = sorted(row.person for row in rows if row.first_name == "Tess")
    pair = SuggestedIdentity(one=one, other=other, score=0.99, agree=("first_name", "last_name", "birthday"))
    assert (await house.bus.asker.ask(SUGGEST, SuggestQuery(suggestions=(pair,)))).suggestions
    (listed,) = (await house.bus.asker.ask(SUGGESTIONS, SuggestionsQuery())).suggestions
    assert set(listed.ids) == {"t-1", "t-2"}
    assert await house.viewed(1, **twins[0]) == ["t-item-0"]
    accept = DecideSuggestionQuery(suggestion_id=listed.suggestion_id, accept=True, by="Kim")
    assert (await house.bus.asker.ask(DECIDE_SUGGESTION, accept)).state == "accepted"
    for who in twins:
        assert await house.viewed(2, **who) == ["t-item-0", "t-item-1"]
    (merge,) = (await house.bus.asker.ask(MERGES, MergesQuery(customer=CustomerRef(customer_id="t-1")))).merges
    await house.bus.asker.ask(UNMERGE, UnmergeQuery(customer=CustomerRef(customer_id="t-1"), merge_id=merge.merge_id))
    for number, who in enumerate(twins):
        assert await house.viewed(1, **who) == [f"t-item-{number}"]
    again = (await house.bus.asker.ask(SUGGEST, SuggestQuery(suggestions=(pair,)))).suggestions
    assert again == ()


@pytest.mark.row(87)
def test_splink_finds_the_one_who_registered_twice() -> None:
    names = ("anna", "ben", "carla", "david", "emma", "felix", "greta", "hugo", "ines", "jon")
    rows = [
        IdentityRow(
            person=f"{number:032x}", first_name=names[number % 10], last_name=names[number * 7 % 9] + "son",
            birthday=f"19{50 + number % 49}-0{1 + number % 9}-1{number % 7}",
            postal_code=str(10_000 + number * 37 % 90), email=f"{number}", household=f"{number // 2}",
        )
        for number in range(120)
    ]  # fmt: skip
    twice = msgspec.structs.replace(rows[7], person="f" * 32, email="another")
    best = matched([*rows, twice], 0.9)[0]
    assert {best.one, best.other} == {rows[7].person, twice.person}
    assert {"first_name", "last_name", "birthday", "postal_code"} <= set(best.agree)
