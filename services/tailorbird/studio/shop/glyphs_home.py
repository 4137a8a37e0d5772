"""Drawings of what is no food: for the bath, the house, the baby, the party. SVG as in `glyphs_fresh.py`.

`$m` main, `$d` darker, `$l` lighter colour; the canvas is 200 x 200, things stand on y = 168.
"""

from __future__ import annotations

__all__ = ["HOME"]

HOME: dict[str, str] = {
    "pillbox": (
        '<rect x="62" y="34" width="76" height="32" rx="8" fill="#f4f4f0"/><path d="M70 '
        '34v32m12-32v32m12-32v32m12-32v32m12-32v32" stroke="#d8dbd8" stroke-width="3"/><path d="M56 66h88v90c0 7-5 '
        '12-12 12H68c-7 0-12-5-12-12z" fill="$m"/><rect x="56" y="90" width="88" height="52" fill="#fffdf8"/><path '
        'd="M100 100v32m-16-16h32" stroke="$d" stroke-width="10" stroke-linecap="round"/>'
    ),
    "plaster": (
        '<g transform="rotate(-35 100 106)"><rect x="26" y="80" width="148" height="52" rx="26" fill="$m"/><rect '
        'x="72" y="80" width="56" height="52" fill="$l"/><g fill="$d"><circle cx="88" cy="96" r="4"/><circle '
        'cx="100" cy="106" r="4"/><circle cx="112" cy="116" r="4"/><circle cx="112" cy="96" r="4"/><circle cx="88" '
        'cy="116" r="4"/></g></g>'
    ),
    "spray": (
        '<path d="M76 34h44l16 10v12H100v16H80V56c-8 0-14-4-14-10z" fill="$d"/><path d="M74 72h40c14 16 22 28 22 '
        '46v38c0 7-5 12-12 12H72c-7 0-12-5-12-12v-38c0-18 4-32 14-46z" fill="$m"/><rect x="66" y="112" width="64" '
        'height="36" rx="5" fill="#fffdf8"/><path d="M98 118c8 10 10 14 10 18a10 10 0 0 1-20 0c0-4 2-8 10-18z" '
        'fill="$d"/><g fill="$l"><circle cx="150" cy="40" r="4"/><circle cx="162" cy="50" r="4"/><circle cx="152" '
        'cy="60" r="4"/></g>'
    ),
    "jug": (
        '<rect x="70" y="28" width="34" height="22" rx="5" fill="$d"/><path d="M64 50h46c28 4 42 22 42 50v56c0 7-5 '
        '12-12 12H60c-7 0-12-5-12-12V72c0-12 6-20 16-22z" fill="$m"/><path d="M112 74c14 2 18 12 18 26v14h-18z" '
        'fill="#fff" opacity=".55"/><rect x="58" y="116" width="76" height="36" rx="6" fill="#fffdf8"/><circle '
        'cx="84" cy="134" r="9" fill="$m"/><circle cx="104" cy="128" r="6" fill="$l"/><circle cx="112" cy="140" '
        'r="5" fill="$m"/>'
    ),
    "roll": (
        '<path d="M54 66h92v84c0 10-20 18-46 18s-46-8-46-18z" fill="#fbfaf6"/><path d="M124 70h22v80c0 6-8 12-22 '
        '15z" fill="#e3e7ea"/><ellipse cx="100" cy="66" rx="46" ry="22" fill="#fffefb"/><ellipse cx="100" cy="66" '
        'rx="17" ry="8" fill="$m"/><path d="M54 96c8 12 84 14 92 0m-92 28c8 12 84 14 92 0" fill="none" stroke="$l" '
        'stroke-width="5" stroke-dasharray="3 9" stroke-linecap="round"/>'
    ),
    "tissues": (
        '<path d="M70 96c-6-30 10-34 18-54 10 8 16 4 26-4 2 22 20 32 14 58z" fill="#fffefb"/><path d="M88 52c4 14 '
        '4 28 0 42m22-40c2 14 6 26 4 40" fill="none" stroke="#dde3e8" stroke-width="4"/><path d="M34 96h132v62c0 '
        '6-4 10-10 10H44c-6 0-10-4-10-10z" fill="$m"/><ellipse cx="100" cy="98" rx="42" ry="9" fill="$d"/><path '
        'd="M52 136c16-14 32 12 48 0s32-12 48 0" fill="none" stroke="$l" stroke-width="7" stroke-linecap="round"/>'
    ),
    "broom": (
        '<path d="M136 30 96 110" stroke="#b98a5a" stroke-width="11" stroke-linecap="round"/><path d="M78 98l42 '
        '20-4 16-52-24z" fill="$d"/><path d="M64 108l54 26-12 34H34z" fill="$m"/><path d="M74 118l-24 48m40-40-18 '
        '42m36-34-10 34" stroke="$l" stroke-width="5" stroke-linecap="round"/>'
    ),
    "bulb": (
        '<path d="M100 32c-34 0-54 24-54 52 0 24 16 34 24 54h60c8-20 24-30 24-54 0-28-20-52-54-52z" '
        'fill="$m"/><path d="M74 138h52v18c0 8-8 12-26 12s-26-4-26-12z" fill="#aeb7bd"/><path d="M74 150h52" '
        'stroke="#87929a" stroke-width="5"/><path d="M84 134V98l16 12 16-12v36" fill="none" stroke="$d" '
        'stroke-width="5"/><path d="M64 80c2-14 10-24 22-28" fill="none" stroke="$l" stroke-width="8" '
        'stroke-linecap="round"/>'
    ),
    "tube": (
        '<g transform="rotate(24 100 104)"><path d="M66 36h68l-8 96H74z" fill="$m"/><path d="M62 28h76v14H62z" '
        'fill="$d"/><path d="M72 76h56l-3 34H75z" fill="#fffdf8"/><rect x="82" y="132" width="36" height="28" '
        'rx="5" fill="$d"/><path d="M86 93h28" stroke="$m" stroke-width="8" stroke-linecap="round"/></g>'
    ),
    "pump": (
        '<path d="M96 30h38v12h-26v18H92V34z" fill="$d"/><rect x="82" y="56" width="36" height="18" rx="5" '
        'fill="$d"/><path d="M66 90c0-10 6-16 16-16h36c10 0 16 6 16 16v66c0 7-5 12-12 12H78c-7 0-12-5-12-12z" '
        'fill="$m"/><rect x="66" y="100" width="68" height="42" fill="#fffdf8"/><path d="M84 126c2-14 12-18 '
        '32-18-2 16-14 22-32 18z" fill="$m"/><path d="M76 92v64" stroke="$l" stroke-width="5" '
        'stroke-linecap="round"/>'
    ),
    "lipstick": (
        '<path d="M80 44c14-4 28-14 40-16v56H80z" fill="$m"/><rect x="74" y="82" width="52" height="30" '
        'fill="#e7c98a"/><rect x="66" y="110" width="68" height="58" rx="6" fill="$d"/><path d="M90 58v22" '
        'stroke="$l" stroke-width="7" stroke-linecap="round"/><path d="M66 124h68" stroke="#e7c98a" '
        'stroke-width="5"/>'
    ),
    "perfume": (
        '<rect x="82" y="30" width="36" height="26" rx="6" fill="$d"/><rect x="90" y="54" width="20" height="16" '
        'fill="#e7c98a"/><rect x="48" y="70" width="104" height="98" rx="18" fill="$l"/><path d="M48 112c22-14 40 '
        '10 60 0s30-8 44 0v38c0 10-8 18-18 18H66c-10 0-18-8-18-18z" fill="$m"/><path d="M64 86v20" stroke="#fff" '
        'stroke-width="7" stroke-linecap="round"/>'
    ),
    "babybottle": (
        '<path d="M88 50c0-22 24-22 24 0z" fill="#f0c9a0"/><rect x="72" y="50" width="56" height="22" rx="6" '
        'fill="$d"/><path d="M66 72h68l6 14v66c0 9-7 16-16 16H76c-9 0-16-7-16-16V86z" fill="#eef5f8"/><path d="M60 '
        '104h80v48c0 9-7 16-16 16H76c-9 0-16-7-16-16z" fill="#fffdf6"/><path d="M124 96h-16m16 16h-22m22 16h-16m16 '
        '16h-22" stroke="$m" stroke-width="6" stroke-linecap="round"/><path d="M76 92v54" stroke="$l" '
        'stroke-width="6" stroke-linecap="round"/>'
    ),
    "paw": (
        '<g fill="$m"><path d="M100 100c22 0 44 22 42 46-2 24-26 22-42 20-16 2-40 4-42-20-2-24 20-46 '
        '42-46z"/><ellipse cx="54" cy="98" rx="15" ry="20" transform="rotate(-24 54 98)"/><ellipse cx="146" '
        'cy="98" rx="15" ry="20" transform="rotate(24 146 98)"/><ellipse cx="82" cy="66" rx="15" ry="21" '
        'transform="rotate(-8 82 66)"/><ellipse cx="118" cy="66" rx="15" ry="21" transform="rotate(8 118 '
        '66)"/></g><path d="M78 138c2-12 10-20 20-22" fill="none" stroke="$l" stroke-width="7" '
        'stroke-linecap="round"/>'
    ),
    "candle": (
        '<path d="M100 66c-18-14-4-30 0-46 4 16 18 32 0 46z" fill="#f2a93b"/><path d="M100 64c-8-8-2-16 0-22 2 6 8 '
        '14 0 22z" fill="#fff2c2"/><rect x="66" y="78" width="68" height="90" rx="8" fill="$m"/><path d="M66 '
        '86c0-6 4-8 8-8h52c4 0 8 2 8 8v16c-8 14-16 0-22 0s-10 22-18 22-8-24-14-24-8 6-14 0z" fill="$l"/><path '
        'd="M100 78V64" stroke="#5b4638" stroke-width="5"/>'
    ),
    "glass": (
        '<path d="M52 40h96l-14 118c-1 6-5 10-11 10H77c-6 0-10-4-11-10z" fill="#e9f1f4" opacity=".9"/><path d="M57 '
        '80h86l-9 78c-1 6-5 10-11 10H77c-6 0-10-4-11-10z" fill="$m"/><path d="M70 94l6 54" stroke="$l" '
        'stroke-width="7" stroke-linecap="round"/><rect x="90" y="88" width="26" height="26" rx="5" fill="#fff" '
        'opacity=".55" transform="rotate(14 103 101)"/>'
    ),
    "tool": (
        '<path d="M58 160 116 90" stroke="$d" stroke-width="18" stroke-linecap="round"/><path d="M102 66c-6-22 '
        '12-40 34-36l-16 22 8 16 20 2 12-24c12 18 0 42-22 44-14 2-32-8-36-24z" fill="$m"/><circle cx="62" cy="156" '
        'r="4" fill="$l"/>'
    ),
    "shirt": (
        '<path d="M72 42c8 14 48 14 56 0l44 24-16 34-16-8v70c0 4-2 6-6 6H66c-4 0-6-2-6-6V92l-16 8-16-34z" '
        'fill="$m"/><path d="M72 42c8 14 48 14 56 0l10 6c-14 24-62 24-76 0z" fill="$l"/><path d="M60 '
        '92v20m80-20v20" stroke="$d" stroke-width="4"/>'
    ),
    "gift": (
        '<rect x="42" y="88" width="116" height="80" rx="6" fill="$m"/><rect x="34" y="68" width="132" height="30" '
        'rx="6" fill="$d"/><rect x="88" y="68" width="24" height="100" fill="$l"/><path d="M100 '
        '68c-12-34-50-34-46-12 2 12 26 14 46 12zm0 0c12-34 50-34 46-12-2 12-26 14-46 12z" fill="none" stroke="$l" '
        'stroke-width="9"/>'
    ),
    "balloon": (
        '<path d="M100 136c-10 14 10 18 0 34" fill="none" stroke="#8b8f93" stroke-width="4"/><path d="M100 28c32 0 '
        '50 24 50 50 0 28-26 52-50 54-24-2-50-26-50-54 0-26 18-50 50-50z" fill="$m"/><path d="M92 140l8-10 8 10z" '
        'fill="$d"/><path d="M68 74c0-14 8-24 20-28" fill="none" stroke="$l" stroke-width="8" '
        'stroke-linecap="round"/>'
    ),
    "tree": (
        '<rect x="90" y="144" width="20" height="24" fill="#7a5a3c"/><path d="M100 30 68 78h14l-26 34h16l-26 '
        '36h108l-26-36h16l-26-34h14z" fill="$m"/><g fill="#f3c14b"><circle cx="92" cy="74" r="6"/><circle cx="110" '
        'cy="104" r="6"/><circle cx="78" cy="134" r="6"/><circle cx="124" cy="136" r="6"/></g><path d="M100 18l4 9 '
        '10 1-7 7 2 10-9-5-9 5 2-10-7-7 10-1z" fill="#f6d36b"/>'
    ),
    "heart": (
        '<path d="M100 166C48 128 34 104 36 80c2-32 46-42 64-10 18-32 62-22 64 10 2 24-12 48-64 86z" '
        'fill="$m"/><path d="M54 86c0-12 8-20 18-22" fill="none" stroke="$l" stroke-width="9" '
        'stroke-linecap="round"/>'
    ),
    "envelope": (
        '<rect x="34" y="60" width="132" height="98" rx="10" fill="$m"/><path d="M36 66l64 52 64-52" fill="none" '
        'stroke="$d" stroke-width="7" stroke-linejoin="round"/><path d="M100 104c-14-12-26-14-26-28 2-14 20-16 '
        '26-2 6-14 24-12 26 2 0 14-12 16-26 28z" fill="$l"/>'
    ),
    "pencil": (
        '<g transform="rotate(38 100 104)"><rect x="84" y="44" width="32" height="90" fill="$m"/><path d="M84 '
        '134h32l-16 34z" fill="#f0d3a8"/><path d="M94 155h12l-6 13z" fill="#3c3c3c"/><rect x="84" y="30" '
        'width="32" height="16" rx="6" fill="#e79a9a"/><path d="M84 42h32v8H84z" fill="#c3c9cd"/><path d="M96 '
        '52v80" stroke="$l" stroke-width="5"/></g>'
    ),
    "toy": (
        '<rect x="38" y="108" width="60" height="60" rx="8" fill="$m"/><rect x="102" y="108" width="60" '
        'height="60" rx="8" fill="$d"/><rect x="70" y="46" width="60" height="60" rx="8" fill="$l"/><path d="M68 '
        '126v24m-12-12h24" stroke="#fff" stroke-width="8" stroke-linecap="round"/><circle cx="132" cy="138" r="13" '
        'fill="none" stroke="#fff" stroke-width="8"/><path d="M100 60l14 30H86z" fill="#fff"/>'
    ),
    "book": (
        '<path d="M100 62c-18-14-44-16-66-10v100c22-6 48-4 66 10 18-14 44-16 66-10V52c-22-6-48-4-66 10z" '
        'fill="$m"/><path d="M100 70c-14-10-36-14-54-10v78c18-4 40 0 54 10z" fill="#fffdf6"/><path d="M100 '
        '70c14-10 36-14 54-10v78c-18-4-40 0-54 10z" fill="#f1ece0"/><path d="M58 78c10 0 20 2 30 6m-30 14c10 0 20 '
        '2 30 6m24-20c10-4 20-6 30-6m-30 26c10-4 20-6 30-6" stroke="$l" stroke-width="6" stroke-linecap="round"/>'
    ),
    "box": (
        '<path d="M100 40l64 28v72l-64 28-64-28V68z" fill="$m"/><path d="M100 40l64 28-64 28-64-28z" '
        'fill="$l"/><path d="M100 96v72l64-28V68z" fill="$d"/><path d="M68 54l64 28v22" fill="none" stroke="#fff" '
        'stroke-width="7" opacity=".75"/>'
    ),
}  # fmt: skip
