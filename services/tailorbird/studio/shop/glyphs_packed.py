"""Drawings of food and drink that comes packed, bottled or on a plate: SVG as in `glyphs_fresh.py`.

`$m` main, `$d` darker, `$l` lighter colour; the canvas is 200 x 200, things stand on y = 168.
"""

from __future__ import annotations

__all__ = ["PACKED"]

PACKED: dict[str, str] = {
    "milk": (
        '<path d="M66 76l14-36h40l14 36z" fill="$l"/><path d="M80 28h40v14H80z" fill="$d"/><path d="M66 76h68v86c0 '
        '3-3 6-6 6H72c-3 0-6-3-6-6z" fill="#fdfdfb"/><path d="M112 76h22v86c0 3-3 6-6 6h-16z" '
        'fill="#e4e9ee"/><path d="M66 118c12-12 22 10 34 0s22-10 34 0v44c0 3-3 6-6 6H72c-3 0-6-3-6-6z" '
        'fill="$m"/><circle cx="90" cy="98" r="8" fill="$l"/>'
    ),
    "cheese": (
        '<path d="M28 112 134 60c20 6 36 26 38 52z" fill="$l"/><path d="M28 112h144v44c0 6-4 10-10 10H38c-6 '
        '0-10-4-10-10z" fill="$m"/><g fill="$d" opacity=".65"><circle cx="62" cy="140" r="11"/><circle cx="108" '
        'cy="132" r="8"/><circle cx="142" cy="148" r="10"/><ellipse cx="120" cy="90" rx="12" ry="7"/></g>'
    ),
    "cup": (
        '<path d="M54 78h92l-12 82c-1 5-4 8-9 8H75c-5 0-8-3-9-8z" fill="#fdfdfb"/><path d="M58 104h84l-6 38H64z" '
        'fill="$m"/><rect x="46" y="62" width="108" height="20" rx="8" fill="$d"/><circle cx="100" cy="123" r="11" '
        'fill="$l"/><path d="M132 62c4-14 14-20 26-20-2 12-10 20-26 20z" fill="$l"/>'
    ),
    "butter": (
        '<path d="M34 132h132l-8 28c-1 5-5 8-10 8H52c-5 0-9-3-10-8z" fill="#d7dde2"/><path d="M50 90h100v42H50z" '
        'fill="$m"/><path d="M50 90l18-18h100l-18 18z" fill="$l"/><path d="M150 90l18-18v38l-18 22z" '
        'fill="$d"/><path d="M84 90v42" stroke="$l" stroke-width="5"/>'
    ),
    "frozen": (
        '<rect x="44" y="44" width="112" height="124" rx="10" fill="$m"/><rect x="44" y="44" width="112" '
        'height="28" rx="10" fill="$d"/><g stroke="#fff" stroke-width="6" stroke-linecap="round"><path d="M100 '
        '84v64M72 100l56 32m0-32-56 32"/><path d="M90 90l10 8 10-8m-20 52 10-8 10 8m-40-32 2 12-12 4m64-16-2 12 12 '
        '4" stroke-width="4" fill="none"/></g>'
    ),
    "pizza": (
        '<path d="M100 168 36 62c40-24 88-24 128 0z" fill="$l"/><path d="M100 168 44 74c36-18 76-18 112 0z" '
        'fill="#f4c95d"/><path d="M30 60c44-28 96-28 140 0l-8 14c-40-24-84-24-124 0z" fill="#cf8f4c"/><g '
        'fill="$m"><circle cx="82" cy="88" r="12"/><circle cx="122" cy="90" r="12"/><circle cx="100" cy="124" '
        'r="11"/></g><g fill="#6fa35a"><circle cx="102" cy="76" r="4"/><circle cx="98" cy="104" r="4"/><circle '
        'cx="118" cy="112" r="4"/></g>'
    ),
    "icecream": (
        '<path d="M66 96h68l-30 70c-2 4-6 4-8 0z" fill="#d9a765"/><path d="M74 112l40 34m-50-30 60-2m-52 20 46-22" '
        'stroke="#b98545" stroke-width="4"/><circle cx="78" cy="80" r="26" fill="$m"/><circle cx="122" cy="80" '
        'r="26" fill="$l"/><circle cx="100" cy="58" r="26" fill="$d"/><path d="M88 48c4-6 10-8 16-8" fill="none" '
        'stroke="#fff" stroke-width="6" stroke-linecap="round" opacity=".6"/>'
    ),
    "popsicle": (
        '<rect x="92" y="128" width="16" height="42" rx="8" fill="#dcb985"/><path d="M62 70a38 38 0 0 1 76 0v58c0 '
        '6-4 10-10 10H72c-6 0-10-4-10-10z" fill="$m"/><path d="M62 92h76v20H62z" fill="$l"/><path d="M82 '
        '62v52m20-60v60" stroke="#fff" stroke-width="6" stroke-linecap="round" opacity=".5"/>'
    ),
    "fries": (
        '<g fill="#f2c14e"><rect x="58" y="52" width="14" height="70" rx="4"/><rect x="76" y="38" width="14" '
        'height="80" rx="4"/><rect x="94" y="48" width="14" height="70" rx="4"/><rect x="112" y="36" width="14" '
        'height="80" rx="4"/><rect x="130" y="54" width="14" height="66" rx="4"/></g><path d="M46 92c30 22 78 22 '
        '108 0l-12 68c-1 5-4 8-9 8H67c-5 0-8-3-9-8z" fill="$m"/><circle cx="100" cy="138" r="13" fill="$l"/>'
    ),
    "can": (
        '<rect x="52" y="46" width="96" height="122" rx="12" fill="#ccd3d8"/><rect x="52" y="66" width="96" '
        'height="82" fill="$m"/><rect x="52" y="66" width="20" height="82" fill="$l" opacity=".6"/><circle '
        'cx="106" cy="107" r="22" fill="#fffaf0"/><path d="M96 108c0-10 20-10 20 0s-20 12-20 0z" '
        'fill="$d"/><ellipse cx="100" cy="50" rx="48" ry="12" fill="#e4e9ec"/><ellipse cx="100" cy="50" rx="36" '
        'ry="7" fill="#b6bfc5"/>'
    ),
    "jar": (
        '<rect x="64" y="34" width="72" height="24" rx="6" fill="$d"/><path d="M60 58h80c10 8 14 18 14 30v64c0 9-7 '
        '16-16 16H62c-9 0-16-7-16-16V88c0-12 4-22 14-30z" fill="$m"/><path d="M60 58h80c6 5 10 10 12 18H48c2-8 '
        '6-13 12-18z" fill="#fff" opacity=".45"/><rect x="46" y="96" width="108" height="48" fill="#fffaf0"/><path '
        'd="M66 120c10-14 24 12 34 0s24-12 34 0" fill="none" stroke="$d" stroke-width="6" stroke-linecap="round"/>'
    ),
    "bottle": (
        '<path d="M88 30h24v30c0 14 24 22 24 48v48c0 7-5 12-12 12H76c-7 0-12-5-12-12v-48c0-26 24-34 24-48z" '
        'fill="$m"/><rect x="84" y="22" width="32" height="16" rx="4" fill="$d"/><rect x="64" y="104" width="72" '
        'height="40" fill="#fffaf0"/><path d="M76 124h48" stroke="$d" stroke-width="7" '
        'stroke-linecap="round"/><path d="M78 94c2-10 8-16 14-24" fill="none" stroke="#fff" stroke-width="6" '
        'stroke-linecap="round" opacity=".6"/>'
    ),
    "soda": (
        '<path d="M62 52l8-14h60l8 14v104l-8 12H70l-8-12z" fill="$m"/><path d="M62 52l8-14h60l8 14z" '
        'fill="#d3d9dd"/><path d="M62 156h76l-8 12H70z" fill="#d3d9dd"/><path d="M62 122c26-34 50 6 76-30v34c-26 '
        '32-50-4-76 26z" fill="#fff" opacity=".9"/><path d="M74 60v88" stroke="$l" stroke-width="7" '
        'stroke-linecap="round" opacity=".8"/>'
    ),
    "juice": (
        '<path d="M62 70h76v92c0 3-3 6-6 6H68c-3 0-6-3-6-6z" fill="$m"/><path d="M62 70l12-26h52l12 26z" '
        'fill="$d"/><path d="M104 44V24l20-4" fill="none" stroke="#f5f5f0" stroke-width="7" '
        'stroke-linecap="round"/><circle cx="100" cy="116" r="25" fill="#fffaf0"/><circle cx="100" cy="116" r="18" '
        'fill="$l"/><path d="M100 98v36m-16-27 32 18m0-18-32 18" stroke="#fffaf0" stroke-width="4"/>'
    ),
    "mug": (
        '<path d="M134 94c34-6 36 44-2 42" fill="none" stroke="$d" stroke-width="11"/><path d="M46 80h92v50c0 '
        '22-16 38-38 38H84c-22 0-38-16-38-38z" fill="$m"/><ellipse cx="92" cy="80" rx="46" ry="11" '
        'fill="#5b3a26"/><path d="M74 56c-8-10 8-14 0-26m20 26c-8-10 8-14 0-26m20 26c-8-10 8-14 0-26" fill="none" '
        'stroke="$d" stroke-width="5" stroke-linecap="round" opacity=".5"/><path d="M60 98v26" stroke="$l" '
        'stroke-width="7" stroke-linecap="round"/>'
    ),
    "wine": (
        '<path d="M56 28h20v34c0 10 14 14 14 32v66c0 5-3 8-8 8H50c-5 0-8-3-8-8V94c0-18 14-22 14-32z" '
        'fill="$m"/><rect x="54" y="22" width="24" height="22" rx="4" fill="$d"/><rect x="42" y="108" width="48" '
        'height="34" fill="#fbf3e2"/><path d="M108 74h56c2 34-8 48-22 '
        '52v32h14v10h-40v-10h14v-32c-14-4-24-18-22-52z" fill="#fff" opacity=".75"/><path d="M109 90h54c-2 22-10 '
        '30-27 30s-25-8-27-30z" fill="$m" opacity=".85"/>'
    ),
    "beer": (
        '<path d="M134 92h12c22 0 22 50 0 50h-12" fill="none" stroke="#e7dcc4" stroke-width="11"/><path d="M58 '
        '74h78v84c0 6-4 10-10 10H68c-6 0-10-4-10-10z" fill="$m"/><path d="M76 96v52m22-52v52m22-52v52" stroke="$l" '
        'stroke-width="8" stroke-linecap="round" opacity=".7"/><path d="M50 78c-8-22 14-34 28-24 6-16 34-18 42-2 '
        '18-4 28 14 20 28-14 10-76 10-90-2z" fill="#fffaf0"/>'
    ),
    "pasta": (
        '<path d="M36 112h128c0 32-22 54-50 56H86c-28-2-50-24-50-56z" fill="$d"/><g fill="none" stroke="$m" '
        'stroke-width="8" stroke-linecap="round"><path d="M48 110c0-30 30-44 52-28s32-10 52 28"/><path d="M62 '
        '110c4-22 28-28 44-14s22 0 30 14"/><path d="M80 108c6-10 22-12 34 0"/></g><path d="M30 106h140v12H30z" '
        'fill="$l"/><path d="M126 84 158 34" stroke="#b9c1c7" stroke-width="7" stroke-linecap="round"/>'
    ),
    "bowl": (
        '<path d="M30 96h140c0 42-26 66-56 72H86c-30-6-56-30-56-72z" fill="$m"/><ellipse cx="100" cy="96" rx="70" '
        'ry="18" fill="$d"/><ellipse cx="100" cy="96" rx="60" ry="13" fill="$l"/><g fill="#6fa35a"><circle cx="80" '
        'cy="94" r="5"/><circle cx="112" cy="98" r="5"/></g><circle cx="98" cy="91" r="4" fill="#e0793d"/><path '
        'd="M84 68c-8-10 8-16 0-28m32 28c-8-10 8-16 0-28" fill="none" stroke="$d" stroke-width="5" '
        'stroke-linecap="round" opacity=".5"/>'
    ),
    "salad": (
        '<g fill="#79ad5c"><circle cx="70" cy="86" r="24"/><circle cx="128" cy="84" r="26"/><circle cx="98" '
        'cy="74" r="26"/></g><circle cx="84" cy="88" r="14" fill="#dd5b46"/><circle cx="122" cy="92" r="12" '
        'fill="#f1bd4a"/><path d="M30 100h140c0 40-26 62-56 68H86c-30-6-56-28-56-68z" fill="$m"/><path d="M48 '
        '118c4 16 12 26 22 32" fill="none" stroke="$l" stroke-width="7" stroke-linecap="round"/>'
    ),
    "cereal": (
        '<path d="M56 36h88v126c0 3-3 6-6 6H62c-3 0-6-3-6-6z" fill="$m"/><path d="M128 36h16v126c0 3-3 6-6 6h-10z" '
        'fill="$d"/><path d="M66 108h52c0 20-10 32-26 32s-26-12-26-32z" fill="#fffaf0"/><g fill="#f3c65b"><circle '
        'cx="78" cy="104" r="7"/><circle cx="92" cy="100" r="7"/><circle cx="106" cy="104" r="7"/></g><path d="M68 '
        '60h46m-46 16h30" stroke="$l" stroke-width="9" stroke-linecap="round"/>'
    ),
    "sack": (
        '<path d="M60 52c10-8 70-8 80 0 14 32 18 74 8 110-2 8-94 8-96 0-10-36-6-78 8-110z" fill="$m"/><path d="M62 '
        '38h76l2 16H60z" fill="$d"/><circle cx="100" cy="112" r="28" fill="#fffaf0"/><path d="M100 134V96m0 12c-10 '
        '0-14-6-14-14 10 0 14 6 14 14zm0 14c10 0 14-6 14-14-10 0-14 6-14 14z" stroke="$d" stroke-width="4" '
        'fill="$l"/>'
    ),
    "oil": (
        '<path d="M90 34h20v26c0 10 26 18 26 46v52c0 6-4 10-10 10H74c-6 0-10-4-10-10v-52c0-28 26-36 26-46z" '
        'fill="$m"/><rect x="86" y="24" width="28" height="18" rx="4" fill="#4d6b3c"/><path d="M100 92c16 20 20 28 '
        '20 36a20 20 0 0 1-40 0c0-8 4-16 20-36z" fill="#fff6d6"/><path d="M76 112c0-12 4-18 10-24" fill="none" '
        'stroke="$l" stroke-width="6" stroke-linecap="round"/>'
    ),
    "shaker": (
        '<path d="M66 76h68l8 84c0 4-4 8-8 8H66c-4 0-8-4-8-8z" fill="#f4f2ec"/><path d="M63 108h74l5 52c0 4-4 8-8 '
        '8H66c-4 0-8-4-8-8z" fill="$m"/><path d="M62 76c0-26 14-42 38-42s38 16 38 42z" fill="$d"/><g '
        'fill="#fff"><circle cx="86" cy="56" r="4"/><circle cx="100" cy="50" r="4"/><circle cx="114" cy="56" '
        'r="4"/></g><rect x="76" y="122" width="48" height="24" rx="4" fill="#fffaf0"/>'
    ),
    "chips": (
        '<path d="M56 40l8 6 8-6 8 6 8-6 8 6 8-6 8 6 8-6 8 6 8-6 8 6v116l-8 6-8-6-8 6-8-6-8 6-8-6-8 6-8-6-8 '
        '6-8-6-8 6z" fill="$m"/><path d="M56 60h88v16H56zm0 76h88v12H56z" fill="$d" opacity=".5"/><ellipse '
        'cx="100" cy="108" rx="30" ry="22" fill="#fff4d6"/><path d="M80 110c10-14 28-16 40-6-4 12-26 18-40 6z" '
        'fill="#f0bd4f"/>'
    ),
    "candy": (
        '<path d="M58 106 26 80c-2 18-2 36 0 54zm84 0 32-26c2 18 2 36 0 54z" fill="$l"/><circle cx="100" cy="106" '
        'r="46" fill="$m"/><path d="M100 60c-22 26-22 66 0 92m0-92c22 26 22 66 0 92" fill="none" stroke="#fff" '
        'stroke-width="8" opacity=".75"/><path d="M72 86c4-8 8-12 14-14" fill="none" stroke="$l" stroke-width="7" '
        'stroke-linecap="round"/>'
    ),
    "chocolate": (
        '<g transform="rotate(-12 100 106)"><path d="M62 40h76v60H62z" fill="#6b4430"/><path d="M68 '
        '46h28v22H68zm36 0h28v22h-28zM68 74h28v22H68zm36 0h28v22h-28z" fill="#825640"/><path d="M56 96l8-6 8 6 8-6 '
        '8 6 8-6 8 6 8-6 8 6 8-6 8 6 8-6v72c0 3-2 6-6 6H62c-4 0-6-3-6-6z" fill="$m"/><path d="M56 118h88v26H56z" '
        'fill="$l"/></g>'
    ),
    "popcorn": (
        '<g fill="#fff6dc"><circle cx="72" cy="66" r="20"/><circle cx="100" cy="54" r="22"/><circle cx="128" '
        'cy="66" r="20"/><circle cx="86" cy="78" r="18"/><circle cx="116" cy="78" r="18"/></g><g '
        'fill="#f2cf73"><circle cx="94" cy="54" r="6"/><circle cx="122" cy="66" r="5"/><circle cx="74" cy="68" '
        'r="5"/></g><path d="M50 84h100l-12 78c-1 4-4 6-8 6H70c-4 0-7-2-8-6z" fill="#fffaf0"/><path d="M66 84h16l4 '
        '84H72zm34 0h14l-2 84h-12zm32 0h14l-10 84h-10z" fill="$m"/>'
    ),
    "sandwich": (
        '<path d="M36 92c0-30 28-48 64-48s64 18 64 48z" fill="$m"/><path d="M30 100c12-12 22 6 34-2s24 8 36 0 24 8 '
        '36 0 22 6 34-2v14H30z" fill="#79ad5c"/><path d="M34 112h132v16H34z" fill="#dd5b46"/><path d="M34 '
        '128h132l-12 10H46z" fill="#f5c95b"/><path d="M36 138h128v16c0 8-6 14-14 14H50c-8 0-14-6-14-14z" '
        'fill="$d"/><g fill="#fff4dc"><ellipse cx="80" cy="66" rx="5" ry="3"/><ellipse cx="106" cy="60" rx="5" '
        'ry="3"/><ellipse cx="128" cy="74" rx="5" ry="3"/></g>'
    ),
    "sushi": (
        '<ellipse cx="70" cy="142" rx="42" ry="24" fill="#2f3b38"/><ellipse cx="70" cy="130" rx="42" ry="24" '
        'fill="#fdfbf5"/><ellipse cx="70" cy="130" rx="18" ry="11" fill="$m"/><path d="M96 96c10-10 70-10 78 '
        '0v22c-8 10-68 10-78 0z" fill="#fdfbf5"/><path d="M92 92c4-24 70-36 86-6-8 14-72 20-86 6z" '
        'fill="$m"/><path d="M112 78l10 18m14-26 10 24" stroke="$l" stroke-width="5"/>'
    ),
    "pan": (
        '<path d="M150 106h38" stroke="#5b4638" stroke-width="13" stroke-linecap="round"/><ellipse cx="92" '
        'cy="112" rx="68" ry="50" fill="$d"/><ellipse cx="92" cy="108" rx="56" ry="40" fill="$m"/><path d="M70 '
        '104c4-18 36-20 44-4 14 4 12 26-4 28-20 6-48-4-40-24z" fill="#fffdf6"/><circle cx="92" cy="110" r="11" '
        'fill="#f3b93f"/>'
    ),
}  # fmt: skip
