"""A template made quick: what is the same for a whole variant is filled in once, and the body of a loop that speaks of
nothing but its item, or its slot, is rendered once for each instead of once per mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import minijinja
import msgspec
from msgspec import Raw

from tailorbird.assembler.mail.writing.mergetags import neutral_all

__all__ = ["Item", "Pieces", "Slot", "folded", "slot_values"]

PIECES_KEPT = 20_000
"""Rendered items and slots kept, some 2 KB each."""
LONGEST_KEPT = 2_000
"""Bytes of what is kept under. A slot of more holds the items chosen for one person: it comes in no second mail."""
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
_SCORE = re.compile(rb',"score":-?[0-9.e+-]+')
_SLOTS = re.compile(r"\{%-?\s*for\s+slot\s+in\s+slots\s*-?%\}")
_LOOP_ENDS = re.compile(r"\{%-?\s*(for|endfor)\b[^%]*%\}")


class Item:
    """An item, offer, line or whole slot, read only when a template asks for something in it."""

    __slots__ = ("_read", "key")

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._read: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        if self._read is None:
            self._read = self.read()
        return self._read[name]

    def read(self) -> dict[str, Any]:
        """Everything in it."""
        read: dict[str, Any] = neutral_all(msgspec.json.decode(self.key))
        return read


class Slot(Item):
    """A slot: its lists of items stay encoded, the rest is the same in many mails and read once (`kept`)."""

    __slots__ = ("_kept",)

    def __init__(self, key: bytes, kept: dict[bytes, Any]) -> None:
        super().__init__(key)
        self._kept = kept

    def read(self) -> dict[str, Any]:
        return {name: _value(bytes(value), self._kept) for name, value in _decode(self.key).items()}


def without_scores(raw: bytes) -> bytes:
    """The JSON without scores, which differ from person to person and stand in no mail."""
    return _SCORE.sub(b"", raw)


class Pieces:
    """Loop bodies of one template, each item's rendered once and kept."""

    def __init__(self, environment: Any, name: str, html: bool) -> None:
        self._environment = environment
        self._name = name
        self._html = html
        self._kept: dict[tuple[int, bytes], Any] = {}
        self._names: list[tuple[str, str]] = []
        self._calls: set[str] = set()

    def extracted(self, source: str) -> str:
        """The template with a call in place of each loop's body that can be rendered by itself."""
        whole = _LOOP.sub(self._extract, source)
        opening = _SLOTS.search(whole)
        if opening is None:
            return whole
        ends = _end_of_loop(whole, opening.end())
        body = whole[opening.end() : ends]
        return whole[: opening.end()] + (self._called("slot", body) or body) + whole[ends:]

    def _extract(self, match: re.Match[str]) -> str:
        opening, variable, body, closing = match.groups()
        called = self._called(variable, body)
        return f"{opening}{called}{closing}" if called else match.group(0)

    def _called(self, variable: str, body: str) -> str:
        """A call that stands for the body; empty where it speaks of more than the variable."""
        unknown = set(self._environment.undeclared_variables_in_str(body)) - {variable, *self._calls}
        if unknown or _OF_A_PERSON.search(body):
            return ""
        number = len(self._names)
        template = f"{self._name}.{number}.{'html' if self._html else 'txt'}"
        self._environment.add_template(template, body)
        self._names.append((template, variable))
        call = f"{'html' if self._html else 'text'}_{self._name}_{number}"
        self._environment.add_function(call, self._piece(number))
        self._calls.add(call)
        return f"{{{{ {call}({variable}) }}}}"

    def _piece(self, number: int) -> Callable[[Any], Any]:
        template, variable = self._names[number]
        kept, environment = self._kept, self._environment

        def piece(item: Any) -> Any:
            if not isinstance(item, Item):
                return minijinja.safe(environment.render_template(template, **{variable: item}))
            key = (number, item.key)
            found = kept.get(key)
            if found is None:
                found = minijinja.safe(environment.render_template(template, **{variable: item}))
                if len(item.key) <= LONGEST_KEPT:
                    if len(kept) >= PIECES_KEPT:
                        del kept[next(iter(kept))]
                    kept[key] = found
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


def slot_values(slots: Sequence[bytes], kept: dict[bytes, Any]) -> list[Slot]:
    """The slots of a payload as templates read them."""
    return [Slot(without_scores(slot), kept) for slot in slots]


def _end_of_loop(source: str, start: int) -> int:
    """Where the loop ends that begins before `start`."""
    depth = 1
    for match in _LOOP_ENDS.finditer(source, start):
        depth += 1 if match.group(1) == "for" else -1
        if depth == 0:
            return match.start()
    return len(source)


def _value(raw: bytes, kept: dict[bytes, Any]) -> Any:
    if raw[:2] == b"[{":
        return [Item(bytes(one)) for one in _decode_list(raw)]
    found = kept.get(raw, kept)
    if found is kept:
        if len(kept) >= VALUES_KEPT:
            kept.clear()
        found = kept[raw] = msgspec.json.decode(raw)
    return found
