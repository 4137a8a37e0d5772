"""The service on real nats-servers: documents, loads, the catalogue, limits on the ledger, life without a ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import Raw

from tailorbird.bus.connect import NatsBus, connect
from tailorbird.bus.patience import Patient
from tailorbird.contracts.documents import ApplyQuery, Document, ImportQuery, ListDocumentsQuery
from tailorbird.contracts.offers import (
    APPLY,
    DECIDE,
    EXPLAIN,
    IMPORT,
    LIST_DOCUMENTS,
    REDEEM,
    DecideQuery,
    ExplainQuery,
    RedeemQuery,
)
from tailorbird.contracts.recommender import (
    CATALOGUE_BUCKET,
    CATALOGUE_OBJECT,
    CATALOGUE_REPLACED,
    CatalogueReplaced,
    Item,
)
from tailorbird.contracts.wire import Fault
from tailorbird.offers.service import Settings, open_offers
from tests.unit.offers.conftest import LEDGER_SECONDS, Servers
from tests.unit.offers.shop import ITEMS, question

pytestmark = pytest.mark.anyio


def document(identity: str, of: str = "offer", **fields: Any) -> Document:
    body = {"kind": "free_shipping", "headline": f"Offer {identity}", **fields}
    return Document(kind=of, id=identity, body=Raw(msgspec.json.encode(body)))


async def apply(bus: NatsBus, *documents: Document, **options: Any) -> Any:
    return await bus.asker.ask(APPLY, ApplyQuery(documents=documents, **options))


async def made(bus: NatsBus, query: DecideQuery | None = None) -> list[str]:
    found = await bus.asker.ask(DECIDE, query or question())
    return [choice.offer_id for choice in found.slots[0].chosen]


async def until(true: Callable[[], Any]) -> None:
    """Returns as soon as the awaited question is answered with yes."""
    async with asyncio.timeout(5.0):
        while not await true():
            await asyncio.sleep(0.01)


async def stage(bus: NatsBus, tmp_path: Path, name: str, table: pa.Table) -> None:
    path = tmp_path / f"{name}.parquet"
    pq.write_table(table, path)
    await (await bus.objects("staging")).put(name, path)


async def test_what_is_applied_decides_the_next_question(bus: NatsBus) -> None:
    assert await made(bus) == []
    applied = await apply(bus, document("ship"), document("chat", "action", kind="live_chat"))
    assert set(applied.changed) == {"offer/ship", "action/chat"}
    assert await made(bus) == ["ship"]
    again = await apply(bus, document("ship"))
    assert (again.changed, again.unchanged, again.version) == ((), ("offer/ship",), applied.version)
    listed = await bus.asker.ask(LIST_DOCUMENTS, ListDocumentsQuery())
    assert [one.id for one in listed.documents] == ["chat", "ship"]
    assert listed.version == applied.version


async def test_pruning_retires_what_a_marketer_took_away_and_no_coupon_that_was_loaded(bus: NatsBus) -> None:
    await apply(bus, document("old"), document("coupon-1", loaded=True))
    applied = await apply(bus, document("new"), prune=True)
    assert (applied.changed, applied.retired) == (("offer/new",), ("offer/old",))


async def test_one_mistake_changes_nothing_and_is_told(bus: NatsBus) -> None:
    rule = {"field": "segmets", "operator": "contains", "value": "x"}
    refused = await apply(bus, document("good"), document("bad", rule=rule))
    assert [problem.path for problem in refused.problems] == ["offer/bad $.rule.field"]
    assert await made(bus) == []


async def test_who_writes_over_another_ones_change_is_told(bus: NatsBus) -> None:
    first = await apply(bus, document("ship"))
    await apply(bus, document("gift", kind="gift"), only_if=first.version)
    with pytest.raises(Fault, match="changed meanwhile") as raised:
        await apply(bus, document("ship", headline="Mine"), only_if=first.version)
    assert raised.value.code == 412


async def test_a_question_that_cannot_be_read_does_not_spoil_the_others_of_its_batch(bus: NatsBus) -> None:
    await apply(bus, document("ship"))
    broken = msgspec.structs.replace(question(), customer=Raw(b"[]"))
    outcomes = await asyncio.gather(
        *(bus.asker.ask(DECIDE, query) for query in (question(), broken, question())), return_exceptions=True
    )
    assert isinstance(outcomes[1], Fault)
    assert [outcome.considered for outcome in (outcomes[0], outcomes[2]) if not isinstance(outcome, BaseException)] == [
        1,
        1,
    ]


async def test_why_not_is_answered(bus: NatsBus) -> None:
    await apply(bus, document("ship"), document("gift", kind="gift", active=False))
    explained = await bus.asker.ask(EXPLAIN, ExplainQuery(query=question()))
    assert {fate.offer_id: fate.outcome for fate in explained.candidates} == {"ship": "chosen", "gift": "refused"}


async def test_loading_offers_and_responses_twice_changes_nothing(bus: NatsBus, tmp_path: Path) -> None:
    offers = pa.table(
        {
            "offer_id": ["a", "b"],
            "headline": ["Save on a", "Save on b"],
            "kind": ["coupon", "coupon"],
            "value": [1.0, None],
            "starts_at": pa.array([1_700_000_000, None], pa.int64()),
            "item_ids": pa.array([["yogurt-1"], ["pear-1"]], pa.list_(pa.string())),
            "audience_id": pa.array([None, None], pa.string()),
        }
    )
    responses = pa.table({"customer_id": ["1", "2"], "offer_id": ["b", "b"], "time": [1, 2], "kind": ["redeemed"] * 2})
    await stage(bus, tmp_path, "offers-1", offers)
    await stage(bus, tmp_path, "responses-1", responses)
    for counts in ((2, 0), (0, 2)):
        for table in ("offers", "responses"):
            imported = await bus.asker.ask(IMPORT, ImportQuery(table=table, object_name=f"{table}-1"))
            assert (imported.stored, imported.unchanged) == counts
    assert set(await made(bus)) == {"a", "b"}
    with pytest.raises(Fault, match="not customers"):
        await bus.asker.ask(IMPORT, ImportQuery(table="customers", object_name="offers-1"))


async def test_a_scope_follows_the_catalogue(bus: NatsBus, tmp_path: Path) -> None:
    dairy = document("dairy", kind="percent_off", value=10, scope={"departments": ["Dairy"]})
    await apply(bus, dairy)
    bought = question(just_bought=["yogurt-1"])
    assert await made(bus, bought) == ["dairy"]
    columns = zip(*((item_id, *kinds) for item_id, kinds in ITEMS.items()), strict=True)
    names = ("item_id", "department", "category", "brand")
    path = tmp_path / "items.parquet"
    pq.write_table(pa.table(dict(zip(names, map(list, columns), strict=True))), path)
    await (await bus.objects("snapshots")).put(CATALOGUE_OBJECT, path, {"revision": "0"})
    await bus.announcer.announce(CATALOGUE_REPLACED, CatalogueReplaced(rows=len(ITEMS)))

    async def refused() -> bool:
        return await made(bus, bought) == []

    await until(refused)
    before = question(history=["soap-1"])
    decided = await bus.asker.ask(DECIDE, before)
    moved = Item(item_id="soap-1", title="Soap", department="Dairy")
    await (await bus.bucket(CATALOGUE_BUCKET)).put("soap-1", msgspec.json.encode(moved))

    async def refused_for_the_moved() -> bool:
        return await made(bus, question(just_bought=["soap-1"])) == []

    await until(refused_for_the_moved)

    async def told() -> bool:
        explained = await bus.asker.ask(EXPLAIN, ExplainQuery(query=before, made_from=decided.made_from))
        return "Items were added since" in explained.note

    # Documents and beliefs are kept as they were; of the catalogue it is said that it is another one.
    await until(told)


async def test_a_limit_is_never_exceeded_by_redemptions_that_race(bus: NatsBus) -> None:
    await apply(bus, document("few", limit={"total": 10, "per_customer": 2}), document("ship"))
    queries = [
        RedeemQuery(offer_id="few", customer=f"c{number % 20}", redemption_id=f"r{number}") for number in range(60)
    ]
    # Sixty writes that are synced one after the other, on a machine that may be busy.
    patient = Patient(bus.asker)
    outcomes = await asyncio.gather(*(patient.ask(REDEEM, query) for query in queries))
    assert sum(outcome.counted for outcome in outcomes) <= 10

    async def used_up() -> bool:
        return await made(bus) == ["ship"]

    for number in range(60, 75):
        await bus.asker.ask(REDEEM, RedeemQuery(offer_id="few", customer=f"d{number}", redemption_id=f"r{number}"))
    await until(used_up)
    explained = await bus.asker.ask(EXPLAIN, ExplainQuery(query=question()))
    told = {fate.offer_id: fate.sentence for fate in explained.candidates}
    assert told["few"] == "It is redeemed as often as it may be, or held for others."


async def test_a_redemption_sent_again_counts_once_and_is_answered_alike(bus: NatsBus) -> None:
    await apply(bus, document("two", limit={"total": 2, "per_customer": 1}))
    mine = RedeemQuery(offer_id="two", customer="c1", redemption_id="order-1")
    assert [(await bus.asker.ask(REDEEM, mine)).counted for _ in range(3)] == [True, True, True]
    second = await bus.asker.ask(REDEEM, RedeemQuery(offer_id="two", customer="c1", redemption_id="order-2"))
    assert second.sentence == "This customer has redeemed it as often as one may: once."
    other = await bus.asker.ask(REDEEM, RedeemQuery(offer_id="two", customer="c2", redemption_id="order-3"))
    third = await bus.asker.ask(REDEEM, RedeemQuery(offer_id="two", customer="c3", redemption_id="order-4"))
    assert (other.counted, third.counted) == (True, False)


async def test_without_the_ledger_offers_go_on_and_only_limited_redemptions_wait(servers: Servers) -> None:
    servers.ledger_process.terminate()
    servers.ledger_process.wait()
    async with connect("offers", *servers.addresses) as bus, open_offers(bus, Settings(ledger_seconds=LEDGER_SECONDS)):
        await apply(bus, document("ship"), document("few", limit={"total": 1}))
        assert await made(bus) == ["few", "ship"]
        free = await bus.asker.ask(REDEEM, RedeemQuery(offer_id="ship", customer="c1", redemption_id="r1"))
        assert free.counted
