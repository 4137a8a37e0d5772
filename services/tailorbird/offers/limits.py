"""Whether one more redemption is within an offer's limits, and the names under which they are counted."""

from __future__ import annotations

from hashlib import blake2b

from msgspec import Struct

from tailorbird.offers.offer import Limit

__all__ = ["Count", "counts_of", "within"]


class Count(Struct, frozen=True):
    """One number that a redemption raises, and how high it may become."""

    name: str
    most: int
    whose: str
    """`customer` or `everybody`: told when it is reached."""


def counts_of(offer_id: str, customer: str, limit: Limit | None) -> tuple[Count, ...]:
    """What a redemption is counted under, the customer's own first. Names are digests: no id shows in a subject."""
    if limit is None:
        return ()
    found = []
    if limit.per_customer is not None:
        found.append(Count(f"customer-{_digest(offer_id, customer)}", limit.per_customer, "customer"))
    if limit.total is not None:
        found.append(Count(total_name(offer_id), limit.total, "everybody"))
    return tuple(found)


def total_name(offer_id: str) -> str:
    """Under which name all redemptions of an offer are counted."""
    return f"total-{_digest(offer_id)}"


def within(total_after: int, count: Count) -> bool:
    """Whether the redemption that made this total may stand."""
    return total_after <= count.most


def _digest(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
