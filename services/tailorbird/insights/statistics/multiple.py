"""Several comparisons at once: p-values that stay what they say."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["discovery", "holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrected so that the chance of any false finding stays under the level (Holm, Scand. J. Stat. 6, 1979)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected


def discovery(p_values: Sequence[float]) -> list[float]:
    """Corrected so that the share of false ones among findings stays under the level (Benjamini and Hochberg, 1995)."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    corrected, lowest, count = [0.0] * len(p_values), 1.0, len(p_values)
    for rank, place in enumerate(order):
        lowest = min(lowest, p_values[place] * count / (count - rank))
        corrected[place] = lowest
    return corrected
