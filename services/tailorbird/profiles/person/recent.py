"""What was done with items lately, kept as columns: an event puts one entry in, and no other is looked at for it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from operator import neg, sub

import msgspec

from tailorbird.contracts.words import Signal, SignalKind
from tailorbird.profiles.person.packing import gaps, numbers, texts

__all__ = ["Recent"]

_Columns = tuple[list[int | str], list[int], list[int]]
"""Items, numbers of kinds, times."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Columns).decode
_EMPTY = _encode(((), (), ()))
_KINDS: tuple[SignalKind, ...] = ("viewed", "added", "removed", "bought", "dismissed")
_KIND_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}
_BOUGHT = _KIND_NUMBER["bought"]


class Recent:
    """Signals, newest first; of one moment by kind, then by item. Never changed, only replaced."""

    __slots__ = ("_columns", "_entries", "_packed")

    def __init__(self, entries: tuple[Signal, ...] = (), packed: bytes = b"", columns: _Columns | None = None) -> None:
        """One of the three; the others are made when first asked for."""
        self._entries = None if packed or columns is not None else entries
        self._packed = packed
        self._columns = columns

    def __len__(self) -> int:
        return len(self.columns()[0])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recent) and self.packed() == other.packed()

    def __hash__(self) -> int:
        return hash(self.packed())

    def __repr__(self) -> str:
        return f"Recent({self.entries()!r})"

    def entries(self) -> tuple[Signal, ...]:
        if self._entries is None:
            items, kinds, times = self.columns()
            self._entries = tuple(map(Signal, [_KINDS[kind] for kind in kinds], texts(items), times))
        return self._entries

    def columns(self) -> _Columns:
        if self._columns is None:
            if self._entries is None:
                items, kinds, earlier = _decode(self._packed or _EMPTY)
                self._columns = items, kinds, list(accumulate(earlier, sub))
            else:
                self._columns = (
                    numbers([one.item_id for one in self._entries]),
                    [_KIND_NUMBER[one.kind] for one in self._entries],
                    [one.at for one in self._entries],
                )
        return self._columns

    def packed(self) -> bytes:
        if not self._packed:
            items, kinds, times = self.columns()
            self._packed = _encode((items, kinds, gaps(times)))
        return self._packed

    def with_one(self, signal: Signal) -> Recent:
        """With one more in its place; the very same when it is known."""
        items, kinds, times = self.columns()
        one = signal.kind, signal.item_id
        newest = not times or signal.at > times[0]  # By far the most usual case.
        place = 0 if newest else bisect_left(times, -signal.at, key=neg)
        while place < len(times) and times[place] == signal.at:
            other = _KINDS[kinds[place]], str(items[place])
            if other == one:
                return self
            if other > one:
                break
            place += 1
        return Recent(
            columns=(
                items[:place] + numbers((signal.item_id,)) + items[place:],
                [*kinds[:place], _KIND_NUMBER[signal.kind], *kinds[place:]],
                [*times[:place], signal.at, *times[place:]],
            )
        )

    def kept(self, newest: int, seconds: int, at_most: int) -> Recent:
        """The newest, and the purchases of so many seconds before the very newest, so many in all at most."""
        items, kinds, times = self.columns()
        if len(times) <= newest:
            return self
        since = times[0] - seconds
        older = [place for place in range(newest, len(times)) if kinds[place] == _BOUGHT and times[place] >= since]
        places = older[: at_most - newest]
        return Recent(
            columns=(
                items[:newest] + [items[place] for place in places],
                kinds[:newest] + [kinds[place] for place in places],
                times[:newest] + [times[place] for place in places],
            )
        )
