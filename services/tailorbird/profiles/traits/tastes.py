"""What a purchase history says when its items are known: departments, favourite category, share of private brands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tailorbird.profiles.traits.items import UNKNOWN, Kinds, Numbers

__all__ = ["Tastes", "tastes_of"]


class Tastes(Struct, frozen=True):
    """What of it attributes tell."""

    departments: tuple[str, ...] = ()
    """Most bought first."""
    top_category: str = ""
    private_brand_share: float | None = None


def tastes_of(bought: Numbers, times: npt.NDArray[np.int64], kinds: Kinds) -> Tastes:
    """Each purchase of an item counted once an order. `bought`: the items' kinds by number; `times`: orders."""
    known = bought != UNKNOWN
    bought, times = bought[known], times[known]
    if not len(bought):
        return Tastes()
    departments, counts = kinds.departments.sums(bought, times)
    return Tastes(
        departments=tuple([name for _, name in sorted(zip((-counts).tolist(), departments, strict=True))]),
        top_category=_most(*kinds.categories.sums(bought, times)),
        private_brand_share=round(int(times[kinds.private(bought)].sum()) / int(times.sum()), 4),
    )


def _most(names: list[str], counts: npt.NDArray[np.int64]) -> str:
    """Of equals the first by name, empty when there is none."""
    if not names:
        return ""
    return min(names[place] for place in np.flatnonzero(counts == counts.max()).tolist())
