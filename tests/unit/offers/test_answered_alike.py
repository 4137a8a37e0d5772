"""A redemption that was answered is answered alike, whatever becomes of its offer: tills ask again when it is late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tailorbird.bus.connect import NatsBus
from tailorbird.contracts.documents import ApplyQuery
from tailorbird.contracts.offers import APPLY, REDEEM, RedeemQuery
from tailorbird.contracts.wire import Fault
from tests.unit.offers.test_service import apply, document, made, until

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

MINE = RedeemQuery(offer_id="two", customer="c1", redemption_id="order-1")
OTHER = RedeemQuery(offer_id="two", customer="c2", redemption_id="order-1")
LATE = RedeemQuery(offer_id="two", customer="c3", redemption_id="order-2")
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).isoformat()


async def test_also_when_its_offer_is_over_switched_off_or_gone(bus: NatsBus) -> None:
    await apply(bus, document("two", limit={"total": 5}), document("ship"))
    counted = await bus.asker.ask(REDEEM, MINE)
    assert counted.counted
    await apply(bus, document("two", limit={"total": 5}, ends_at=YESTERDAY))
    assert await bus.asker.ask(REDEEM, MINE) == counted
    with pytest.raises(Fault) as refused:
        await bus.asker.ask(REDEEM, OTHER)
    assert refused.value.code == 422
    late = await bus.asker.ask(REDEEM, LATE)
    assert late.sentence == "It can't be redeemed any more: it has ended."
    await apply(bus, document("two", limit={"total": 5}, active=False))
    assert await bus.asker.ask(REDEEM, MINE) == counted
    await apply(bus, document("two", limit={"total": 5}))
    assert await bus.asker.ask(REDEEM, LATE) == late
    await bus.asker.ask(REDEEM, RedeemQuery(offer_id="two", customer="c3", redemption_id="order-3"))
    applied = await bus.asker.ask(APPLY, ApplyQuery(documents=(document("ship"),), prune=True))
    assert "offer/two" in applied.retired
    assert await bus.asker.ask(REDEEM, MINE) == counted
    with pytest.raises(Fault) as gone:
        await bus.asker.ask(REDEEM, RedeemQuery(offer_id="two", customer="c4", redemption_id="order-4"))
    assert gone.value.code == 404


async def test_a_limit_that_was_changed_counts_with_the_next_page(bus: NatsBus) -> None:
    await apply(bus, document("two", limit={"total": 1}, control_share=0.0), document("ship", control_share=0.0))
    assert (await bus.asker.ask(REDEEM, MINE)).counted

    async def gone() -> bool:
        return await made(bus) == ["ship"]

    await until(gone)
    await apply(bus, document("two", limit={"total": 2}, control_share=0.0))
    assert set(await made(bus)) == {"two", "ship"}
    await apply(bus, document("two", limit={"total": 1}, control_share=0.0))
    assert await made(bus) == ["ship"]
