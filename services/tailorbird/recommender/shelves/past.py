"""What purchases alone tell of a customer, as arrays: dear to work out, and the same until another one is told."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
import numpy as np
from msgspec import Struct

from tailorbird.contracts.words import Bought
from tailorbird.recommender.arrays import Days, Floats, Positions
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.models.repurchase import numbers_of
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.shelves.taste import Tasting, tasting
from tailorbird.recommender.vectors.foldin import DAY, confidence

__all__ = ["STEADY_SECONDS", "History", "Past", "past_of", "read_history", "with_further"]

INTEREST_HALF_LIFE_DAYS = 90.0
STEADY_SECONDS = DAY / 4
"""For so long what was worked out holds: habits move by the day."""

Lines: TypeAlias = list[tuple[str, int, int, float]]
"""`Bought` as plain tuples: hundreds of them are turned into columns at once."""
History: TypeAlias = tuple[Positions, Floats, Days, Floats]
"""(positions, times, days since 1970 of the latest, times fading), one entry an item."""

_lines = msgspec.json.Decoder(Lines)


class Past(Struct, frozen=True, gc=False):
    """What purchases alone tell, as a customer has it."""

    bought: Positions
    times: Floats
    tasting: Tasting
    numbers: Floats
    """What foretells buying each of `bought` again: `numbers_of`."""
    lines: float
    """Orders times their items."""
    again: Floats
    """The probability of buying each of `bought` within four weeks."""
    likeliest: Positions
    """Places in `bought`, what is likeliest bought again first."""
    interest: Floats
    """By category code, how much the customer buys there of late."""
    favour: Floats
    """The same beside what is usual there; highest about 1."""
    resting: tuple[tuple[int, float], ...]
    """Those of `bought` that are not offered again yet, each with the day (since 1970) until which."""
    sensitive: tuple[int, ...]
    """Categories of sensitive items that the customer bought in."""
    made_at: float


def read_history(columns: Columns, told: bytes) -> History:
    """What was bought and is in the catalogue. Raises msgspec's errors for what cannot be read."""
    try:
        history = _lines.decode(told)
    except msgspec.ValidationError:
        # Purchases that nobody counted fading.
        bought = msgspec.json.decode(told, type=list[Bought])
        history = [(one.item_id, one.times, one.last_at, one.fading) for one in bought]
    if not history:
        none = np.empty(0, np.float32)
        return np.empty(0, np.int32), none, np.empty(0, np.float64), none
    item_ids, times, last_at, fading = zip(*history, strict=True)
    places = columns.positions(item_ids)
    known = places >= 0
    found = (places, np.array(times, np.float32), np.array(last_at, np.float64) / DAY, np.array(fading, np.float32))
    return found if known.all() else (found[0][known], found[1][known], found[2][known], found[3][known])


def with_further(history: History, further: dict[int, float]) -> History:
    """The history, and what recent signals tell of purchases that it does not hold yet: position -> day of each."""
    if not further:
        return history
    bought, times, last_at, fading = history
    ones = np.ones(len(further), np.float32)
    return (
        np.concatenate([bought, np.fromiter(further, np.int32, len(further))]),
        np.concatenate([times, ones]),
        np.concatenate([last_at, np.fromiter(further.values(), np.float64, len(further))]),
        np.concatenate([fading, ones]),
    )


def past_of(knowledge: Knowledge, history: History, at: float) -> Past:
    """As of a moment, in seconds since 1970."""
    columns = knowledge.columns
    bought, times, last_at, fading = history
    ago = (last_at - at / DAY).astype(np.float32)
    lines = float(times.sum())
    numbers = numbers_of(times, fading, -ago, lines, knowledge.turnover[bought])
    odds = knowledge.model.habits.again.log_odds(numbers)
    weights = np.log1p(times) * np.exp2(ago / INTEREST_HALF_LIFE_DAYS)
    interest = np.bincount(columns.category[bought], weights=weights, minlength=len(columns.categories.texts))
    favour = (interest / np.sqrt(1.0 + knowledge.usual_interest[: len(interest)])).astype(np.float32)
    favour /= max(float(favour.max(initial=0.0)), 1e-9)
    sensitive = bought[columns.sensitive[bought]]
    again = (1.0 / (1.0 + np.exp(-odds))).astype(np.float32)
    until = last_at + knowledge.rest_days[bought]
    resting = until > at / DAY - STEADY_SECONDS / DAY
    liking = confidence(times, -ago, knowledge.model.settings.taste_half_life_days)
    return Past(
        bought=bought,
        times=times,
        tasting=tasting(knowledge, bought, liking),
        numbers=numbers,
        lines=lines,
        again=again,
        likeliest=np.argsort(-again, kind="stable").astype(np.int32),
        interest=interest.astype(np.float32),
        favour=favour,
        resting=tuple(zip(bought[resting].tolist(), until[resting].tolist(), strict=True)),
        sensitive=tuple({int(code) for code in columns.category[sensitive]}),
        made_at=at,
    )
