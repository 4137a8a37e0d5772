"""Which ways of recommending are there? One file each; a shelf names the one that fills it.

Start with `strategy.py`, which says what a strategy is, then `for_you.py`.
"""

from __future__ import annotations

from tailorbird.recommender.family import members
from tailorbird.recommender.strategies.strategy import Strategy

STRATEGIES: dict[str, Strategy] = {
    one.name: one() for one in members(__name__, __path__, Strategy)  # type: ignore[type-abstract]
}
"""Name -> strategy."""
