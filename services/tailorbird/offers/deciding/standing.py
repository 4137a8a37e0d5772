"""For how long a decision stands: the same customer, asking the same a moment later, would be made the same."""

from __future__ import annotations

from collections.abc import Collection

from tailorbird.contracts.offers import Decided
from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.documents.offering import Offerings

__all__ = ["stands_for"]

AT_MOST = 60.0
"""Seconds. What is made to somebody is noted once a minute, then, and not at each glance."""


def stands_for(decided: Decided, question: Asked, offerings: Offerings, counted: Collection[str]) -> float:
    """Seconds until something opens, closes or must be asked about again; 0: the very next answer may be another.

    counted: documents of which each showing counts, or a unit is held that has to be renewed. What was chosen anew
    stands as a promise from the next decision on, which is another answer: only promises stand.
    """
    for slot in decided.slots:
        for one in slot.chosen:
            if one.basis or one.offer_id in counted:
                return 0.0
    if offerings.at(question.at).tests_moment:
        return 0.0
    return max(0.0, min(AT_MOST, offerings.next_edge(question.at) - question.at))
