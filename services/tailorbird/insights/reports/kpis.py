"""Each KPI, once: what is added up, over what, and how sure the quotient is.

Every KPI is a quotient of two sums over all visits. Visits of one person resemble each other, so the interval is that
of a quotient of sums over persons: the delta method with persons as clusters, here with groups of whole persons
(`cells`): Var(R) = G/(G-1) * sum((x_g - R * y_g)^2) / (sum y_g)^2 (Cochran, Sampling Techniques, 1977, 6.3 and 9A.1;
Deng, Knoblich and Lu, Applying the Delta Method in Metric Analytics, KDD 2018, section 3.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from tailorbird.contracts.reports import Estimate, KpiDefinition
from tailorbird.insights.statistics.quantiles import student

__all__ = ["KPIS", "Kpi", "definitions", "estimate", "kpi", "quotient"]


class Kpi(Struct, frozen=True):
    """The sum of `over` divided by the sum of `by`; without `by` the sum itself."""

    name: str
    title: str
    sentence: str
    unit: Literal["count", "share", "money", "number"]
    over: str
    by: str = ""
    better: Literal["higher", "lower", ""] = "higher"


KPIS: tuple[Kpi, ...] = (
    Kpi("impressions", "Impressions", "How often something was told to have been seen.", "count", "impressions"),
    Kpi("click_through", "Click-through", "Clicks for each impression.", "share", "clicks", "impressions"),
    Kpi("clicks", "Clicks", "Clicks on what was decided.", "count", "clicks"),
    Kpi("conversion", "Conversion", "Orders for each visit.", "share", "orders", "visits"),
    Kpi("orders", "Orders", "Orders.", "count", "orders"),
    Kpi("revenue", "Revenue", "What orders came to, less what was refunded.", "money", "revenue"),
    Kpi("revenue_per_visit", "Revenue per visit", "Revenue for each visit.", "money", "revenue", "visits"),
    Kpi("average_order_value", "Average order value", "Revenue for each order.", "money", "revenue", "orders"),
    Kpi("items_per_order", "Items per order", "Units bought for each order.", "number", "items", "orders"),
    Kpi(
        "cross_sell_share", "Cross-sell share",
        "Share of orders that hold an item which the customer had clicked where it was recommended.",
        "share", "crossed", "orders",
    ),
    Kpi("redemptions", "Redemptions", "Offers redeemed.", "count", "redemptions"),
    Kpi(
        "redemption_rate", "Redemption rate", "Offers redeemed for each decision in which they stood.", "share",
        "redemptions", "decisions",
    ),
    Kpi("cost", "Cost of offers", "What redeemed offers cost.", "money", "cost", "", "lower"),
    Kpi(
        "margin", "Margin", "Margin of orders before the cost of offers: as told, else the usual part of revenue.",
        "money", "margin",
    ),
    Kpi("margin_per_visit", "Margin per visit", "That margin for each visit.", "money", "margin", "visits"),
    Kpi("opt_outs", "Opt-outs", "Times somebody wanted no more e-mails.", "count", "opt_outs", "", "lower"),
    Kpi("opt_out_rate", "Opt-out rate", "Opt-outs for each decision.", "share", "opt_outs", "decisions", "lower"),
    Kpi(
        "open_rate", "Open rate", "Opens for each decision of an e-mail, those by proxies left out.", "share", "opens",
        "decisions",
    ),
    Kpi(
        "not_for_me_rate", "Not for me", "Times somebody said \"not for me\", for each decision.", "share", "refusals",
        "decisions", "lower",
    ),
    Kpi("rating", "Rating", "The mean rating, from 0 to 1.", "share", "rated", "ratings"),
    Kpi("complaints", "Complaints", "Complaints, and e-mails marked as spam.", "count", "complaints", "", "lower"),
    Kpi(
        "complaint_rate", "Complaint rate", "Complaints for each decision.", "share", "complaints", "decisions", "lower"
    ),
    Kpi(
        "fallback_share", "On fallback", "Share of decisions with a slot on its fallback.", "share", "with_fallback",
        "decisions", "lower",
    ),
)  # fmt: skip


def kpi(name: str) -> Kpi | None:
    """The KPI of this name."""
    return next((one for one in KPIS if one.name == name), None)


def definitions() -> tuple[KpiDefinition, ...]:
    """What each number means, for who reads a report."""
    return tuple(
        KpiDefinition(name=one.name, title=one.title, sentence=one.sentence, unit=one.unit, better=one.better)
        for one in KPIS
    )


def estimate(one: Kpi, sums: Mapping[str, Any], level: float = 0.05) -> Estimate:
    """The KPI of these sums: measure -> an array with one sum for each group of persons."""
    return quotient(sums[one.over], sums[one.by] if one.by else None, level)


def quotient(over: Any, by: Any | None, level: float = 0.05) -> Estimate:
    """Sum of `over` by sum of `by` (without: the sum itself), with its interval; None where nothing is divided by.

    One group tells nothing of how persons differ, so it has no interval.
    """
    over = np.asarray(over, dtype=float)
    groups = len(over)
    if by is None:
        total = float(over.sum())
        if groups < 2:
            return Estimate(value=total)
        # A sum over as many groups, each of which could have been another: G times the variance between them.
        half = student(level, groups - 1) * float(np.sqrt(groups * over.var(ddof=1)))
        return Estimate(value=total, low=total - half, high=total + half)
    by = np.asarray(by, dtype=float)
    below = float(by.sum())
    if below <= 0.0:
        return Estimate()
    value = float(over.sum()) / below
    if groups < 2:
        return Estimate(value=value)
    variance = groups / (groups - 1) * float(((over - value * by) ** 2).sum()) / below**2
    half = student(level, groups - 1) * variance**0.5
    return Estimate(value=value, low=value - half, high=value + half)
