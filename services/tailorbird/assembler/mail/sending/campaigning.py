"""A campaign's run: every recipient once, however often the run is killed and begun again."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.assembler.mail.keeping import Known
from tailorbird.assembler.mail.sending.aiming import Aim
from tailorbird.assembler.mail.sending.batching import Batcher, Prepared, Refused
from tailorbird.assembler.mail.sending.outgoing import Outgoing
from tailorbird.assembler.mail.sending.post import Post
from tailorbird.assembler.workshop import new_id
from tailorbird.bus import Asker, Bucket
from tailorbird.bus.ending import ended
from tailorbird.contracts.audiences import AUDIENCE, Audience, AudienceQuery, Member
from tailorbird.contracts.mail import StandingChange
from tailorbird.contracts.wire import Fault

__all__ = ["Campaigning", "Progress", "Run", "begin_run", "end_run"]

TOGETHER = 100
"""Recipients asked about and handed over together."""
AHEAD = 3
"""Batches prepared before the one that leaves."""
AGAIN_AFTER = 2.0
"""Seconds until a batch is tried again that could not be handed over."""

log = structlog.get_logger(__name__)


class Run(Struct, frozen=True, kw_only=True):
    """A message of a campaign on its way, as it is kept."""

    campaign: str
    message: str
    to: str
    """Where it is handed over: one place, so that nobody is written to twice."""
    began: float
    ended: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.campaign}/{self.message}"


class Progress(Struct):
    """How far a run is."""

    looked_at: int = 0
    sent: int = 0
    before: int = 0
    """Sent to by an earlier attempt of this run."""
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    """Reason -> how many got nothing."""
    waiting: int = 0
    """Their hour has not come."""


async def begin_run(bucket: Bucket, campaign: str, message: str, to: str, at: float) -> Run:
    """The run, begun now or resumed. Raises Fault(409) when it was handed over somewhere else before."""
    key = _key(campaign, message)
    entry = await bucket.get(key)
    if entry is None or entry.value is None:
        run = Run(campaign=campaign, message=message, to=to, began=at)
        await bucket.put(key, msgspec.json.encode(run), revision=entry.revision if entry else 0)
        return run
    run = msgspec.json.decode(entry.value, type=Run)
    if run.to != to:
        raise Fault(
            409,
            f"The message '{message}' of '{campaign}' is being handed over to {run.to}: go on there, or name another "
            "message with --message.",
        )
    return run


async def end_run(bucket: Bucket, run: Run, at: float) -> None:
    """Note that everybody was looked at."""
    await bucket.put(_key(run.campaign, run.message), msgspec.json.encode(replace(run, ended=at)))


class Campaigning:
    """Walks the audience, prepares ahead, hands over, notes."""

    def __init__(
        self,
        asker: Asker,
        batcher: Batcher,
        known: Known,
        post: Post,
        aim: Aim,
        run: Run,
        *,
        waits: bool,
    ) -> None:
        """`waits`: a mail stays here until its moment; else it is handed over with the moment said."""
        self._asker = asker
        self._batcher = batcher
        self._standings, self._contacts, self._clock = known.standings, known.contacts, known.clock
        self._post = post
        self._aim = aim
        self._run = run
        self._waits = waits
        self._taken: set[str] = set()
        self.progress = Progress(before=len(known.contacts.done))

    async def recover(self) -> None:
        """Notes what left before the process that sent it was killed."""
        for found in self._post.recovered():
            await self._contacts.note(self._run.name, found.batch, found.marks, self._clock())
        self.progress.before = len(self._contacts.done)

    async def run(self, told: Callable[[Progress], None]) -> Progress:
        """Everybody of the audience sent to, or refused. Raises Fault(503) when something needed stays away."""
        ready: asyncio.Queue[list[Prepared] | None] = asyncio.Queue(AHEAD)
        preparing = asyncio.create_task(self._prepare(ready), name="campaign-prepare")
        try:
            while True:
                waiting = asyncio.create_task(ready.get())
                await asyncio.wait({waiting, preparing}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done() and preparing.done():
                    preparing.result()
                batch = await waiting
                if batch is None:
                    break
                await self._hand_over(batch)
                told(self.progress)
            await preparing
        finally:
            await ended(preparing)
        return self.progress

    async def _prepare(self, ready: asyncio.Queue[list[Prepared] | None]) -> None:
        async for members in self._batches():
            prepared = await self._batcher.prepare(members)
            self.progress.refused.update(one.reason for one in prepared if isinstance(one, Refused))
            await ready.put([one for one in prepared if isinstance(one, Prepared)])
        await ready.put(None)

    async def _hand_over(self, prepared: Sequence[Prepared]) -> None:
        kept, mails, refused = await self._batcher.print(prepared)
        self.progress.refused.update(one.reason for one in refused)
        if not mails:
            return
        await self._batcher.write_down(kept)
        if not self._waits:
            mails = [self._timed(mail, one) for mail, one in zip(mails, kept, strict=True)]
        batch = new_id()
        while True:
            try:
                posted = await self._post.post(batch, mails)
                break
            except Fault as fault:
                log.warning("campaign_waits", reason=fault.sentence)
                await asyncio.sleep(AGAIN_AFTER)
        left = [one.mark for one in posted if one.left]
        await self._contacts.note(self._run.name, batch, left, self._clock())
        self.progress.sent += len(left)
        for outcome in posted:
            if outcome.word is not None:
                change = StandingChange(mark=outcome.mark, word=outcome.word, source="smtp")
                await self._standings.change(change)
            if not outcome.left:
                self.progress.refused[f"the mail server said: {outcome.reason}"] += 1

    def _timed(self, mail: Outgoing, one: Prepared) -> Outgoing:
        due = self._aim.due(one.member.profile.facts, self._run.began)
        if due <= self._run.began:
            return mail
        return replace(mail, send_at=datetime.fromtimestamp(due, UTC).isoformat().replace("+00:00", "Z"))

    async def _batches(self) -> AsyncIterator[list[Member]]:
        """Those who are due, some at a time, each with the newest facts."""
        later: list[tuple[float, str]] = []
        async for page in self._pages():
            now = self._clock()
            due = [member for member in page if self._wanted(member)]
            if self._waits:
                moments = {
                    member.profile.person: self._aim.due(member.profile.facts, self._run.began) for member in due
                }
                for person, moment in moments.items():
                    if moment > now:
                        heapq.heappush(later, (moment, person))
                due = [member for member in due if moments[member.profile.person] <= now]
                self.progress.waiting = len(later)
            if due:
                yield due
        while later:
            await asyncio.sleep(max(0.0, later[0][0] - self._clock()))
            persons: list[str] = []
            while later and later[0][0] <= self._clock() and len(persons) < TOGETHER:
                persons.append(heapq.heappop(later)[1])
            self.progress.waiting = len(later)
            audience = await self._asker.ask(AUDIENCE, AudienceQuery(persons=tuple(persons)))
            if audience.members:
                yield list(audience.members)

    async def _pages(self) -> AsyncIterator[Sequence[Member]]:
        after = ""
        while True:
            audience: Audience = await self._asker.ask(AUDIENCE, AudienceQuery(after=after, count=TOGETHER))
            yield audience.members
            after = audience.after
            if not after:
                return

    def _wanted(self, member: Member) -> bool:
        """Whether this member is still to be sent to; two customers with one address are sent to once."""
        mark = member.profile.address_mark
        if mark in self._taken or mark in self._contacts.done or not self._aim.is_for(member.profile.facts):
            return False
        self._taken.add(mark)
        self.progress.looked_at += 1
        reason = self._batcher.refusal(mark)
        if reason:
            self.progress.refused[reason] += 1
        return not reason


def _key(campaign: str, message: str) -> str:
    """A bucket's keys allow few characters."""
    return "/".join(
        "".join(one if one.isascii() and (one.isalnum() or one in "_-") else f"={ord(one):X}=" for one in name)
        for name in (campaign, message)
    )
