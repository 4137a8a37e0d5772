"""Redemptions settled: the journal of the ledger, folded. An entry asks; what stands before it in the journal answers.

An entry carries all that its answer depends on, the limits that were in force included, so that every process which
reads the journal comes to the same answer. All limits are judged at once, nothing is ever half counted, and a process
that dies leaves nothing behind that would have to be taken back.
"""

from __future__ import annotations

import heapq
from hashlib import blake2b

from msgspec import Struct

from tailorbird.contracts.offers import RedeemQuery, Redemption
from tailorbird.offers.documents.offer import Limit, Offer
from tailorbird.offers.redeeming.limits import MOST_MONEY, Held, Reached, Redeeming, Tally, period_of, reached

__all__ = [
    "COUNTS", "OTHER_BODY", "Answered", "Entry", "Free", "InOrder", "Keep", "Line", "Pool", "Redeem", "Settled",
    "Terms", "digest", "redeeming", "terms_of",
]  # fmt: skip

KEPT = 30 * 86_400.0
"""Seconds for which a key is remembered, so that a repeat is answered alike, and what was redeemed in an order."""

OTHER_BODY = Redemption(counted=False, sentence="This key was sent before with another body.")
"""In place of an answer: the very object, not an equal one."""

COUNTS = Redemption(counted=True, sentence="It counts.")
"""The answer to most, one object for all."""


class Terms(Struct, frozen=True, array_like=True, gc=False):
    """What an offer's document said of redeeming when it was asked."""

    limit: Limit | None = None
    zone: str = ""
    group: str = ""
    alone: bool = False
    code: str = ""
    unique_codes: bool = False


class Redeem(Struct, frozen=True, tag="redeem", array_like=True, gc=False):
    """A redemption is asked for. Key, body, customer, household and order are digests."""

    offer_id: str
    key: str
    body: str
    customer: str
    terms: Terms
    household: str = ""
    channel: str = ""
    order: str = ""
    cents: int = 0
    code: str = ""
    decision_id: str = ""


class Keep(Struct, frozen=True, tag="keep", array_like=True, gc=False):
    """A unit of an offer is to be held for a customer, or held longer."""

    offer_id: str
    customer: str
    until: float
    terms: Terms


class Free(Struct, frozen=True, tag="free", array_like=True, gc=False):
    """It is not to be held for them any more."""

    offer_id: str
    customer: str


class Pool(Struct, frozen=True, tag="pool", array_like=True, gc=False):
    """Codes for an offer's pool."""

    offer_id: str
    codes: tuple[str, ...]


Line = Redeem | Keep | Free | Pool


class Entry(Struct, frozen=True, array_like=True):
    """What one process asks in one go."""

    at: float
    lines: tuple[Line, ...]


class Answered(Struct, frozen=True, array_like=True, gc=False):
    """What a key was answered, and when; `body`: digest of what came with it."""

    body: str
    answer: Redemption
    at: float


class InOrder(Struct, frozen=True, array_like=True, gc=False):
    """An offer that was redeemed in an order."""

    offer_id: str
    group: str
    alone: bool
    at: float


class Settled:
    """The journal, folded as far as it was read. Each of the dictionaries stands in the order in which it grew."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.at = 0.0
        self.answers: dict[str, Answered] = {}
        """By key."""
        self.orders: dict[str, tuple[InOrder, ...]] = {}
        self._ends: list[tuple[float, str, str]] = []
        """A heap of (end, offer, customer) of all that is held, and of what was held before it was held longer."""

    def restored(self) -> None:
        """What was put into the dictionaries from outside counts from now on."""
        self._ends = [
            (held.until, offer_id, customer)
            for offer_id, tally in self.tallies.items()
            for customer, held in tally.held.items()
        ]
        heapq.heapify(self._ends)

    def tally(self, offer_id: str) -> Tally:
        """Of an offer of which nothing was ever asked: all zero."""
        found = self.tallies.get(offer_id)
        return found if found is not None else Tally()

    def take(self, entry: Entry) -> list[Redemption | Held | int | None]:
        """The answer to each line: to `Redeem` a redemption, to `Keep` what is held or None, to `Pool` how many codes
        were new.
        """
        self.pass_to(entry.at)
        return [self._take(line) for line in entry.lines]

    def pass_to(self, at: float) -> None:
        """Time passes, never back: what was held until then is free, and what is old is forgotten."""
        self.at = max(self.at, at)
        while self.ended(self.at):
            _, offer_id, customer = heapq.heappop(self._ends)
            self.tallies[offer_id].let_go(customer)
        while self.answers and (oldest := next(iter(self.answers.items())))[1].at < self.at - KEPT:
            del self.answers[oldest[0]]
        while self.orders and (first := next(iter(self.orders.items())))[1][0].at < self.at - KEPT:
            del self.orders[first[0]]

    def ended(self, now: float) -> str:
        """An offer of which something was held that ends by now, empty when there is none."""
        ends = self._ends
        while ends and ends[0][0] <= now:
            until, offer_id, customer = ends[0]
            held = self.tallies[offer_id].held.get(customer)
            if held is not None and held.until == until:
                return offer_id
            heapq.heappop(ends)
        return ""

    def _take(self, line: Line) -> Redemption | Held | int | None:
        tally = self.tallies.get(line.offer_id)
        if tally is None:
            tally = self.tallies[line.offer_id] = Tally()
        if isinstance(line, Redeem):
            return self._redeem(line, tally)
        if isinstance(line, Keep):
            return self._keep(line, tally)
        if isinstance(line, Free):
            tally.let_go(line.customer)
            return None
        had = {*tally.codes, *tally.code_of, *(held.code for held in tally.held.values())}
        new = [code for code in dict.fromkeys(line.codes) if code not in had]
        tally.codes.update(dict.fromkeys(new))
        tally.pooled += len(new)
        return len(new)

    def _redeem(self, line: Redeem, tally: Tally) -> Redemption:
        before = self.answers.get(line.key)
        if before is not None:
            return before.answer if before.body == line.body else OTHER_BODY
        refusal, code = self._refusal(line, tally)
        answer = COUNTS
        if refusal or code:
            answer = Redemption(counted=not refusal, sentence=refusal or COUNTS.sentence, code=code)
        self.answers[line.key] = Answered(line.body, answer, self.at)
        if not refusal:
            self._count(line, tally, code)
        return answer

    def _keep(self, line: Keep, tally: Tally) -> Held | None:
        held = tally.held.get(line.customer)
        if held is None and self._reached(line.terms, tally, Redeeming(customer=line.customer)) is not None:
            return None
        code = held.code if held else ""
        if line.terms.unique_codes and not code:
            if not tally.codes:
                return None  # Held since before the offer had codes of its own, and there is none left.
            code = next(iter(tally.codes))
            del tally.codes[code]
        kept = tally.held[line.customer] = Held(line.until, code)
        heapq.heappush(self._ends, (line.until, line.offer_id, line.customer))
        return kept

    def _reached(self, terms: Terms, tally: Tally, more: Redeeming) -> Reached | None:
        limit = terms.limit
        period = period_of(self.at, limit.period, terms.zone) if limit and limit.per_period is not None else ""
        return reached(limit, tally, more, period, terms.unique_codes)

    def _refusal(self, line: Redeem, tally: Tally) -> tuple[str, str]:
        """Why not, empty when it counts; and the code that goes with it."""
        terms = line.terms
        more = Redeeming(line.customer, line.household, line.channel, line.cents, has_code=bool(line.code))
        found = self._reached(terms, tally, more)
        if found is not None:
            return found.sentence(), ""
        for other in self.orders.get(line.order, ()) if line.order else ():
            if other.offer_id != line.offer_id and (other.alone or terms.alone):
                return f"In one order it can't stand beside {other.offer_id}, which was redeemed already.", ""
            if terms.group and terms.group == other.group:
                return f"An order redeems one offer of the group {terms.group}; {other.offer_id} was already.", ""
        if not terms.unique_codes:
            if line.code and terms.code and line.code.casefold() != terms.code.casefold():
                return "This is not the offer's code.", ""
            return "", line.code or terms.code
        held = tally.held.get(line.customer)
        own = held.code if held else ""
        code = line.code or own or next(iter(tally.codes))
        if code in tally.code_of:
            return "This code has been redeemed already.", ""
        if code != own and code not in tally.codes:
            return "This code is not one of this offer's, or it is kept for another customer.", ""
        return "", code

    def _count(self, line: Redeem, tally: Tally, code: str) -> None:
        held = tally.held.pop(line.customer, None)
        if held is not None and held.code and held.code != code:
            tally.codes[held.code] = None
        tally.redeemed += 1
        tally.cents += line.cents
        _raise(tally.by_customer, line.customer)
        _raise(tally.by_household, line.household)
        _raise(tally.by_channel, line.channel)
        if line.terms.limit is not None and line.terms.limit.per_period is not None:
            _raise(tally.by_period, period_of(self.at, line.terms.limit.period, line.terms.zone))
        if line.terms.unique_codes:
            tally.codes.pop(code, None)
            tally.code_of[code] = line.customer
        if line.order:
            redeemed = InOrder(line.offer_id, line.terms.group, line.terms.alone, self.at)
            self.orders[line.order] = (*self.orders.get(line.order, ()), redeemed)


def redeeming(query: RedeemQuery, offer: Offer) -> Redeem:
    """The line that asks for this redemption."""
    return Redeem(
        offer_id=query.offer_id,
        key=digest("key", query.redemption_id),
        body=digest(
            query.offer_id, query.customer, query.household, query.channel, query.order_id, f"{query.amount:.2f}",
            query.code,
        ),
        customer=digest("customer", query.customer),
        terms=terms_of(offer),
        household=digest("household", query.household) if query.household else "",
        channel=query.channel,
        order=digest("order", query.order_id) if query.order_id else "",
        cents=round(100 * min(query.amount or offer.cost or 0.0, MOST_MONEY)),
        code=query.code,
        decision_id=query.decision_id,
    )  # fmt: skip


def terms_of(offer: Offer) -> Terms:
    """What the document says of redeeming."""
    alone = offer.stacking == "alone"
    return Terms(offer.limit, offer.zone, offer.exclusion_group, alone, offer.code, offer.unique_codes)


def digest(*parts: str) -> str:
    """Sixteen bytes that tell two things apart and tell nothing else, as text."""
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _raise(counts: dict[str, int], name: str) -> None:
    if name:
        counts[name] = counts.get(name, 0) + 1
