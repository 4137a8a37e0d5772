"""Package sizes as one reads them on a shelf: `10 3/4 OZ` -> `10.75 oz`, `4 PK/4.4 OZ` -> `4 x 4.4 oz`."""

from __future__ import annotations

import re

__all__ = ["is_of_the_case", "readable_size"]

_UNITS = {
    "OZ": "oz", "OZS": "oz", "Z": "oz", "FL OZ": "fl oz", "LB": "lb", "LBS": "lb", "ML": "ml", "L": "L", "LT": "L",
    "LTR": "L", "QT": "qt", "PT": "pt", "GAL": "gal", "GA": "gal", "G": "g", "GM": "g", "KG": "kg",
    "IN": "in", "INCH": "in", "FT": "ft", "SQ FT": "sq ft", "YD": "yd", "CM": "cm",
    "CT": "ct", "PK": "pack", "PC": "pieces", "PCS": "pieces", "DZ": "dozen", "STEM": "stems", "STEMS": "stems",
    "LOAD": "loads", "LOADS": "loads", "LD": "loads", "LDS": "loads", "ROLL": "rolls", "ROLLS": "rolls",
    "USE": "uses", "USES": "uses", "SHEETS": "sheets", "CUP": "cups", "CUPS": "cups", "PR": "pairs",
}  # fmt: skip

_ONE = {
    "pieces": "piece",
    "stems": "stem",
    "rolls": "roll",
    "loads": "load",
    "uses": "use",
    "cups": "cup",
    "pairs": "pair",
}

_WORDS = {
    "LARGE": "large", "LRG": "large", "LG": "large", "SMALL": "small", "SM": "small", "MED": "medium",
    "MEDIUM": "medium", "XLG": "extra large", "JUMBO": "jumbo", "MINI": "mini", "HALF GAL": "0.5 gal",
    "GAL": "1 gal", "QT": "1 qt", "PT": "1 pt", "LB": "1 lb", "L": "1 L", "DZ": "1 dozen",
}  # fmt: skip

_FRACTION = r"(?:1/2|[12]/3|[13]/4|[1357]/8|1?[13579]/16)"
_NUMBER = rf"(?:\d+\s+{_FRACTION}|{_FRACTION}|\d+\.?\d*|\.\d+)"
_UNIT = "|".join(sorted((re.escape(unit) for unit in _UNITS), key=len, reverse=True))
_STRAY = re.compile(r"^(?:[A-Z]{1,3}|[A-Z]\d{3}|\d{6})\s+(?=[\d.])|^EX(?=\d)")
"""Codes in front of a size that mean something to the chain's buyers only: `P   26 OZ`, `985739  PK`."""
_TAIL = re.compile(r"\s*(?:BTL|BTLS|CAN|CANS|BAG|BOX|PET|NR|PLST|LOOSE|JAR|TUB|\*|\(\d+\)|\d{6})$")

_LARGEST = 10_000
"""A number above is a buyer's code: `985739  PK`."""

_PLAIN = re.compile(rf"^({_NUMBER})\s*-?\s*({_UNIT})\.?$")
_RANGE = re.compile(rf"^({_NUMBER})\s*-\s*({_NUMBER})\s*-?\s*({_UNIT})$")
_PACK = re.compile(rf"^({_NUMBER})\s*(?:PK|P|CT)\s*/?\s*({_NUMBER})\s*({_UNIT})$")
_COUNT = re.compile(rf"^({_NUMBER})\s*CT\s*/?\s*({_NUMBER})\s*(OZ|Z|LB)$")
"""`12 CT/11 OZ` are twelve that weigh eleven ounces together; of `6 PK/12 OZ` each weighs twelve."""
_PACK_LAST = re.compile(rf"^({_NUMBER})\s*({_UNIT})\s*/?\s*({_NUMBER})\s*(?:PK|CT)$")
_EACH = re.compile(rf"^(\d+)\s*[/-]\s*({_NUMBER})\s*({_UNIT})$")
_AREA = re.compile(rf"^({_NUMBER})\s*(?:IN)?\s*X\s*({_NUMBER})\s*(IN|YD|FT)$")


def readable_size(text: str | None) -> str:
    """The size for a title, empty when the text says nothing to a customer."""
    if not text:
        return ""
    text = " ".join(_TAIL.sub("", _STRAY.sub("", text.strip().upper())).split())
    if text in _WORDS:
        return _WORDS[text]
    if found := _PLAIN.match(text):
        return _measure(found[1], found[2])
    if found := _COUNT.match(text):
        return f"{_measure(found[1], 'CT')}, {_measure(found[2], found[3])}"
    if found := _PACK.match(text):
        return _times(found[1], _measure(found[2], found[3]))
    if found := _PACK_LAST.match(text):
        return _times(found[3], _measure(found[1], found[2]))
    if found := _EACH.match(text):
        # `6-12 OZ` may be six times twelve or six to twelve; the chain writes ranges of meat in pounds only.
        return (
            _times(found[1], _measure(found[2], found[3]))
            if found[3] in ("OZ", "ML", "L", "PT", "Z")
            else _range(found)
        )
    if found := _RANGE.match(text):
        return _range(found)
    if found := _AREA.match(text):
        return f"{_number(found[1])} × {_number(found[2])} {_UNITS[found[3]]}"
    return ""


def is_of_the_case(size: str, price: float | None) -> bool:
    """Whether a size of loose produce is that of the case it came in: bananas of `40 lb` for 94 cents.

    `size` as `readable_size` gives it. Bags weigh at most ten pounds and cost at least a quarter of a dollar a pound.
    """
    if not (found := _CASE.match(size)):
        return False
    number = float(found[1])
    if found[3] == "ct":
        return number > 3
    return bool(found[2]) or number > 10 or (price is not None and price / number < 0.25)


_CASE = re.compile(r"^([\d.]+)(–[\d.]+)? (lb|ct)$")


def _measure(number: str, unit: str) -> str:
    value, name = _number(number), _UNITS[unit]
    if not 0.0 < float(value) < _LARGEST:
        return ""
    return f"{value} {_ONE.get(name, name)}" if value == "1" else f"{value} {name}"


def _times(count: str, measure: str) -> str:
    value = _number(count)
    return measure if value == "1" or not measure else f"{value} × {measure}"


def _range(found: re.Match[str]) -> str:
    return f"{_number(found[1])}–{_number(found[2])} {_UNITS[found[3]]}"


def _number(text: str) -> str:
    """A number with at most two decimals and none for nothing: `1 1/2` -> `1.5`."""
    total = 0.0
    for part in text.split():
        above, _, below = part.partition("/")
        total += float(above) / float(below) if below and float(below) else float(above)
    return f"{total:.2f}".rstrip("0").rstrip(".")
