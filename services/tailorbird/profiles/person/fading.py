"""How often something was bought, every purchase worth half after ninety days: a whole number, so that the sum is the
same in whatever order purchases are heard of. Pure.

Time is parted into stretches of ninety days. Within its stretch a purchase is worth 64 to 128 parts, more the
later it is; from one stretch to the next what was counted is halved, which is exact for thirty stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp2

__all__ = [
    "EXACT_STRETCHES", "HALF_LIFE", "PARTS", "counted_later", "packed", "told", "told_of_all", "unpacked", "worth",
]  # fmt: skip

HALF_LIFE = 90 * 86_400
"""Of `Bought.fading`: the recommender's repurchase model is fitted to it."""
PARTS = 64
EXACT_STRETCHES = 30
_ZEROS_BITS = 6


@lru_cache(maxsize=16_384)
def worth(at: int) -> int:
    """A purchase at that moment, counted in its own stretch."""
    return round(PARTS * exp2(at % HALF_LIFE / HALF_LIFE)) << EXACT_STRETCHES


def counted_later(count: int, counted_at: int, at: int) -> int:
    """What was counted in the stretch of one moment, counted in the stretch of a later one."""
    return count >> (at // HALF_LIFE - counted_at // HALF_LIFE)


def told(count: int, last_at: int) -> float:
    """In purchases as of the latest of them, to the hundredth."""
    of_one = worth(last_at)
    return (100 * count + of_one // 2) // of_one / 100


def told_of_all(numbers: Sequence[int], last_at: Sequence[int]) -> list[float]:
    """`told` of many at once, out of what `packed` made of each; 0 stands for a single purchase."""
    # The gateway reads this module with the spool, and its image holds no numpy.
    import numpy as np

    all_kept = np.array(numbers, np.int64)
    several = np.flatnonzero(all_kept)
    kept, times = all_kept[several], np.array(last_at, np.int64)[several]
    of_one = np.rint(PARTS * np.exp2(times % HALF_LIFE / HALF_LIFE)).astype(np.int64) << EXACT_STRETCHES
    whole, rest = np.divmod(kept >> _ZEROS_BITS << (kept & (1 << _ZEROS_BITS) - 1), of_one)
    found = np.ones(len(all_kept))
    found[several] = (100 * whole + (100 * rest + of_one // 2) // of_one) / 100
    return found.tolist()


def packed(count: int) -> int:
    """The count with the zeros at its end told as their number: three to five bytes of MessagePack."""
    zeros = (count & -count).bit_length() - 1
    return count >> zeros << _ZEROS_BITS | zeros


def unpacked(number: int) -> int:
    """The count out of `packed`."""
    return number >> _ZEROS_BITS << (number & (1 << _ZEROS_BITS) - 1)
