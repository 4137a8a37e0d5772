"""Asks real pages for real customers, without storing anything, and sends a simulated history of visits to them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from tailorbird.bus import Asker, AskingBus
from tailorbird.bus.patience import Patient
from tailorbird.contracts.assembler import PAGE, PagePayload, PageQuery
from tailorbird.contracts.insights import DECIDED, DecidedSlot, Decision, DecisionBatch
from tailorbird.contracts.profiles import SHOPPERS, Event, EventBatch, ShoppersQuery
from tailorbird.contracts.reports import REPORTED
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.suite.traffic.behaviour import Scene, Visited, history

__all__ = ["Sent", "simulate_traffic"]

PAGES = ("home", "cart")
TOGETHER = 200


class Sent(Struct, frozen=True):
    customers: int
    decisions: int
    events: int


async def simulate_traffic(
    bus: AskingBus, customers: int, days: int, ends_at: float, seed: int, real: int = 60
) -> Sent:
    """What was sent. Raises Fault(409) where no customers are loaded."""
    asker = Patient(bus.asker)
    shoppers = (await asker.ask(SHOPPERS, ShoppersQuery(count=real))).shoppers
    scenes = [await _scenes(asker, CustomerRef(customer_id=one.customer_id)) for one in shoppers]
    scenes = [one for one in scenes if one]
    if not scenes:
        raise Fault(409, "There are no customers to take pages from: load some first, or run the demonstration.")
    impersonal = await _scenes(asker, CustomerRef())
    visits = list(history(scenes, impersonal, customers, ends_at, days, seed))
    decisions = sorted((one for visit in visits for one in visit.decisions), key=lambda one: one.at)
    events = sorted((one for visit in visits for one in visit.events), key=lambda one: one.at)
    await _send(bus, decisions, events)
    return Sent(_customers(visits), len(decisions), len(events))


async def _send(bus: AskingBus, decisions: list[Decision], events: list[Event]) -> None:
    for start in range(0, len(decisions), TOGETHER):
        part = decisions[start : start + TOGETHER]
        batch = DecisionBatch(decisions=tuple(part))
        await bus.announcer.append(DECIDED, batch, f"simulated-{part[0].decision_id}-{len(part)}")
    for start in range(0, len(events), TOGETHER):
        some = events[start : start + TOGETHER]
        told = EventBatch(events=tuple(some))
        await bus.announcer.append(REPORTED, told, f"simulated-{some[0].message_id}-{len(some)}")


async def _scenes(asker: Asker, customer: CustomerRef) -> list[Scene]:
    found = []
    for page in PAGES:
        try:
            payload = await asker.ask(PAGE, PageQuery(page=page, customer=customer, preview=True, explain=True))
        except Fault as fault:
            if fault.code == 404:  # No layout has such a page.
                continue
            raise
        found.append(_scene(page, payload))
    return found


def _scene(page: str, payload: PagePayload) -> Scene:
    trace = payload.trace or {}
    return Scene(
        subject=f"page/{page}",
        channel="web",
        persona=payload.customer.persona,
        segments=payload.customer.segments,
        layout=payload.layout.id,
        variant=payload.layout.variant,
        slots=msgspec.convert(trace.get("decided", ()), tuple[DecidedSlot, ...]),
        model=payload.meta.model,
    )


def _customers(visits: Iterable[Visited]) -> int:
    return len({one.person for visit in visits for one in visit.decisions})
