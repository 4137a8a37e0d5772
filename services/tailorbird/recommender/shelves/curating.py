"""What curations make of one shelf: the items that stand first, those that move, those that are not shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
from msgspec import Struct

from tailorbird.contracts.documents import Document
from tailorbird.contracts.recommender import Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.arrays import Flags, Floats, Positions
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.shelves.curation import Curation

__all__ = ["Curated", "Curations"]

PINNED = "Picked by our team"


class Curated(Struct, frozen=True):
    """What holds for one shelf of one customer."""

    pinned: Positions
    reasons: tuple[tuple[str, ...], ...]
    banned: Flags | None
    """By position."""
    strength: Floats | None
    """By position, 1 where nothing is said."""


class _Resolved(Struct, frozen=True):
    """A curation tied to the catalogue."""

    curation: Curation
    places: Positions
    starts: float
    ends: float


class Curations:
    """All documents, tied to the catalogue when they or it have changed. Nothing said costs a page nothing."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._documents: Mapping[str, Curation] = {}
        self._resolved: list[_Resolved] = []
        self._tied_at = -1

    def replace(self, documents: Mapping[str, Curation]) -> None:
        """From the next page on these are in force."""
        self._documents = dict(documents)
        self._tied_at = -1

    def trying(self, trial: Iterable[Document]) -> Curations:
        """These, as they would be with the trial's. Raises Fault(422) with what is wrong with one of them."""
        documents = dict(self._documents)
        for document in trial:
            try:
                documents[document.id] = msgspec.json.decode(bytes(document.body), type=Curation)
            except msgspec.MsgspecError as error:
                raise Fault(422, f"The draft of '{document.id}' can't be tried out: {error}.") from error
        tried = Curations(self._columns)
        tried.replace(documents)
        return tried

    def of(self, shelf: Shelf, segments: frozenset[str], store_id: str, at: float) -> Curated | None:
        """None where nothing is said of this shelf."""
        if not self._documents:
            return None
        if self._tied_at != self._columns.changes:
            self._resolved = [_tied(one, self._columns) for _, one in sorted(self._documents.items())]
            self._tied_at = self._columns.changes
        wanted = [one for one in self._resolved if _holds(one, shelf, segments, store_id, at)]
        if not wanted:
            return None
        pinned: dict[int, tuple[str, ...]] = {}
        banned: Flags | None = None
        strength: Floats | None = None
        for one in wanted:
            if one.curation.does == "pin":
                for place in one.places.tolist():
                    pinned.setdefault(place, (one.curation.reason or PINNED,))
            elif one.curation.does == "ban":
                banned = np.zeros(self._columns.capacity, np.bool_) if banned is None else banned
                banned[one.places] = True
            else:
                strength = np.ones(self._columns.capacity, np.float32) if strength is None else strength
                strength[one.places] *= np.float32(one.curation.strength)
        return Curated(np.fromiter(pinned, np.int32, len(pinned)), tuple(pinned.values()), banned, strength)


def _tied(curation: Curation, columns: Columns) -> _Resolved:
    if curation.items:
        places = columns.positions(curation.items)
        places = places[places >= 0]
    else:
        places = np.arange(len(columns), dtype=np.int32)
    if curation.categories:
        inside = np.isin(columns.category[places], [columns.categories.find(name) for name in curation.categories])
        inside |= np.isin(columns.department[places], [columns.departments.find(name) for name in curation.categories])
        places = places[inside]
    if curation.brands:
        places = places[np.isin(columns.brand[places], [columns.brands.find(name) for name in curation.brands])]
    return _Resolved(
        curation,
        places,
        curation.starts_at.timestamp() if curation.starts_at else float("-inf"),
        curation.ends_at.timestamp() if curation.ends_at else float("inf"),
    )


def _holds(one: _Resolved, shelf: Shelf, segments: frozenset[str], store_id: str, at: float) -> bool:
    said = one.curation
    return (
        said.active
        and one.starts <= at < one.ends
        and (not said.slots or shelf.slot in said.slots)
        and (not said.strategies or shelf.strategy in said.strategies)
        and (not said.segments or not segments.isdisjoint(said.segments))
        and (not said.stores or store_id in said.stores)
    )
