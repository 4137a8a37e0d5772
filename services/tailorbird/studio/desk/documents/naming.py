"""What a document is called, and an id for a new one out of the name that a person gave it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from tailorbird.studio.desk.documents.kinds import Kind

__all__ = ["new_id", "title_of"]

_PLACE = re.compile(r"\{\w+\|([^{}]*)\}")
"""`{first_name|Hello}` in a subject: a list shows what stands there for who has no name."""


def new_id(name: str) -> str:
    """`Pizza night: 20 % off!` becomes `pizza-night-20-off`; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:80]


def title_of(kind: Kind, document: Mapping[str, Any]) -> str:
    """What the document is called, in itself or in the first of its variants; empty: it has no name."""
    variants = document.get("variants")
    held = [document, *(variants[:1] if isinstance(variants, list) else ())]
    named = (str(one[name]) for one in held if isinstance(one, Mapping) for name in kind.named_by if one.get(name))
    return _PLACE.sub(r"\1", next(named, ""))
