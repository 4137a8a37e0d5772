"""Which ways of learning are there? One file each: tuned, blended where it helps, with a row of its own in every table.

Start with `../part.py`, which says what a kind is, then `tastes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Union

from tailorbird.recommender.family import members
from tailorbird.recommender.models.part import Kind

KINDS: tuple[type[Kind], ...] = tuple(sorted(members(__name__, __path__, Kind), key=lambda kind: kind.turn))
"""In the order in which tuning tries them."""

if TYPE_CHECKING:
    AnyKind: TypeAlias = Kind
else:
    # What a recipe may be written of: each by its name.
    AnyKind: Any = Union[KINDS]  # noqa: UP007 - of as many as there are
