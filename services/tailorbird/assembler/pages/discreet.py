"""What happened and what was asked, without to whom: what may be used or rest where nobody agreed to more."""

from __future__ import annotations

from msgspec import Raw
from msgspec.structs import replace

from tailorbird.contracts.offers import DecideQuery
from tailorbird.contracts.profiles import Event

__all__ = ["STAND_BESIDE", "of_nobody", "without_names"]

STAND_BESIDE = Raw(b"{}")
"""In place of the facts in each query: they stand once, beside them."""


def of_nobody(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """What happened, without to whom."""
    return tuple(
        replace(event, customer_id="", anonymous_id="", previous_id="", traits={}, needs_consent=False)
        for event in events
    )


def without_names(decide: DecideQuery, sealed: bool) -> DecideQuery:
    """The question as it is stored. Without a key nothing personal may rest: no id of the customer's own, and of the
    referring address, which may name somebody, only the host.
    """
    kept = replace(decide, customer=STAND_BESIDE, facts_name="")
    if sealed:
        return kept
    context = {name: value for name, value in decide.context.items() if name != "context.referrer"}
    return replace(kept, customer_id="", anonymous_id="", context=context)
