"""What simulated customers do with real pages: visits, clicks, orders, and what they say. Seeded, told as simulated.

The effects are put in on purpose, so that reports have something to find: personalization lifts what customers do by
about a sixth, the second variant of the simulated experiment by about an eighth.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.insights import DecidedSlot, Decision
from tailorbird.contracts.profiles import Event

__all__ = ["EXPERIMENT", "HELD_OUT", "Scene", "Visited", "history"]

EXPERIMENT = "simulated_headline"
VARIANTS = ("as_it_is", "question")
HELD_OUT = 0.1
DAY = 86_400.0
LIFT_OF_PERSONALIZATION = 1.18
LIFT_OF_THE_VARIANT = 1.13
_KEEN = {"families": 1.25, "premium": 1.5, "deal_seekers": 1.1, "newcomers": 0.8}
"""How much more some personas do; the others do as they are."""
_CHAIN = (("home", 1.0), ("product", 0.55), ("cart", 0.3))


class Scene(Struct, frozen=True):
    """What one customer was shown on one page, and who they are to a report."""

    subject: str
    channel: str
    persona: str
    segments: tuple[str, ...]
    layout: str
    variant: str
    slots: tuple[DecidedSlot, ...]
    model: str = ""


class Visited(Struct, frozen=True):
    """One visit: its decisions, oldest first, and what came of them."""

    decisions: tuple[Decision, ...]
    events: tuple[Event, ...]


class _Customer(Struct, frozen=True):
    name: str
    scenes: Sequence[Scene]
    held_out: bool
    variant: str
    keenness: float
    visits: float


def history(
    scenes: Sequence[Sequence[Scene]],
    impersonal: Sequence[Scene],
    customers: int,
    ends_at: float,
    days: int,
    seed: int,
) -> Iterator[Visited]:
    """Visits of so many customers in the days before, in no order.

    `scenes`: of each real customer, what they are shown; `impersonal`: what somebody of whom nothing is known is shown.
    """
    chance = random.Random(seed)
    for number in range(customers):
        theirs = chance.choice(scenes)
        customer = _Customer(
            name=f"simulated-{seed}-{int(ends_at)}-{number}",
            scenes=theirs,
            held_out=chance.random() < HELD_OUT,
            variant=chance.choice(VARIANTS),
            keenness=_KEEN.get(theirs[0].persona, 1.0) * chance.gammavariate(2.0, 0.5),
            visits=chance.gammavariate(1.6, 2.0),
        )
        for visit in range(1 + int(customer.visits)):
            at = ends_at - chance.random() * days * DAY
            yield _visit(customer, impersonal, at, visit, chance)


def _visit(
    customer: _Customer, impersonal: Sequence[Scene], at: float, visit: int, chance: random.Random
) -> Visited:
    decisions: list[Decision] = []
    events: list[Event] = []
    lift = 1.0 if customer.held_out else LIFT_OF_PERSONALIZATION
    lift *= LIFT_OF_THE_VARIANT if not customer.held_out and customer.variant == VARIANTS[1] else 1.0
    shown = {scene.subject: scene for scene in (impersonal if customer.held_out else customer.scenes)}
    clicked: list[str] = []
    for page, likely in _CHAIN:
        scene = shown.get(f"page/{page}")
        if scene is None or chance.random() > likely:
            continue
        decision = _decision(customer, scene, at, chance)
        decisions.append(decision)
        told = _on_page(customer, decision, lift, chance, f"{customer.name}-{visit}-{page}")
        events += told
        clicked += [str(one.properties["product_id"]) for one in told if one.event == "Product Clicked"]
        at += 20.0 + chance.expovariate(1 / 60.0)
    if decisions and chance.random() < min(0.5, 0.07 * customer.keenness * lift * (2.0 if clicked else 1.0)):
        events.append(_order(customer, clicked, at, chance, f"{customer.name}-{visit}"))
    return Visited(tuple(decisions), tuple(events))


def _decision(customer: _Customer, scene: Scene, at: float, chance: random.Random) -> Decision:
    number = chance.getrandbits(74)
    # A version 7 UUID, as every decision has: its time, then chance.
    decision_id = f"{int(at * 1000):012x}7{number >> 62:03x}8{number & ((1 << 60) - 1):015x}"
    exposed = () if customer.held_out else (
        Assignment(experiment_id=EXPERIMENT, variant_id=customer.variant, exposed=scene.subject == "page/home"),
    )  # fmt: skip
    return Decision(
        decision_id=decision_id,
        at=at,
        subject=scene.subject,
        channel=scene.channel,
        person=customer.name,
        persona=customer.scenes[0].persona,
        segments=customer.scenes[0].segments,
        layout=scene.layout,
        variant=scene.variant,
        slots=scene.slots,
        versions={"model": scene.model},
        experiments=exposed,
        held_out=customer.held_out,
        simulated=True,
    )


def _on_page(customer: _Customer, decision: Decision, lift: float, chance: random.Random, key: str) -> list[Event]:
    found: list[Event] = []

    def did(name: str, slot: str, later: float, **properties: str | float) -> None:
        told = {"decision_id": decision.decision_id, "slot": slot, **properties}
        found.append(_event(customer, f"{key}-{len(found)}", name, decision.at + later, told))

    for slot in decision.slots:
        if slot.kind == "item" and slot.ids:
            did("Product List Viewed", slot.slot, 1.0)
            if chance.random() < min(0.6, 0.09 * customer.keenness * lift):
                place = min(int(chance.expovariate(0.7)), len(slot.ids) - 1)
                did("Product Clicked", slot.slot, 8.0, product_id=slot.ids[place])
            elif chance.random() < 0.004:
                did("Item Dismissed", slot.slot, 9.0, product_id=slot.ids[0])
        for offer in slot.ids if slot.kind == "offer" else ():
            did("Promotion Viewed", slot.slot, 1.5, promotion_id=offer)
            liked = 1.0 + (_number(offer, customer.scenes[0].persona) % 3) / 2.0
            if chance.random() < min(0.5, 0.05 * customer.keenness * lift * liked):
                did("Promotion Clicked", slot.slot, 6.0, promotion_id=offer)
                if chance.random() < 0.25:
                    cost = round(chance.uniform(0.5, 4.0), 2)
                    did("Offer Redeemed", slot.slot, 400.0, promotion_id=offer, amount=cost)
            elif chance.random() < 0.006:
                did("Promotion Dismissed", slot.slot, 7.0, promotion_id=offer)
    if chance.random() < 0.01:
        stars = round(chance.gauss(3.6 + 0.4 * (lift > 1.0), 1.0))
        did("Experience Rated", "", 30.0, rating=float(min(5, max(1, stars))))
    if chance.random() < 0.0008:
        did("Complaint Made", "", 40.0)
    return found


def _order(customer: _Customer, clicked: list[str], at: float, chance: random.Random, key: str) -> Event:
    total = round(chance.lognormvariate(3.3, 0.6) * customer.keenness**0.3, 2)
    products = [{"product_id": item, "quantity": 1, "price": round(total / 4, 2)} for item in clicked[:2]]
    products.append({"product_id": "other", "quantity": chance.randint(1, 6), "price": 2.5})
    told = {"order_id": f"order-{key}", "total": total, "products": products}
    return _event(customer, f"{key}-order", "Order Completed", at + 120.0, told)


def _event(customer: _Customer, key: str, name: str, at: float, properties: Mapping[str, object]) -> Event:
    return Event(
        message_id=f"sim-{key}", type="track", event=name, at=at, received_at=at, customer_id=customer.name,
        properties=dict(properties), context={"simulated": True}, trusted=True,
    )  # fmt: skip


def _number(*words: str) -> int:
    """A number that is always the same for these words."""
    return sum((place + 1) * byte for place, byte in enumerate("|".join(words).encode()))
