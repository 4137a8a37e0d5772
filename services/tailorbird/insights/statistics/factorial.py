"""Multivariate tests: what each factor does by itself, and what two do together beyond that."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.comparing import Sample
from tailorbird.insights.statistics.quantiles import normal, normal_tail

__all__ = ["Contrast", "contrasts"]


class Contrast(Struct, frozen=True):
    """An effect with its interval; each combination of levels counts alike, however many persons it has."""

    name: str
    effect: Estimate
    p_value: float


def contrasts(cells: Mapping[tuple[str, ...], Sample], factors: Sequence[str], level: float) -> list[Contrast]:
    """Main effects of each level against its factor's first, then interactions of two factors.

    `cells`: combination of levels, one for each factor in their order -> its persons. A main effect is the mean over
    all combinations of the others (unweighted means, Montgomery, Design and Analysis of Experiments, chapter 5); an
    interaction the difference of such differences. Combinations without persons make no contrast that needs them.
    """
    levels = [list(dict.fromkeys(cell[place] for cell in cells)) for place in range(len(factors))]
    found = []
    for place, name in enumerate(factors):
        for one in levels[place][1:]:
            weights = _main(cells, place, one, levels[place][0])
            found += _contrast(f"{name}={one}", cells, weights, level)
    for (place, name), (other, beside) in itertools.combinations(enumerate(factors), 2):
        for one, two in itertools.product(levels[place][1:], levels[other][1:]):
            mains = _main(cells, place, one, levels[place][0])
            others = _sides(cells, other, two, levels[other][0])
            weights = {cell: weight * others[cell] for cell, weight in mains.items() if others[cell]}
            # Each side of the second factor is a mean by itself, so the weights are doubled.
            scaled = {cell: 2.0 * weight for cell, weight in _balanced(weights).items()}
            found += _contrast(f"{name}={one} x {beside}={two}", cells, scaled, level)
    return found


def _main(
    cells: Mapping[tuple[str, ...], Sample], place: int, one: str, first: str
) -> dict[tuple[str, ...], float]:
    sides = _sides(cells, place, one, first)
    return _balanced({cell: side for cell, side in sides.items() if side})


def _sides(
    cells: Mapping[tuple[str, ...], Sample], place: int, one: str, first: str
) -> dict[tuple[str, ...], float]:
    return {cell: 1.0 if cell[place] == one else -1.0 if cell[place] == first else 0.0 for cell in cells}


def _balanced(weights: Mapping[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """Each side's weights adding up to one."""
    above = sum(weight > 0 for weight in weights.values())
    below = sum(weight < 0 for weight in weights.values())
    return {cell: 1.0 / above if weight > 0 else -1.0 / below for cell, weight in weights.items()}


def _contrast(
    name: str, cells: Mapping[tuple[str, ...], Sample], weights: Mapping[tuple[str, ...], float], level: float
) -> list[Contrast]:
    if not weights or any(cells[cell].count < 2 for cell in weights):
        return []
    value = sum(weight * cells[cell].mean for cell, weight in weights.items())
    error = math.sqrt(sum(weight**2 * cells[cell].error for cell, weight in weights.items()))
    half = normal(level) * error
    p_value = normal_tail(value / error) if error > 0.0 else 1.0
    return [Contrast(name, Estimate(value=value, low=value - half, high=value + half), p_value)]
