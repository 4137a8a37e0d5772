"""What a comparison comes to, in a sentence that needs no statistics to be read rightly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tailorbird.contracts.evidence import Comparison, Power, SampleRatio
from tailorbird.contracts.reports import Estimate, KpiDefinition
from tailorbird.insights.statistics.planning import sample_ratio

__all__ = ["conclusion", "power_sentence", "ratio_of", "said"]

MISMATCH = 0.001
"""A p-value of the shares under which something is wrong with the experiment itself."""


def ratio_of(observed: Mapping[str, int], meant: Mapping[str, float]) -> SampleRatio:
    """Whether customers came in the shares meant; equal ones when nothing else is said."""
    shares = dict(meant) or dict.fromkeys(observed, 1.0 / max(1, len(observed)))
    observed = dict.fromkeys(meant, 0) | dict(observed)
    p_value = sample_ratio(observed, shares)
    fits = p_value is None or p_value >= MISMATCH
    if p_value is None:
        sentence = "There are not enough variants with customers to compare shares."
    elif fits:
        sentence = "Customers came to the variants in the shares meant."
    else:
        sentence = (
            f"Customers did not come to the variants in the shares meant (p = {p_value:.1g}): something loses or "
            "doubles them on one side. Find that first."
        )
    return SampleRatio(expected=shares, observed=dict(observed), p_value=p_value, fits=fits, sentence=sentence)


def power_sentence(persons: int | None, days: float | None, effect: float, title: str, *, planned: bool) -> str:
    """How long it takes, for who plans or waits."""
    if persons is None:
        return f"There is too little {title.lower()} to plan from yet."
    wanted = f"a difference of {effect * 100:.3g} % in {title.lower()}"
    if planned:
        pace = "" if days is None else f", about {_days(days)} at the pace of the last four weeks"
        return f"To find {wanted}, each variant needs {persons:,} customers{pace}."
    if days == 0.0:
        return f"There are enough customers to find {wanted}: each variant needs {persons:,}."
    pace = "" if days is None else f"; about {_days(days)} more at this pace"
    return f"To find {wanted}, each variant needs {persons:,} customers{pace}."


def conclusion(comparisons: Sequence[Comparison], metric: KpiDefinition, power: Power, ratio: SampleRatio) -> str:
    """The one thing to take away."""
    if not ratio.fits:
        return ratio.sentence
    if not comparisons:
        return "There is only one variant with customers, so nothing can be compared."
    decided = [one for one in comparisons if one.verdict in ("better", "worse")]
    if not decided:
        return f"Not enough data yet to tell the variants apart. {power.sentence}"
    best = max(decided, key=lambda one: one.difference.value or 0.0)
    more = "more" if best.verdict == "better" else "less"
    good = (best.verdict == "better") is (metric.better != "lower")
    sentence = (
        f"'{best.variant_id}' brings {said(best.difference, metric)} {more} {metric.title.lower()} than "
        f"'{best.control}' ({said(best.sequential, metric, interval=True)}, right however often it is looked at)."
    )
    return sentence + (" It is the better one." if good else " It is the worse one.")


def said(one: Estimate, metric: KpiDefinition, *, interval: bool = False) -> str:
    """The number as a person says it: `0.84`, `1.2 points`; its interval as `0.4 to 1.2`."""
    if interval and one.low is not None and one.high is not None:
        return f"{_number(one.low, metric)} to {_number(one.high, metric)}"
    return _number(abs(one.value or 0.0), metric)


def _number(value: float, metric: KpiDefinition) -> str:
    if metric.unit == "share":
        return f"{value * 100:.2g} points"
    digits = max(0, 1 - math.floor(math.log10(abs(value)))) if value else 2
    return f"{value:,.{min(digits, 4)}f}"


def _days(days: float) -> str:
    whole = max(1, math.ceil(days))
    return "a day" if whole == 1 else f"{whole} days"
