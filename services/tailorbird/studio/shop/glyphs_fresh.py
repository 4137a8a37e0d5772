"""Drawings of what grows, grazes, swims and is baked: SVG on a 200 x 200 canvas, standing on y = 168.

`$m` is the main colour of the drawing, `$d` a darker, `$l` a lighter one; leaves, bones and glass have their own.
"""

from __future__ import annotations

__all__ = ["FRESH"]

_LEAF = '<path d="M104 58c4-18 20-28 38-26-2 20-18 32-38 26z" fill="#6fa35a"/>'
_STEM = '<path d="M101 62c-1-12-5-20-11-26" fill="none" stroke="#7a5a3c" stroke-width="6" stroke-linecap="round"/>'

FRESH: dict[str, str] = {
    "apple": (
        '<path d="M100 66c-14-12-52-12-58 28-5 36 22 74 42 74 8 0 10-4 16-4s8 4 16 4c20 0 47-38 '
        '42-74-6-40-44-40-58-28z" fill="$m"/><path d="M58 96c2-14 10-22 20-24" fill="none" stroke="$l" '
        'stroke-width="8" stroke-linecap="round"/>'
        + _STEM
        + _LEAF
    ),
    "pear": (
        '<path d="M100 50c-20 0-26 18-26 34 0 18-28 26-28 54 0 20 24 30 54 30s54-10 54-30c0-28-28-36-28-54 '
        '0-16-6-34-26-34z" fill="$m"/><path d="M64 132c1-12 8-19 15-25" fill="none" stroke="$l" stroke-width="8" '
        'stroke-linecap="round"/><path d="M100 52c0-8 2-14 8-20" fill="none" stroke="#7a5a3c" stroke-width="6" '
        'stroke-linecap="round"/>'
        + _LEAF
    ),
    "peach": (
        '<circle cx="100" cy="116" r="53" fill="$m"/><path d="M100 63c-22 28-22 76 0 106" fill="none" stroke="$d" '
        'stroke-width="5" stroke-linecap="round" opacity=".6"/><path d="M62 106c3-14 9-20 16-24" fill="none" '
        'stroke="$l" stroke-width="8" stroke-linecap="round"/>'
        + _LEAF
    ),
    "banana": (
        '<path d="M52 40c-8 58 18 112 88 120 12 1 20-6 18-14-52-8-82-46-86-106-1-8-19-8-20 0z" fill="$m"/><path '
        'd="M62 44c0 56 26 100 86 110" fill="none" stroke="$d" stroke-width="5" opacity=".55"/><path d="M50 '
        '34h22v12H50z" fill="#6b5334"/><path d="M156 142l12 8-8 12-12-6z" fill="#6b5334"/>'
    ),
    "citrus": (
        '<circle cx="100" cy="112" r="56" fill="$m"/><circle cx="100" cy="112" r="46" fill="#fff7e6"/><g '
        'fill="$m"><path d="M100 106 82 73a39 39 0 0 1 36 0z"/><path d="M100 106 82 73a39 39 0 0 1 36 0z" '
        'transform="rotate(60 100 112)"/><path d="M100 106 82 73a39 39 0 0 1 36 0z" transform="rotate(120 100 '
        '112)"/><path d="M100 106 82 73a39 39 0 0 1 36 0z" transform="rotate(180 100 112)"/><path d="M100 106 82 '
        '73a39 39 0 0 1 36 0z" transform="rotate(240 100 112)"/><path d="M100 106 82 73a39 39 0 0 1 36 0z" '
        'transform="rotate(300 100 112)"/></g>'
    ),
    "berry": (
        '<path d="M100 74c-34-8-56 8-52 34 5 32 34 58 52 60 18-2 47-28 52-60 4-26-18-42-52-34z" fill="$m"/><g '
        'fill="$l"><ellipse cx="78" cy="100" rx="3" ry="5"/><ellipse cx="100" cy="94" rx="3" ry="5"/><ellipse '
        'cx="122" cy="100" rx="3" ry="5"/><ellipse cx="88" cy="120" rx="3" ry="5"/><ellipse cx="112" cy="120" '
        'rx="3" ry="5"/><ellipse cx="100" cy="142" rx="3" ry="5"/></g><path d="M100 76c-10-18-26-20-38-14 8 14 22 '
        '20 38 14zm0 0c10-18 26-20 38-14-8 14-22 20-38 14zm0-2c-8-10-8-24 0-34 8 10 8 24 0 34z" fill="#6fa35a"/>'
    ),
    "grapes": (
        '<g fill="$m"><circle cx="72" cy="82" r="17"/><circle cx="102" cy="78" r="17"/><circle cx="132" cy="82" '
        'r="17"/><circle cx="86" cy="108" r="17"/><circle cx="118" cy="108" r="17"/><circle cx="102" cy="136" '
        'r="17"/></g><g fill="$l"><circle cx="67" cy="77" r="5"/><circle cx="97" cy="73" r="5"/><circle cx="127" '
        'cy="77" r="5"/><circle cx="81" cy="103" r="5"/><circle cx="113" cy="103" r="5"/><circle cx="97" cy="131" '
        'r="5"/></g><path d="M102 62V36" stroke="#7a5a3c" stroke-width="6" stroke-linecap="round"/>'
        + _LEAF
    ),
    "melon": (
        '<path d="M34 84a66 66 0 0 0 132 0z" transform="translate(0 6)" fill="#5d9457"/><path d="M42 90a58 58 0 0 '
        '0 116 0z" fill="#eef6d8"/><path d="M50 90a50 50 0 0 0 100 0z" fill="$m"/><g fill="#4a3a33"><ellipse '
        'cx="76" cy="104" rx="3" ry="5"/><ellipse cx="100" cy="104" rx="3" ry="5"/><ellipse cx="124" cy="104" '
        'rx="3" ry="5"/><ellipse cx="88" cy="122" rx="3" ry="5"/><ellipse cx="112" cy="122" rx="3" ry="5"/></g>'
    ),
    "leafy": (
        '<path d="M100 168c-50 0-66-40-54-66-12-22 8-44 26-40 8-20 48-20 56 0 18-4 38 18 26 40 12 26-4 66-54 66z" '
        'fill="$m"/><path d="M100 168c-28-4-38-34-30-54-4-18 14-30 30-22 16-8 34 4 30 22 8 20-2 50-30 54z" '
        'fill="$l"/><path d="M100 164v-58m0 34-16-16m16 4 14-14" fill="none" stroke="$d" stroke-width="4" '
        'stroke-linecap="round" opacity=".7"/>'
    ),
    "herb": (
        '<path d="M100 168V62" stroke="#54803f" stroke-width="6" stroke-linecap="round"/><g fill="$m"><path '
        'd="M100 72c-6-20 0-32 0-38 8 8 10 24 0 38z"/><path d="M100 100c-30 2-44-12-46-30 24-2 42 8 46 30zm0 0c30 '
        '2 44-12 46-30-24-2-42 8-46 30z"/><path d="M100 136c-28 2-42-10-46-28 24-2 42 6 46 28zm0 0c28 2 42-10 '
        '46-28-24-2-42 6-46 28z"/></g><path d="M100 98 66 78m34 20 34-20m-34 56-34-18m34 18 34-18" stroke="$l" '
        'stroke-width="3" opacity=".8"/>'
    ),
    "carrot": (
        '<path d="M70 74c18-14 42-14 60 0-4 42-18 82-30 94-12-12-26-52-30-94z" fill="$m"/><path d="M78 98h20m8 '
        '22H92m-4 20h14" stroke="$d" stroke-width="5" stroke-linecap="round" opacity=".6"/><path d="M100 '
        '68c-8-14-24-18-32-34 18-2 30 8 32 22 0-14 4-24 12-30 6 12 2 24-6 34 8-12 20-16 30-12-8 14-22 20-36 20z" '
        'fill="#6fa35a"/>'
    ),
    "tomato": (
        '<path d="M100 72c-40-14-62 12-60 44 2 34 30 52 60 52s58-18 60-52c2-32-20-58-60-44z" fill="$m"/><path '
        'd="M56 108c2-12 9-20 18-24" fill="none" stroke="$l" stroke-width="8" stroke-linecap="round"/><path '
        'd="M100 74c-16 4-26 0-34-10 14-6 24-4 30 0-2-10 0-18 6-24 6 6 6 16 4 24 6-4 16-6 28 0-8 10-18 14-34 10z" '
        'fill="#5f9a4d"/>'
    ),
    "potato": (
        '<path d="M58 70c26-26 76-14 90 24 12 34-6 66-40 72-36 6-70-12-72-46-1-20 6-36 22-50z" fill="$m"/><g '
        'fill="$d" opacity=".6"><ellipse cx="80" cy="98" rx="6" ry="3"/><ellipse cx="118" cy="86" rx="5" '
        'ry="3"/><ellipse cx="104" cy="124" rx="6" ry="3"/><ellipse cx="132" cy="122" rx="4" ry="3"/><ellipse '
        'cx="78" cy="138" rx="5" ry="3"/></g><path d="M58 90c4-8 12-14 22-16" fill="none" stroke="$l" '
        'stroke-width="7" stroke-linecap="round"/>'
    ),
    "onion": (
        '<path d="M100 58c-8 18-58 24-58 66 0 30 26 44 58 44s58-14 58-44c0-42-50-48-58-66z" fill="$m"/><path '
        'd="M100 62c-20 26-26 74-8 104m8-104c20 26 26 74 8 104" fill="none" stroke="$d" stroke-width="4" '
        'opacity=".6"/><path d="M60 118c2-14 10-22 18-28" fill="none" stroke="$l" stroke-width="7" '
        'stroke-linecap="round"/><path d="M94 60c-2-12-10-18-10-28 8 2 12 8 14 14 2-8 6-14 14-16 0 12-10 18-10 '
        '30z" fill="#8a9a54"/>'
    ),
    "pepper": (
        '<path d="M100 74c-14-10-52-8-54 26-2 36 18 70 34 68 8-1 12-6 20-6s12 5 20 6c16 2 36-32 '
        '34-68-2-34-40-36-54-26z" fill="$m"/><path d="M100 76c-8 24-8 60 0 86" fill="none" stroke="$d" '
        'stroke-width="5" opacity=".5"/><path d="M62 104c1-10 5-16 11-20" fill="none" stroke="$l" stroke-width="8" '
        'stroke-linecap="round"/><path d="M84 76c2-10 10-12 12-20 0-10-4-14-4-22l14-2c2 12 2 20 0 28 4 6 12 8 12 '
        '16-10 6-24 6-34 0z" fill="#5f9a4d"/>'
    ),
    "mushroom": (
        '<path d="M80 108h40c-4 22 0 36 6 52 2 8-54 8-52 0 6-16 10-30 6-52z" fill="#f4e9d8"/><path d="M36 108c0-40 '
        '28-66 64-66s64 26 64 66c0 10-128 10-128 0z" fill="$m"/><g fill="$l"><circle cx="76" cy="80" '
        'r="8"/><circle cx="112" cy="66" r="9"/><circle cx="130" cy="92" r="7"/></g>'
    ),
    "broccoli": (
        '<path d="M88 112h24l8 50c1 8-41 8-40 0z" fill="#a9c77e"/><g fill="$m"><circle cx="66" cy="100" '
        'r="26"/><circle cx="134" cy="100" r="26"/><circle cx="82" cy="72" r="26"/><circle cx="118" cy="72" '
        'r="26"/><circle cx="100" cy="96" r="28"/></g><g fill="$l" opacity=".8"><circle cx="76" cy="64" '
        'r="6"/><circle cx="106" cy="66" r="5"/><circle cx="60" cy="94" r="5"/><circle cx="94" cy="90" '
        'r="6"/><circle cx="126" cy="92" r="6"/></g>'
    ),
    "corn": (
        '<path d="M100 32c24 20 30 60 28 96-4 24-52 24-56 0-2-36 4-76 28-96z" fill="$m"/><path d="M84 62h32M78 '
        '82h44M76 102h48M76 122h48M90 50v90m20-90v90" stroke="$d" stroke-width="4" opacity=".45"/><path d="M100 '
        '168c-34-6-46-42-40-76 18 14 36 40 40 76zm0 0c34-6 46-42 40-76-18 14-36 40-40 76z" fill="#6fa35a"/>'
    ),
    "pumpkin": (
        '<ellipse cx="66" cy="118" rx="30" ry="46" fill="$d"/><ellipse cx="134" cy="118" rx="30" ry="46" '
        'fill="$d"/><ellipse cx="82" cy="118" rx="28" ry="49" fill="$m"/><ellipse cx="118" cy="118" rx="28" '
        'ry="49" fill="$m"/><ellipse cx="100" cy="118" rx="24" ry="50" fill="$l"/><path d="M94 72c0-14 6-22 '
        '16-32l12 8c-8 8-12 14-12 24z" fill="#5f7f45"/>'
    ),
    "nuts": (
        '<path d="M60 84c-4 40 16 76 40 84 24-8 44-44 40-84z" fill="$m"/><path d="M84 96c0 26 6 46 14 60" '
        'fill="none" stroke="$l" stroke-width="7" stroke-linecap="round"/><path d="M46 86c-4-30 22-46 54-46s58 16 '
        '54 46c-20 8-88 8-108 0z" fill="$d"/><path d="M100 42V28" stroke="$d" stroke-width="8" '
        'stroke-linecap="round"/>'
    ),
    "steak": (
        '<path d="M50 66c26-30 92-30 110 6 16 34-8 50-30 62-20 12-30 34-58 32-30-2-42-30-38-54 2-18 4-34 16-46z" '
        'fill="#f6e3d9"/><path d="M60 74c22-24 76-24 90 4 12 26-8 38-26 48-20 12-28 30-50 30-24-2-32-24-30-42 2-16 '
        '6-30 16-40z" fill="$m"/><circle cx="82" cy="102" r="15" fill="#f6e3d9"/><circle cx="82" cy="102" r="7" '
        'fill="$d"/><path d="M112 84c10 0 18 4 22 12m-38 36c8-2 14-8 18-14" fill="none" stroke="$l" '
        'stroke-width="6" stroke-linecap="round"/>'
    ),
    "drumstick": (
        '<path d="M66 128 46 148" stroke="#f6ecdd" stroke-width="16" stroke-linecap="round"/><circle cx="38" '
        'cy="146" r="12" fill="#f6ecdd"/><circle cx="52" cy="160" r="12" fill="#f6ecdd"/><path d="M62 132c-16-34 '
        '0-86 52-92 34-4 52 20 48 50-6 48-62 70-100 42z" fill="$m"/><path d="M94 66c10-8 22-10 32-8" fill="none" '
        'stroke="$l" stroke-width="9" stroke-linecap="round"/>'
    ),
    "ham": (
        '<path d="M40 118c-4-40 30-74 68-72 36 2 60 32 54 68-4 30-30 52-64 52-32 0-54-18-58-48z" '
        'fill="$d"/><ellipse cx="104" cy="108" rx="48" ry="44" fill="#f7e4dc"/><ellipse cx="104" cy="108" rx="40" '
        'ry="36" fill="$m"/><circle cx="100" cy="106" r="11" fill="#f7efe3"/><path d="M122 88c6 4 10 10 11 18" '
        'fill="none" stroke="$l" stroke-width="6" stroke-linecap="round"/>'
    ),
    "bacon": (
        '<g fill="none" stroke-linecap="round"><path d="M64 48c24 20-20 36 4 60s-16 34 4 52" stroke="$m" '
        'stroke-width="30"/><path d="M64 48c24 20-20 36 4 60s-16 34 4 52" stroke="#f8dfd0" stroke-width="9"/><path '
        'd="M122 48c24 20-20 36 4 60s-16 34 4 52" stroke="$m" stroke-width="30"/><path d="M122 48c24 20-20 36 4 '
        '60s-16 34 4 52" stroke="#f8dfd0" stroke-width="9"/></g>'
    ),
    "sausage": (
        '<g fill="none" stroke-linecap="round"><path d="M46 92c14 46 66 62 112 34" stroke="$m" '
        'stroke-width="36"/><path d="M46 84c18 42 62 58 104 36" stroke="$l" stroke-width="6"/><path d="M78 108l-8 '
        '16m32-4-4 18m30-18 4 16" stroke="$d" stroke-width="5"/></g><path d="M38 78 28 64l14 2zm126 42 16-4-8 14z" '
        'fill="$d"/>'
    ),
    "hotdog": (
        '<rect x="28" y="92" width="144" height="60" rx="30" fill="#e3b26b"/><rect x="18" y="82" width="164" '
        'height="40" rx="20" fill="$m"/><rect x="28" y="108" width="144" height="44" rx="22" fill="#f0c888"/><path '
        'd="M40 98c10-10 14 10 24 0s14 10 24 0 14 10 24 0 14 10 24 0 14 10 22 0" fill="none" stroke="#f5c242" '
        'stroke-width="6" stroke-linecap="round"/>'
    ),
    "fish": (
        '<path d="M26 108c26-44 78-50 112-14l34-26c2 26 2 54 0 80l-34-26c-34 36-86 30-112-14z" fill="$m"/><path '
        'd="M62 80c10 18 10 38 0 56" fill="none" stroke="$d" stroke-width="5" stroke-linecap="round" '
        'opacity=".6"/><circle cx="48" cy="100" r="7" fill="#fff"/><circle cx="47" cy="100" r="3.5" '
        'fill="#26323a"/><path d="M84 98c10-2 18 4 24 10m-22 10c8 0 14-2 20-6" fill="none" stroke="$l" '
        'stroke-width="6" stroke-linecap="round"/>'
    ),
    "shrimp": (
        '<g fill="none" stroke-linecap="round"><path d="M136 56c-50-18-88 18-78 60 6 26 30 40 56 38" stroke="$m" '
        'stroke-width="34"/><path d="M100 44 92 70M66 66l20 18m-32 22 26 2m-10 34 18-16" stroke="$l" '
        'stroke-width="6"/><path d="M142 50c14-10 24-10 32-6m-34 10c12-2 22 2 28 10" stroke="$d" '
        'stroke-width="4"/></g><path d="M112 138l34-8 8 18-6 20-34 2z" fill="$d"/><circle cx="132" cy="52" r="4.5" '
        'fill="#26323a"/>'
    ),
    "eggs": (
        '<path d="M72 62c16 0 30 26 30 46H42c0-20 14-46 30-46z" fill="#fbf3e6"/><path d="M128 62c16 0 30 26 30 '
        '46H98c0-20 14-46 30-46z" fill="#fbf3e6"/><path d="M100 70c16 0 30 22 30 42H70c0-20 14-42 30-42z" '
        'fill="#f3dcc0"/><path d="M28 106h144l-10 50c-1 6-5 10-11 10H49c-6 0-10-4-11-10z" fill="$m"/><path d="M28 '
        '106h144l-3 14H31z" fill="$d" opacity=".5"/><path d="M66 134h68" stroke="$l" stroke-width="8" '
        'stroke-linecap="round"/>'
    ),
    "bread": (
        '<path d="M44 92c-20-18-4-48 24-46h64c28-2 44 28 24 46v62c0 8-6 14-14 14H58c-8 0-14-6-14-14z" '
        'fill="$m"/><path d="M56 92c-14-14-4-34 14-34h60c18 0 28 20 14 34v56c0 6-4 10-10 10H66c-6 0-10-4-10-10z" '
        'fill="$l"/><path d="M78 84l12 14m10-14 12 14m10-14 8 10" stroke="$m" stroke-width="5" '
        'stroke-linecap="round"/>'
    ),
    "croissant": (
        '<path d="M100 52c44 0 78 36 78 82 0 16-14 22-24 12-14-16-32-26-54-26s-40 10-54 26c-10 10-24 4-24-12 0-46 '
        '34-82 78-82z" fill="$m"/><path d="M78 56 70 122m52-66 8 66M46 78l-6 66m114-66 6 66" stroke="$d" '
        'stroke-width="6" stroke-linecap="round" opacity=".55"/><path d="M92 68c6-2 12-2 18 0" stroke="$l" '
        'stroke-width="7" fill="none" stroke-linecap="round"/>'
    ),
    "donut": (
        '<circle cx="100" cy="110" r="58" fill="#d9a765"/><path d="M44 104a56 56 0 0 1 112 0c0 14-8 8-14 '
        '16s-16-4-24 4-18-4-28 2-18-8-26-4-20-4-20-18z" fill="$m"/><circle cx="100" cy="106" r="18" fill="#fff" '
        'opacity=".95"/><g stroke-width="5" stroke-linecap="round"><path d="M66 86l6-6" stroke="#fff"/><path '
        'd="M100 70h8" stroke="#f6d36b"/><path d="M130 84l6 6" stroke="#fff"/><path d="M72 112l-6 4" '
        'stroke="#f6d36b"/><path d="M134 112l6 2" stroke="#9fd4cf"/></g>'
    ),
    "cake": (
        '<path d="M34 112h132v46c0 6-4 10-10 10H44c-6 0-10-4-10-10z" fill="$l"/><path d="M34 130h132v14H34z" '
        'fill="$m"/><path d="M34 96c0-8 6-14 14-14h104c8 0 14 6 14 14v16c-10 12-18 0-26 0s-12 12-22 '
        '12-12-12-22-12-12 10-20 10-14-10-22-10-10 10-20 0z" fill="$m"/><path d="M100 82V58" stroke="#fff" '
        'stroke-width="8"/><path d="M100 56c-8-8-2-16 0-22 2 6 8 14 0 22z" fill="#f2b33d"/>'
    ),
    "pie": (
        '<path d="M30 112h140l-14 46c-2 6-6 10-12 10H56c-6 0-10-4-12-10z" fill="#c9cfd4"/><path d="M40 112c0-38 '
        '26-62 60-62s60 24 60 62z" fill="$m"/><path d="M66 66l26 46m16-60-34 60m60-46-26 46m-26-60 34 60" '
        'stroke="$l" stroke-width="7"/><rect x="24" y="104" width="152" height="18" rx="9" fill="$d"/>'
    ),
    "cookie": (
        '<circle cx="100" cy="108" r="60" fill="$m"/><path d="M52 96c8-22 24-32 40-34" fill="none" stroke="$l" '
        'stroke-width="8" stroke-linecap="round"/><g fill="#5a3a28"><circle cx="82" cy="92" r="9"/><circle '
        'cx="122" cy="84" r="8"/><circle cx="112" cy="118" r="10"/><circle cx="76" cy="130" r="8"/><circle '
        'cx="138" cy="122" r="6"/><circle cx="106" cy="148" r="6"/></g>'
    ),
    "cracker": (
        '<rect x="58" y="44" width="92" height="92" rx="12" fill="$d" transform="rotate(10 104 90)"/><rect x="46" '
        'y="62" width="98" height="98" rx="12" fill="$m" transform="rotate(-6 95 111)"/><g fill="$d" '
        'transform="rotate(-6 95 111)"><circle cx="70" cy="86" r="5"/><circle cx="95" cy="86" r="5"/><circle '
        'cx="120" cy="86" r="5"/><circle cx="70" cy="111" r="5"/><circle cx="95" cy="111" r="5"/><circle cx="120" '
        'cy="111" r="5"/><circle cx="70" cy="136" r="5"/><circle cx="95" cy="136" r="5"/><circle cx="120" cy="136" '
        'r="5"/></g>'
    ),
    "flower": (
        '<path d="M100 168V108" stroke="#5f8f4e" stroke-width="7" stroke-linecap="round"/><path d="M100 152c-22 '
        '2-34-8-38-24 20-2 34 6 38 24zm0 8c22 2 34-8 38-24-20-2-34 6-38 24z" fill="#6fa35a"/><g fill="$m"><circle '
        'cx="100" cy="52" r="20"/><circle cx="128" cy="72" r="20"/><circle cx="118" cy="104" r="20"/><circle '
        'cx="82" cy="104" r="20"/><circle cx="72" cy="72" r="20"/></g><circle cx="100" cy="80" r="18" '
        'fill="#f6cf5e"/><circle cx="94" cy="74" r="5" fill="#fff" opacity=".7"/>'
    ),
    "plant": (
        '<path d="M64 122h72l-8 40c-1 4-4 6-8 6H80c-4 0-7-2-8-6z" fill="#c4714f"/><rect x="58" y="112" width="84" '
        'height="18" rx="6" fill="#d98663"/><path d="M100 114c-4-30-4-50 0-78" stroke="#54803f" stroke-width="5" '
        'fill="none"/><path d="M98 96c-34 2-48-18-50-40 28-2 48 12 50 40zm4-14c30 0 46-16 48-38-26-2-46 12-48 '
        '38zm-2-34c-10-10-8-22 0-30 8 8 10 20 0 30z" fill="$m"/>'
    ),
}  # fmt: skip
