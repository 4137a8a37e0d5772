"""What is wrong with the data, in one view: each thing with how bad it is and what to do."""

from __future__ import annotations

import math
from typing import Literal

from tailorbird.contracts.reports import DataQuality, DataQualityQuery, QualityLine
from tailorbird.insights import cells
from tailorbird.insights.facts import Facts
from tailorbird.insights.kpireport import is_simulated
from tailorbird.insights.periods import Period

__all__ = ["data_quality"]

_TOLD: dict[str, tuple[str, float, float, str]] = {
    "refused": (
        "Events refused", 0.001, 0.01,
        "`tailorbird events dead` says which and why; mended ones are sent again with --replay.",
    ),
    "late": ("Events an hour late or more", 0.02, 0.1, "Look at clients that keep events back, and at their clocks."),
    "twice": (
        "Events told twice", 0.02, 0.2, "They count once; a client that resends everything wastes its network."
    ),
    "machine": ("Opens and clicks by proxies and scanners", 0.3, 0.9, "They are left out of every KPI."),
    "without_decision": (
        "Impressions and clicks without a decision", 0.05, 0.3,
        "Let the site send `decision_id` with them, else nothing can be credited to a slot.",
    ),
    "orders_unknown": (
        "Orders of nobody known", 0.1, 0.4,
        "Let orders come with the `userId` or `anonymousId` that pages are asked for.",
    ),
    "orders_uncredited": (
        "Orders without a decision before them", 0.6, 0.9,
        "Either customers buy without looking, or clicks do not come with `decision_id`.",
    ),
    "without_person": (
        "Decisions for nobody known or without consent to be measured", 0.5, 0.95,
        "They count, but nothing can be said of what these customers do later.",
    ),
    "fallback": (
        "Decisions with a slot on its fallback", 0.01, 0.05, "`/metrics` and the logs of the service say what is late."
    ),
}  # fmt: skip
_DRIFT_WATCH, _DRIFT_ACT = 0.1, 0.25
_OLD_WATCH, _OLD_ACT = 14.0, 45.0


def data_quality(facts: Facts, query: DataQualityQuery, twice: int, now: float) -> DataQuality:
    """`twice`: outcomes that were told again since the start of this process."""
    last = int(now // 86_400)
    period = Period(last - query.days + 1, last)
    days = [period.first, period.last]
    [(told, late, machine, touches, loose, orders, unknown, refused)] = facts.rows(
        """
        select count(*) filter (kind != 'refused'), count(*) filter (late = 1), count(*) filter (machine = 1),
            count(*) filter (kind in ('click', 'impression')),
            count(*) filter (kind in ('click', 'impression') and decision_id = ''), count(*) filter (kind = 'order'),
            count(*) filter (kind = 'order' and person = 0), count(*) filter (kind = 'refused')
        from all_outcomes where day between $1 and $2
        """,
        days,
    )
    [(uncredited,)] = facts.rows(
        "select coalesce(sum(orders), 0) from all_uncredited where day between $1 and $2", days
    )
    [(decisions, fallen)] = facts.rows(
        f"select coalesce(sum(decisions), 0), coalesce(sum(with_fallback), 0) from all_cells "
        f"where dimension = {cells.DIMENSIONS.index('all')} and day between $1 and $2",
        days,
    )
    [(nobody,)] = facts.rows(
        "select coalesce(sum(decisions), 0) from all_strangers where day between $1 and $2", days
    )
    lines = [
        _line("refused", refused, told + refused),
        _line("late", late, told),
        _line("twice", twice, told + twice),
        _line("machine", machine, told),
        _line("without_decision", loose, touches),
        _line("orders_unknown", unknown, orders),
        _line("orders_uncredited", uncredited, orders),
        _line("without_person", nobody, decisions),
        _line("fallback", fallen, decisions),
        _model_age(facts, now),
        _drift(facts, period),
    ]
    return DataQuality(days=query.days, simulated=is_simulated(facts, period), lines=tuple(lines), at=now)


def _line(name: str, count: float, of: float) -> QualityLine:
    title, watch, act, sentence = _TOLD[name]
    share = count / of if of else None
    level = _level(share or 0.0, watch, act)
    return QualityLine(
        name=name, title=title, value=float(count), share=share, level=level,
        sentence=sentence if level != "fine" else "",
    )  # fmt: skip


def _level(value: float, watch: float, act: float) -> Literal["fine", "watch", "act"]:
    return "act" if value > act else "watch" if value > watch else "fine"


def _model_age(facts: Facts, now: float) -> QualityLine:
    """Days since the model that decides now was first seen to decide."""
    title = "Days since the model changed"
    rows = facts.rows(
        "select model, min(day) from all_models group by model order by max(day) desc, min(day) desc limit 1"
    )
    if not rows:
        return QualityLine(name="model_age", title=title, value=0.0, sentence="No model decided.")
    age = now / 86_400.0 - float(rows[0][1])
    level = _level(age, _OLD_WATCH, _OLD_ACT)
    sentence = f"'{rows[0][0]}' has decided since. `tailorbird train` makes a new one." if level != "fine" else ""
    return QualityLine(
        name="model_age", title=title, value=math.floor(age), level=level, sentence=sentence
    )


def _drift(facts: Facts, period: Period) -> QualityLine:
    """How far what is clicked has moved between strategies since the period before (population stability index)."""
    rows = facts.rows(
        f"select key, sum(clicks) filter (day >= $1), sum(clicks) filter (day < $1) from all_cells "
        f"where dimension = {cells.DIMENSIONS.index('strategy')} and day between $2 and $3 group by key",
        [period.first, period.first - period.days, period.last],
    )
    now, before = [float(one[1] or 0.0) for one in rows], [float(one[2] or 0.0) for one in rows]
    title = "Drift of clicks between strategies"
    if min(sum(now), sum(before)) < 100.0:
        return QualityLine(name="drift", title=title, value=0.0, sentence="Too few clicks to tell.")
    shares = [
        ((one + 0.5) / (sum(now) + 0.5 * len(rows)), (other + 0.5) / (sum(before) + 0.5 * len(rows)))
        for one, other in zip(now, before, strict=True)
    ]
    index = sum((one - other) * math.log(one / other) for one, other in shares)
    level = _level(index, _DRIFT_WATCH, _DRIFT_ACT)
    sentence = "What customers click has changed; train anew and look at the shelves." if level != "fine" else ""
    return QualityLine(name="drift", title=title, value=round(index, 3), level=level, sentence=sentence)
