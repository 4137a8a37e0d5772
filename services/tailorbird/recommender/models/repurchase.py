"""The numbers from which buying is foretold: of an item a customer bought before, and of items beside a cart.

Training and serving call the same functions, so what is learned is what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Floats
from tailorbird.recommender.models.quadratic import Quadratic

__all__ = ["FADING_DAYS", "Habits", "arrays_of", "beside_numbers", "habits_of", "new_numbers", "numbers_of"]

FADING_DAYS = 90.0
"""Half-life of the fading count of orders that a profile keeps of every item (`Bought.fading`)."""
NUMBERS = 8
TURNOVER = 4
LITTLE = 0.02
"""Added before the logarithm: an order of more than a year ago is as good as none."""
ASSUMED_SPREAD = 0.5
"""Of orders before the latest, what counts when nobody counted them fading."""
QUADRATICS = ("again", "beside", "new")
OF_ITEMS = ("rest_days", "known_days")
FAINT = 1e-4
"""Weight beside a cart from which on items differ."""


class Habits(Struct, frozen=True):
    """What was learned of buying again. Rows are the model's items."""

    turnover: Floats
    """(items, 4): log-odds that a buyer returns, log of recent buyers, log of the trend, log of the days between."""
    rest_days: Floats
    """For how long what was bought is not offered again: by category, as most repurchases come later."""
    known_days: Floats
    """How long before the end of the data it was first bought."""
    again: Quadratic
    """Log-odds of buying again within four weeks, from `numbers_of`."""
    beside: Quadratic
    """Log-odds of being the next item in the cart, of one bought before: from `beside_numbers`."""
    new: Quadratic
    """The same for an item never bought before: from `new_numbers`."""

    @classmethod
    def unlearned(cls, items: int) -> Habits:
        """What holds where there is too little data: often of late is likely again, and what goes with the cart."""
        return cls(
            turnover=np.zeros((items, TURNOVER), np.float32),
            rest_days=np.full(items, 7.0, np.float32),
            known_days=np.full(items, 365.0, np.float32),
            again=Quadratic.linear(-1.5, [1.0, 0, 0, 0, 0.5, 0, 0, 0]),
            beside=Quadratic.linear(-3.0, [0.7, 0, 0, 0, 0.4, 0, 0, 0, 0.3, 2.0, 0]),
            new=Quadratic.linear(-4.0, [0.5, 5.0, 0, 0, 0]),
        )


def arrays_of(habits: Habits) -> dict[str, Floats]:
    """The arrays that an artifact keeps of them, by name."""
    arrays = {name: getattr(habits, name) for name in ("turnover", *OF_ITEMS)}
    for name in QUADRATICS:
        learned: Quadratic = getattr(habits, name)
        arrays |= {f"{name}_standard": learned.standard, f"{name}_weights": learned.weights}
    return arrays


def habits_of(arrays: Mapping[str, Floats]) -> Habits:
    """What `arrays_of` took apart. Raises KeyError for one that is missing, ValueError for one of a wrong shape."""
    learned = {name: Quadratic(arrays[f"{name}_standard"], arrays[f"{name}_weights"]) for name in QUADRATICS}
    plain = Habits.unlearned(0)
    for name, quadratic in learned.items():
        expected: Quadratic = getattr(plain, name)
        if quadratic.standard.shape != expected.standard.shape or quadratic.weights.shape != expected.weights.shape:
            raise ValueError(f"{name} is not of the shape that is asked")
    numbers = {name: arrays[name] for name in OF_ITEMS}
    if arrays["turnover"].shape[1:] != (TURNOVER,) or any(each.ndim != 1 for each in numbers.values()):
        raise ValueError("what is learned of items is not of the shape that is asked")
    return Habits(
        turnover=arrays["turnover"],
        rest_days=numbers["rest_days"],
        known_days=numbers["known_days"],
        again=learned["again"],
        beside=learned["beside"],
        new=learned["new"],
    )


def numbers_of(times: Floats, fading: Floats, age_days: Floats, lines: Floats | float, turnover: Floats) -> Floats:
    """(n, 8) of items that were bought. fading: as of the latest order, 0 where nobody counted. lines: the customer's
    orders times their items.
    """
    age = np.maximum(age_days, 0.0)
    counted = np.where(fading > 0, fading, 1.0 + ASSUMED_SPREAD * (times - 1.0))
    numbers = np.empty((len(times), NUMBERS), np.float32)
    numbers[:, 0] = np.log(counted * np.exp2(-age / FADING_DAYS) + LITTLE)
    numbers[:, 1] = np.log1p(age)
    numbers[:, 2] = np.log(np.maximum(times, 1.0))
    numbers[:, 3] = np.log(np.maximum(lines, 1.0))
    numbers[:, 4:] = turnover
    return numbers


def beside_numbers(numbers: Floats, weight: Floats, in_cart: Floats | float) -> Floats:
    """(n, 11) of items bought before, beside a cart of so many: `numbers_of`, and their weight beside its items."""
    return np.column_stack(
        [numbers, np.log(np.maximum(weight, 10 * FAINT)), weight, np.broadcast_to(np.log1p(in_cart), weight.shape)]
    ).astype(np.float32, copy=False)


def new_numbers(turnover: Floats, weight: Floats, in_cart: Floats | float, lines: Floats | float) -> Floats:
    """(n, 5) of items never bought before, beside a cart."""
    numbers = np.empty((len(weight), 5), np.float32)
    numbers[:, 0] = np.log(np.maximum(weight, FAINT))
    numbers[:, 1] = weight
    numbers[:, 2] = turnover[:, 1]
    numbers[:, 3] = np.log1p(in_cart)
    numbers[:, 4] = np.log1p(lines)
    return numbers
