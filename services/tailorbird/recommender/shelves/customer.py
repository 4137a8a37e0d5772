"""What ranking needs of a customer, as arrays: items bought and when, what was touched lately, and their vector.

Making it is the dearest part of a page, so it is kept by the bytes of the facts it was made from: the assembler sends
the same bytes until the profile changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from msgspec import Raw, Struct

from tailorbird.contracts.recommender import RecommendQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Signal
from tailorbird.recommender.arrays import Floats, Positions
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.shelves.kept import Kept
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.past import History, Past, past_of, read_history, with_lately
from tailorbird.recommender.vectors.foldin import DAY

__all__ = ["KnownCustomer", "KnownCustomers"]

VIEWED = 0.5
VIEWED_HALF_LIFE_DAYS = 7.0
IN_CART = 0.7
"""What looking at an item, and putting it into the cart, add to confidence; buying it once just now adds .69."""
ATTENTION_HALF_LIFE_DAYS = 3.0
PAID = {"viewed": 1.0, "added": 2.0, "removed": -1.0}
"""What doing so with an item says of the wish to come back to it."""
FOLDED_AT_MOST = 200
"""Items that make the vector, the surest ones: more cost time and change ndcg@10 by less than .0002."""
FURTHER_AT_MOST = 512
"""Items to which the customer's own history adds item by item, those to which it adds most."""
FAINT = 1e-3
EVIDENCE_AT_MOST = 32
"""Items of the history that a reason may name: those that say most about the customer's taste."""


STEADY_SECONDS = DAY / 4
"""For so long what was worked out holds: habits move by the day."""
NO_HISTORY = Raw(b"[]")


class Facts(Struct, frozen=True):
    """The part of `CustomerFacts` that ranking reads; the rest is skipped unread."""

    history: Raw = NO_HISTORY
    recent: tuple[Signal, ...] = ()
    segments: tuple[str, ...] = ()


class KnownCustomer(Struct):
    """A customer as arrays. Positions are those of items in the catalogue; unknown items are left out."""

    bought: Positions
    times: Floats
    numbers: Floats
    """What foretells buying each of `bought` again: `numbers_of`."""
    lines: float
    """Orders times their items."""
    again: Floats
    """The probability of buying each of `bought` within four weeks."""
    interest: Floats
    """By category code, how much the customer buys there of late."""
    last_at: Floats
    """In days since 1970: exact to a few minutes, which is enough for habits."""
    touched: Positions
    """Viewed or put into the cart lately, newest first."""
    attention: Floats
    """How much each of `touched` was looked at, put away or taken back, fading within days."""
    bought_lately: Positions
    """Bought according to recent signals, newest first."""
    dismissed: Positions
    sensitive: tuple[int, ...]
    """Categories of sensitive items that the customer bought in."""
    vector: Floats | None
    """In the space of the index, None when nothing says what they like."""
    further: tuple[Positions, Floats] | None
    """(rows of the model, ascending; what the customer's own history adds there to the inner product), None where the
    model weighs nothing item by item."""
    evidence: Positions
    """Rows of the model behind the vector, those that say most first."""
    segments: frozenset[str]
    made_at: float


class KnownCustomers:
    """Facts -> KnownCustomer, the latest `size` kept. Belongs to one Knowledge: a new model starts anew.

    What purchases tell is kept besides: histories are long, and most of what changes in a visit leaves them be.
    """

    def __init__(self, knowledge: Knowledge, size: int) -> None:
        self._knowledge = knowledge
        self._kept: Kept[tuple[str | bytes, tuple[str, ...]], KnownCustomer] = Kept(size)
        self._pasts: Kept[tuple[str | bytes, tuple[tuple[int, float], ...]], Past] = Kept(size)
        self._histories: Kept[str | bytes, History] = Kept(size)
        self._facts = msgspec.json.Decoder(Facts)

    def clear(self) -> None:
        self._kept.clear()
        self._pasts.clear()
        self._histories.clear()

    def known(self, query: RecommendQuery) -> KnownCustomer:
        """The customer of the query, as of its moment. Raises Fault(400) when what was sent of them cannot be read."""
        key = (query.facts_name or bytes(query.customer), query.cart)
        found = self._kept.find(key)
        if found is not None and abs(query.at - found.made_at) < STEADY_SECONDS:
            return found
        try:
            facts = self._facts.decode(query.customer)
            lately = _latest(self._knowledge.columns, facts.recent, ("bought",))
            past = self._past(facts, query, lately)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Fault(400, f"What was sent of the customer cannot be read: {error}.") from error
        made = _known(self._knowledge, facts, past, lately, query)
        self._kept.keep(key, made)
        return made

    def _past(self, facts: Facts, query: RecommendQuery, lately: dict[int, float]) -> Past:
        # The history may come by itself, under a name of its own.
        own = query.history != NO_HISTORY
        sent = bytes(query.history if own else facts.history)
        name = query.history_name if own and query.history_name else sent
        key = (name, tuple(lately.items()))
        found = self._pasts.find(key)
        if found is None or abs(query.at - found.made_at) >= STEADY_SECONDS:
            found = past_of(self._knowledge, with_lately(self._history(name, sent), lately), query.at)
            self._pasts.keep(key, found)
        return found

    def _history(self, name: str | bytes, sent: bytes) -> History:
        found = self._histories.find(name)
        if found is None:
            found = read_history(self._knowledge.columns, sent)
            self._histories.keep(name, found)
        return found


def _known(
    knowledge: Knowledge, facts: Facts, past: Past, lately: dict[int, float], query: RecommendQuery
) -> KnownCustomer:
    columns, recent, at = knowledge.columns, facts.recent, query.at
    touched = _latest(columns, recent, ("viewed", "added"))
    dismissed = _latest(columns, recent, ("dismissed",))
    places, values = _with_interest(past.bought, past.liking, touched, columns.positions(query.cart), at)
    vector, further, evidence = _folded(knowledge, places, values)
    return KnownCustomer(
        bought=past.bought,
        times=past.times,
        numbers=past.numbers,
        lines=past.lines,
        again=past.again,
        interest=past.interest,
        last_at=past.last_at,
        touched=np.fromiter(touched, np.int32, len(touched)),
        attention=_attention(columns, recent, touched, at),
        bought_lately=np.fromiter(lately, np.int32, len(lately)),
        dismissed=np.fromiter(dismissed, np.int32, len(dismissed)),
        sensitive=past.sensitive,
        vector=vector,
        further=further,
        evidence=evidence,
        segments=frozenset(facts.segments),
        made_at=at,
    )


def _latest(columns: Columns, recent: Sequence[Signal], kinds: tuple[str, ...]) -> dict[int, float]:
    """Position -> days since 1970 of the latest such signal, newest first."""
    found: dict[int, float] = {}
    for signal in recent:
        if signal.kind in kinds and (place := columns.position.get(signal.item_id)) is not None:
            found.setdefault(place, signal.at / DAY)
    return found


def _attention(columns: Columns, recent: Sequence[Signal], touched: dict[int, float], at: float) -> Floats:
    paid = dict.fromkeys(touched, 0.0)
    for signal in recent:
        place = columns.position.get(signal.item_id, -1)
        if place in paid:
            paid[place] += PAID.get(signal.kind, 0.0) * 2.0 ** ((signal.at - at) / DAY / ATTENTION_HALF_LIFE_DAYS)
    return np.fromiter(paid.values(), np.float32, len(paid))


def _with_interest(
    bought: Positions, liking: Floats, touched: dict[int, float], cart: Positions, at: float
) -> tuple[Positions, Floats]:
    """(positions, confidences) of what was bought, looked at and put into the cart, no position twice."""
    if not touched and not len(cart):
        return bought, liking
    today = at / DAY
    looking = {place: 1.0 + VIEWED * 2.0 ** ((seen - today) / VIEWED_HALF_LIFE_DAYS) for place, seen in touched.items()}
    looking.update((place, 1.0 + IN_CART) for place in cart.tolist() if place >= 0)
    places = np.fromiter(looking, np.int32, len(looking))
    further = ~(places[:, None] == bought).any(axis=1)
    values = np.fromiter(looking.values(), np.float32, len(looking))
    return np.concatenate([bought, places[further]]), np.concatenate([liking, values[further]])


def _folded(
    knowledge: Knowledge, places: Positions, values: Floats
) -> tuple[Floats | None, tuple[Positions, Floats] | None, Positions]:
    """(the vector as the index is searched, what the history adds item by item, the rows that say most)."""
    rows = knowledge.row_of[places]
    learned = rows >= 0
    if not learned.all():
        rows, values = rows[learned], values[learned]
    if not len(rows):
        return None, None, rows
    if len(rows) > FOLDED_AT_MOST:
        surest = np.argpartition(-values, FOLDED_AT_MOST)[:FOLDED_AT_MOST]
        rows, values = rows[surest], values[surest]
    width, blend = knowledge.foldin.width, knowledge.model.blend
    vector = np.ones(knowledge.vectors.shape[1], np.float32)
    vector[:width] = knowledge.foldin.vector(rows, values)
    further = None
    if blend is not None:
        liking = np.maximum(values - 1.0, FAINT)
        vector[width:-1] = blend.asked(rows, liking)
        further = _largest(blend.further(rows, liking))
    if len(rows) > EVIDENCE_AT_MOST:
        rows = rows[np.argpartition(-values, EVIDENCE_AT_MOST)[:EVIDENCE_AT_MOST]]
    return vector, further, rows


def _largest(added: Floats | None) -> tuple[Positions, Floats] | None:
    """(rows, ascending, what is added there) where it is most: an array as wide as the catalogue is not kept."""
    if added is None:
        return None
    rows = np.flatnonzero(added != 0.0)
    if len(rows) > FURTHER_AT_MOST:
        rows = np.sort(rows[np.argpartition(-added[rows], FURTHER_AT_MOST)[:FURTHER_AT_MOST]])
    return rows.astype(np.int32), added[rows].astype(np.float32)
