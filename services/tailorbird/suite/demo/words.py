"""Readable words out of abbreviations: `FRZN VEG W/BTR SCE (INCLUDING` -> `Frozen Vegetable with Butter Sauce`."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["readable", "slug"]

_LEADING_CODE = re.compile(
    r"^(PREP FDS?|PREP FOODS|QSR FD|SV BEV|SW GDS|DL SPEC|COFF SHOP|COFFEE SHOP|SAL|MEAT|CHIX)\s*:\s*"
)
_PARENTHESES = re.compile(r"\s*\([^)]*(\)|$)")
_SEPARATORS = re.compile(r"\s*(/|&|,|:|-(?=\s)|(?<=\s)-)\s*")
_WITH = re.compile(r"\bW/O(?=\s)|\bW/")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")

_SMALL = frozenset({"and", "or", "of", "with", "without", "for", "in", "on", "the", "to", "a"})


def readable(text: str, words: Mapping[str, str]) -> str:
    """The text in title case, abbreviations written out, without codes and what stands in parentheses.

    `words`: abbreviation in capitals -> written out.
    """
    text = _LEADING_CODE.sub("", text.strip().upper().replace("-MAGAZINE", " MAGAZINE"))
    text = _PARENTHESES.sub(" ", text)
    text = _WITH.sub(lambda found: " WITHOUT " if found.group() == "W/O" else " WITH ", text)
    parts = [part.strip() for part in _SEPARATORS.sub(" & ", text).split("&")]
    written = [" ".join(_word(word, words) for word in part.split()) for part in parts if part]
    joined = " & ".join(dict.fromkeys(written))
    return joined[:1].upper() + joined[1:]


def slug(text: str) -> str:
    """The text as part of an address: `Sour Cream & Cottage Cheese` -> `sour-cream-cottage-cheese`."""
    return _NOT_SLUG.sub("-", text.lower().replace("é", "e").replace("'", "")).strip("-")


def _word(word: str, words: Mapping[str, str]) -> str:
    bare = word.strip(".()")
    if bare in words:
        return words[bare]
    if bare.lower() in _SMALL:
        return bare.lower()
    return "-".join(part.capitalize() for part in bare.split("-"))
