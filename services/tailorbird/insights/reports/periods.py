"""The days that a report is about: as numbers since 1970, as facts hold them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from msgspec import Struct

from tailorbird.contracts.wire import Fault, Problem

__all__ = ["Period", "day_name", "period_of"]

USUAL_DAYS = 28
_EPOCH = date(1970, 1, 1).toordinal()


class Period(Struct, frozen=True):
    """From the first day to the last, both included."""

    first: int
    last: int

    @property
    def first_day(self) -> str:
        return day_name(self.first)

    @property
    def last_day(self) -> str:
        return day_name(self.last)

    @property
    def days(self) -> int:
        return self.last - self.first + 1

    @property
    def begins_at(self) -> float:
        return self.first * 86_400.0

    @property
    def ends_at(self) -> float:
        return (self.last + 1) * 86_400.0


def period_of(first_day: str, last_day: str, now: float) -> Period:
    """The days meant: without a last until today, without a first the four weeks before. Raises Fault(422)."""
    last = _number(last_day or datetime.fromtimestamp(now, UTC).date().isoformat(), "last_day")
    first = _number(first_day, "first_day") if first_day else last - USUAL_DAYS + 1
    if first > last:
        raise Fault(422, f"The first day, {first_day}, is after the last, {day_name(last)}.")
    return Period(first, last)


def day_name(number: int) -> str:
    """`2026-11-22` of days since 1970."""
    return date.fromordinal(number + _EPOCH).isoformat()


def _number(day: str, name: str) -> int:
    try:
        return date.fromisoformat(day).toordinal() - _EPOCH
    except ValueError as error:
        sentence = f"'{day}' is no day; write it as 2026-11-22."
        raise Fault(422, sentence, (Problem(path=f"$.{name}", sentence=sentence),)) from error
