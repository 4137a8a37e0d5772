"""Who is in a segment told to another system: page by page, signed as moments are, going on after any end.

Nothing of anybody rests in between: what waits names the segment and how far it is, and each page is read when it is
sent. A page refused is tried again later, longer each time; until it is taken no other goes out.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.audiences import (
    AUDIENCES_BEING_SENT,
    SEND_AUDIENCE,
    AudiencesBeingSent,
    AudienceSending,
    BeingSentQuery,
    SendAudienceQuery,
)
from tailorbird.contracts.profiles import ProfilePageQuery
from tailorbird.contracts.wire import Fault
from tailorbird.host.documents import Documents
from tailorbird.profiles.answering.pages import ProfilePages
from tailorbird.profiles.moments.duelist import Due, DueList
from tailorbird.profiles.moments.outgoing import Outgoing

__all__ = ["sending_audiences"]

BUCKET = "audiences_due"
READ_TOGETHER = 200
CUSTOMERS_IN_A_PAGE = 500
PROFILES_IN_A_PAGE = 20_000
"""Looked through for one page at most: of a segment of few, a page holds few."""


class _Page(Struct, frozen=True, kw_only=True):
    """The page that is next."""

    sending: AudienceSending
    number: int = 1
    after: str = ""
    """Where the page before ended."""


@contextlib.asynccontextmanager
async def sending_audiences(
    bus: AnsweringBus,
    pages: ProfilePages,
    documents: Callable[[], Documents],
    outgoing: Outgoing,
    clock: Callable[[], float],
) -> AsyncIterator[None]:
    """While entered, answers SEND_AUDIENCE and AUDIENCES_BEING_SENT, and sends."""
    audiences = _Audiences(pages, documents, outgoing, clock)
    audiences.due = DueList("audiences", await bus.bucket(BUCKET), audiences.send_page, clock)
    async with audiences.due:
        await bus.answerer.answer(SEND_AUDIENCE, audiences.begin)
        await bus.answerer.answer(AUDIENCES_BEING_SENT, audiences.being_sent)
        yield


class _Audiences:
    def __init__(
        self,
        pages: ProfilePages,
        documents: Callable[[], Documents],
        outgoing: Outgoing,
        clock: Callable[[], float],
    ) -> None:
        self._pages = pages
        self._documents = documents
        self._outgoing = outgoing
        self._clock = clock
        self.due: DueList | None = None

    async def begin(self, query: SendAudienceQuery) -> AudienceSending:
        """Kept when this answers. Raises Fault(404) for a segment or a webhook that there is not."""
        kept = self._documents()
        for kind, name in (("segment", query.segment), ("webhook", query.webhook)):
            if name not in kept.get(kind, {}):
                there = ", ".join(sorted(kept.get(kind, {}))) or "none yet"
                raise Fault(404, f"There is no {kind} '{name}'; there are: {there}.")
        sending = AudienceSending(
            id=f"aud_{secrets.token_hex(8)}", segment=query.segment, webhook=query.webhook, began_at=self._clock()
        )
        if self.due is None:
            raise Fault(503, "Audiences cannot be sent yet: this process is only starting.")
        await self.due.put(sending.id, Due(self._clock(), msgspec.json.encode(_Page(sending=sending))), only_new=True)
        return sending

    async def being_sent(self, _: BeingSentQuery) -> AudiencesBeingSent:
        """The latest first."""
        bodies = self.due.bodies() if self.due is not None else []
        sendings = [msgspec.json.decode(body, type=_Page).sending for body in bodies]
        return AudiencesBeingSent(sendings=tuple(sorted(sendings, key=lambda one: -one.began_at)))

    async def send_page(self, body: bytes) -> Due | None:
        """One attempt at the next page; what is to be done after it."""
        page = msgspec.json.decode(body, type=_Page)
        sending = page.sending
        kept = self._documents()
        webhook = kept.get("webhook", {}).get(sending.webhook)
        if webhook is None or not webhook.active or sending.segment not in kept.get("segment", {}):
            return None
        customers, after = await self._customers(sending.segment, page.after)
        now = self._clock()
        refused = await self._outgoing.tell(
            sending.webhook, webhook, f"{sending.id}_{page.number}", now,
            _body(page, customers, now, last=not after), sending.attempts,
        )  # fmt: skip
        if refused is not None:
            if refused.pause is None:
                return None
            again = replace(sending, attempts=sending.attempts + 1, reason=refused.reason)
            return Due(now + refused.pause, msgspec.json.encode(replace(page, sending=again)))
        if not after:
            return None
        further = replace(sending, told=sending.told + len(customers), attempts=0, reason="")
        return Due(now, msgspec.json.encode(_Page(sending=further, number=page.number + 1, after=after)))

    async def _customers(self, segment: str, after: str) -> tuple[list[str], str]:
        """Customer ids of a page, and where it ends; empty: everybody was looked at."""
        found: list[str] = []
        for _ in range(PROFILES_IN_A_PAGE // READ_TOGETHER):
            page = await self._pages.answer(ProfilePageQuery(after=after, count=READ_TOGETHER))
            found += [
                profile.customer.customer_id
                for profile in page.profiles
                if segment in profile.facts.segments and profile.customer.customer_id
            ]
            after = page.after
            if not after or len(found) >= CUSTOMERS_IN_A_PAGE:
                break
        return found, after


def _body(page: _Page, customers: list[str], now: float, *, last: bool) -> bytes:
    """As JSON: `type`, `timestamp`, `data`."""
    data = {
        "sending": page.sending.id, "audience_id": page.sending.segment, "page": page.number,
        "customers": customers, "told_before": page.sending.told, "last": last,
    }  # fmt: skip
    said = datetime.fromtimestamp(int(now), UTC).isoformat().replace("+00:00", "Z")
    return msgspec.json.encode({"type": "audience.told", "timestamp": said, "data": data})
