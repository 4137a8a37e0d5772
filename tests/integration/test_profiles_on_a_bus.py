"""Profiles on a real nats-server: collected events, links, files taken over, segments, and what rests on disk."""

from __future__ import annotations

import asyncio
import base64
import gzip
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uvicorn

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ApplyQuery, Document, Imported, ImportQuery
from tailorbird.contracts.profiles import (
    APPLY,
    COLLECTED,
    IMPORT,
    PROFILE,
    PROFILE_CHANGED,
    PROFILES_STORED,
    SHOPPERS,
    Event,
    EventBatch,
    Profile,
    ProfileQuery,
    ProfilesStored,
    ShoppersQuery,
)
from tailorbird.contracts.recommender import CATALOGUE_OBJECT
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.app import build
from tailorbird.host.broker import Broker, free_port
from tailorbird.host.settings import SuiteSettings
from tailorbird.profiles.http import ROUTES
from tailorbird.profiles.service import SERVICE
from tailorbird.profiles.settings import Settings

pytestmark = pytest.mark.anyio

DAY = 86_400
PATIENT = msgspec.structs.replace(PROFILE, budget_ms=10_000)
"""A busy machine may answer late; what is asked here is what the answer is."""
WRITE_KEY, SERVER_KEY = "write-key", "server-key"


class House:
    """Profiles as they run, and somebody who asks them."""

    def __init__(self, bus: NatsBus, address: Address, home: Path) -> None:
        self.bus = bus
        self.address = address
        self.home = home

    async def profile(self, customer_id: str = "", anonymous_id: str = "", events: tuple[Event, ...] = ()) -> Profile:
        query = ProfileQuery(customer=CustomerRef(customer_id=customer_id, anonymous_id=anonymous_id), events=events)
        return await self.bus.asker.ask(PATIENT, query)

    async def collect(self, *events: Event, message_id: str) -> None:
        await self.bus.announcer.append(COLLECTED, EventBatch(events=events), message_id)

    async def eventually(self, check: Callable[[Profile], bool], **who: Any) -> Profile:
        async with asyncio.timeout(20):
            profile = await self.profile(**who)
            while not check(profile):
                await asyncio.sleep(0.02)
                profile = await self.profile(**who)
            return profile

    async def take_over(self, table: str, rows: list[dict[str, Any]]) -> Imported:
        file = self.home / f"{table}.parquet"
        await asyncio.to_thread(pq.write_table, pa.Table.from_pylist(rows), file)
        await (await self.bus.objects("staging")).put(f"{table}.parquet", file)
        return await self.bus.asker.ask(IMPORT, ImportQuery(table=table, object_name=f"{table}.parquet"))


@pytest.fixture(scope="module")
async def house(brokers: tuple[Broker, Broker], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home = tmp_path_factory.mktemp("house")
    address, ledger = Address(brokers[0].url), Address(brokers[1].url)
    async with connect("profiles", address, ledger) as bus, connect("test", address, ledger) as asking:
        items = {"item_id": ["milk", "rye"], "department": ["Dairy", "Bakery"], "category": ["Milk", "Bread"]}
        file = home / "items.parquet"
        await asyncio.to_thread(pq.write_table, pa.table(items), file)
        await (await asking.objects("snapshots")).put(CATALOGUE_OBJECT, file, {"revision": "0"})
        async with SERVICE.open(bus, Settings(home=home)):
            yield House(asking, address, home)


@pytest.fixture
async def collector(house: House, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = SuiteSettings(home=tmp_path, write_key=WRITE_KEY, server_key=SERVER_KEY)

    def open_bus() -> Any:
        return connect("gateway", house.address, house.address)

    port = free_port()
    app: Any = build([], {"profiles": ROUTES}, open_bus, settings, {})
    server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="on", log_config=None))
    serving = asyncio.create_task(server.serve())
    for _ in range(2_000):
        if server.started:
            break
        await asyncio.sleep(0.01)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20.0) as client:
        yield client
    server.should_exit = True
    await serving


def basic(key: str = WRITE_KEY) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def viewed(number: str, item_id: str, **who: Any) -> Event:
    properties = {"product_id": item_id}
    return Event(message_id=number, type="track", event="Product Viewed", at=time.time(), properties=properties, **who)


async def test_an_unknown_customer_is_served_with_a_persona(house: House) -> None:
    found = await house.profile(customer_id="nobody", anonymous_id="no-device")
    assert (found.known, found.person, found.customer.customer_id) == (False, "", "nobody")


async def test_events_of_the_call_count_without_being_stored(house: House) -> None:
    event = viewed("call-1", "milk", anonymous_id="caller")
    found = await house.profile(anonymous_id="caller", events=(event,))
    assert [signal.item_id for signal in found.facts.recent] == ["milk"]
    assert found.facts.attributes["session.views"] == 1
    assert not (await house.profile(anonymous_id="caller")).known


async def test_a_collected_event_reaches_the_profile_once_however_often_it_is_sent(house: House) -> None:
    event = viewed("once-1", "milk", customer_id="once")
    for sending in range(3):
        await house.collect(event, viewed(f"once-other-{sending}", "rye", customer_id="once"), message_id=f"s{sending}")
    found = await house.eventually(lambda one: one.facts.attributes["session.views"] == 4, customer_id="once")
    assert found.known
    assert {signal.item_id for signal in found.facts.recent} == {"milk", "rye"}


async def test_a_changed_profile_is_announced_when_somebody_asked_for_it(house: House) -> None:
    heard: asyncio.Queue[Profile] = asyncio.Queue()
    untold: asyncio.Queue[ProfilesStored] = asyncio.Queue()
    await house.bus.listener.hear(PROFILE_CHANGED, heard.put)
    await house.bus.listener.hear(PROFILES_STORED, untold.put)
    await house.bus._client.flush()
    await house.collect(viewed("told-1", "milk", customer_id="told"), message_id="told")
    async with asyncio.timeout(60):
        person = (await untold.get()).untold
        assert list(person.values()) == [1]
        assert (await house.profile(customer_id="told")).person in person
        await house.collect(viewed("told-2", "rye", customer_id="told"), message_id="told-again")
        while (found := await heard.get()).customer.customer_id != "told":
            pass
    assert found.person == (await house.profile(customer_id="told")).person
    assert found.expires_at > time.time()


async def test_a_name_given_with_the_write_key_shows_nothing_of_the_customer_until_the_server_says_so(
    house: House,
) -> None:
    now = time.time()
    order = {"order_id": "lo-1", "total": 9, "products": [{"product_id": "rye"}]}
    linda_and_phone: dict[str, Any] = {"customer_id": "linda", "anonymous_id": "phone"}
    linda: dict[str, Any] = {"customer_id": "linda", "trusted": True}
    buy = Event(message_id="l-1", type="track", event="Order Completed", at=now, properties=order, **linda)
    name = Event(message_id="l-2", type="identify", at=now, traits={"firstName": "Linda"}, **linda)
    await house.collect(buy, name, message_id="l-a")
    claim = Event(message_id="l-3", type="identify", at=now, **linda_and_phone)
    await house.collect(claim, viewed("l-4", "milk", **linda_and_phone), message_id="l-b")
    visitor = await house.eventually(lambda one: one.known, anonymous_id="phone")
    assert (visitor.first_name, visitor.customer.customer_id, visitor.facts.history) == ("", "", ())
    known = await house.profile(customer_id="linda")
    assert [signal.item_id for signal in known.facts.recent] == ["rye"]
    both = await house.profile(customer_id="linda", anonymous_id="phone")
    assert {signal.item_id for signal in both.facts.recent} == {"rye", "milk"}
    link = Event(message_id="l-5", type="identify", at=now, trusted=True, **linda_and_phone)
    await house.collect(link, message_id="l-c")
    linked = await house.eventually(lambda one: one.first_name == "Linda", anonymous_id="phone")
    assert linked.person == known.person
    assert {signal.item_id for signal in linked.facts.recent} == {"rye", "milk"}


async def test_who_refuses_personalization_is_served_as_a_stranger(house: House) -> None:
    consent = {"consent": {"categoryPreferences": {"personalization": False}}}
    event = Event(message_id="c-1", type="page", at=time.time(), anonymous_id="shy", context=consent)
    await house.collect(viewed("c-0", "milk", anonymous_id="shy"), message_id="c-0")
    await house.eventually(lambda one: one.known, anonymous_id="shy")
    await house.collect(event, message_id="c-1")
    told = await house.eventually(lambda one: not one.known, anonymous_id="shy")
    assert (told.person, told.facts.recent) == ("", ())


async def test_files_are_taken_over_once_and_make_segments_and_personas(house: House) -> None:
    now = int(time.time())
    customers = [{"customer_id": f"f-{n}", "first_name": f"Name {n}", "age": "25-34"} for n in range(6)]
    interactions = [
        {"customer_id": f"f-{n}", "item_id": "milk", "time": now - day * DAY, "kind": "purchase", "quantity": 1.0,
         "value": 2.5, "order_id": f"{n}-{day}", "store_id": None, "discount": 0.5 if n == 5 else 0.0}
        for n in range(6) for day in range(1, 2 + 8 * n, 4)
    ]  # fmt: skip
    interactions.append(interactions[0] | {"kind": "view", "time": now - 60, "item_id": "rye"})
    audiences = [{"audience_id": "club", "customer_id": f"f-{n}"} for n in (1, 2)]
    responses = [{"customer_id": "f-1", "offer_id": "cheaper", "time": now - DAY, "kind": "redeemed"}] * 2
    tables: dict[str, list[dict[str, Any]]] = {
        "customers": customers,
        "interactions": interactions,
        "audiences": audiences,
        "responses": responses,
    }
    for table, rows in tables.items():
        assert await house.take_over(table, rows) == Imported(stored=len(rows), unchanged=0)
    for table, rows in tables.items():
        assert await house.take_over(table, rows) == Imported(stored=0, unchanged=len(rows))
    more = [*interactions, interactions[-2] | {"order_id": "again", "time": now}]
    assert await house.take_over("interactions", more) == Imported(stored=1, unchanged=len(interactions))

    one = await house.profile(customer_id="f-1")
    assert (one.first_name, one.facts.attributes["customer.age"]) == ("Name 1", "25-34")
    assert one.facts.attributes["customer.audiences"] == ["club"]
    assert one.facts.attributes["history.coupons_redeemed"] == 2
    assert (one.facts.attributes["history.orders"], one.facts.attributes["history.spend"]) == (3, 7.5)
    assert one.facts.attributes["history.top_department"] == "Dairy"
    five = await house.profile(customer_id="f-5")
    assert (five.facts.attributes["history.orders"], five.facts.attributes["history.discount_share"]) == (12, 1.0)
    assert five.facts.attributes["history.value_quintile"] == 5
    assert five.facts.history[0].times == 12
    assert {signal.kind for signal in (await house.profile(customer_id="f-0")).facts.recent} == {"viewed", "bought"}

    def document(kind: str, name: str, body: dict[str, Any]) -> Document:
        return Document(kind=kind, id=name, body=msgspec.Raw(msgspec.json.encode(body)))

    deals = {"rule": {"field": "history.discount_share", "operator": ">", "value": 0.6}}
    seekers = {"order": 1, "rule": {"field": "segments", "operator": "contains", "value": "deals"}}
    documents = (
        document("segment", "deals", deals),
        document("persona", "deal_seekers", seekers),
        document("persona", "everyone", {"order": 1_000}),
    )
    wrong = document("segment", "wrong", {"rule": {"field": "history.order", "operator": ">", "value": 1}})
    refused = await house.bus.asker.ask(APPLY, ApplyQuery(documents=(*documents, wrong)))
    assert [problem.path for problem in refused.problems] == ["segment/wrong $.rule.field"]
    assert (await house.bus.asker.ask(APPLY, ApplyQuery(documents=documents))).problems == ()
    five = await house.eventually(lambda found: found.facts.persona != "", customer_id="f-5")
    assert (five.facts.segments, five.facts.persona) == (("deals",), "deal_seekers")
    assert (await house.profile(customer_id="f-4")).facts.persona == "everyone"
    assert (await house.profile(anonymous_id="never-seen")).facts.persona == "everyone"
    shoppers = await house.bus.asker.ask(SHOPPERS, ShoppersQuery(count=5, persona="deal_seekers"))
    assert [shopper.customer_id for shopper in shoppers.shoppers] == ["f-5"]


async def test_a_profile_is_found_by_its_pseudonym(house: House) -> None:
    await house.collect(viewed("p-1", "milk", customer_id="pseudo"), message_id="p-1")
    found = await house.eventually(lambda one: one.known, customer_id="pseudo")
    by_person = await house.bus.asker.ask(PATIENT, ProfileQuery(customer=CustomerRef(), person=found.person))
    assert by_person.customer.customer_id == "pseudo"
    assert by_person.decision_key == found.decision_key
    with pytest.raises(Fault) as refused:
        await house.bus.asker.ask(PATIENT, ProfileQuery(customer=CustomerRef(), person="nobody"))
    assert refused.value.code == 404


async def test_nothing_personal_rests_unsealed_in_the_bucket(house: House) -> None:
    marker = "a-marker-of-this-test"
    event = viewed("marker", marker, customer_id=marker, trusted=True)
    await house.collect(event, message_id=marker)
    await house.eventually(lambda one: one.known, customer_id=marker)
    entries = await (await house.bus.bucket("profiles")).entries()
    assert entries
    assert not [key for key, entry in entries.items() if marker.encode() in (entry.value or b"") + key.encode()]


async def test_the_collector_takes_what_client_libraries_send(
    house: House, collector: httpx.AsyncClient
) -> None:
    view = {"event": "Product Viewed", "userId": "client", "properties": {"product_id": "milk"}}
    batch = {"batch": [view | {"type": "track"}, {"type": "page", "userId": "client", "name": "Home"}]}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        await collector.post("/v1/track", headers=basic(), json=view),
        await collector.post("/v1/t", headers=basic(), json=view),
        await collector.post("/v1/batch", headers=basic() | form, content=gzip.compress(msgspec.json.encode(batch))),
        await collector.post("/v1/t", headers={"Content-Type": "text/plain"}, json=view | {"writeKey": WRITE_KEY}),
    ]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"success": True})] * 4
    found = await house.eventually(lambda one: one.facts.attributes["session.views"] == 4, customer_id="client")
    assert found.facts.attributes["session.pages"] == 1


async def test_the_collector_refuses_without_breaking(collector: httpx.AsyncClient) -> None:
    view = {"event": "Product Viewed", "userId": "client"}
    codes = [
        (await collector.post("/v1/track", json=view)).status_code,
        (await collector.post("/v1/track", headers=basic("wrong"), json=view)).status_code,
        (await collector.post("/v1/track", headers=basic(), content=b"\xff\xfe{")).status_code,
        (await collector.post("/v1/track", headers=basic(), content=b"[" * 30_000)).status_code,
        (await collector.post("/v1/track", headers=basic(), content=b"x" * 40_000)).status_code,
        (await collector.post("/v1/batch", headers=basic(), json={"batch": [{"type": "track"}]})).status_code,
    ]
    assert codes == [401, 401, 400, 400, 413, 400]
    answer = await collector.post("/v1/batch", headers=basic(), json={"batch": [5, view]})
    assert answer.json() == {"success": True}
    answer = await collector.post("/v1/batch", headers=basic(), json={"batch": [5, {"userId": "client"}]})
    assert answer.json()["errors"][0]["path"] == "$.batch[0]"
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_profile_is_shown_to_the_server_and_without_its_key(
    house: House, collector: httpx.AsyncClient
) -> None:
    server = {"Authorization": f"Bearer {SERVER_KEY}"}
    await house.collect(viewed("shown", "milk", customer_id="shown"), message_id="shown")
    await house.eventually(lambda one: one.known, customer_id="shown")
    assert (await collector.get("/v1/profiles/shown", headers=basic())).status_code == 401
    assert (await collector.get("/v1/profiles/nobody-at-all", headers=server)).status_code == 404
    shown = await collector.get("/v1/profiles/shown", headers=server)
    assert shown.json()["facts"]["attributes"]["session.views"] == 1
    assert "decision_key" not in shown.json()


async def test_a_browser_library_finds_its_settings(collector: httpx.AsyncClient) -> None:
    found = await collector.get(f"/v1/projects/{WRITE_KEY}/settings")
    assert found.json()["integrations"]["Segment.io"]["apiKey"] == WRITE_KEY
    assert (await collector.get("/v1/projects/another/settings")).status_code == 404
