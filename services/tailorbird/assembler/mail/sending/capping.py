"""How often one recipient is written to: over all campaigns and moments together, and no more than they want."""

from __future__ import annotations

from collections.abc import Sequence

from tailorbird.assembler.mail.documents import Mailing
from tailorbird.contracts.mail import Standing

__all__ = ["DAY", "WEEK", "allowed_from", "usual_moment"]

HOUR = 3_600.0
DAY = 86_400.0
WEEK = 7 * DAY


def allowed_from(times: Sequence[float], at: float, mailing: Mailing, standing: Standing | None) -> float:
    """The moment from which another message is allowed: `at` or before when it is now. `times`: of those sent."""
    wanted = standing.per_week if standing is not None else 0
    limits = [one for one in (mailing.per_week, wanted or None) if one is not None]
    week = _free(times, at, min(limits), WEEK) if limits else at
    day = _free(times, at, mailing.per_day, DAY) if mailing.per_day is not None else at
    return max(at, week, day)


def usual_moment(hour: int, at: float) -> float:
    """The next moment, from `at` on, that lies in this hour of the day (UTC)."""
    day = at - at % DAY
    begins = day + hour * HOUR
    if begins <= at < begins + HOUR:
        return at
    return begins if begins > at else begins + DAY


def _free(times: Sequence[float], at: float, most: int, window: float) -> float:
    within = sorted(time for time in times if time > at - window)
    return at if len(within) < most else within[-most] + window
