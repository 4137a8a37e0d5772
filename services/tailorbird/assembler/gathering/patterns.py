"""What somebody usually does, found in the days on which they bought: told only where chance hardly explains it.

A profile remembers of each item when it was bought last. A day then has the categories whose items were last bought on
it; two categories that share far more of such days than their numbers alone would bring belong together for this
customer, and so do a category and a day of the week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from math import comb

from msgspec import Struct

from tailorbird.assembler.items.cards import Cards
from tailorbird.contracts.words import Bought

__all__ = ["Pattern", "chance_of", "pattern_in"]

FEWEST_DAYS = 4
USUALLY = 0.6
"""From this share of the days on something is usual."""
SURE = 0.001
"""How likely chance alone may bring as much, at most: many pairs are looked at, and one is told."""
LATEST_DAYS = 120
MOST_CATEGORIES = 25


class Pattern(Struct, frozen=True):
    """On days that are `on`, they usually buy `usually`."""

    usually: str
    days: int
    """Days on which both were so."""
    of_days: int
    """Days that were `on`."""
    on: str = ""
    weekday: int = 0
    """Day of the week from Monday 1, instead of `on`."""


def pattern_in(history: Iterable[Bought], cards: Cards, zone: tzinfo = UTC) -> Pattern | None:
    """The clearest pattern, None when none is clear. Sensitive items tell nothing."""
    bought: dict[int, set[str]] = {}
    for line in history:
        card = cards.get(line.item_id)
        if card is None or card.sensitive or not card.category:
            continue
        date = datetime.fromtimestamp(line.last_at, zone).date().toordinal()
        if date in bought or len(bought) < LATEST_DAYS:
            bought.setdefault(date, set()).add(card.category)
    if len(bought) < 2 * FEWEST_DAYS:
        return None
    counts = Counter(category for categories in bought.values() for category in categories)
    often = [name for name, count in counts.most_common(MOST_CATEGORIES) if count >= FEWEST_DAYS]
    found = [*_pairs(bought, counts, often), *_weekdays(bought, counts, often)]
    return min(found, key=lambda one: one[0])[1] if found else None


def chance_of(both: int, one: int, other: int, days: int) -> float:
    """How likely two things that fall on `one` and `other` of `days` days meet on `both` or more of them by chance."""
    most = min(one, other)
    ways = sum(comb(other, meet) * comb(days - other, one - meet) for meet in range(both, most + 1))
    return ways / comb(days, one)


def _pairs(
    bought: Mapping[int, set[str]], counts: Mapping[str, int], often: list[str]
) -> Iterable[tuple[float, Pattern]]:
    for on in often:
        together = Counter(name for names in bought.values() if on in names for name in names)
        for usually in often:
            both = together[usually]
            if usually != on and both >= FEWEST_DAYS and both >= USUALLY * counts[on]:
                chance = chance_of(both, counts[on], counts[usually], len(bought))
                if chance < SURE:
                    yield chance, Pattern(usually, both, counts[on], on=on)


def _weekdays(
    bought: Mapping[int, set[str]], counts: Mapping[str, int], often: list[str]
) -> Iterable[tuple[float, Pattern]]:
    # Day 1 of the calendar was a Monday.
    weekdays = Counter((date - 1) % 7 + 1 for date in bought)
    for weekday, days in weekdays.items():
        together = Counter(name for date, names in bought.items() if (date - 1) % 7 + 1 == weekday for name in names)
        for usually in often:
            both = together[usually]
            if both >= FEWEST_DAYS and both >= USUALLY * days:
                chance = chance_of(both, days, counts[usually], len(bought))
                if chance < SURE:
                    yield chance, Pattern(usually, both, days, weekday=weekday)
