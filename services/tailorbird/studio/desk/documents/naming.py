"""An id for a new document out of the name that a person gave it."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["new_id"]


def new_id(name: str) -> str:
    """`Pizza night: 20 % off!` becomes `pizza-night-20-off`; empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:80]
