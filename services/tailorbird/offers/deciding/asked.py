"""A question about a customer, read: what rules can test, what was bought lately, what was bought just now."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from tailorbird.contracts.offers import DecideQuery, DecisionSlot
from tailorbird.contracts.wire import Fault

__all__ = ["LATELY", "Asked", "Purchase", "asked"]

LATELY = 60
"""How many of the items bought last tell what suits a customer; a household's last month or two."""


class Purchase(Struct, frozen=True, array_like=True, gc=False):
    """An item of the history and in how many orders it was; the rest of `Bought` is skipped."""

    item_id: str
    times: int


class Asked(Struct, frozen=True):
    """One question, ready to be decided."""

    customer: dict[str, Any]
    """Attribute name -> what was found of the customer: the same object for as long as that stays the same."""
    moment: dict[str, Any]
    """Attribute name -> what was found of this call; it wins."""
    lately: list[Purchase]
    just_bought: tuple[str, ...]
    slots: tuple[DecisionSlot, ...]
    at: float
    persona: str = ""
    cart: tuple[str, ...] = ()

    @property
    def values(self) -> Mapping[str, Any]:
        """Both as one."""
        return ChainMap(self.moment, self.customer)


class _Facts(Struct):
    """What deciding reads of a `CustomerFacts`; the history stays bytes."""

    attributes: dict[str, Any] = {}
    segments: list[str] = []
    persona: str = ""
    history: Raw = Raw(b"[]")


_facts = msgspec.json.Decoder(_Facts)
_purchases = msgspec.json.Decoder(list[Purchase])


def asked(query: DecideQuery, now: float, customer: bytes | None = None) -> Asked:
    """The question read; `now` stands in where it says no moment, `customer` for the facts it only names.

    Raises Fault(422) when the customer can't be read.
    """
    try:
        known, lately, persona = _read(bytes(query.customer) if customer is None else customer)
    except msgspec.MsgspecError as error:
        raise Fault(422, f"The customer of this question can't be read: {error}.") from error
    return Asked(known, query.context, lately, query.just_bought, query.slots, query.at or now, persona, query.cart)


@lru_cache(maxsize=4_096)
def _read(customer: bytes) -> tuple[dict[str, Any], list[Purchase], str]:
    """Attributes, what was bought lately, persona: the same objects for the same bytes, so nobody changes them."""
    facts = _facts.decode(customer)
    known = {**facts.attributes, "segments": facts.segments, "persona": facts.persona}
    return known, _latest(bytes(facts.history)), facts.persona


_BYTES = 40
"""More than an entry of a history takes: ["1082185",12,1790000000]."""


def _latest(history: bytes) -> list[Purchase]:
    """The first entries of a history. Reading all of a long one was the dearest part of a decision (24 of 60 us)."""
    if len(history) > LATELY * _BYTES:
        end = history.rfind(b"],[", 0, LATELY * _BYTES)
        try:
            return _purchases_of(history[:end] + b"]]")
        except msgspec.DecodeError:
            # An id that holds the very text between two entries: read it all.
            return _purchases_of(history)
    return _purchases_of(history)


@lru_cache(maxsize=4_096)
def _purchases_of(history: bytes) -> list[Purchase]:
    """The same list for the same history, whatever else of the customer changed: what suits them is known by it."""
    return _purchases.decode(history)[:LATELY]
