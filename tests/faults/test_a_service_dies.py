"""Any service but the gateway may die: pages go on, say what is missing, and are whole again by themselves."""

from __future__ import annotations

import contextlib
from functools import partial

import psutil
import pytest

from tests.faults.processes import running_process
from tests.faults.traffic import FULL, client_of, more_than, pages_all_the_while, until, until_whole
from tests.runningsuite import RunningSuite
from tests.tinyshop import CUSTOMERS

pytestmark = pytest.mark.anyio

KILLS = 5 if FULL else 1


@pytest.mark.row(33)
@pytest.mark.row(111)
@pytest.mark.parametrize("name", ["profiles", "recommender", "offers", "insights"])
async def test_pages_go_on_without_a_service_and_are_whole_when_it_is_back(fragile: RunningSuite, name: str) -> None:
    await until_whole(fragile)
    for _ in range(KILLS):
        async with pages_all_the_while(fragile) as traffic:
            await until(partial(more_than, traffic, 50), "fifty pages before the kill")
            killed = await running_process(fragile, name)
            killed.kill()
            before = sum(traffic.statuses.values())
            await until(partial(more_than, traffic, before + 100), "pages after the kill")
            seconds = await until_whole(fragile)
        assert set(traffic.statuses) == {200}
        # Pages are whole without insights: it may be on its way back still.
        await running_process(fragile, name, other_than=killed.pid)
        pages = f"p99 {traffic.p99_ms:.0f} ms over {len(traffic.seconds)} pages"
        print(f"{name} killed: {pages}, whole after {seconds:.1f} s")


@pytest.mark.row(111)
async def test_who_was_there_before_is_recommended_items_while_the_recommender_hangs(fragile: RunningSuite) -> None:
    await until_whole(fragile)
    customer = {"customer_id": CUSTOMERS[0]}
    async with client_of(fragile) as client:
        before = (await client.post("/v1/pages/home", json={"customer": customer})).json()
        shelves = {one["id"]: one for one in before["slots"] if one["type"] == "recommendations"}
        hung = await running_process(fragile, "recommender")
        hung.suspend()
        try:
            # They have done something since, so that what was answered to the very same question is no answer any more.
            viewed = {"type": "track", "event": "Product Viewed", "properties": {"product_id": "i-33"}}
            response = await client.post("/v1/pages/home", json={"customer": customer, "events": [viewed]})
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                hung.resume()
    assert response.status_code == 200
    page = response.json()
    after = {one["id"]: one for one in page["slots"] if one["type"] == "recommendations"}
    assert shelves.keys() == after.keys() - {one["slot"] for one in page["fallbacks"]}
    assert all(after[name]["items"] == shelves[name]["items"] for name in shelves)
    await until_whole(fragile)


async def test_a_service_that_starts_again_does_not_import_what_it_need_not(fragile: RunningSuite) -> None:
    # pandas comes in by ways that look harmless (`to_numpy` of an Arrow column) and takes 1.3 seconds of a restart.
    killed = await running_process(fragile, "recommender")
    killed.kill()
    process = await running_process(fragile, "recommender", other_than=killed.pid)
    await until_whole(fragile)
    files = {place.path for place in process.memory_maps()}
    assert any("/faiss/" in path for path in files)
    assert [path for path in files if "/pandas/" in path or "/sklearn/" in path] == []


async def test_a_service_is_started_again_without_the_nursery_too(fragile: RunningSuite) -> None:
    (await running_process(fragile, "nursery")).kill()
    for _ in range(2):  # First by its own command, then from another nursery.
        killed = await running_process(fragile, "insights")
        killed.kill()
        await running_process(fragile, "insights", other_than=killed.pid)
    await until_whole(fragile)


@pytest.mark.parametrize(("name", "slot_kind"), [("recommender", "recommendations"), ("offers", "offers")])
async def test_a_page_lists_the_slots_that_a_dead_service_left_to_their_fallbacks(
    fragile: RunningSuite, name: str, slot_kind: str
) -> None:
    await until_whole(fragile)
    async with pages_all_the_while(fragile) as traffic:
        hung = await running_process(fragile, name)
        hung.suspend()  # It neither answers nor says that it is gone.
        try:
            await until(lambda: bool(traffic.fallbacks), "a page that lists a fallback")
            kinds = {slot["id"]: slot["type"] for slot in traffic.latest["slots"]}
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):  # Its supervisor has seen it, too.
                hung.resume()
    assert set(traffic.statuses) == {200}
    assert slot_kind in {kinds.get(slot) for slot, _ in traffic.fallbacks}
    assert all(reason for _, reason in traffic.fallbacks)
    await until_whole(fragile)
