"""Where mail's own facts rest: what each address wants, and who was written to when, at hand for every sender."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

import msgspec
import structlog
from msgspec import Struct

from tailorbird.assembler.mail.documents import Mailing
from tailorbird.assembler.mail.hearing.standing import changed, refusal
from tailorbird.assembler.mail.sending.capping import WEEK, allowed_from
from tailorbird.bus import Announcer, Bucket, Listener
from tailorbird.bus.ending import ended
from tailorbird.contracts.mail import MAILED, Mailed, Standing, StandingChange, StandingQuery
from tailorbird.contracts.wire import Fault

__all__ = ["Contacts", "Known", "Standings"]

TRIES = 8
LOOK_EVERY = 15.0
"""Seconds between looks at what other senders have sent, should its announcement have been missed."""

log = structlog.get_logger(__name__)
_decode = msgspec.json.Decoder(Standing).decode


class Standings:
    """While entered, knows of every address that said something, a moment after it was said."""

    def __init__(self, bucket: Bucket, clock: Callable[[], float]) -> None:
        self._bucket = bucket
        self._clock = clock
        self._known: dict[str, Standing] = {}
        self._watching: asyncio.Task[None] | None = None

    def of(self, mark: str) -> Standing | None:
        """What is known of this address; None: nothing, so it may be written to."""
        return self._known.get(mark)

    async def answer(self, query: StandingQuery) -> Standing:
        return self._known.get(query.mark, Standing())

    async def change(self, change: StandingChange) -> Standing:
        """What holds from now on, for every sender."""
        for _ in range(TRIES):
            entry = await self._bucket.get(change.mark)
            held = _decode(entry.value) if entry is not None and entry.value else Standing()
            new = changed(held, change, self._clock())
            if new == held:
                return held
            try:
                await self._bucket.put(change.mark, msgspec.json.encode(new), revision=entry.revision if entry else 0)
            except Fault as fault:
                if fault.code != 409:
                    raise
                continue
            self._known[change.mark] = new
            return new
        raise Fault(409, "This address is changed by others all the time; try again.")

    async def __aenter__(self) -> Self:
        entries = await self._bucket.entries()
        after = 0
        for entry in entries.values():
            self._take(entry.key, entry.value)
            after = max(after, entry.revision)
        self._watching = asyncio.create_task(self._watch(after), name="mail-standings-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._watching)

    async def _watch(self, after: int) -> None:
        async for entry in self._bucket.watch(after=after):
            self._take(entry.key, entry.value)

    def _take(self, mark: str, value: bytes | None) -> None:
        if value is None:
            self._known.pop(mark, None)
            return
        try:
            self._known[mark] = _decode(value)
        except msgspec.MsgspecError as error:
            log.error("mail_standing_unreadable", mark=mark, reason=str(error))


class Contacts:
    """While entered, knows who was written to within the last week, by whatever process, and in which runs."""

    def __init__(
        self, announcer: Announcer, listener: Listener, clock: Callable[[], float], only_run: str = ""
    ) -> None:
        self._announcer = announcer
        self._listener = listener
        self._clock = clock
        self._run = only_run
        self._place = 0
        self._times: dict[str, tuple[float, ...]] = {}
        self._batches: set[str] = set()
        self.done: set[str] = set()
        """Marks that the run named was sent to already."""
        self._looking: asyncio.Task[None] | None = None

    def knows(self, batch: str) -> bool:
        """Whether this batch went out already."""
        return batch in self._batches

    def times(self, mark: str) -> Sequence[float]:
        """When this address was written to within the last week."""
        return self._times.get(mark, ())

    async def note(self, run: str, batch: str, marks: Iterable[str], at: float, channel: str = "email") -> None:
        """These were written to: stored when this returns. The same batch told again counts once."""
        mailed = Mailed(run=run, batch=batch, at=at, marks=tuple(marks), channel=channel)  # type: ignore[arg-type]
        self._take(mailed)
        await self._announcer.append(MAILED, mailed, f"mailed-{batch}")

    async def __aenter__(self) -> Self:
        await self._listener.hear(MAILED, self._heard)
        await self._catch_up()
        self._looking = asyncio.create_task(self._look(), name="mail-contacts-look")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await ended(self._looking)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self._catch_up()
            except Fault as fault:
                log.warning("mail_contacts_not_read", reason=fault.sentence)

    async def _heard(self, mailed: Mailed) -> None:
        self._take(mailed)

    async def _catch_up(self) -> None:
        async for some in self._listener.stored(MAILED, after=self._place):
            for one in some:
                self._take(one.message)
                self._place = one.place

    def _take(self, mailed: Mailed) -> None:
        if mailed.batch in self._batches:
            return
        self._batches.add(mailed.batch)
        if mailed.run == self._run:
            self.done.update(mailed.marks)
        since = self._clock() - WEEK
        if mailed.at > since:
            for mark in mailed.marks:
                kept = tuple(time for time in self._times.get(mark, ()) if time > since)
                self._times[mark] = (*kept, mailed.at)


class Known(Struct, frozen=True):
    """All that a sender goes by."""

    standings: Standings
    contacts: Contacts
    clock: Callable[[], float]

    def refusal(self, mark: str, topic: str, mailing: Mailing) -> str:
        """Why this address gets nothing now about this topic; empty: it may."""
        standing, at = self.standings.of(mark), self.clock()
        why = refusal(standing, topic)
        if why:
            return why
        later = allowed_from(self.contacts.times(mark), at, mailing, standing)
        return "was written to often enough lately" if later > at else ""
