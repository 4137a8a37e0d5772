"""What ranking needs of a customer, as arrays: items bought and when, what was touched lately, and their vector.

Making it is the dearest part of a page, so it is kept by the bytes of the facts it was made from: the assembler sends
the same bytes until the profile changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import msgspec
import numpy as np
from msgspec import Struct

from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Signal
from tailorbird.recommender.arrays import Days, Floats, Positions
from tailorbird.recommender.columns import Columns
from tailorbird.recommender.foldin import DAY, confidence
from tailorbird.recommender.knowledge import Knowledge

__all__ = ["KnownCustomer", "KnownCustomers"]

VIEWED_HALF_LIFE_DAYS = 7.0
EVIDENCE_AT_MOST = 32
"""Items of the history that a reason may name: those that say most about the customer's taste."""


class Facts(Struct, frozen=True):
    """The part of `CustomerFacts` that ranking reads; the rest is skipped unread."""

    history: tuple[tuple[str, int, int], ...] = ()
    """`Bought` as plain tuples: hundreds of them are turned into three columns at once."""
    recent: tuple[Signal, ...] = ()


class KnownCustomer(Struct):
    """A customer as arrays. Positions are those of items in the catalogue; unknown items are left out."""

    bought: Positions
    times: Floats
    last_at: Floats
    """In days since 1970: exact to a few minutes, which is enough for habits."""
    touched: Positions
    """Viewed or put into the cart lately, newest first."""
    bought_lately: Positions
    """Bought according to recent signals, newest first."""
    dismissed: Positions
    lately_at: Floats
    """Days since 1970 of each of `bought_lately`."""
    sensitive: tuple[int, ...]
    """Categories of sensitive items that the customer bought in."""
    vector: Floats | None
    """In the space of the index, None when nothing says what they like."""
    evidence: Positions
    """Rows of the model behind the vector, those that say most first."""
    made_at: float


class KnownCustomers:
    """Facts -> KnownCustomer, the latest `size` kept. Belongs to one Knowledge: a new model starts anew."""

    def __init__(self, knowledge: Knowledge, size: int) -> None:
        self._knowledge = knowledge
        self._size = size
        self._kept: OrderedDict[tuple[bytes, tuple[str, ...]], KnownCustomer] = OrderedDict()
        self._decoder = msgspec.json.Decoder(Facts)

    def known(self, facts: bytes, cart: tuple[str, ...], at: float) -> KnownCustomer:
        """The customer, as of that moment. Raises Fault(400) when the facts cannot be read."""
        key = (facts, cart)
        found = self._kept.get(key)
        if found is not None and abs(at - found.made_at) < DAY / 4:
            self._kept.move_to_end(key)
            return found
        try:
            decoded = self._decoder.decode(facts)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Fault(400, f"What was sent of the customer cannot be read: {error}.") from error
        made = _known(self._knowledge, decoded, cart, at)
        if self._size:
            self._kept[key] = made
            if len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made


def _known(knowledge: Knowledge, facts: Facts, cart: Sequence[str], at: float) -> KnownCustomer:
    columns = knowledge.columns
    get = columns.position.get
    bought, times, last_at = _history(columns, facts.history)
    touched: dict[int, float] = {}
    lately: dict[int, float] = {}
    dismissed: list[int] = []
    for signal in facts.recent:
        place = get(signal.item_id)
        if place is None:
            continue
        if signal.kind == "bought":
            lately.setdefault(place, signal.at)
        elif signal.kind == "dismissed":
            dismissed.append(place)
        elif signal.kind != "removed":
            touched.setdefault(place, signal.at)
    in_cart = [place for item_id in cart if (place := get(item_id)) is not None]
    vector, evidence = _vector(knowledge, bought, times, last_at, touched, lately, in_cart, at)
    everything = np.concatenate([bought, np.fromiter(lately, np.int32, len(lately))])
    sensitive = everything[columns.sensitive[everything]]
    return KnownCustomer(
        bought=everything,
        times=np.concatenate([times, np.ones(len(lately), np.float32)]) if lately else times,
        last_at=np.concatenate([last_at, np.array(list(lately.values()), np.float64) / DAY]).astype(np.float32),
        touched=np.fromiter(touched, np.int32, len(touched)),
        bought_lately=np.fromiter(lately, np.int32, len(lately)),
        dismissed=np.array(dismissed, np.int32),
        lately_at=(np.array(list(lately.values()), np.float64) / DAY).astype(np.float32),
        sensitive=tuple({int(code) for code in columns.category[sensitive]}),
        vector=vector,
        evidence=evidence,
        made_at=at,
    )


def _history(columns: Columns, history: Sequence[tuple[str, int, int]]) -> tuple[Positions, Floats, Days]:
    """(positions, times, days since 1970) of what was bought and is in the catalogue."""
    if not history:
        return np.empty(0, np.int32), np.empty(0, np.float32), np.empty(0, np.float64)
    item_ids, times, last_at = zip(*history, strict=True)
    bought = columns.positions(item_ids)
    columns_of = bought, np.array(times, np.float32), np.array(last_at, np.float64) / DAY
    known = bought >= 0
    if known.all():
        return columns_of
    return bought[known], columns_of[1][known], columns_of[2][known]


def _vector(
    knowledge: Knowledge,
    bought: Positions,
    times: Floats,
    last_at: Days,
    touched: dict[int, float],
    lately: dict[int, float],
    in_cart: Sequence[int],
    at: float,
) -> tuple[Floats | None, Positions]:
    """The customer folded into the model from all that is known, and the rows that say most."""
    now = at / DAY
    half_life = knowledge.model.settings.taste_half_life_days
    parts = [(bought, confidence(times, (now - last_at).astype(np.float32), half_life))]
    already = set(bought.tolist()) if touched or lately or in_cart else set()
    fresh = [(place, 1.0 + 0.5 * 2.0 ** (-(now - seen / DAY) / VIEWED_HALF_LIFE_DAYS)) for place, seen in touched.items()]
    sure = [(place, 1.7) for place in dict.fromkeys([*lately, *in_cart])]
    for place, value in (*sure, *fresh):
        if place not in already:
            already.add(place)
            parts.append((np.array([place], np.int32), np.array([value], np.float32)))
    places = np.concatenate([place for place, _ in parts])
    values = np.concatenate([value for _, value in parts])
    rows = knowledge.row_of[places]
    learned = rows >= 0
    rows, values = rows[learned], values[learned]
    if not len(rows):
        return None, rows
    vector = np.ones(knowledge.foldin.width + 1, np.float32)
    vector[:-1] = knowledge.foldin.vector(rows, values)
    if len(rows) > EVIDENCE_AT_MOST:
        rows = rows[np.argpartition(-values, EVIDENCE_AT_MOST)[:EVIDENCE_AT_MOST]]
    return vector, rows
