"""Decided again from what was logged, the same comes out, to the last byte, when everything has changed since."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.bus.connect import NatsBus
from tailorbird.bus.patience import Patient
from tailorbird.contracts.documents import ApplyQuery, Document
from tailorbird.contracts.offers import APPLY, DECIDE, EXPLAIN, REDEEM, Decided, DecideQuery, ExplainQuery, RedeemQuery
from tailorbird.contracts.profiles import COLLECTED, Event, EventBatch
from tailorbird.contracts.wire import Fault
from tests.unit.offers.shop import NOW, question
from tests.unit.offers.test_service import document

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]

MANY = 10_000 if os.environ.get("FAULTS_SIZE") == "full" else 250
HISTORIES: tuple[list[str], ...] = (["yogurt-1"], ["apple-1", "pear-1"], ["soap-1"], [])


def asked(number: int, chance: random.Random) -> DecideQuery:
    facts = {"persona": chance.choice(("gold", "new", "")), "history.orders": chance.randint(0, 9)}
    plain = question(
        facts, {"cart.total": chance.uniform(0, 80)}, chance.choice(HISTORIES),
        chance.choice(([], ["yogurt-2"], ["pear-1"])), at=NOW + number,
    )  # fmt: skip
    customer = f"c{chance.randint(0, MANY // 3)}"
    return replace(
        plain, decision_id=f"d{number}", person=f"p-{customer}", customer_id=customer, at=NOW + number
    )


def documents(chance: random.Random) -> list[Any]:
    made = [
        document(
            f"offer-{n}", kind="percent_off", value=chance.randint(5, 30), scope={"departments": [department]},
            priority=chance.choice((50, 50, 60)), exclusion_group=chance.choice(("", "", "ten")),
            rule={"rules": [{"field": "history.orders", "operator": ">=", "value": chance.randint(0, 5)}]},
        )
        for n, department in enumerate(("Dairy", "Produce", "Household") * 5)
    ]  # fmt: skip
    few = document("few", kind="gift", priority=60, limit={"total": 20, "per_customer": 1}, reserve_minutes=10)
    return [*made, few, document("chat", "action", kind="live_chat"), document("ship")]


async def answered(bus: NatsBus, query: DecideQuery) -> Decided:
    """The decision, asked for again where a busy machine was too late."""
    for _ in range(100):
        with contextlib.suppress(Fault):
            return await Patient(bus.asker).ask(DECIDE, query)
    raise AssertionError("No decision came.")


async def test_of_nobody_known_nothing_is_drawn(bus: NatsBus) -> None:
    much = documents(random.Random(11))
    goal = Document(kind="goal", id="default", body=Raw(b'{"exploring": 1.0, "control_share": 0.4}'))
    await bus.asker.ask(APPLY, ApplyQuery(documents=(*much, goal), prune=True))
    plain = question({"history.orders": 9})
    of_nobody = [await answered(bus, replace(plain, decision_id=f"d{n}")) for n in range(40)]
    assert all(one.slots == of_nobody[0].slots for one in of_nobody)
    assert {one.made_from.kept_back for one in of_nobody} == {()}
    assert {one.propensity for slot in of_nobody[0].slots for one in slot.chosen} == {1.0}
    of_somebody = [await answered(bus, replace(plain, decision_id=f"e{n}", person=f"p{n}")) for n in range(40)]
    assert any(one.made_from.kept_back for one in of_somebody)
    assert any(one.slots != of_somebody[0].slots for one in of_somebody)


async def test_every_decision_can_be_made_again_after_the_documents_have_changed(bus: NatsBus) -> None:
    chance = random.Random(11)
    decided: list[tuple[DecideQuery, Decided]] = []
    patient = Patient(bus.asker)
    for part in range(5):
        await patient.ask(APPLY, ApplyQuery(documents=tuple(documents(chance)), prune=True))
        queries = [asked(len(decided) + n, chance) for n in range(MANY // 5)]
        for start in range(0, len(queries), 10):
            some = queries[start : start + 10]
            decided += zip(some, await asyncio.gather(*(answered(bus, one) for one in some)), strict=True)
        events = tuple(
            Event(
                message_id=f"m{part}-{n}", type="track", at=NOW, customer_id=query.customer_id,
                event="Promotion Dismissed", properties={"promotion_id": made.slots[0].chosen[0].offer_id},
            )
            for n, (query, made) in enumerate(decided[-MANY // 25 :])
            if made.slots[0].chosen
        )  # fmt: skip
        await bus.announcer.append(COLLECTED, EventBatch(events=events), f"batch-{part}")
        redeemed = RedeemQuery(offer_id="few", customer=f"r{part}", redemption_id=f"r{part}")
        await patient.ask(REDEEM, redeemed)
        await asyncio.sleep(0.3)  # Something is learned meanwhile, or not: either way it must not matter.
    await patient.ask(APPLY, ApplyQuery(documents=(document("other"),), prune=True))
    assert len({made.made_from.epoch for _, made in decided}) >= 5
    assert any(one.propensity < 1 for _, made in decided for slot in made.slots for one in slot.chosen)
    different = []
    for query, made in decided:
        again = await patient.ask(EXPLAIN, ExplainQuery(query=query, made_from=made.made_from))
        assert again.note == ""
        assert again.decided is not None
        # How long an answer stood is not part of what was decided.
        both = [msgspec.json.encode(replace(one, stands_for=0.0)) for one in (made, again.decided)]
        if both[0] != both[1]:
            different.append((made, again.decided))
    assert different == []
