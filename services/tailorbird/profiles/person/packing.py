"""Long lists of a profile in few bytes: what was bought as columns, and how columns are written (also `recent.py`'s).

Item ids that are plain numbers are kept as numbers and times as differences between neighbours: 300 bought items take
2.1 KB instead of 4.5, and reading them is postponed until somebody looks (a view leaves what was bought unread). To
serve somebody takes no object for each of hundreds of purchases: columns tell of tastes, and become the JSON that
deciding is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import sub

import msgspec
from msgspec import Struct

from tailorbird.contracts.profiles import BEGINNING
from tailorbird.contracts.words import Bought
from tailorbird.profiles.person import fading

__all__ = ["Columns", "History", "Told", "gaps", "numbers", "texts", "tight"]

_encode = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[list[int | str], list[int], list[int], list[int]]).decode

TEXTS_KEPT = 500_000
_EMPTY = _encode(((), (), (), ()))
_known_texts: dict[int | str, str] = {}
_known_numbers: dict[str, int | str] = {}


class Columns(Struct, frozen=True):
    """What was bought, one place an item in each column, latest first."""

    items: list[int | str]
    """Ids that are plain numbers as numbers."""
    times: list[int]
    last_at: list[int]
    numbers: list[int]
    """What `fading` counted, packed; 0: a single purchase."""

    def fading(self) -> list[float]:
        """As `Bought.fading` tells it."""
        return fading.told_of_all(self.numbers, self.last_at)


class Told(Struct, frozen=True):
    """What was bought as a profile's answer tells it."""

    beginning: tuple[Bought, ...]
    """The latest, at most `BEGINNING` of them."""
    whole: bytes
    """All of it, as JSON of `tuple[Bought, ...]`; empty when the beginning is all."""


class History:
    """What was bought, one entry an item, latest first: in either form, the other made when first asked for.

    Never changed, only replaced.
    """

    __slots__ = ("_columns", "_counts", "_entries", "_packed", "_told")

    def __init__(
        self,
        entries: tuple[Bought, ...] | None = None,
        packed: bytes | None = None,
        counts: tuple[int, ...] | None = None,
    ) -> None:
        """`counts`: what `fading` counted of each entry; without it the entries' own fading is taken."""
        self._entries: tuple[Bought, ...] | None = () if entries is None and packed is None else entries
        self._packed = packed
        self._counts = counts
        self._columns: Columns | None = None
        self._told: Told | None = None

    def __len__(self) -> int:
        return len(self._entries) if self._entries is not None else len(self.columns().items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self.packed() == other.packed()

    def __hash__(self) -> int:
        return hash(self.packed())

    def __repr__(self) -> str:
        return f"History({self.entries()!r})"

    def entries(self) -> tuple[Bought, ...]:
        if self._entries is None:
            columns = self.columns()
            self._entries = tuple(
                map(Bought, texts(columns.items), columns.times, columns.last_at, columns.fading())
            )
        return self._entries

    def packed(self) -> bytes:
        if self._packed is None:
            self._packed = self._pack(self._entries or ())
        return self._packed

    def columns(self) -> Columns:
        """Kept until it is told."""
        if self._columns is None:
            items, times, earlier, counted = _decode(self.packed() or _EMPTY)
            self._columns = Columns(items, times, list(accumulate(earlier, sub)), counted)
        return self._columns

    def told(self) -> Told:
        """As an answer tells it; made once."""
        if self._told is None:
            columns = self.columns()
            lines = list(zip(map(str, columns.items), columns.times, columns.last_at, columns.fading(), strict=True))
            whole = _encode_json(lines) if len(lines) > BEGINNING else b""
            self._told = Told(tuple([Bought(*line) for line in lines[:BEGINNING]]), whole)
            self._columns = None  # It takes ten times as much memory as the JSON.
        return self._told

    def counts(self) -> tuple[int, ...]:
        """What `fading` counted, entry by entry: exact, where the entries tell hundredths."""
        if self._counts is None:
            entries = self.entries()
            if self._packed is None:
                self._counts = tuple([round((one.fading or one.times) * fading.worth(one.last_at)) for one in entries])
            else:
                kept = self.columns().numbers
                self._counts = tuple([fading.unpacked(number) if number else fading.worth(one.last_at)
                                      for one, number in zip(entries, kept, strict=True)])  # fmt: skip
        return self._counts

    def _pack(self, entries: tuple[Bought, ...]) -> bytes:
        return _encode(
            (
                numbers([entry.item_id for entry in entries]),
                [entry.times for entry in entries],
                gaps([entry.last_at for entry in entries]),
                # What was bought once is counted by when that was.
                [
                    fading.packed(count) if count != fading.worth(entry.last_at) else 0
                    for entry, count in zip(entries, self.counts(), strict=True)
                ],
            )
        )


def tight(item_id: str) -> int | str:
    """The id as a number where that loses nothing."""
    if item_id.isdecimal() and item_id.isascii() and item_id[0] != "0" and len(item_id) <= 18:
        return int(item_id)
    return item_id


def numbers(item_ids: Iterable[str]) -> list[int | str]:
    """The ids as `tight` writes each."""
    known = _known_numbers.get
    return [known(item_id) or _number(item_id) for item_id in item_ids]


def _number(item_id: str) -> int | str:
    if len(_known_numbers) >= TEXTS_KEPT:
        _known_numbers.clear()
    return _known_numbers.setdefault(item_id, tight(item_id))


def texts(items: Iterable[int | str]) -> list[str]:
    """The ids out of `numbers`."""
    # One text per item id however many open profiles name it; made once, as making them was most of the reading.
    known = _known_texts.get
    return [known(item) or _text(item) for item in items]


def _text(item: int | str) -> str:
    if len(_known_texts) >= TEXTS_KEPT:
        _known_texts.clear()
    return _known_texts.setdefault(item, str(item))


def gaps(times: Sequence[int]) -> list[int]:
    """The first time, then how much earlier each is than its neighbour."""
    return [times[0], *map(sub, times, times[1:])] if times else []
