"""The picture in a hero: one scene per imagery that a theme may name, in the theme's own colours.

A scene is a backdrop and a few of the tiles' drawings set in front of it. Its colours are the page's custom properties,
so the same drawing belongs to every palette.
"""

from __future__ import annotations

from tailorbird.studio.shop.tiles import drawn

__all__ = ["SCENES", "scene"]

_ACCENT, _HIGHLIGHT, _SURFACE, _INK = "var(--accent)", "var(--highlight)", "var(--surface)", "var(--ink)"
_NIGHT = "#171a2e"

# Glyph, its middle, the height of its feet, its size, its colour, its tilt.
_Piece = tuple[str, int, int, float, str, int]

_TABLE = (
    f'<path d="M0 330h640v110H0z" fill="{_ACCENT}" opacity=".22"/><path d="M0 330h640v12H0z" fill="{_ACCENT}" '
    f'opacity=".35"/>'
)

_BACKDROPS: dict[str, str] = {
    "family_table": (
        f'<circle cx="330" cy="190" r="180" fill="{_HIGHLIGHT}" opacity=".28"/>'
        f'<path d="M330 0v70" stroke="{_INK}" stroke-width="5" opacity=".5"/><path d="M262 112c4-34 32-46 '
        '68-46s64 12 68 '
        f'46z" fill="{_ACCENT}"/><path d="M262 112h136l70 218H192z" fill="{_HIGHLIGHT}" opacity=".22"/>' + _TABLE
    ),
    "city_night": (
        f'<rect width="640" height="440" fill="{_NIGHT}"/><circle cx="520" cy="92" r="46" '
        f'fill="{_HIGHLIGHT}"/><circle cx="500" cy="80" r="42" fill="{_NIGHT}"/>'
        f'<path d="M0 250h70v-90h80v130h50V120h90v150h60V90h76v190h54v-70h90v50h70v180H0z" fill="{_ACCENT}" '
        f'opacity=".55"/><path d="M0 320h110v-50h80v60h130v-80h90v90h110v-60h120v160H0z" fill="{_ACCENT}" '
        'opacity=".8"/>'
        f'<g fill="{_HIGHLIGHT}"><path d="M90 180h14v18H90zm28 0h14v18h-14zm-28 36h14v18H90zm130-70h14v18h-14zm34 '
        f"0h14v18h-14zm0 40h14v18h-14zm-34 40h14v18h-14zm152-110h14v18h-14zm32 0h14v18h-14zm-32 44h14v18h-14zm32 "
        '44h14v18h-14zm120-10h14v18h-14zm34 30h14v18h-14z" opacity=".9"/></g><path d="M0 372h640v68H0z" '
        f'fill="{_INK}" '
        f'opacity=".75"/>'
    ),
    "garden": (
        f'<circle cx="486" cy="108" r="70" fill="{_HIGHLIGHT}" opacity=".55"/><path d="M0 270c90-60 190-70 '
        '300-20s220 40 '
        f'340-30v220H0z" fill="{_ACCENT}" opacity=".25"/><path d="M0 330c120-50 240-40 350-10s190 20 290-20v140H0z" '
        f'fill="{_ACCENT}" opacity=".45"/><g stroke="{_SURFACE}" stroke-width="9" opacity=".8"><path d="M20 '
        '250v110m52-118v118m52-122v122'
        f'm392-96v96m52-100v100m52-106v106"/><path d="M0 282h150m340 14h150" stroke-width="7"/></g>'
    ),
    "market_sign": (
        f'<path d="M60 150h520v250H60z" fill="{_SURFACE}" opacity=".85"/><path d="M40 92h560v20H40z" fill="{_INK}" '
        'opacity=".6"/><path d="M40 112h70v66a35 35 0 0 1-70 0zm140 0h70v66a35 35 0 0 1-70 0zm140 0h70v66a35 '
        '35 0 0 1-70 '
        f'0zm140 0h70v66a35 35 0 0 1-70 0z" fill="{_ACCENT}"/><path d="M110 112h70v66a35 35 0 0 1-70 0zm140 '
        '0h70v66a35 35 '
        f'0 0 1-70 0zm140 0h70v66a35 35 0 0 1-70 0zm140 0h70v66a35 35 0 0 1-70 0z" fill="{_HIGHLIGHT}"/>'
        f'<path d="M60 352h520v88H60z" fill="{_ACCENT}" opacity=".35"/><path d="M60 352h520v14H60zm0 44h520v6H60z" '
        f'fill="{_INK}" opacity=".22"/>'
    ),
    "still_life": (
        f'<path d="M120 0h400v340H120z" fill="{_ACCENT}" opacity=".14"/><path d="M470 0c-30 110-10 230 60 '
        '340h110V0z" '
        f'fill="{_ACCENT}" opacity=".3"/><path d="M520 0c-10 100 10 220 70 340h50V0z" fill="{_ACCENT}" '
        'opacity=".35"/>'
        f'<circle cx="240" cy="150" r="96" fill="{_HIGHLIGHT}" opacity=".3"/>' + _TABLE
    ),
    "open_door": (
        f'<path d="M0 380h640v60H0z" fill="{_ACCENT}" opacity=".3"/><path d="M196 380V164a124 124 0 0 1 248 '
        f'0v216z" fill="{_HIGHLIGHT}" opacity=".55"/><path d="M216 380V166a104 104 0 0 1 208 0v214z" '
        f'fill="{_SURFACE}"/>'
        f'<path d="M216 166c0-58 46-104 104-104v318H216z" fill="{_ACCENT}" opacity=".18"/><path d="M424 '
        '150l84-40v290l-84-20z" '
        f'fill="{_ACCENT}"/><circle cx="444" cy="266" r="8" fill="{_HIGHLIGHT}"/><path d="M320 140a60 60 0 0 '
        '1 60 60v180H260V200a60 '
        f'60 0 0 1 60-60z" fill="{_HIGHLIGHT}" opacity=".35"/><path d="M210 392h220l26 30H184z" fill="{_INK}" '
        'opacity=".25"/>'
    ),
    "basket": (
        f'<circle cx="320" cy="210" r="190" fill="{_HIGHLIGHT}" opacity=".3"/><circle cx="320" cy="210" r="140" '
        f'fill="{_SURFACE}" opacity=".6"/><ellipse cx="320" cy="404" rx="220" ry="16" fill="{_INK}" opacity=".12"/>'
    ),
    "gadget": (
        f'<circle cx="330" cy="200" r="180" fill="{_HIGHLIGHT}" opacity=".25"/><rect x="150" y="84" '
        'width="340" height="226" '
        f'rx="18" fill="{_INK}" opacity=".85"/><rect x="166" y="100" width="308" height="194" rx="8" '
        f'fill="{_SURFACE}"/>'
        f'<path d="M110 326h420l-26 36H136z" fill="{_INK}" opacity=".7"/><path d="M166 100h308v34H166z" '
        f'fill="{_ACCENT}"/>'
        f'<path d="M188 156h110v16H188zm0 32h74v12h-74zm0 26h92v12h-92z" fill="{_INK}" opacity=".2"/><rect '
        'x="188" y="246" '
        f'width="92" height="30" rx="15" fill="{_ACCENT}"/><ellipse cx="320" cy="392" rx="240" ry="14" '
        f'fill="{_INK}" opacity=".12"/>'
    ),
}  # fmt: skip

_PIECES: dict[str, tuple[_Piece, ...]] = {
    "family_table": (
        ("milk", 116, 352, 1.05, "#4f8fc4", -2), ("cereal", 214, 348, 0.95, "#d9483b", 3),
        ("bowl", 330, 372, 1.25, "#58b0a0", 0), ("apple", 446, 366, 0.78, "#d9483b", 8),
        ("banana", 528, 364, 0.95, "#f2c14e", -8),
    ),
    "city_night": (
        ("pizza", 180, 408, 1.1, "#d9483b", -10), ("mug", 318, 410, 0.95, "#ef8f3c", 0),
        ("sushi", 456, 412, 1.05, "#e57b3f", 0), ("icecream", 560, 410, 0.85, "#d8557b", 6),
    ),
    "garden": (
        ("plant", 112, 396, 1.0, "#5f9a63", 0), ("carrot", 226, 404, 0.9, "#ef8f3c", -12),
        ("leafy", 330, 414, 1.0, "#7cab55", 0), ("tomato", 428, 410, 0.78, "#d9483b", 4),
        ("flower", 530, 398, 1.1, "#d8557b", 3),
    ),
    "market_sign": (
        ("citrus", 128, 366, 0.72, "#ef8f3c", 0), ("pepper", 222, 366, 0.78, "#d9483b", -6),
        ("corn", 318, 366, 0.9, "#f2c14e", 0), ("broccoli", 414, 366, 0.82, "#5f9a63", 0),
        ("apple", 508, 366, 0.74, "#93b84f", 6),
    ),
    "still_life": (
        ("wine", 206, 356, 1.35, "#8f2f4a", 0), ("cheese", 356, 372, 1.05, "#e0b060", 0),
        ("grapes", 474, 374, 0.95, "#7f4f93", 6), ("bread", 560, 360, 0.7, "#c78a50", -8),
    ),
    "open_door": (
        ("plant", 112, 402, 1.25, "#5f9a63", 0), ("sack", 300, 404, 0.82, "#c78a50", -4),
        ("milk", 372, 402, 0.8, "#4f8fc4", 4), ("flower", 556, 404, 1.05, "#ef8f3c", 0),
    ),
    "basket": (
        ("carrot", 216, 300, 1.05, "#ef8f3c", -24), ("leafy", 286, 296, 1.0, "#7cab55", -6),
        ("milk", 362, 300, 1.05, "#4f8fc4", 4), ("bread", 436, 300, 0.9, "#c78a50", 14),
        ("apple", 300, 320, 0.62, "#d9483b", 0), ("citrus", 392, 320, 0.58, "#e9a23b", 0),
    ),
    "gadget": (
        ("gift", 404, 288, 0.86, "#ef8f3c", 0), ("mug", 112, 404, 0.86, "#3f9c95", 0),
        ("bulb", 548, 400, 0.9, "#f2c14e", 8),
    ),
}  # fmt: skip

_FRONTS: dict[str, str] = {
    "basket": (
        f'<path d="M150 286h340l-34 112c-3 8-9 12-18 12H202c-9 0-15-4-18-12z" fill="{_ACCENT}"/><rect x="138" '
        'y="268" '
        f'width="364" height="30" rx="15" fill="{_ACCENT}"/><path d="M138 283a15 15 0 0 1 15-15h334a15 15 0 0 '
        '1 15 15z" '
        f'fill="#fff" opacity=".2"/><path d="M190 316l22 74m44-74 8 74m56-74v74m64-74-8 74m52-74-22 74M176 344h288" '
        f'stroke="#fff" stroke-width="6" opacity=".28" stroke-linecap="round"/>'
    ),
    "market_sign": (
        f'<path d="M262 40h116v44H262z" fill="{_SURFACE}"/><path d="M262 40h116v44H262z" fill="none" stroke="{_INK}" '
        f'stroke-width="4" opacity=".5"/><text x="320" y="71" text-anchor="middle" font-size="26" font-weight="800" '
        f'font-family="Helvetica,Arial,sans-serif" fill="{_ACCENT}">SALE</text>'
    ),
}  # fmt: skip

SCENES = tuple(_BACKDROPS)


def scene(name: str) -> str:
    """The SVG of this imagery, to stand inline in a page; `basket` for one that has no drawing."""
    name = name if name in _BACKDROPS else "basket"
    pieces = "".join(
        f'<g transform="translate({x} {y}) rotate({tilt}) scale({size}) translate(-100 '
        f'-168)">{drawn(glyph, colour)}</g>'
        for glyph, x, y, size, colour, tilt in _PIECES[name]
    )
    return (
        '<svg class="scene" viewBox="0 0 640 440" preserveAspectRatio="xMidYMax slice" aria-hidden="true" '
        f'focusable="false">{_BACKDROPS[name]}{pieces}{_FRONTS.get(name, "")}</svg>'
    )
