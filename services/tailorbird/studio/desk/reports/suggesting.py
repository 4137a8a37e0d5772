"""Rules that the data suggests: by what visits brought, and by what is known of customers from before."""

from __future__ import annotations

import asyncio

from tailorbird.bus import Asker
from tailorbird.contracts.reports import SUGGESTIONS, Suggestions, SuggestionsQuery, Traffic
from tailorbird.host.sampling import sample_of

__all__ = ["suggested"]

LOOKED_AT = 1_000
"""Customers of whom everything is looked at that rules can test."""
SHOWN = 12


async def suggested(asker: Asker, traffic: Traffic) -> Suggestions:
    """Both together, none twice: segments, then offers, what promises most first. Raises Fault where nobody answers."""

    async def of_customers() -> Suggestions:
        sample = await sample_of(asker, LOOKED_AT)
        return await asker.ask(SUGGESTIONS, SuggestionsQuery(sample=sample, traffic=traffic))

    known, met = await asyncio.gather(
        of_customers(), asker.ask(SUGGESTIONS, SuggestionsQuery(traffic=traffic, count=SHOWN))
    )
    told = {(one.kind, one.id, one.english): one for one in (*met.suggestions, *known.suggestions)}
    ranked = sorted(told.values(), key=lambda one: (-one.gain, one.p_corrected or 0.0))
    segments = [one for one in ranked if one.kind == "segment"][: SHOWN // 2]
    offers = [one for one in ranked if one.kind == "offer"][: SHOWN // 2]
    return Suggestions(
        suggestions=(*segments, *offers),
        persons=met.persons + known.persons,
        simulated=met.simulated and any(one in met.suggestions for one in (*segments, *offers)),
        notes=(),
    )
