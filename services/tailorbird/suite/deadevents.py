"""`tailorbird events dead`: the events that were accepted and could not be folded, listed, replayed or forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from time import time

import msgspec
from rich.console import Console
from rich.table import Column, Table

from tailorbird.bus import AskingBus, Stored
from tailorbird.contracts.profiles import COLLECTED, REFUSED, EventBatch, RefusedEvent
from tailorbird.contracts.wire import Fault
from tailorbird.profiles.collecting.checking import mistake_in

__all__ = ["dead_events", "forget", "replay", "show"]

Dead = list[Stored[RefusedEvent]]


async def dead_events(bus: AskingBus, message_ids: Collection[str] = ()) -> Dead:
    """Oldest first; only those with one of these message ids when some are given. Raises Fault(404) for an unknown."""
    found: Dead = []
    async for part in bus.listener.stored(REFUSED):
        found += part
    if not message_ids:
        return found
    chosen = [one for one in found if one.message.event.message_id in message_ids]
    unknown = set(message_ids) - {one.message.event.message_id for one in chosen}
    if unknown:
        raise Fault(404, f"No dead event has the message id {', '.join(sorted(unknown))}.")
    return chosen


async def replay(bus: AskingBus, dead: Dead) -> tuple[Dead, Dead]:
    """(sent again, still wrong): those that are right by today's schema go back to the stream and leave the dead.

    The message id stays, so that what had been folded after all counts once.
    """
    right = [one for one in dead if not mistake_in(one.message.event)]
    for one in right:
        event = msgspec.structs.replace(one.message.event, received_at=time())
        await bus.announcer.append(COLLECTED, EventBatch(events=(event,)), f"replayed-{uuid.uuid4().hex}")
        await bus.listener.erase(REFUSED, one.place)
    return right, [one for one in dead if one not in right]


async def forget(bus: AskingBus, dead: Dead) -> None:
    """Overwrites them where they rest."""
    for one in dead:
        await bus.listener.erase(REFUSED, one.place)


def show(dead: Dead, console: Console, *, as_json: bool) -> None:
    """Prints them: for people, or one JSON object a line, which holds the whole event."""
    if as_json:
        for one in dead:
            console.print(msgspec.json.encode(one.message).decode(), markup=False, soft_wrap=True)
        return
    if not dead:
        console.print("There are no dead events.")
        return
    # Ids whole, as one is typed to replay it.
    grid = Table("refused", Column("message id", overflow="fold"), "event", Column("whose", overflow="fold"), "reason")
    for one in dead:
        event = one.message.event
        grid.add_row(
            datetime.fromtimestamp(one.message.at, UTC).strftime("%Y-%m-%d %H:%M:%S"), event.message_id,
            event.event or event.type, event.customer_id or event.anonymous_id, one.message.reason,
        )  # fmt: skip
    console.print(grid)
