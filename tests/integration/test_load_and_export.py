"""A shop's data goes in with `tailorbird load` and comes out with `tailorbird export`, over the real services."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from tailorbird.contracts.wire import Fault
from tailorbird.suite.keeping.exporting import EXPORTED
from tailorbird.suite.loading.loader import load
from tailorbird.suite.loading.report import LoadReport
from tailorbird.suite.running import connect_to_running
from tests.runningsuite import RunningSuite, documents_of_the_demo, start_suite
from tests.tinyshop import TinyShop
from tests.waiting import eventually

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, tiny_shop: TinyShop) -> Iterator[RunningSuite]:
    with start_suite(tmp_path_factory.mktemp("loaded")) as running:
        running.command("load", tiny_shop.folder)
        running.command("apply", documents_of_the_demo())
        yield running


async def loaded(running: RunningSuite, folder: Path) -> LoadReport:
    async with connect_to_running(running.environment, "load") as bus:
        return await load(folder, bus, running.home, Console(quiet=True))


async def test_loading_twice_changes_nothing(running: RunningSuite, tiny_shop: TinyShop) -> None:
    report = await loaded(running, tiny_shop.folder)
    assert len(report.tables) == 10
    assert [(one.table, one.stored, one.refused) for one in report.tables if one.stored or one.refused] == []
    assert all(one.read == one.unchanged > 0 for one in report.tables)


async def test_bad_rows_lie_in_quarantine_and_the_counts_add_up(
    running: RunningSuite, tiny_shop: TinyShop, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_shop.folder, tmp_path / "shop")
    (folder / "interactions.parquet").unlink()
    (folder / "interactions.csv").write_text(
        "customer_id,item_id,time,quantity\n"
        "c-01,i-02,2026-01-01T10:00:00Z,1\n"
        "c-01,i-02,2026-01-02T10:00:00Z,0\n"
        "c-01,i-999,2026-01-02T10:00:00Z,1\n"
        'c-01,"i-02,2026-01-03T10:00:00Z,1\n'
        "c-01,i-02,tomorrow,1\n"
    )
    with (folder / "items.csv").open("a") as items:
        items.write("i-01,Twice,,,,,,,\n")
    report = {one.table: one for one in (await loaded(running, folder)).tables}
    lines = report["interactions"]
    assert (lines.read, lines.stored, lines.refused) == (5, 1, 4)
    assert all(one.read == one.stored + one.unchanged + one.refused for one in report.values())
    assert report["items"].reasons == {"`item_id` stands in an earlier row too": 1}
    assert lines.quarantine is not None
    assert [line.split(",")[0] for line in lines.quarantine.read_text().splitlines()] == ["line", "3", "4", "5", "6"]


async def test_interactions_may_name_items_that_were_loaded_before(running: RunningSuite, tmp_path: Path) -> None:
    (tmp_path / "interactions.csv").write_text(
        "customer_id,item_id,time\nc-02,i-03,1767312000\nc-02,i-404,1767312000\n"
    )
    (table,) = (await loaded(running, tmp_path)).tables
    assert (table.stored, table.refused) == (1, 1)


async def test_a_misspelt_column_stops_the_load_before_anything_is_stored(
    running: RunningSuite, tmp_path: Path
) -> None:
    (tmp_path / "items.csv").write_text("item_id,title\ni-new,Something new\n")
    (tmp_path / "offers.csv").write_text("offer_id,headline,kind,prise\n")
    with pytest.raises(Fault, match="column `prise`"):
        await loaded(running, tmp_path)
    (tmp_path / "offers.csv").unlink()
    (table,) = (await loaded(running, tmp_path)).tables
    assert table.stored == 1


def test_what_happened_was_decided_and_is_known_comes_out_as_parquet(running: RunningSuite, tmp_path: Path) -> None:
    with httpx.Client(base_url=running.base_url, timeout=10.0) as client:
        asked = {"customer": {"customer_id": "c-01"}}
        page = client.post("/v1/pages/home", json=asked, headers=running.server_headers)
        decision_id = page.json()["decision_id"]
        seen = {"event": "Product Viewed", "anonymousId": "a-77", "properties": {"product_id": "i-05"}}
        assert client.post("/v1/track", json=seen, auth=(running.write_key, "")).status_code == 200

    def exported() -> dict[str, list[dict[str, Any]]] | None:
        running.command("export", tmp_path)
        found = {table: pq.read_table(tmp_path / f"{table}.parquet").to_pylist() for table in EXPORTED}
        decided = any(row["decision_id"] == decision_id for row in found["decisions"])
        return found if decided and any(row["anonymous_id"] == "a-77" for row in found["events"]) else None

    found = eventually(exported, "the export holds the decision and the event")
    assert found is not None
    choices = [row for row in found["choices"] if row["decision_id"] == decision_id]
    assert choices
    assert all(0.0 < row["propensity"] <= 1.0 for row in choices)
    profiles = {row["customer_id"]: row for row in found["profiles"]}
    assert profiles["c-01"]["history"]
    assert (tmp_path / "profiles.parquet").stat().st_mode & 0o077 == 0
