"""How a page looks: the part of a layout that is chosen together with its message."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

__all__ = ["Colour", "Palette", "Theme", "theme_shown"]

Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]
"""#rrggbb; nothing else reaches a style sheet."""


class Palette(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seven colours. Text stands in `ink` on `page` and `surface`, in `accent_ink` on `accent`."""

    page: Colour
    surface: Colour
    ink: Colour
    muted: Colour
    accent: Colour
    accent_ink: Colour
    highlight: Colour
    """For what should be seen first: prices, badges, the end of the hero's gradient."""


class Theme(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The look of a variant."""

    palette: Palette
    background: Literal["plain", "dots", "stripes", "gingham", "waves", "paper", "glow", "grid"] = "plain"
    imagery: Literal[
        "family_table", "city_night", "garden", "market_sign", "still_life", "open_door", "basket", "gadget"
    ]
    """Which world the pictures come from; the shop draws its heroes by this name."""
    density: Literal["compact", "comfortable", "airy"] = "comfortable"
    corners: Literal["square", "soft", "round"] = "soft"
    typeface: Literal["sans", "serif", "rounded", "condensed"] = "sans"


def theme_shown(theme: Theme) -> dict[str, Any]:
    """The theme as plain data, as it stands in a payload."""
    shown: dict[str, Any] = msgspec.to_builtins(theme)
    return shown
