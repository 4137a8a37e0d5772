"""The shop's drawings as PNG: mail programs show no SVG. Drawn when first asked for, then kept."""

from __future__ import annotations

import functools
import re

import resvg_py

from tailorbird.studio.shop.scenes import scene
from tailorbird.studio.shop.tiles import tile

__all__ = ["scene_png", "scene_svg", "tile_png"]

TILE_WIDTH = 360
SCENE_WIDTH = 900
KEPT = 2_000
"""Pictures of some 35 KB each."""

_COLOURS = re.compile(r"[0-9a-f]{6}(-[0-9a-f]{6}){4}")
_NAMES = ("accent", "highlight", "surface", "ink", "page")


@functools.lru_cache(maxsize=KEPT)
def tile_png(department: str, category: str, name: str) -> bytes:
    """A product's picture."""
    return resvg_py.svg_to_bytes(svg_string=tile(department, category, name), width=TILE_WIDTH)


@functools.lru_cache(maxsize=KEPT // 10)
def scene_png(name: str, colours: str) -> bytes | None:
    """The scene of this imagery in these colours; None when they are none."""
    drawing = scene_svg(name, colours)
    return resvg_py.svg_to_bytes(svg_string=drawing, width=SCENE_WIDTH) if drawing else None


def scene_svg(name: str, colours: str) -> str:
    """The same as SVG that stands alone. `colours`: accent, highlight, surface, ink and page as `b83d0b-15703a-...`;
    empty when they are none.
    """
    if not _COLOURS.fullmatch(colours):
        return ""
    values = dict(zip(_NAMES, colours.split("-"), strict=True))
    drawing = scene(name)
    for one, value in values.items():
        drawing = drawing.replace(f"var(--{one})", f"#{value}")
    opening = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 60 640 340"><rect y="60" width="640" height="340" '
        f'fill="#{values["page"]}"/>'
    )
    return opening + drawing.partition(">")[2]
