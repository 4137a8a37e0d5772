"""Why something is on the page, in plain English: from an explained decision to what the panel says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tailorbird.contracts.assembler import DecisionExplained
from tailorbird.contracts.insights import DecisionChoice
from tailorbird.studio.shop.view import day, persona_name

__all__ = ["STRATEGIES", "why_view"]

STRATEGIES = {
    "for_you": "Items that people with a history like this one go on to buy",
    "buy_again": "Items bought before, at the pace at which they are usually bought again",
    "similar": "Items that are bought and used like this one",
    "complements": "Items that go into the same basket",
    "trending": "Items that many customers have bought lately",
    "popular": "Popular items: they stand in when nothing personal came",
    "articles": "Something to read about what is bought here",
}
_KNOWN = (
    ("customer.age", "Age"),
    ("customer.household_size", "Household"),
    ("customer.kids_count", "Children"),
    ("history.orders", "Orders so far"),
    ("history.days_since_last_order", "Days since the last order"),
    ("history.top_department", "Favourite department"),
    ("history.top_category", "Favourite category"),
    ("history.predicted_value", "Predicted value a year, in dollars"),
)
_NOW = (
    ("context.referrer_host", "Came from"),
    ("context.device", "Device"),
    ("context.channel", "Channel"),
    ("cart.count", "Items in the cart"),
    ("cart.total", "Value of the cart, in dollars"),
    ("session.views", "Items looked at in this visit"),
)


def why_view(explained: DecisionExplained, kind: str, choice_id: str, title: str) -> dict[str, Any]:
    """What `why.html` says of one item, offer or action, or of the page as a whole (`kind` "page")."""
    decision = explained.decision
    chosen = next((one for one in explained.choices if one.id == choice_id and one.kind == kind), None)
    candidates = [one for one in explained.candidates if one.outcome != "chosen"]
    refused = [one for one in candidates if one.outcome == "refused"]
    attributes = _attributes(explained.inputs)
    return {
        "kind": kind,
        "title": title or choice_id or "This page",
        "reasons": chosen.reasons if chosen else (),
        "place": _place(chosen, explained.choices) if chosen else "",
        "strategy": STRATEGIES.get(chosen.strategy, "") if chosen else "",
        "score": chosen.score if chosen else None,
        "own": next((one for one in explained.candidates if one.offer_id == choice_id), None),
        "persona": persona_name(decision.persona),
        "segments": [segment.replace("_", " ") for segment in decision.segments],
        "variant": decision.variant,
        "layout": decision.layout,
        "known": _told(attributes, _KNOWN),
        "now": _told(attributes, _NOW),
        "opened": explained.inputs is not None,
        "slots": _slots(explained.choices),
        "outranked": [one for one in candidates if one.outcome == "outranked"][:12],
        "refused": refused[:40],
        "refused_count": len(refused),
        "considered": len(explained.candidates),
        "fallbacks": decision.fallbacks,
        "versions": {name: version for name, version in decision.versions.items() if version},
        "took_ms": decision.took_ms,
        "decision_id": decision.decision_id,
        "day": day(decision.at),
        "note": explained.note,
    }


def _place(chosen: DecisionChoice, choices: tuple[DecisionChoice, ...]) -> str:
    beside = sum(1 for one in choices if one.slot == chosen.slot)
    return f"{_ordinal(chosen.position + 1)} of {beside} in “{chosen.slot.replace('_', ' ')}”"


def _ordinal(number: int) -> str:
    return {1: "First", 2: "Second", 3: "Third", 4: "Fourth"}.get(number, f"Number {number}")


def _slots(choices: tuple[DecisionChoice, ...]) -> list[dict[str, Any]]:
    """Slot by slot: how much stands in it, chosen how."""
    slots: dict[str, dict[str, Any]] = {}
    for one in choices:
        slot = slots.setdefault(one.slot, {"name": one.slot.replace("_", " "), "count": 0, "kind": one.kind, "how": ""})
        slot["count"] += 1
        slot["how"] = slot["how"] or STRATEGIES.get(one.strategy, "")
    return list(slots.values())


def _attributes(inputs: Any) -> Mapping[str, Any]:
    """Attributes of customer and moment, wherever they stand in the decision's inputs."""
    found: dict[str, Any] = {}
    if isinstance(inputs, dict):
        facts = inputs.get("facts")
        if isinstance(facts, dict) and isinstance(facts.get("attributes"), dict):
            found |= facts["attributes"]
        decide = inputs.get("decide")
        if isinstance(decide, dict) and isinstance(decide.get("context"), dict):
            found |= decide["context"]
    return found


def _told(attributes: Mapping[str, Any], names: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(label, _plain(attributes[name])) for name, label in names if attributes.get(name) not in (None, "", [])]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value[:6])
    return str(value)
