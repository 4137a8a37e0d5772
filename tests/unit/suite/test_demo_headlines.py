"""What a coupon says, from the products it covers and what it was seen to save."""

from __future__ import annotations

from datetime import date

from tailorbird.suite.demo.headlines import Product, Saving, headline, small_print, what_is_covered


def product(name: str, category: str = "Cheese", brand: str = "Oak Row", weight: int = 9) -> Product:
    return Product(name, brand, "Dairy & Eggs" if category in {"Cheese", "Yogurt"} else category, category, weight)


def test_products_of_one_name_and_maker_are_called_by_both() -> None:
    assert what_is_covered([product("Shredded Cheese"), product("Shredded Cheese")]) == "Oak Row Shredded Cheese"


def test_a_brand_within_the_name_is_not_said_twice() -> None:
    assert what_is_covered([product("CoverGirl Makeup", "Makeup", "CoverGirl")]) == "CoverGirl Makeup"


def test_products_of_a_shelf_are_called_by_the_shelf() -> None:
    several = [product("Block Cheese"), product("String Cheese"), product("Sliced Cheese", brand="Elm Way")]
    assert what_is_covered(several) == "Cheese"


def test_what_is_bought_counts_and_not_how_many_products_there_are() -> None:
    rare = [product(f"Rare {number}", "Yogurt", "Elm Way", 0) for number in range(20)]
    assert what_is_covered([product("Milk", "Milk & Cream", weight=900), *rare]) == "Milk"


def test_a_coupon_on_everything_says_so() -> None:
    everything = [product(f"Thing {number}", f"Shelf {number}", f"Maker {number}") for number in range(30)]
    assert what_is_covered(everything) == "favorites from all over the store"


def test_an_amount_stands_in_a_headline_only_when_the_coupon_was_seen_redeemed() -> None:
    assert headline("Cheese", Saving(0.75, 3)) == "About $0.75 off Cheese"
    assert headline("Cheese", Saving(1.0, 0)) == "Coupon for Cheese"


def test_the_small_print_says_how_the_value_is_known() -> None:
    seen = small_print("Type A", 12, Saving(0.75, 3), date(2026, 1, 5))
    assert seen == (
        "From your personal coupon book, good for 12 products until January 5, 2026. "
        "Worth about $0.75 (median of 3 redemptions last year); the checkout takes off the exact amount."
    )
    guessed = small_print("Type B", 1, Saving(1.0, 0), date(2026, 1, 5))
    assert "good for 1 product until" in guessed
    assert "Worth about $1.00 (median saving of such coupons last year)" in guessed
