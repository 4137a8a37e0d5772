"""The year made into load files: a small year of the same shape, prepared like the real one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailorbird.suite.demo.calendar import LAST_DAY, Shift, weeks_to
from tailorbird.suite.demo.prepare import prepare
from tailorbird.suite.demo.source import Source
from tailorbird.suite.loading.files import find_files

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("data")

    def write(name: str, rows: list[dict[str, object]]) -> None:
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{name}.parquet")

    def line(household: int, product: int, quantity: int, value: float, **more: object) -> dict[str, object]:
        bought = {"household_id": household, "store_id": 300, "basket_id": 9, "product_id": product, "week": 53}
        paid = {"quantity": quantity, "sales_value": value, "retail_disc": 0.1, "coupon_match_disc": 0.0}
        at = {"coupon_disc": 0.0, "transaction_timestamp": datetime(2018, 1, 1, 4, 1, 20)}  # noqa: DTZ001
        return {**bought, **paid, **at, **more}

    def product(number: int, category: str, kind: str, brand: str = "National") -> dict[str, object]:
        place = {"department": "GROCERY", "product_category": category, "product_type": kind, "package_size": "8 OZ"}
        return {"product_id": number, "manufacturer_id": 7, "brand": brand, **place}

    write("products", [
        product(1, "CHEESE", "SHREDDED CHEESE"), product(2, "CHEESE", "SHREDDED CHEESE", "Private"),
        product(3, "BEERS/ALES", "BEERALEMALT LIQUORS"), product(4, "BOTTLE DEPOSITS", "BOTTLE DEPOSITS"),
    ])  # fmt: skip
    write("transactions", [
        line(11, 1, 1, 2.0), line(11, 1, 2, 5.0), line(12, 1, 1, 9.0), line(12, 1, 0, 7.0), line(12, 4, 1, 0.1),
        line(12, 99, 1, 1.0), line(12, 2, 1, 3.0, coupon_disc=0.75),
    ])  # fmt: skip
    write("demographics", [{
        "household_id": 12, "age": "45-54", "income": "50-74K", "home_ownership": None, "marital_status": "Married",
        "household_size": "2", "household_comp": "2 Adults No Kids", "kids_count": "0",
    }])  # fmt: skip
    started, ended = datetime(2017, 12, 6), datetime(2018, 1, 7)  # noqa: DTZ001
    write("campaign_descriptions", [
        {"campaign_id": 5, "campaign_type": "Type B", "start_date": started, "end_date": ended},
    ])  # fmt: skip
    write("campaigns", [{"campaign_id": 5, "household_id": 12}, {"campaign_id": 5, "household_id": 13}])
    write("coupons", [
        {"coupon_upc": 700, "product_id": 2, "campaign_id": 5}, {"coupon_upc": 701, "product_id": 1, "campaign_id": 5},
        {"coupon_upc": 702, "product_id": 99, "campaign_id": 5},
    ])  # fmt: skip
    redeemed = {"household_id": 12, "coupon_upc": 700, "campaign_id": 5}
    write("coupon_redemptions", [{**redeemed, "redemption_date": datetime(2017, 12, 31)}])  # noqa: DTZ001
    write("promotions", [
        {"product_id": 1, "store_id": 300, "display_location": "9", "mailer_location": "0", "week": 1},
        {"product_id": 1, "store_id": 300, "display_location": "0", "mailer_location": "D", "week": 53},
    ])  # fmt: skip
    return Source(folder, "small")


@pytest.fixture(scope="module")
def shop(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("home") / "demo", TODAY, lambda _, __: None, source)


def rows(shop: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(shop / f"{table}.parquet").to_pylist()
    return found


@pytest.mark.parametrize("days", range(14))
def test_the_last_day_falls_within_the_past_seven_days(days: int) -> None:
    today = TODAY + timedelta(days=days)
    assert 1 <= (today - (LAST_DAY + timedelta(weeks=weeks_to(today)))).days <= 7


def test_the_shift_is_fixed_at_the_first_time(tmp_path: Path) -> None:
    first = Shift.fixed(tmp_path / "shift.json", TODAY)
    assert Shift.fixed(tmp_path / "shift.json", TODAY + timedelta(days=100)).weeks == first.weeks == 463


def test_all_its_tables_can_be_loaded_as_they_are(shop: Path) -> None:
    assert len(find_files(shop)) == 10


def test_a_price_is_the_median_of_what_a_unit_cost_and_nothing_that_never_sold_has_one(shop: Path) -> None:
    prices = {row["item_id"]: row["price"] for row in rows(shop, "items")}
    assert prices == {"1": 2.5, "2": 3.0, "3": None, "4": 0.1}


def test_items_have_titles_shelves_brands_and_marks(shop: Path) -> None:
    cheese, private, beer, deposit = rows(shop, "items")
    assert (cheese["title"], cheese["department"], cheese["category"]) == (
        "Shredded Cheese, 8 oz",
        "Dairy & Eggs",
        "Cheese",
    )
    assert cheese["image_url"] == "/shop/tiles/dairy-eggs/cheese/1.svg"
    assert private["attr_private_brand"]
    assert private["brand"] != cheese["brand"]
    assert beer["attr_sensitive"]
    assert beer["attr_sensitive_kind"] == "alcohol"
    assert deposit["stock"] == 0
    assert cheese["stock"] is None


def test_every_purchase_line_is_kept_and_moved_by_whole_weeks(shop: Path) -> None:
    lines = rows(shop, "interactions")
    assert len(lines) == 7
    assert lines[0]["time"] == datetime(2026, 11, 16, 4, 1, 20)  # noqa: DTZ001


def test_only_who_told_of_themselves_is_surely_registered(shop: Path) -> None:
    customers = {row["customer_id"]: row for row in rows(shop, "customers")}
    assert set(customers) == {"11", "12", "13"}
    assert customers["12"]["registered"]
    assert customers["12"]["email"].endswith(".12@example.org")
    assert all(bool(row["first_name"]) == row["registered"] for row in customers.values())


def test_a_coupon_is_an_offer_for_its_campaigns_households(shop: Path) -> None:
    seen, guessed = rows(shop, "offers")
    assert seen["headline"] == "About $0.75 off Wren & Barley Shredded Cheese"
    assert guessed["value"] == 0.75
    assert str(guessed["headline"]).startswith("Coupon for")
    assert seen["audience_id"] == "campaign-5"
    assert seen["item_ids"] == ["2"]
    assert seen["ends_at"] == datetime(2026, 11, 23, tzinfo=UTC)
    assert {row["audience_id"] for row in rows(shop, "audiences")} == {"campaign-5"}
    assert rows(shop, "responses")[0]["offer_id"] == seen["offer_id"]


def test_a_promotion_says_in_words_where_the_item_stood(shop: Path) -> None:
    first, last = rows(shop, "promotions")
    assert (first["display"], first["mailer"]) == ("secondary location", None)
    assert (last["display"], last["mailer"]) == (None, "front page feature")
    assert last["ends_at"] == datetime(2026, 11, 16, 5, tzinfo=UTC)


def test_what_is_prepared_is_not_prepared_again(shop: Path, source: Source) -> None:
    before = (shop / "items.parquet").stat().st_mtime_ns
    steps: list[str] = []
    prepare(shop, TODAY + timedelta(days=30), lambda step, _: steps.append(step), source)
    assert steps == ["the demonstration shop is prepared"]
    assert (shop / "items.parquet").stat().st_mtime_ns == before
