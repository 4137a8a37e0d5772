"""What a marketer wrote, ready to be said to one customer: `{first_name}` in its place, or gracefully left out."""

from __future__ import annotations

import re
from typing import Any

import msgspec

__all__ = ["PLACEHOLDERS", "Wording", "bad_placeholders"]

PLACEHOLDERS = ("first_name",)
"""Names that may stand in braces. `{first_name|neighbour}` says what stands there when the name is not known."""

# Doubled braces, and braces with a percent sign, are merge tags of e-mail systems: they stay as they are.
_ANY = re.compile(r"(?<!\{)\{(?![{%])\s*([^{}|]*?)\s*(?:\|([^{}]*))?(?<!%)\}(?!\})")
# Where no name is known and none stands in for it, the comma or blank before the name goes as well.
_NAMED = re.compile(r"(,?\s*)(?<!\{)\{\s*first_name\s*(?:\|([^{}]*))?\}(?!\})")


class Wording:
    """One JSON value with texts in it, compiled once; `say` is a join of bytes."""

    __slots__ = ("_named", "_unnamed")

    def __init__(self, value: Any) -> None:
        marked = _marked(value)
        # A mark that JSON leaves alone and no text contains: the encoded whole is cut where names belong.
        self._named: tuple[bytes, ...] = tuple(msgspec.json.encode(marked).split(_MARK.encode()))
        self._unnamed: bytes = msgspec.json.encode(_unnamed(value))

    @property
    def named(self) -> bool:
        """Whether a name may stand in it."""
        return len(self._named) > 1

    def say(self, name: bytes) -> bytes:
        """The value as JSON. `name` is the first name JSON-encoded without its quotes, empty when not known."""
        if not name:
            return self._unnamed
        return name.join(self._named)


def bad_placeholders(text: str) -> list[str]:
    """The placeholders in this text that mean nothing."""
    return [match.group(0) for match in _ANY.finditer(text) if match.group(1) not in PLACEHOLDERS]


_MARK = "\ue000first_name\ue001"


def _marked(value: Any) -> Any:
    return _mapped(value, lambda text: _NAMED.sub(lambda match: match.group(1) + _MARK, text))


def _unnamed(value: Any) -> Any:
    return _mapped(value, lambda text: _NAMED.sub(_without_name, text))


def _without_name(match: re.Match[str]) -> str:
    instead = match.group(2)
    return match.group(1) + instead if instead else ""


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_mapped(part, change) for part in value]
    return value
