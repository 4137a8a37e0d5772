"""A profile as people and other systems read it: named fields instead of arrays, and no key."""

from __future__ import annotations

from typing import Any

from tailorbird.contracts.profiles import Profile

__all__ = ["shown"]


def shown(profile: Profile) -> dict[str, Any]:
    """The profile as JSON for outside."""
    facts = profile.facts
    return {
        "customer": {
            "customer_id": profile.customer.customer_id or None,
            "anonymous_id": profile.customer.anonymous_id or None,
        },
        "known": profile.known,
        "person": profile.person,
        "version": profile.version,
        "first_name": profile.first_name,
        "persona": facts.persona,
        "segments": facts.segments,
        "cart": [{"item_id": line.item_id, "quantity": line.quantity} for line in profile.cart],
        "facts": {
            "attributes": facts.attributes,
            "recent": [{"kind": one.kind, "item_id": one.item_id, "at": one.at} for one in facts.recent],
            "history": [{"item_id": one.item_id, "times": one.times, "last_at": one.last_at} for one in facts.history],
        },
    }
