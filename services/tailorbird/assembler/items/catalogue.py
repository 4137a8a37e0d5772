"""The catalogue as the assembler keeps it: a card per item."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from pyarrow import parquet

from tailorbird.assembler.items.cardfile import CardFile
from tailorbird.assembler.items.cards import Card, Cards, barcode_of, card_of
from tailorbird.contracts.recommender import Item

__all__ = ["Catalogue"]

_decode_item = msgspec.json.Decoder(Item).decode
_TEXTS = ("title", "kind", "department", "category", "brand", "size", "currency", "url", "image_url", "summary", "body")
_COLUMNS = ("item_id", "price", "stock", "stock_at", "attributes", *_TEXTS)


class Catalogue:
    """item id -> card.

    `replaced` is called after each new snapshot, `moved` after a change of one item with its card before.
    """

    def __init__(
        self,
        replaced: Callable[[Cards], None],
        moved: Callable[[str, Card, Card | None], None],
        file: CardFile | None = None,
    ) -> None:
        """`file`: where the cards of the latest snapshot are kept, made."""
        self._file = file
        self.cards: dict[str, Card] = {}
        self.barcodes: dict[str, str] = {}
        """Bar code, without zeros in front -> item."""
        self._replaced = replaced
        self._moved = moved

    def read(self, path: Path) -> dict[str, Card]:
        """Cards of a Parquet file with a column per field of Item; what pages do not need is not read."""
        kept = self._file.read(path) if self._file is not None else None
        if kept is not None:
            return kept
        cards = _made(path)
        if self._file is not None:
            self._file.write(path, cards)
        return cards

    def replace(self, kept: dict[str, Card]) -> None:
        """These cards from now on."""
        self.cards = kept
        self.barcodes = {code: item_id for item_id, card in kept.items() if (code := barcode_of(card))}
        self._replaced(kept)
        # Tens of thousands of cards live for long: keeping the collector off them is worth a quarter of a page.
        gc.collect()
        gc.freeze()

    def put(self, document: bytes) -> None:
        """This item's card from now on."""
        item = _decode_item(document)
        card, before = card_of(item), self.cards.get(item.item_id)
        self.cards[item.item_id] = card
        if code := barcode_of(card):
            self.barcodes[code] = item.item_id
        self._moved(item.item_id, card, before)


def _made(path: Path) -> dict[str, Card]:
    file = parquet.ParquetFile(path)
    wanted = [name for name in _COLUMNS if name in file.schema_arrow.names]
    cards: dict[str, Card] = {}
    for batch in file.iter_batches(batch_size=8_192, columns=wanted):
        columns = {name: batch.column(name).to_pylist() for name in wanted}
        for values in zip(*columns.values(), strict=True):
            row: dict[str, Any] = {
                name: value for name, value in zip(wanted, values, strict=True) if value is not None
            }
            if "attributes" in row:
                row["attributes"] = msgspec.json.decode(row["attributes"])
            cards[row["item_id"]] = card_of(Item(**row))
    return cards
