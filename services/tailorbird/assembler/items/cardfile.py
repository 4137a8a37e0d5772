"""The cards of a snapshot as they were made once, kept in a file: a gateway that comes back reads them in a sixth of
the time that making them takes.

The file is named after the snapshot's bytes and after the code that makes cards: what either changes is made anew. It
holds nothing of a person, may be deleted at any time, and one that cannot be read or written is done without.
"""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import fields

from tailorbird.assembler.items import cards as making
from tailorbird.assembler.items.cards import NO_DETAILS, Card
from tailorbird.assembler.wording import links
from tailorbird.contracts import recommender

__all__ = ["CardFile"]

log = structlog.get_logger(__name__)

_SHARED = ("department", "category", "currency")
"""Few texts that many cards have: one in memory for all of them."""


class _Kept(Struct, array_like=True):
    ids: list[str]
    texts: list[str]
    """Those of `_SHARED`; in their columns stands the place in this list."""
    columns: list[list[Any]]
    """A list per field of a card, in their order."""


class CardFile:
    """The one file in its folder, of the latest snapshot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, snapshot: Path) -> dict[str, Card] | None:
        """The cards of this snapshot; None when they are not kept."""
        try:
            return _cards(msgspec.msgpack.decode(self._path(snapshot).read_bytes(), type=_Kept))
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, TypeError, ValueError, IndexError) as error:
            log.info("cards_made_anew", reason=f"{type(error).__name__}: {error}")
            return None

    def write(self, snapshot: Path, cards: dict[str, Card]) -> None:
        """From now on these are kept, and no others."""
        beside = self._folder / f"being-written.{os.getpid()}"
        try:
            path = self._path(snapshot)
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(msgspec.msgpack.encode(_kept(cards)))
            beside.replace(path)
            for other in self._folder.glob("*.msgpack"):
                if other != path:
                    other.unlink(missing_ok=True)
        except OSError as error:
            log.info("cards_not_kept", reason=f"{type(error).__name__}: {error}")
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)

    def _path(self, snapshot: Path) -> Path:
        made_of = blake2b(snapshot.read_bytes(), digest_size=16)
        for module in (making, links, recommender):
            made_of.update(inspect.getsource(module).encode())
        return self._folder / f"{made_of.hexdigest()}.msgpack"


def _kept(cards: dict[str, Card]) -> _Kept:
    places: dict[str, int] = {}
    columns: list[list[Any]] = []
    for field in fields(Card):
        column: Iterable[Any] = (getattr(card, field.name) for card in cards.values())
        if field.name in _SHARED:
            column = (places.setdefault(text, len(places)) for text in column)
        elif field.name == "details":
            column = (details or None for details in column)
        columns.append(list(column))
    return _Kept(list(cards), list(places), columns)


def _cards(kept: _Kept) -> dict[str, Card]:
    for number, field in enumerate(fields(Card)):
        column = kept.columns[number]
        if field.name in _SHARED:
            kept.columns[number] = [kept.texts[place] for place in column]
        elif field.name == "details":
            kept.columns[number] = [details or NO_DETAILS for details in column]
    return dict(zip(kept.ids, map(Card, *kept.columns), strict=True))
