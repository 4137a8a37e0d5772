"""What comes back where it is not a contract's own message: for the routes that make it, and the documentation."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from tailorbird.contracts.assembler import SHOWN_SLOT, Fallback, PagePayload
from tailorbird.contracts.experiments import Assignment
from tailorbird.host.describing import ANYTHING, Kind

__all__ = ["PAGE_ANSWER", "Fragment", "Fragments"]

PAGE_ANSWER = {"anyOf": [Kind(PagePayload), ANYTHING]}
"""A page; of the forms `app`, `push`, `brief` and `lines` another object."""


class Fragment(Struct, frozen=True):
    """One slot of a page, with what the events about it name."""

    decision_id: str | None
    variant: str
    theme: dict[str, Any]
    slot: SHOWN_SLOT
    fallbacks: tuple[Fallback, ...]


class Fragments(Struct, frozen=True):
    """A page's slots as HTML."""

    decision_id: str
    variant: str
    style: str
    """For all of them; it changes nothing around them."""
    slots: dict[str, str]
    """Slot -> HTML; what shows nothing is left out."""
    fallbacks: tuple[Fallback, ...]
    held_out: bool
    experiments: tuple[Assignment, ...]
