"""A unit that is held for a customer is theirs until it ends: on every further page, and when the rest is used up."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from msgspec.structs import replace

from tailorbird.bus.connect import NatsBus
from tailorbird.contracts.offers import (
    CODES,
    DECIDE,
    EXPLAIN,
    REDEEM,
    CodesQuery,
    Decided,
    DecideQuery,
    ExplainQuery,
    RedeemQuery,
)
from tests.unit.offers.shop import question
from tests.unit.offers.test_service import apply, document

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

ASKED = question(at=0.0)


def of(customer: str, page: int = 1) -> DecideQuery:
    return replace(ASKED, customer_id=customer, person=f"p-{customer}", decision_id=f"{customer}-{page}")


async def shown(bus: NatsBus, customer: str, page: int = 1) -> dict[str, str]:
    """Offer -> the code that this customer sees on it; asked again where the ledger was late for the page."""
    decided = await bus.asker.ask(DECIDE, of(customer, page))
    return codes_on(decided)


def codes_on(decided: Decided) -> dict[str, str]:
    return {one.offer_id: msgspec.json.decode(one.content).get("code", "") for one in decided.slots[0].chosen}


async def held(bus: NatsBus, customer: str) -> str:
    """The code, as soon as one is held for them."""
    async with asyncio.timeout(60.0):
        for page in range(1_000):
            if "own" in (seen := await shown(bus, customer, page)):
                return seen["own"]
            await asyncio.sleep(0.02)
    raise AssertionError("No unit was held.")


async def gone_for(bus: NatsBus, customer: str) -> None:
    async with asyncio.timeout(60.0):
        while "own" in await shown(bus, customer):
            await asyncio.sleep(0.02)


async def test_the_last_unit_stays_with_whom_it_is_held_for(bus: NatsBus) -> None:
    own = document("own", kind="amount_off", value=3, unique_codes=True, reserve_minutes=30, control_share=0.0)
    await apply(bus, own, document("ship", control_share=0.0))
    await bus.asker.ask(CODES, CodesQuery(offer_id="own", codes=("A", "B")))
    codes = {customer: await held(bus, customer) for customer in ("c1", "c2")}
    assert sorted(codes.values()) == ["A", "B"]
    await gone_for(bus, "c3")
    for customer, code in codes.items():
        query = of(customer, 2_000)
        decided = await bus.asker.ask(DECIDE, query)
        assert codes_on(decided) == {"own": code, "ship": ""}
        assert decided.made_from.held == ("own",)
        again = await bus.asker.ask(EXPLAIN, ExplainQuery(query=query, made_from=decided.made_from))
        assert msgspec.json.encode(again.decided) == msgspec.json.encode(decided)
        assert {fate.outcome for fate in again.candidates if fate.offer_id == "own"} == {"chosen"}
    why = await bus.asker.ask(EXPLAIN, ExplainQuery(query=of("c3", 2_000)))
    assert {fate.sentence for fate in why.candidates if fate.offer_id == "own"} == {
        "It is redeemed as often as it may be, or held for others."
    }
    redeemed = await bus.asker.ask(REDEEM, RedeemQuery(offer_id="own", customer="c1", redemption_id="r1"))
    assert (redeemed.counted, redeemed.code) == (True, codes["c1"])
    await gone_for(bus, "c1")
