from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET
from importlib.resources import files

import pytest

from tailorbird.studio.shop.glyphs_fresh import FRESH
from tailorbird.studio.shop.glyphs_home import HOME
from tailorbird.studio.shop.glyphs_packed import PACKED
from tailorbird.studio.shop.kinds import kind_of
from tailorbird.studio.shop.scenes import SCENES, scene
from tailorbird.studio.shop.tiles import GLYPHS, drawn, slug, tile, tile_url


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawings


def test_the_same_item_has_the_same_picture_and_another_item_another() -> None:
    assert tile("drinks", "soft-drinks", "1") == tile("drinks", "soft-drinks", "1")
    assert len({tile("drinks", "soft-drinks", str(number)) for number in range(50)}) == 50


@pytest.mark.parametrize("glyph", GLYPHS)
def test_every_drawing_is_svg_that_stands_alone(glyph: str) -> None:
    assert len(parsed(f"<svg>{drawn(glyph, '#3f7cb8')}</svg>")) > 0
    assert "$" not in drawn(glyph, "#3f7cb8")


def test_no_drawing_is_there_twice() -> None:
    assert len(GLYPHS) == len(FRESH) + len(PACKED) + len(HOME)


@pytest.mark.parametrize("imagery", SCENES)
def test_every_scene_is_svg_in_the_colours_of_the_page(imagery: str) -> None:
    assert len(parsed(scene(imagery))) > 3
    assert "var(--accent)" in scene(imagery)


def test_every_category_of_the_demonstration_has_a_drawing_of_its_own_kind() -> None:
    table = tomllib.loads(files("tailorbird.suite.demo").joinpath("names/categories.toml").read_text(encoding="utf-8"))
    plain = {"Food Storage & Organizers", "Household", "Cigarettes", "Cigars", "Smokeless & Smoking Supplies"}
    boxes = {
        category
        for department, categories in table.items()
        for category in categories.values()
        if department != "Services" and kind_of(slug(department), slug(category)).glyph == "box"
    }
    assert boxes <= plain


@pytest.mark.parametrize(
    ("category", "glyph"),
    [
        ("milk-cream", "milk"), ("apples", "apple"), ("bread-buns", "bread"), ("fresh-seafood", "fish"),
        ("soft-drinks", "soda"), ("roses", "flower"), ("beef", "steak"), ("frozen-vegetables", "frozen"),
        ("pain-relief", "pillbox"), ("donuts-breakfast-pastries", "donut"), ("toilet-paper", "roll"),
        ("flour-cornmeal", "sack"), ("popcorn", "popcorn"), ("game-fowl", "drumstick"), ("toys-games", "toy"),
    ],
)  # fmt: skip
def test_a_category_is_recognised(category: str, glyph: str) -> None:
    drawing = kind_of("", category).glyph
    assert drawing == glyph


def test_nothing_that_came_in_is_written_into_a_picture() -> None:
    hostile = '"><script>alert(1)</script>'
    assert "script" not in tile(slug(hostile), slug(hostile), slug(hostile)).replace("transcript", "")
    assert (
        tile_url("Dairy & Eggs", "Crème Fraîche / Sour", "a/../b")
        == "/shop/tiles/dairy-eggs/cr-me-fra-che-sour/a-b.svg"
    )
    assert tile_url("", "", "7") == "/shop/tiles/other/other/7.svg"
