"""A picture for every product: the same SVG for the same product, always.

The data has no photographs. A tile shows what kind of thing it is (its category's drawing), where it belongs (its
department's ground) and is a little different for every item (its id's colours, pattern, tilt). Pure text, no chance.
"""

from __future__ import annotations

import colorsys
import hashlib
import re
from string import Template

from tailorbird.studio.shop.glyphs_fresh import FRESH
from tailorbird.studio.shop.glyphs_home import HOME
from tailorbird.studio.shop.glyphs_packed import PACKED
from tailorbird.studio.shop.kinds import ground_of, kind_of

__all__ = ["GLYPHS", "drawn", "slug", "tile", "tile_url"]

GLYPHS: dict[str, Template] = {name: Template(drawing) for name, drawing in (FRESH | PACKED | HOME).items()}

_NOT_SLUG = re.compile(r"[^a-z0-9]+")

_PATTERNS = (
    '<circle cx="14" cy="14" r="3.2" fill="$ink"/><circle cx="34" cy="34" r="3.2" fill="$ink"/>',
    '<path d="M-4 24 24-4M16 52 52 16" stroke="$ink" stroke-width="3"/>',
    '<path d="M0 20c10-12 14-12 24 0s14 12 24 0" fill="none" stroke="$ink" stroke-width="3"/>',
    '<path d="M24 10c7 5 7 13 0 18-7-5-7-13 0-18z" fill="$ink"/>',
    '<path d="M24 14v20M14 24h20" stroke="$ink" stroke-width="3" stroke-linecap="round"/>',
    '<circle cx="24" cy="24" r="10" fill="none" stroke="$ink" stroke-width="3"/>',
)

_TILE = Template(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img" aria-label="$label">'
    '<defs><linearGradient id="g" x1="0" y1="0" x2=".6" y2="1"><stop stop-color="$light"/>'
    '<stop offset="1" stop-color="$deep"/></linearGradient><pattern id="p" width="48" height="48" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate($turn) scale($scale)">$pattern</pattern></defs>'
    '<rect width="400" height="400" fill="url(#g)"/><rect width="400" height="400" fill="url(#p)" opacity=".1"/>'
    '<circle cx="$moon_x" cy="$moon_y" r="138" fill="#fff" opacity=".5"/>'
    '<ellipse cx="200" cy="322" rx="96" ry="13" fill="$ink" opacity=".16"/>'
    '<g transform="translate(200 320) rotate($tilt) scale($size) translate(-100 -168)">$drawing</g>'
    '<text x="200" y="374" text-anchor="middle" font-family="Helvetica,Arial,sans-serif" font-size="21" '
    'font-weight="600" letter-spacing="2.5" fill="$ink" opacity=".62">$word</text></svg>'
)


def slug(text: str) -> str:
    """`Dairy & Eggs` -> `dairy-eggs`."""
    return _NOT_SLUG.sub("-", text.lower().replace("é", "e").replace("'", "")).strip("-")


def tile_url(department: str, category: str, item_id: str) -> str:
    """Where the shop serves the tile of this item."""
    parts = (slug(part) or "other" for part in (department, category, item_id))
    return f"/shop/tiles/{'/'.join(parts)}.svg"


def tile(department: str, category: str, item_id: str) -> str:
    """The SVG of 400 x 400 for these slugs; nothing that came in is written into it."""
    kind = kind_of(department, category)
    chance = hashlib.blake2b(f"{category}/{item_id}".encode(), digest_size=8).digest()
    light, deep, ink = ground_of(department)
    main = kind.colours[chance[0] % len(kind.colours)]
    shift = (chance[1] - 128) / 128
    main = _shaded(main, hue=shift * 0.012, light=shift * 0.03)
    return _TILE.substitute(
        label=kind.label or "Item",
        word=kind.label.upper().replace("&", "&amp;"),
        light=_shaded(light, hue=shift * 0.02),
        deep=_shaded(deep, hue=shift * 0.02),
        ink=ink,
        pattern=Template(_PATTERNS[chance[2] % len(_PATTERNS)]).substitute(ink=ink),
        turn=chance[3] % 4 * 15,
        scale=1 + chance[4] % 3 * 0.25,
        moon_x=185 + chance[5] % 30,
        moon_y=182 + chance[6] % 24,
        tilt=chance[7] % 9 - 4,
        size=1.62,
        drawing=drawn(kind.glyph, main),
    )


def drawn(glyph: str, colour: str) -> str:
    """The drawing of this name in this colour, on its canvas of 200 x 200."""
    darker, lighter = _shaded(colour, light=-0.14), _shaded(colour, light=0.2, saturation=-0.1)
    return GLYPHS[glyph].substitute(m=colour, d=darker, l=lighter)


def _shaded(colour: str, hue: float = 0.0, light: float = 0.0, saturation: float = 0.0) -> str:
    """`#rrggbb` moved in hue, lightness and saturation, each a share of 1."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    h, lightness, s = colorsys.rgb_to_hls(red, green, blue)
    moved = colorsys.hls_to_rgb((h + hue) % 1.0, _within(lightness + light), _within(s + saturation))
    return "#" + "".join(f"{round(part * 255):02x}" for part in moved)


def _within(share: float) -> float:
    return min(0.97, max(0.03, share))
