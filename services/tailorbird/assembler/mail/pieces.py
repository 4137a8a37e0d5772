"""A template made quick: what is the same for a whole variant is filled in once, and the body of a loop that speaks of
nothing but its item is rendered once per item instead of once per mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import minijinja
import msgspec
from msgspec import Raw

from tailorbird.assembler.mail.mergetags import neutral_all

__all__ = ["Item", "Pieces", "folded", "slot_values", "without_score"]

PIECES_KEPT = 100_000
"""Rendered items kept: some 1.5 KB each at most."""
VALUES_KEPT = 20_000

_LOOP = re.compile(
    r"(\{%-?\s*for\s+(\w+)\s+in\s+[^%]+?-?%\})((?:(?!\{%-?\s*(?:for|endfor|raw)\b).)*?)(\{%-?\s*endfor\s*-?%\})",
    re.DOTALL,
)
_CONSTANT = re.compile(
    r"\{\{\s*(?:palette\.\w+|theme\.\w+|font|sender_name|postal_address|shop_url)\s*(?:\|\s*\w+\s*)?\}\}"
)
_OF_A_PERSON = re.compile(r"\bscore\b|\bloop\b")
_BRACES = re.compile(r"[{}](?=[{}%#])")
_decode = msgspec.json.Decoder(dict[str, Raw]).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode
_SCORE = b',"score":'


class Item:
    """One item, offer or line of a slot, read only when a template asks for something in it."""

    __slots__ = ("_read", "key")

    def __init__(self, raw: bytes) -> None:
        self.key = without_score(raw)
        self._read: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        if self._read is None:
            self._read = neutral_all(msgspec.json.decode(self.key))
        return self._read[name]


def without_score(raw: bytes) -> bytes:
    """The item's JSON without its score, which differs from person to person and stands in no mail."""
    before, found, after = raw.rpartition(_SCORE)
    return before + after[after.find(b",") :] if found else raw


class Pieces:
    """Loop bodies of one template, each item's rendered once and kept."""

    def __init__(self, environment: Any, name: str, html: bool) -> None:
        self._environment = environment
        self._name = name
        self._html = html
        self._kept: dict[tuple[int, bytes], Any] = {}
        self._names: list[tuple[str, str]] = []

    def extracted(self, source: str) -> str:
        """The template with a call in place of each loop's body that can be rendered by itself."""
        return _LOOP.sub(self._extract, source)

    def _extract(self, match: re.Match[str]) -> str:
        opening, variable, body, closing = match.groups()
        unknown = set(self._environment.undeclared_variables_in_str(body)) - {variable}
        if unknown or _OF_A_PERSON.search(body):
            return match.group(0)
        number = len(self._names)
        template = f"{self._name}.{number}.{'html' if self._html else 'txt'}"
        self._environment.add_template(template, body)
        self._names.append((template, variable))
        call = f"{'html' if self._html else 'text'}_{self._name}_{number}"
        self._environment.add_function(call, self._piece(number))
        return f"{opening}{{{{ {call}({variable}) }}}}{closing}"

    def _piece(self, number: int) -> Callable[[Any], Any]:
        template, variable = self._names[number]
        kept, environment = self._kept, self._environment

        def piece(item: Any) -> Any:
            if not isinstance(item, Item):
                return minijinja.safe(environment.render_template(template, **{variable: item}))
            key = (number, item.key)
            found = kept.get(key)
            if found is None:
                if len(kept) >= PIECES_KEPT:
                    kept.clear()
                found = kept[key] = minijinja.safe(environment.render_template(template, **{variable: item}))
            return found

        return piece


def folded(source: str, environment: Any, constants: Mapping[str, Any], html: bool) -> str:
    """The template with a variant's colours, typeface, sender and addresses standing in it."""

    def fill(match: re.Match[str]) -> str:
        name = "folded.html" if html else "folded.txt"
        said: str = environment.render_str(match.group(0), name, **constants)
        # A brace in what was filled in is no template's.
        return _BRACES.sub(lambda brace: f"&#{ord(brace.group(0))};" if html else brace.group(0) + "\u2060", said)

    return _CONSTANT.sub(fill, source)


def slot_values(slots: Sequence[bytes], kept: dict[bytes, Any]) -> list[dict[str, Any]]:
    """The slots of a payload as templates read them: lists of items stay encoded, the rest is the same in many mails
    and read once (`kept`).
    """
    return [{name: _value(bytes(value), kept) for name, value in _decode(slot).items()} for slot in slots]


def _value(raw: bytes, kept: dict[bytes, Any]) -> Any:
    if raw[:2] == b"[{":
        return [Item(bytes(one)) for one in _decode_list(raw)]
    found = kept.get(raw, kept)
    if found is kept:
        if len(kept) >= VALUES_KEPT:
            kept.clear()
        found = kept[raw] = msgspec.json.decode(raw)
    return found
