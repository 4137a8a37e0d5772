"""Money, days and weekdays as people of one language and country write them."""

from __future__ import annotations

import functools
from datetime import datetime, tzinfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, get_day_names
from babel.numbers import format_currency

__all__ = ["day", "locale_of", "money", "weekday"]

PLAIN = Locale("en", "US")


@functools.lru_cache(maxsize=256)
def locale_of(text: str) -> Locale:
    """The locale of `de-AT`; of one that nobody knows, English as the United States write it."""
    if not text:
        return PLAIN
    try:
        return Locale.parse(text.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return PLAIN


@functools.lru_cache(maxsize=8_192)
def money(amount: object, currency: str = "USD", locale: str = "") -> str:
    """A price: `$2.49`, `2,49 €`; empty where there is none."""
    if isinstance(amount, bool) or not isinstance(amount, (int, float)):
        return ""
    return str(format_currency(amount, currency or "USD", locale=locale_of(locale)))


@functools.lru_cache(maxsize=2_048)
def day(minute: int, zone: tzinfo, locale: str = "", far: bool = False) -> str:
    """The day there in that minute since 1970: `Tuesday, November 24`; with the year instead of the weekday where it is
    `far` from today.
    """
    there = datetime.fromtimestamp(minute * 60, zone)
    if far:
        return str(format_date(there.date(), "long", locale=locale_of(locale)))
    written = {"en": "EEEE, MMMM d", "de": "EEEE, d. MMMM"}.get(locale_of(locale).language, "EEEE d MMMM")
    return str(format_datetime(there, written, locale=locale_of(locale)))


def weekday(number: int, locale: str = "") -> str:
    """The day of the week, from Monday 1; in English as a habit: `Saturdays`."""
    name = str(get_day_names("wide", locale=locale_of(locale))[number - 1])
    return f"{name}s" if locale_of(locale).language == "en" else name
