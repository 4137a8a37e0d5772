"""Names and days of the data as people say them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tailorbird.studio.desk.forms.fields import words

__all__ = ["day_of", "lasting", "moment_of"]


def moment_of(text: Any) -> str:
    """Where something was decided: `page/home` is the home page. Anything else as it is."""
    kind, _, name = str(text or "").partition("/")
    said = {"page": f"{words(name)} page", "email": f"e-mail “{words(name)}”"}
    return said.get(kind, str(text)) if name else str(text or "")


def day_of(text: Any) -> str:
    """`2026-10-01` as `1 Oct 2026`; what is no day as it is."""
    try:
        return datetime.fromisoformat(str(text)).strftime("%-d %b %Y")
    except ValueError:
        return str(text)


def lasting(seconds: Any) -> str:
    """`1800` as `30 minutes`: the largest unit of which it is a whole number; empty for what is no number."""
    if not isinstance(seconds, (int, float)):
        return ""
    sizes = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, name = next((one for one in sizes if seconds >= one[0] and seconds % one[0] == 0), (1, "second"))
    return f"{seconds / size:g} {name}{'' if seconds == size else 's'}"
