"""Deciding who may be made what: microseconds in the core, and the memory of ten thousand offers."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from tailorbird.contracts.offers import DecisionSlot
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.decide import decide, eligible
from tailorbird.offers.documents.offer import Offer
from tailorbird.offers.documents.offering import Offering, Offerings
from tailorbird.offers.documents.prepared import Preparing
from tailorbird.offers.items import Items
from tailorbird.rules.document import Rule
from tailorbird.suite.bench.table import Figure, median

__all__ = ["measure_rules"]

NUMBERS = [
    "history.orders", "history.distinct_items", "history.days_since_last_order", "history.days_since_first_order",
    "history.orders_last_90_days", "history.coupons_redeemed", "session.views", "session.minutes", "session.pages",
    "cart.count",
]  # fmt: skip
TEXTS = [
    "context.channel", "context.page", "context.device", "persona", "treatment.visitor", "treatment.frequency",
    "journey.stage", "history.top_department",
]  # fmt: skip
LISTS = ["segments", "customer.audiences"]
CUSTOMERS = 400
FEW_US, MANY_US, MANY_MB = 20.0, 300.0, 100.0


def measure_rules(rounds: int) -> list[Figure]:
    """Medians over the rounds; every customer is another one, and of each attribute something is known."""
    chance = random.Random(3)
    few = _offering(chance, 200)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    many = _offering(chance, 10_000)
    gc.collect()
    memory = (tracemalloc.get_traced_memory()[0] - before) / 1e6
    tracemalloc.stop()
    questions = [_question(chance) for _ in range(CUSTOMERS)]
    matched = sum(eligible(many, one).bits.bit_count() for one in questions) / CUSTOMERS
    each = f"{matched:.0f} of 10,000 match"
    return [
        Figure(
            name="eligible of 200 rules, in the core", unit="us", at_most=FEW_US,
            measured=_microseconds(lambda one: eligible(few, one), questions, rounds),
        ),
        Figure(
            name="eligible of 10,000 offers x 3 conditions, 20 attributes", unit="us", at_most=MANY_US, detail=each,
            measured=_microseconds(lambda one: eligible(many, one), questions, rounds),
        ),
        Figure(name="memory of these 10,000 offers, ready", unit="MB", at_most=MANY_MB, measured=memory),
        Figure(
            name="decision among these 10,000, 4 slots", unit="us",
            measured=_microseconds(lambda one: decide(many, one, ""), questions, rounds),
        ),
    ]  # fmt: skip


def _offering(chance: random.Random, count: int) -> Offering:
    offers = {f"offer-{n}": Offer(kind="free_shipping", headline="An offer", rule=_rule(chance)) for n in range(count)}
    return Offerings(offers, Preparing(Items(), {}), "bench").at(0.0)


def _rule(chance: random.Random) -> Rule:
    fields = chance.sample([*NUMBERS, *TEXTS, *LISTS], 3)
    return Rule(combinator="and", rules=tuple(_condition(chance, field) for field in fields))


def _condition(chance: random.Random, field: str) -> Rule:
    if field in NUMBERS:
        return Rule(field=field, operator=chance.choice((">=", "<", "<=", ">")), value=chance.randint(0, 50))
    if field in TEXTS:
        return Rule(field=field, operator=chance.choice(("=", "!=")), value=f"value {chance.randint(0, 9)}")
    return Rule(field=field, operator=chance.choice(("contains", "doesNotContain")), value=f"s{chance.randint(0, 30)}")


def _question(chance: random.Random) -> Asked:
    values: dict[str, Any] = {field: chance.randint(0, 50) for field in NUMBERS}
    values |= {field: f"value {chance.randint(0, 9)}" for field in TEXTS}
    values |= {field: [f"s{chance.randint(0, 30)}" for _ in range(6)] for field in LISTS}
    return Asked({}, values, [], (), (DecisionSlot(slot="offers", count=4),), 0.0)


def _microseconds(work: Callable[[Asked], object], questions: list[Asked], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        for question in questions:
            work(question)
        taken.append((time.process_time() - began) / len(questions) * 1e6)
    return median(taken)
