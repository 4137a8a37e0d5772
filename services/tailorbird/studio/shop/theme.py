"""A payload's theme as the style of a page: custom properties for its colours, classes for the rest."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["classes", "readable_on", "style"]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_WORD = re.compile(r"[a-z_]{1,20}")
_COLOURS = ("page", "surface", "ink", "muted", "accent", "accent_ink", "highlight")


def style(theme: dict[str, Any]) -> str:
    """CSS declarations of the palette. Nothing but colours gets through, whoever wrote the payload."""
    palette = theme.get("palette")
    if not isinstance(palette, dict):
        return ""
    named = {name: str(palette.get(name, "")) for name in _COLOURS}
    sound = {name: colour for name, colour in named.items() if _COLOUR.fullmatch(colour)}
    if "highlight" in sound:
        sound["highlight_ink"] = readable_on(sound["highlight"])
    if {"accent", "surface", "page"} <= sound.keys():
        sound["link"] = _legible(sound["accent"], (sound["surface"], sound["page"]))
    return "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in sound.items())


def classes(theme: dict[str, Any]) -> str:
    """Class names of background, density, corners and typeface: `background-dots corners-round ...`."""
    named = ((part, str(theme.get(part, ""))) for part in ("background", "density", "corners", "typeface"))
    return " ".join(f"{part}-{word}" for part, word in named if _WORD.fullmatch(word))


def readable_on(colour: str) -> str:
    """Near-black or white: whichever stands out more on this colour (WCAG's relative luminance)."""
    luminance = _luminance(colour)
    return "#1d1a17" if (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) else "#ffffff"


def _legible(colour: str, grounds: tuple[str, ...]) -> str:
    """The colour itself, or moved towards black or white until small text in it can be read on each of the grounds."""
    towards = readable_on(grounds[0])
    for step in range(11):
        mixed = _mixed(colour, towards, step / 10)
        if all(_contrast(mixed, ground) >= 4.5 for ground in grounds):
            return mixed
    return towards


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _contrast(one: str, two: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
