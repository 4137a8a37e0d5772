"""An outcome beside the decision it came of: where that stood, for whom, and in which slot the thing was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tailorbird.insights.arriving.decisions import BETWEEN, Head, day_of
from tailorbird.insights.arriving.outcomes import Outcome

__all__ = ["columns_of_outcomes", "learned"]


def learned(outcomes: Iterable[Outcome], heads: Mapping[str, Head]) -> list[tuple[str, str]]:
    """(digest of an id, person) that these tell: whoever did something with a decision is whom it was made for."""
    told = list(outcomes)
    links = {one.outcome_id[1:]: one.person for one in told if one.kind == "link"}
    pairs: dict[str, str] = {}
    for one in told:
        head = heads.get(one.decision_id)
        person = head.person if head is not None and head.person else links.get(one.outcome_id, "")
        if person:
            pairs |= dict.fromkeys(one.who, person)
    return list(pairs.items())


def columns_of_outcomes(
    outcomes: Iterable[Outcome], heads: Mapping[str, Head], person_of: Callable[[str], str]
) -> dict[str, dict[str, list[Any]]]:
    """Day -> column -> values. `person_of` tells the person behind a digest, empty when nobody is known."""
    days: dict[str, list[dict[str, Any]]] = {}
    for one in outcomes:
        days.setdefault(day_of(one.at), []).append(_row(one, heads.get(one.decision_id), person_of))
    return {day: {name: [row[name] for row in rows] for name in rows[0]} for day, rows in days.items()}


def _row(one: Outcome, head: Head | None, person_of: Callable[[str], str]) -> dict[str, Any]:
    slot, strategy, position = _place(one, head)
    person = one.person or (head.person if head else "") or next(filter(None, map(person_of, one.who)), "")
    return {
        "outcome_id": one.outcome_id,
        "at": one.at,
        "kind": one.kind,
        "decision_id": one.decision_id if head else "",
        "person": person,
        "subject": head.subject if head else "",
        "channel": head.channel if head else one.channel,
        "persona": head.persona if head else "",
        "layout": head.layout if head else "",
        "variant": head.variant if head else "",
        "segments": head.segments if head else (),
        "exposures": tuple(f"{e.experiment_id}{BETWEEN}{e.variant_id}" for e in head.experiments if e.exposed)
        if head
        else (),
        "slot": slot,
        "strategy": strategy,
        "position": position,
        "offer_id": one.offer_id,
        "item_id": one.item_id,
        "order_key": one.order,
        "items": one.items,
        "revenue": one.revenue,
        "margin": float("nan") if one.margin is None else one.margin,
        "cost": one.cost,
        "rating": one.rating,
        "bought": one.bought,
        "late": int(one.late),
        "machine": int(one.machine),
        "simulated": int(one.simulated),
    }


def _place(one: Outcome, head: Head | None) -> tuple[str, str, int]:
    """Slot, strategy and position in which the thing stood: as the event tells, else where the decision had it."""
    named = one.offer_id or one.item_id
    if head is None:
        return one.slot, "", 0
    for slot in head.slots:
        if one.slot and slot.slot != one.slot:
            continue
        if not named:
            return slot.slot, slot.strategy, 0
        if named in slot.ids:
            return slot.slot, slot.strategy, slot.ids.index(named)
    return one.slot, "", 0
