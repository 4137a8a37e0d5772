"""By how many weeks the year is moved, so that the shop's history ends in the past seven days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

__all__ = ["LAST_DAY", "LOCAL_TIME", "WEEK_ONE", "Shift", "weeks_to"]

LAST_DAY = date(2018, 1, 1)
"""Day (UTC) of the data's last purchase: shortly before midnight on New Year's Eve, local time."""

LOCAL_TIME = timedelta(hours=5)
"""The data's times are UTC; the chain's clocks stand five hours behind. Its redemption dates are local."""

WEEK_ONE = date(2016, 12, 26)
"""Monday on which the promotions' week 1 begins: the transactions of week 2 begin on 2 January 2017."""


def weeks_to(today: date) -> int:
    """Whole weeks from the data's last day to one of the seven days before `today`."""
    return (today - timedelta(days=1) - LAST_DAY).days // 7


class Shift:
    """The whole weeks by which every date moves, fixed when the shop was first prepared."""

    def __init__(self, weeks: int) -> None:
        self.weeks = weeks

    @classmethod
    def fixed(cls, file: Path, today: date) -> Shift:
        """The shift written in the file, or the one for today, written there for every later time."""
        if file.exists():
            return cls(int(json.loads(file.read_text())["weeks"]))
        weeks = weeks_to(today)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"weeks": weeks, "fixed_on": today.isoformat()}) + "\n")
        return cls(weeks)

    @property
    def interval(self) -> str:
        """The shift as SQL adds it to a date or time."""
        return f"INTERVAL {self.weeks * 7} DAY"

    def midnight(self, day: date) -> datetime:
        """The day's first moment, moved."""
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(weeks=self.weeks)
