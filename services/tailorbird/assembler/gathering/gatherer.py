"""All that a page is made of, asked for side by side; a part that fails is a value with its reason."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextvars import Token
from typing import TypeVar

import msgspec
import structlog
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.assembler.gathering.context import JUST_BOUGHT, bought_in_events
from tailorbird.assembler.gathering.keptanswers import KeptOffers, KeptShelves
from tailorbird.assembler.gathering.lastanswers import LastAnswers
from tailorbird.assembler.gathering.parts import NOBODY, Caller, Parts, Who
from tailorbird.assembler.gathering.picks import Shelves, shelves_of
from tailorbird.assembler.gathering.profilecache import NO_HISTORY, HeldProfile, ProfileCache
from tailorbird.assembler.slots.base import Moment
from tailorbird.bus import Asker, call
from tailorbird.contracts.offers import DECIDE, Decided, DecideQuery, DecisionSlot
from tailorbird.contracts.profiles import PROFILE, Event, Profile, ProfileQuery
from tailorbird.contracts.recommender import RECOMMEND, RecommendQuery, Shelf
from tailorbird.contracts.wire import Endpoint, Fault, Message
from tailorbird.contracts.words import AttributeValue, CustomerRef
from tailorbird.host import metrics
from tailorbird.host.sentonce import NOT_HELD

__all__ = ["Gatherer", "within"]

Query = TypeVar("Query", bound=Message)
Answer = TypeVar("Answer", bound=Message)

NO_FACTS = Raw(b"{}")

log = structlog.get_logger(__name__)


def within(budget_ms: float) -> tuple[Token[float], Token[str]]:
    """Begins a deadline of this many milliseconds for what is asked from here on, or the caller's if that is nearer."""
    left = call.remaining_ms(budget_ms)
    return call.begin(time.time() + left / 1000.0, call.traceparent())


class Gatherer:
    """Asks the services that a page is made of."""

    def __init__(
        self,
        asker: Asker,
        cache: ProfileCache,
        kept_shelves: KeptShelves,
        kept_offers: KeptOffers,
        last_answers: LastAnswers,
        clock: Callable[[], float],
        oldest_profile: float,
    ) -> None:
        self._asker = asker
        self._cache = cache
        self._kept_shelves = kept_shelves
        self._kept_offers = kept_offers
        self._last = last_answers
        self._clock = clock
        self._oldest = oldest_profile

    async def who(self, customer: CustomerRef, events: tuple[Event, ...], preview: bool) -> Who:
        """The customer as of now, the call's events included. Without profiles: what is held, or as anonymous."""
        now = self._clock()
        held = self._cache.get(customer)
        missing = ""
        if events or held is None or held.out_of_date(now, self._oldest) or self._cache.in_doubt(held):
            fresh, missing = await self._ask(customer, events, keep=not (preview and events))
            held = fresh or held or HeldProfile(Profile(customer=customer), now)
        bought = held.bought_lately(now)
        in_events = bought_in_events(events) if events else []
        if in_events and not preview:
            self._cache.note_bought(customer, in_events, now)
        noted = self._cache.noted(customer, now - JUST_BOUGHT)
        if in_events or noted:
            bought = bought.union(in_events, noted)
        if held.profile.known or not (customer.customer_id or customer.anonymous_id):
            return Who(held, bought)
        return Who(held, bought, _note(customer, missing), missing)

    async def parts(
        self,
        who: Who,
        moment: Moment,
        context: dict[str, AttributeValue],
        shelves: tuple[Shelf, ...],
        decisions: tuple[DecisionSlot, ...],
        call_of: Caller = NOBODY,
    ) -> Parts:
        """What recommender and offers choose, asked side by side."""
        cart = tuple(line.item_id for line in moment.cart)
        just_bought = tuple(who.just_bought)
        unwanted = (*just_bought, *who.held.dismissed) if who.held.dismissed else just_bought
        recommend = decide = None
        if shelves:
            recommend = RecommendQuery(
                shelves=shelves,
                customer=who.held.facts,
                facts_name=who.held.facts_name,
                history=who.held.history,
                history_name=who.held.history_name,
                cart=cart,
                exclude=(*unwanted, moment.item_id) if moment.item_id else unwanted,
                referrer_host=moment.referrer_host,
                store_id=moment.store_id,
                model=call_of.model,
                at=moment.at,
                trial=tuple([one for one in call_of.trial if one.kind == "curation"]) if call_of.trial else (),
            )
        if decisions:
            decide = DecideQuery(
                slots=decisions,
                customer=who.held.facts,
                facts_name=who.held.facts_name,
                context=context,
                cart=cart,
                just_bought=just_bought,
                at=moment.at,
                decision_id=call_of.decision_id,
                person=who.held.profile.person,
                customer_id=call_of.customer.customer_id if who.held.profile.known else "",
                anonymous_id=call_of.customer.anonymous_id,
                preview=call_of.preview,
                goal=call_of.goal,
                trial=call_of.trial,
            )
        held = who.held
        shelves_made = self._kept_shelves.find(recommend) if recommend else None
        offers_made = self._kept_offers.find(decide) if decide else None
        shelves_missing = decided_missing = ""
        deciding = None
        if recommend and not shelves_made:
            # One of the two in a task of its own, the other awaited here: a task less for every page.
            if decide and not offers_made:
                deciding = asyncio.ensure_future(self._decided(who, decide, call_of))
            shelves_made, shelves_missing = await self._shelves(recommend, held, call_of.recommender_ms)
            if not call_of.preview:
                shelves_made, shelves_missing = self._or_before(who, recommend, shelves_made, shelves_missing)
        decided = None
        if offers_made:
            decide, decided = offers_made
        elif decide:
            decide, decided, decided_missing = await (deciding or self._decided(who, decide, call_of))
        return Parts(
            recommend=recommend,
            shelves=shelves_made,
            shelves_missing=shelves_missing,
            decide=decide,
            decided=decided,
            decided_missing=decided_missing,
        )

    async def _decided(
        self, who: Who, query: DecideQuery, call_of: Caller
    ) -> tuple[DecideQuery, Decided | None, str]:
        """(what was asked, now or a while ago, and answered; why there is no answer)."""
        change = self._kept_offers.change
        decided, missing = await self._part(DECIDE, query, who.held, call_of.offers_ms)
        if decided is not None:
            self._kept_offers.keep(query, decided, change)
            self._last.keep_offers(who, query, decided)
        elif (before := self._last.offers(who, query, call_of)) is not None:
            metrics.ANSWERED_BEFORE.labels("offers").inc()
            return *before, missing
        return query, decided, missing

    def _or_before(
        self, who: Who, query: RecommendQuery, shelves: Shelves | None, missing: str
    ) -> tuple[Shelves | None, str]:
        """(these shelves, or where they are missing those of a while ago; why there are none)."""
        if shelves is not None:
            self._last.keep_shelves(who, query, shelves)
            return shelves, missing
        before = self._last.shelves(who, query)
        if before is None:
            return None, missing
        metrics.ANSWERED_BEFORE.labels("recommender").inc()
        return before, ""

    async def popular(self, count: int) -> Sequence[str]:
        """What many like now, for the time in which the recommender does not answer; empty when it does not."""
        query = RecommendQuery(shelves=(Shelf(slot="popular", strategy="trending", count=count),), at=self._clock())
        answer, _ = await self._part(RECOMMEND, query)
        return [item.item_id for shelf in answer.shelves for item in shelf.items] if answer else ()

    async def _ask(
        self, customer: CustomerRef, events: tuple[Event, ...], keep: bool
    ) -> tuple[HeldProfile | None, str]:
        query = ProfileQuery(customer=customer, events=events)
        nobody = not (customer.customer_id or customer.anonymous_id)
        if not keep or (events and nobody):
            profile, missing = await self._part(PROFILE, query)
            return (HeldProfile(profile, self._clock()) if profile else None), missing
        generation = self._cache.begin_asking(customer)
        profile = None
        try:
            profile, missing = await self._part(PROFILE, query)
        finally:
            held = self._cache.end_asking(customer, profile, generation, self._clock(), foreseen=bool(events))
        return held, missing

    async def _shelves(
        self, query: RecommendQuery, held: HeldProfile, wait_ms: float | None
    ) -> tuple[Shelves | None, str]:
        """(what the recommender answers, kept from then on; why it does not)."""
        change = self._kept_shelves.change
        answer, missing = await self._part(RECOMMEND, query, held, wait_ms)
        if answer is None:
            return None, missing
        shelves = shelves_of(answer)
        self._kept_shelves.keep(query, shelves, change)
        return shelves, ""

    async def _part(
        self,
        endpoint: Endpoint[Query, Answer],
        query: Query | None,
        held: HeldProfile | None = None,
        wait_ms: float | None = None,
    ) -> tuple[Answer | None, str]:
        """(the answer, why there is none). `held`: the profile whose facts the query carries; `wait_ms`: how long the
        slots wait that it is for, where that is less than the page may take.
        """
        if query is None:
            return None, ""
        if wait_ms is not None:
            tokens = within(wait_ms)
            try:
                return await self._part(endpoint, query, held)
            finally:
                call.end(tokens)
        try:
            if held is not None and held.facts_name:
                return await self._asked_by_name(endpoint, query, held), ""
            return await self._asker.ask(endpoint, query), ""
        except Fault as fault:
            return None, fault.sentence
        except msgspec.MsgspecError as error:
            log.error("answer_unreadable", subject=endpoint.subject, reason=str(error))
            return None, f"The answer of {endpoint.answerer} could not be read."

    async def _asked_by_name(self, endpoint: Endpoint[Query, Answer], query: Query, held: HeldProfile) -> Answer:
        """The answer; the facts themselves go along only where they have not been sent, or are not held any more."""
        named = _named(endpoint, query, held)
        if named is not query:
            try:
                return await self._asker.ask(endpoint, named)
            except Fault as fault:
                if fault.code != NOT_HELD:
                    raise
        answer = await self._asker.ask(endpoint, query)
        held.sent_to.add(endpoint.subject)
        held.history_sent |= isinstance(query, RecommendQuery)
        return answer


def _named(endpoint: Endpoint[Query, Answer], query: Query, held: HeldProfile) -> Query:
    """The query with names alone for what was sent before."""
    sent = endpoint.subject in held.sent_to
    if isinstance(query, RecommendQuery) and held.history_sent and query.history_name:
        return replace(query, history=NO_HISTORY, customer=NO_FACTS if sent else query.customer)
    return replace(query, customer=NO_FACTS) if sent else query


def _note(customer: CustomerRef, missing: str) -> str:
    if missing:
        return f"Served as anonymous: {missing}"
    if customer.customer_id:
        return f"There is no customer '{customer.customer_id}'; served as anonymous."
    return ""
