"""Whether one more redemption is within an offer's limits: counts, and the first limit that it would go over."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from tailorbird.offers.documents.offer import Limit

__all__ = [
    "MOST_MONEY", "Held", "Period", "Reached", "Redeeming", "Tally", "Used", "fullest", "period_of", "reached",
    "used_up", "zone_of",
]  # fmt: skip


MOST_MONEY = 1e12
"""No budget counts for more: documents may not say more, but entries written before that was checked did."""


class Held(Struct):
    """A unit kept for a customer until a moment, and the code that goes with it."""

    until: float
    code: str = ""


class Reached(Struct, frozen=True):
    """The limit that one more would go over: its field in the document, and how much that is."""

    field: str
    most: float

    def sentence(self) -> str:
        """For who asked to redeem."""
        times = {1: "once", 2: "twice"}.get(int(self.most), f"{self.most:,.0f} times")
        money = f"{self.most:,.2f}".removesuffix(".00")
        return _SENTENCES[self.field].format(times=times, money=money, codes=f"{self.most:,.0f}")


_SENTENCES = {
    "per_customer": "This customer has redeemed it as often as one may: {times}.",
    "per_household": "This household has redeemed it as often as one may: {times}.",
    "per_channel": "It has been redeemed in this channel as often as it may be: {times}.",
    "per_period": "It has been redeemed in this period as often as it may be: {times}.",
    "total": "It may be redeemed {times}, and is, or is held for others.",
    "money": "What is left of its budget of {money} is not enough.",
    "codes": "None of its {codes} codes is left: they are redeemed, or held for others.",
}


class Tally(Struct):
    """What the ledger holds of one offer. Customers and households are digests."""

    redeemed: int = 0
    cents: int = 0
    by_customer: dict[str, int] = {}
    by_household: dict[str, int] = {}
    by_channel: dict[str, int] = {}
    by_period: dict[str, int] = {}
    """`day 2026-11-22`, `week 2026-47`, `month 2026-11` -> redemptions."""
    held: dict[str, Held] = {}
    """Customer -> the unit kept for them."""
    codes: dict[str, None] = {}
    """Codes of the pool that nobody has, first in, first out."""
    pooled: int = 0
    """Codes that ever were in the pool."""
    code_of: dict[str, str] = {}
    """Code that was redeemed -> the customer who did."""

    def let_go(self, customer: str) -> None:
        """The unit kept for the customer is free again, and its code goes to the end of the pool."""
        held = self.held.pop(customer, None)
        if held is not None and held.code:
            self.codes[held.code] = None


Period = Literal["day", "week", "month"]


def period_of(at: float, period: Period, zone: str) -> str:
    """The day, week (ISO 8601) or month in which the moment lies, as the clocks of the zone show it."""
    local = datetime.fromtimestamp(at, zone_of(zone))
    if period == "day":
        return f"day {local:%Y-%m-%d}"
    if period == "month":
        return f"month {local:%Y-%m}"
    year, week, _ = local.isocalendar()
    return f"week {year}-{week:02d}"


def zone_of(zone: str) -> tzinfo:
    """The time zone of that name; none: UTC. Raises KeyError or ValueError for one that there is not."""
    return ZoneInfo(zone) if zone else UTC


class Redeeming(Struct, frozen=True):
    """One more redemption, as far as limits care."""

    customer: str
    household: str = ""
    channel: str = ""
    cents: int = 0
    has_code: bool = False


def reached(
    limit: Limit | None, tally: Tally, more: Redeeming, period: str, unique_codes: bool = False
) -> Reached | None:
    """The first limit that one more would go over, None when it is within all of them.

    Units held for other customers count as used; the customer's own does not. `period`: the one that it falls into.
    """
    own = tally.held.get(more.customer)
    if unique_codes and not more.has_code and not tally.codes and not (own and own.code):
        return Reached("codes", tally.pooled)
    if limit is None:
        return None
    counts = (
        ("per_customer", tally.by_customer.get(more.customer, 0), limit.per_customer),
        ("per_household", tally.by_household.get(more.household, 0), limit.per_household if more.household else None),
        ("per_channel", tally.by_channel.get(more.channel, 0), _of_channel(limit, more.channel)),
        ("per_period", tally.by_period.get(period, 0), limit.per_period),
        ("total", tally.redeemed + len(tally.held) - (own is not None), limit.total),
    )
    for field, count, most in counts:
        if most is not None and count >= most:
            return Reached(field, most)
    if limit.money is not None and tally.cents + more.cents > round(min(limit.money, MOST_MONEY) * 100):
        return Reached("money", limit.money)
    return None


def used_up(limit: Limit | None, tally: Tally, period: str, unique_codes: bool = False) -> bool:
    """Whether nobody who holds none can redeem it now: total, money, the period's limit or the codes are used."""
    one_cent = Redeeming(customer="", cents=1)
    found = reached(limit, tally, one_cent, period, unique_codes)
    return found is not None and found.field in {"total", "money", "per_period", "codes"}


class Used(Struct, frozen=True):
    """The limit for all together that is fullest."""

    field: Literal["total", "money", "per_period", "codes"]
    used: float
    most: float

    @property
    def share(self) -> float:
        return self.used / self.most


def fullest(limit: Limit | None, tally: Tally, period: str, unique_codes: bool = False) -> Used | None:
    """What most of is used; None without a limit for all together. Units held for somebody count as used."""
    found: list[Used] = []
    if unique_codes and tally.pooled:
        found.append(Used("codes", tally.pooled - len(tally.codes), tally.pooled))
    if limit is not None and limit.total:
        found.append(Used("total", tally.redeemed + len(tally.held), limit.total))
    if limit is not None and limit.money:
        found.append(Used("money", tally.cents / 100.0, limit.money))
    if limit is not None and limit.per_period:
        found.append(Used("per_period", tally.by_period.get(period, 0), limit.per_period))
    return max(found, key=lambda one: one.share, default=None)


def _of_channel(limit: Limit, channel: str) -> int | None:
    return next((most for name, most in limit.per_channel.items() if name == channel), None)
