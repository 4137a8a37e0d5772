"""The recommender on a real nats-server: loads, live changes, models swapped and refused, HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import Imported, ImportQuery
from tailorbird.contracts.recommender import (
    CATALOGUE_BUCKET,
    CATALOGUE_OBJECT,
    CHANGE_ITEMS,
    IMPORT,
    PUT_ITEMS,
    RECOMMEND,
    Item,
    ItemChange,
    ItemChanges,
    Items,
    Recommendations,
    RecommendQuery,
)
from tailorbird.contracts.wire import Fault
from tailorbird.host.app import build
from tailorbird.host.broker import Broker, free_port
from tailorbird.host.settings import SuiteSettings
from tailorbird.recommender.http import ROUTES
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.registry.artifact import ACTIVE, MODELS, Active, publish, write_artifact
from tailorbird.recommender.service import SERVICE, Settings
from tests.unit.recommender.smallshop import COOK, items, model, query

pytestmark = pytest.mark.anyio

PATIENT = msgspec.structs.replace(RECOMMEND, budget_ms=10_000)
KEY = {"Authorization": "Bearer server-key"}


class House:
    """The recommender as it runs, and somebody who asks it."""

    def __init__(self, bus: NatsBus, folder: Path) -> None:
        self.bus = bus
        self.folder = folder

    async def load(self, table: str, rows: list[dict]) -> Imported:
        path = self.folder / f"{table}.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)
        staging = await self.bus.objects("staging")
        await staging.put(f"{table}.parquet", path)
        return await self.bus.asker.ask(IMPORT, ImportQuery(table=table, object_name=f"{table}.parquet"))

    async def load_shop(self) -> None:
        products = [item for item in items() if item.kind == "product"]
        await self.load("items", [_product_row(item) for item in products])
        await self.load("articles", [_article_row(item) for item in items() if item.kind == "article"])

    async def train(self, trained: Model) -> None:
        await publish(self.bus, write_artifact(trained, self.folder / "model.zip"))

    async def answer(self, asked: RecommendQuery) -> Recommendations:
        return await self.bus.asker.ask(PATIENT, asked)

    async def found(self, asked: RecommendQuery) -> list[str]:
        return [item.item_id for shelf in (await self.answer(asked)).shelves for item in shelf.items]

    async def eventually(self, asked: RecommendQuery, check: Callable[[Recommendations], bool]) -> Recommendations:
        async with asyncio.timeout(15):
            answer = await self.answer(asked)
            while not check(answer):
                await asyncio.sleep(0.02)
                answer = await self.answer(asked)
            return answer


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    yield broker
    process.terminate()
    process.wait()


@pytest.fixture
async def house(broker: Broker, tmp_path: Path) -> AsyncIterator[House]:
    address = Address(broker.url)
    async with (
        connect("recommender", address, address) as serving,
        connect("asking", address, address) as asking,
        SERVICE.open(serving, Settings(home=tmp_path / "home")),
    ):
        yield House(asking, tmp_path)


def _product_row(item: Item) -> dict:
    row = {name: getattr(item, name) for name in ("item_id", "title", "department", "category", "price", "stock")}
    return row | {"attr_sensitive": item.attributes.get("sensitive")}


def _article_row(item: Item) -> dict:
    return {"article_id": item.item_id, "title": item.title, "categories": list(item.categories)}


async def test_loading_twice_changes_nothing_and_what_was_loaded_is_served(house: House) -> None:
    rows = [_product_row(item) for item in items() if item.kind == "product"]
    assert await house.load("items", rows) == Imported(stored=len(rows), unchanged=0)
    assert await house.load("items", rows) == Imported(stored=0, unchanged=len(rows))
    dearer = [rows[0] | {"price": 3.0}, *rows[1:]]
    assert await house.load("items", dearer) == Imported(stored=1, unchanged=len(rows) - 1)
    assert len(await house.found(query(("popular", 4)))) == 4


async def test_the_snapshot_holds_every_item_and_says_where_to_watch_from(house: House) -> None:
    await house.bus.asker.ask(PUT_ITEMS, Items(items=(Item(item_id="été/1", title="Live", price=1.0),)))
    await house.load_shop()
    snapshots = await house.bus.objects("snapshots")
    info = await snapshots.fetch(CATALOGUE_OBJECT, house.folder / "snapshot.parquet")
    table = pq.read_table(house.folder / "snapshot.parquet").to_pylist()
    assert {row["item_id"] for row in table} == {item.item_id for item in items()} | {"été/1"}
    assert int(info.metadata["revision"]) == await (await house.bus.bucket(CATALOGUE_BUCKET)).revision() == 1


async def test_a_change_is_on_the_next_answer_and_survives_a_restart(house: House, broker: Broker) -> None:
    await house.load_shop()
    before = await house.found(query(("popular", 60)))
    sold_out = ItemChanges(changes=(ItemChange(item_id="cook-3", stock=0), ItemChange(item_id="cook-4", price=None)))
    put = await house.bus.asker.ask(CHANGE_ITEMS, sold_out)
    assert (put.stored, put.unchanged) == (2, 0)
    assert set(before) - set(await house.found(query(("popular", 60)))) == {"cook-3", "cook-4"}
    again = await house.bus.asker.ask(CHANGE_ITEMS, sold_out)
    # How many there are was counted anew, and when that was is kept.
    assert (again.stored, again.unchanged) == (1, 1)
    address = Address(broker.url)
    async with connect("second", address, address) as second, SERVICE.open(second, Settings(home=house.folder / "two")):
        answer = await second.asker.ask(PATIENT, query(("popular", 60)))
    assert not {"cook-3", "cook-4"} & {item.item_id for item in answer.shelves[0].items}


async def test_a_new_item_needs_a_title_and_nothing_is_changed_without(house: House) -> None:
    await house.load_shop()
    changes = (ItemChange(item_id="cook-3", stock=0), ItemChange(item_id="brand-new", price=1.0))
    with pytest.raises(Fault) as refused:
        await house.bus.asker.ask(CHANGE_ITEMS, ItemChanges(changes=changes))
    assert (refused.value.code, refused.value.problems[0].path) == (422, "$[1].title")
    assert "cook-3" in await house.found(query(("popular", 60)))


async def test_a_published_model_serves_and_a_bad_one_is_refused(house: House) -> None:
    await house.load_shop()
    asked = query(("for_you", 5), customer=COOK)
    assert (await house.answer(asked)).model == ""
    await house.train(model())
    answer = await house.eventually(asked, lambda found: found.model == model().version)
    assert all(item.item_id.startswith("cook-") for item in answer.shelves[0].items)
    broken = bytearray((house.folder / "model.zip").read_bytes())
    broken[len(broken) // 2] ^= 0xFF
    (house.folder / "broken.zip").write_bytes(bytes(broken))
    await (await house.bus.objects(MODELS)).put("artifacts/bad.zip", house.folder / "broken.zip")
    bucket = await house.bus.bucket(MODELS)
    await bucket.put(ACTIVE, msgspec.json.encode(Active(version="bad", object="artifacts/bad.zip")))
    second = msgspec.structs.replace(model(), version="second")
    await house.train(second)
    versions: list[str] = []

    def is_second(found: Recommendations) -> bool:
        versions.append(found.model)
        return found.model == "second"

    await house.eventually(asked, is_second)
    assert set(versions) <= {model().version, "second"}


async def test_promotions_are_taken_over_once_and_name_the_week(house: House) -> None:
    await house.load_shop()
    await house.train(model())
    until = int(query().at) + 86_400
    ends = [until - week * 604_800 for week in range(3)]
    rows = [
        {"item_id": f"snack-{n}", "store_id": "s1", "starts_at": end - 604_800, "ends_at": end,
         "display": None if n % 2 else "front", "mailer": "page 1" if n % 2 else None}
        for n in range(8) for end in ends
    ]  # fmt: skip
    assert await house.load("promotions", rows) == Imported(stored=24, unchanged=0)
    assert await house.load("promotions", rows) == Imported(stored=0, unchanged=24)
    asked = query(("trending", 30), store_id="s1")
    told = await house.eventually(asked, lambda found: "leaflet" in str(found))
    reasons = {item.item_id: item.reasons[0] for item in told.shelves[0].items}
    assert reasons["snack-1"] == "In this week's leaflet"
    assert reasons["snack-2"] == "On display in your store this week"


@pytest.fixture(scope="module")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """The recommender and its routes in one process, as `tailorbird serve all` has them."""
    home = tmp_path_factory.mktemp("one")
    broker = Broker(name="one", folder=home / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    address = Address(broker.url)
    settings = SuiteSettings(home=home, server_key="server-key", write_key="write-key")
    app: Any = build([SERVICE], {"recommender": ROUTES}, lambda: connect("one", address, address), settings, {})
    transport = httpx.ASGITransport(app=app)
    async with _alive(app), httpx.AsyncClient(transport=transport, base_url="http://house", headers=KEY) as client:
        yield client
    process.terminate()
    process.wait()


class _alive:  # noqa: N801 - reads as a sentence where it is used
    """Runs the application's start and end, which httpx leaves to the server."""

    def __init__(self, app: Callable) -> None:
        self._app = app
        self._to_app: asyncio.Queue = asyncio.Queue()
        self._from_app: asyncio.Queue = asyncio.Queue()

    async def __aenter__(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.create_task(self._app(scope, self._to_app.get, self._from_app.put))
        await self._to_app.put({"type": "lifespan.startup"})
        started = await self._from_app.get()
        assert started["type"] == "lifespan.startup.complete", started

    async def __aexit__(self, *_: object) -> None:
        await self._to_app.put({"type": "lifespan.shutdown"})
        await self._task


async def test_items_are_put_and_recommended_over_http(client: httpx.AsyncClient) -> None:
    lines = "\n".join(f'{{"item_id": "n-{n}", "title": "New {n}", "price": {n + 1}}}' for n in range(5))
    bulk = await client.post("/v1/items", content=lines)
    assert (bulk.status_code, bulk.json()) == (200, {"stored": 5, "unchanged": 0})
    gone = await client.put("/v1/items/n-2", json={"stock": 0})
    assert (gone.status_code, gone.json()["stored"]) == (200, 1)
    found = (await client.post("/v1/recommend", json={"count": 10})).json()
    assert sorted(item["item_id"] for item in found["items"]) == ["n-0", "n-1", "n-3", "n-4"]
    assert found["note"]
    assert all(item["reasons"] for item in found["items"])


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "told"),
    [
        ("POST", "/v1/recommend", '{"count": 0}', 422, "$.count"),
        ("POST", "/v1/recommend", '{"cuont": 3}', 422, "cuont"),
        ("POST", "/v1/recommend", '{"strategy": "magic"}', 422, '"path":"$.strategy"'),
        ("POST", "/v1/recommend", "[" * 100_000, 413, ""),
        ("POST", "/v1/similar", "{}", 422, "item_id"),
        ("POST", "/v1/similar", b'{"item_id": "\xff"}', 400, ""),
        ("PUT", "/v1/items/x", '{"price": 1}', 422, "title"),
        ("PUT", "/v1/items/x", '{"title": "X", "price": -1}', 422, "$.price"),
        ("PUT", "/v1/items/x", '{"title": "X", "price": NaN}', 400, ""),
        ("PUT", "/v1/items/x", '{"item_id": "y", "title": "X"}', 422, "y"),
        ("POST", "/v1/items", '{"item_id": "a", "title": "A"}\n{"item_id": 7}', 422, "$[1].item_id"),
        ("POST", "/v1/items", '{"title": "A"}', 422, "$[0].item_id"),
    ],
)
async def test_what_is_wrong_is_told_with_its_place(
    client: httpx.AsyncClient, method: str, path: str, content: str | bytes, status: int, told: str
) -> None:
    response = await client.request(method, path, content=content)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("application/problem+json")
    assert told in response.text


async def test_a_key_is_needed(client: httpx.AsyncClient) -> None:
    refused = await client.post("/v1/recommend", json={}, headers={"Authorization": "Bearer wrong"})
    assert refused.status_code == 401
