"""What is kept on a server, by kind and name: for who copies all of it, or empties it."""

from __future__ import annotations

import nats.js.errors
from msgspec import Struct
from nats.aio.client import Client
from nats.js import api

from tailorbird.bus.reaching import reached

__all__ = ["Inventory", "caught_up", "empty", "inventory"]


class Inventory(Struct, frozen=True, kw_only=True):
    """Names without the prefixes that JetStream gives them."""

    buckets: dict[str, float] = {}
    """Bucket -> days for which it keeps a value; 0: for good."""
    objects: tuple[str, ...] = ()
    journals: tuple[str, ...] = ()


async def inventory(client: Client) -> Inventory:
    """What this server keeps now. Streams of events are not in it: they are on their way, not kept."""
    configs = await _configs(client)
    return Inventory(
        buckets={
            str(one.name).removeprefix("KV_"): (one.max_age or 0.0) / 86_400.0
            for one in configs
            if str(one.name).startswith("KV_")
        },
        objects=tuple(str(one.name).removeprefix("OBJ_") for one in configs if str(one.name).startswith("OBJ_")),
        journals=tuple(
            str(one.name).removeprefix("JOURNAL_") for one in configs if str(one.name).startswith("JOURNAL_")
        ),
    )


async def caught_up(client: Client, stream: str, consumer: str) -> bool:
    """Whether this durable consumer has taken everything that the stream holds."""
    with reached(stream):
        try:
            info = await client.jetstream(timeout=5.0).consumer_info(stream, consumer)
        except nats.js.errors.NotFoundError:
            return True
    return not info.num_pending and not info.num_ack_pending


async def empty(client: Client) -> None:
    """Deletes everything that this server keeps, streams of events included."""
    for config in await _configs(client):
        with reached(str(config.name)):
            await client.jetstream(timeout=30.0).delete_stream(str(config.name))


async def _configs(client: Client) -> list[api.StreamConfig]:
    found: list[api.StreamConfig] = []
    with reached("JetStream"):
        while True:
            part = await client.jetstream(timeout=10.0).streams_info(offset=len(found))
            found += [one.config for one in part]
            if not part:
                return found
