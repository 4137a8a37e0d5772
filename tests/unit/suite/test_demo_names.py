"""The demonstration's names: readable titles, sizes, shelves, brands."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tailorbird.suite.demo.brands import maker_names
from tailorbird.suite.demo.shelves import Shelves
from tailorbird.suite.demo.sizes import is_of_the_case, readable_size
from tailorbird.suite.demo.titles import Titles
from tailorbird.suite.demo.words import slug

CASES = Path(__file__).parent / "cases"
TITLES: list[dict[str, str]] = json.loads((CASES / "titles.json").read_text(encoding="utf-8"))
SIZES: list[dict[str, str]] = json.loads((CASES / "sizes.json").read_text(encoding="utf-8"))
NAMES = files("tailorbird.suite.demo").joinpath("names")


def names(file: str) -> dict[str, Any]:
    return tomllib.loads(NAMES.joinpath(file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", TITLES, ids=lambda case: case["title"])
def test_a_product_has_a_title_that_a_customer_can_read(case: dict[str, str]) -> None:
    titles = Titles.of_the_demo()
    assert titles.title(case["category"], case["type"], case["size"], "The Shelf") == case["title"]


@pytest.mark.parametrize("case", SIZES, ids=lambda case: case["size"])
def test_a_size_is_read_or_left_out(case: dict[str, str]) -> None:
    assert readable_size(case["size"]) == case["reads"]


@pytest.mark.parametrize(
    ("size", "price", "case"),
    [
        ("40 lb", 0.94, True),
        ("5 lb", 2.99, False),
        ("10 lb", 0.34, True),
        ("48–54 ct", 0.69, True),
        ("3 ct", 2.99, False),
        ("18–22 lb", 9.0, True),
        ("16 oz", 2.5, False),
        ("5 lb", None, False),
        ("", 1.0, False),
    ],
)
def test_the_size_of_a_case_is_no_size_of_a_banana(size: str, price: float | None, case: bool) -> None:
    assert is_of_the_case(size, price) is case


def test_no_name_shouts_or_keeps_a_code() -> None:
    types = names("types.toml")
    written = [*types["types"].values(), *(name for within in types["within"].values() for name in within.values())]
    written += [name for shelf in names("categories.toml").values() for name in shelf.values()]
    allowed = {"DVD", "BBQ", "TV", "CD", "APS", "R"}
    shouting = [name for name in written if set(re.findall(r"\b[A-Z]{2,}\b", name)) - allowed]
    assert shouting == []
    assert [
        name
        for name in written
        if "(" in name or "_" in name or "  " in name or (not name[:1].isupper() and not name[:1].isdigit())
    ] == []


def test_every_category_belongs_to_one_department() -> None:
    seen: dict[str, str] = {}
    for department, categories in names("categories.toml").items():
        for category in categories.values():
            assert seen.setdefault(category, department) == department
    assert len({slug(category) for category in seen}) == len(seen)


def test_a_shelf_is_found_by_category_then_by_department_and_is_never_shown_when_unknown() -> None:
    shelves = Shelves.of_the_demo()
    assert shelves.shelf("GROCERY", "YOGURT").department == "Dairy & Eggs"
    assert shelves.shelf("MEAT-PCKGD", "SOMETHING NEW").department == "Packaged Meat"
    assert not shelves.shelf("NO SUCH DEPARTMENT", "").merchandise
    assert not shelves.shelf("FUEL", "FUEL").merchandise


def test_departments_that_say_much_about_a_person_are_marked() -> None:
    shelves = Shelves.of_the_demo()
    assert shelves.shelf("SPIRITS", "LIQUOR").sensitive == "alcohol"
    assert shelves.shelf("DRUG GM", "CIGARETTES").sensitive == "tobacco"
    assert shelves.shelf("DRUG GM", "DIAPERS & DISPOSABLES").sensitive == "baby"
    assert shelves.shelf("DRUG GM", "FAMILY PLANNING").sensitive == "health"
    assert shelves.shelf("PRODUCE", "APPLES").sensitive == ""


def test_makers_get_different_names_and_keep_them() -> None:
    invented = maker_names(range(1, 6501))
    assert len(set(invented.values())) == 6500
    assert invented[17] == maker_names(range(1, 6501))[17]
