"""Decides for an audience ahead of time: what is chosen waits for each customer and is checked again on contact."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from tailorbird.assembler.gathering.context import latest_purchases
from tailorbird.bus import Asker
from tailorbird.contracts.offers import AHEAD, AheadQuery, DecideQuery, DecisionSlot
from tailorbird.contracts.profiles import PROFILE_PAGE, Profile, ProfilePageQuery
from tailorbird.contracts.words import AttributeValue

__all__ = ["Done", "decide_ahead"]

TOGETHER = 100
"""Customers asked about in one message."""


class Done(Struct, frozen=True):
    customers: int
    offers: int


async def decide_ahead(
    asker: Asker, segment: str, channel: str, page: str, count: int, into: Path | None = None
) -> Done:
    """How many were decided for. `into`: a file of one JSON object a line, {"customer_id", "offers"}."""
    customers = offers = 0
    after = ""
    lines: list[bytes] = []
    while True:
        found = await asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=TOGETHER))
        some = [one for one in found.profiles if segment in {"everybody", *one.facts.segments} and one.person]
        if some:
            queries = tuple(_query(profile, channel, page, count) for profile in some)
            made = await asker.ask(AHEAD, AheadQuery(queries=queries))
            for profile, chosen in zip(some, made.chosen, strict=True):
                customers, offers = customers + 1, offers + len(chosen)
                lines.append(msgspec.json.encode({"customer_id": profile.customer.customer_id, "offers": chosen}))
        after = found.after
        if not after:
            break
    if into is not None:
        await asyncio.to_thread(into.write_bytes, b"\n".join([*lines, b""]))
    return Done(customers, offers)


def _query(profile: Profile, channel: str, page: str, count: int) -> DecideQuery:
    context: dict[str, AttributeValue] = {"context.channel": channel, "context.known": profile.known}
    if page:
        context["context.page"] = page
    return DecideQuery(
        slots=(DecisionSlot(slot="offers", count=count),),
        customer=Raw(msgspec.json.encode(profile.facts)),
        context=context,
        just_bought=tuple(latest_purchases(profile, time.time())),
        person=profile.person,
        customer_id=profile.customer.customer_id,
        anonymous_id=profile.customer.anonymous_id,
    )
