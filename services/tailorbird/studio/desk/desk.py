"""All that the studio's routes stand on, in one value: opened once for each process that mounts them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.bus import Asker, AskingBus, Bucket
from tailorbird.contracts.documents import SchemasQuery
from tailorbird.contracts.profiles import VALUES
from tailorbird.contracts.segments import ValuesQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.followed import FollowedDocuments
from tailorbird.studio.desk.documents.atwork import AtWork
from tailorbird.studio.desk.documents.bodies import Bodies
from tailorbird.studio.desk.documents.drafts import DRAFTS, Draft, Drafts
from tailorbird.studio.desk.documents.kinds import BUCKETS, Kind
from tailorbird.studio.desk.documents.versions import VERSIONS, Versions
from tailorbird.studio.desk.documents.work import Work
from tailorbird.studio.desk.people.audit import AUDIT, Audit
from tailorbird.studio.desk.people.members import MEMBERS, SESSION_DAYS, SESSIONS, Members, Sessions

__all__ = ["BODIES", "Desk", "open_desk", "open_members"]

BODIES = "studio_bodies"
VALUES_FOR = 60.0
MOST_VALUES = 500
SCHEMAS_FOR = 60.0
"""Seconds for which an owner's schemas are used again: they change only with its code."""


class Desk:
    """Opened by `open_desk`. Documents are followed from the first time that somebody looks at a list."""

    def __init__(self, stack: AsyncExitStack, asker: Asker, kept: Kept, buckets: Mapping[str, Bucket]) -> None:
        self.asker = asker
        self.members = kept.members
        self.sessions = kept.sessions
        self.audit = kept.audit
        self.drafts = kept.drafts
        self.work = kept.work
        self._stack = stack
        self._buckets = buckets
        self._at_work = AtWork()
        self._following = asyncio.Lock()
        self._followed = False
        self._values: dict[str, tuple[float, list[str]]] = {}
        self._schemas: dict[str, tuple[float, dict[str, Any]]] = {}

    async def at_work(self) -> AtWork:
        """What is at work now."""
        if not self._followed:
            async with self._following:
                if not self._followed:
                    followed = FollowedDocuments(list(self._buckets.values()), self._at_work.take)
                    await self._stack.enter_async_context(followed)
                    self._followed = True
        return self._at_work

    async def drafts_of(self, kind: str = "") -> dict[str, Draft]:
        """Everybody's drafts, or those of one kind, by `kind/id`."""
        found = await self.drafts.all()
        return {key: draft for key, draft in found.items() if not kind or key.startswith(f"{kind}/")}

    async def values_of(self, attribute: str) -> list[str]:
        """The values of this attribute that most customers have; none while nobody can say."""
        now = time.monotonic()
        held = self._values.get(attribute)
        if held is None or now - held[0] > VALUES_FOR:
            try:
                told = await self.asker.ask(VALUES, ValuesQuery(attribute=attribute))
            except Fault:
                return []
            if len(self._values) > MOST_VALUES:
                self._values.clear()
            held = self._values[attribute] = (now, list(told.values))
        return held[1]

    async def schema(self, kind: Kind) -> dict[str, Any]:
        """How documents of this kind are written. Raises Fault(503) while their owner does not answer."""
        now = time.monotonic()
        held = self._schemas.get(kind.kind)
        if held is not None and now - held[0] < SCHEMAS_FOR:
            return held[1]
        try:
            told = await self.asker.ask(kind.owner.schemas, SchemasQuery())
        except Fault:
            if held is None:
                raise
            return held[1]
        for name, schema in told.kinds.items():
            self._schemas[name] = (now, msgspec.json.decode(bytes(schema)))
        if kind.kind not in self._schemas:
            raise Fault(503, f"{kind.title} can't be written now: their owner does not say how.")
        return self._schemas[kind.kind][1]


class Kept(Struct, frozen=True, kw_only=True):
    """What the studio keeps itself."""

    members: Members
    sessions: Sessions
    audit: Audit
    drafts: Drafts
    work: Work


async def open_members(bus: AskingBus) -> tuple[Members, Sessions, Audit]:
    """People, sessions and the log: all that the command line needs."""
    return (
        Members(await bus.bucket(MEMBERS), time.time),
        Sessions(await bus.bucket(SESSIONS, SESSION_DAYS), time.time),
        Audit(await bus.bucket(AUDIT), time.time),
    )


@asynccontextmanager
async def open_desk(bus: AskingBus) -> AsyncIterator[Desk]:
    """The desk, until left."""
    async with AsyncExitStack() as stack:
        members, sessions, audit = await open_members(bus)
        buckets = {name: await bus.bucket(name) for name in BUCKETS}
        drafts = Drafts(await bus.bucket(DRAFTS))
        work = Work(
            bus.asker,
            buckets,
            Bodies(await bus.bucket(BODIES)),
            drafts,
            Versions(await bus.bucket(VERSIONS)),
            audit,
            time.time,
        )
        kept = Kept(members=members, sessions=sessions, audit=audit, drafts=drafts, work=work)
        yield Desk(stack, bus.asker, kept, buckets)
