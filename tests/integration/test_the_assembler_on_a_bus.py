"""The assembler on a real nats-server, alone and beside others: what it keeps, follows and traces."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest
import uvicorn

from tailorbird.assembler import service as assembler
from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.assembler import APPLY, EMAIL, PAGE, EmailQuery, PagePayload, PageQuery
from tailorbird.contracts.documents import Applied, ApplyQuery, Document
from tailorbird.contracts.recommender import CATALOGUE_BUCKET, Item
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerRef
from tailorbird.host.app import build
from tailorbird.host.broker import Broker, free_port
from tailorbird.host.settings import SuiteSettings
from tailorbird.suite.applying import read_documents
from tailorbird.suite.roster import routes_of, service_of
from tests.unit.assembler import shop

pytestmark = pytest.mark.anyio

PATIENT_PAGE = msgspec.structs.replace(PAGE, budget_ms=10_000)
"""A busy machine may answer late; what is asked here is what the answer is."""
TOGETHER = ("profiles", "offers", "insights", "assembler")
BOUGHT = {"order_id": "o-1", "products": [{"product_id": "p1"}]}
ORDER = {"type": "track", "event": "Order Completed", "properties": BOUGHT}

Found = TypeVar("Found")


@contextlib.asynccontextmanager
async def nats_server(folder: Path) -> AsyncIterator[Address]:
    """A nats-server of its own: what one test applies, others on the same would see."""
    broker = Broker(name="nats", folder=folder, port=free_port())
    process = broker.start()
    try:
        await broker.ready()
        yield Address(broker.url)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[NatsBus]:
    """A bus on which the assembler alone answers, the shop's items and the demo's documents in use."""
    async with nats_server(tmp_path) as address, connect("assembler", address, address) as bus:
        await put(bus, *shop.items().values())
        async with assembler.open_assembler(bus, assembler.Settings(page_ms=5_000.0)):
            assert (await apply(bus)).problems == ()
            await eventually(lambda: page(bus), lambda made: items_of(made) >= {"p1", "p7"})
            yield bus


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP routes of several services in one process, the recommender away."""
    home = tmp_path_factory.mktemp("gateway")
    settings = SuiteSettings(home=home, server_key="server", write_key="write", port=free_port())
    opened: list[NatsBus] = []

    @contextlib.asynccontextmanager
    async def open_bus() -> AsyncIterator[NatsBus]:
        async with nats_server(home / "nats") as address, connect("gateway", address, address) as bus:
            await put(bus, *shop.items().values())
            opened.append(bus)
            yield bus

    environ = {"TAILORBIRD_ASSEMBLER_PAGE_MS": "5000"}
    services, routes = [service_of(name) for name in TOGETHER], {name: routes_of(name) for name in TOGETHER}
    app = build(services, routes, open_bus, settings, environ)
    server = uvicorn.Server(uvicorn.Config(app, port=settings.port, log_level="error", lifespan="on"))
    serving = asyncio.create_task(server.serve())
    base_url = f"http://127.0.0.1:{settings.port}"
    async with httpx.AsyncClient(base_url=base_url, headers={"Authorization": "Bearer server"}, timeout=20) as client:
        async with asyncio.timeout(90):
            while not server.started:
                await asyncio.sleep(0.02)
        await apply(opened[0])
        yield client
    server.should_exit = True
    await serving


async def eventually(ask: Callable[[], Awaitable[Found]], check: Callable[[Found], bool]) -> Found:
    async with asyncio.timeout(90):
        while not check(found := await ask()):
            await asyncio.sleep(0.02)
        return found


async def put(bus: NatsBus, *items: Item) -> None:
    bucket = await bus.bucket(CATALOGUE_BUCKET)
    await bucket.put_many({item.item_id: msgspec.json.encode(item) for item in items})


async def apply(bus: NatsBus, *documents: Document) -> Applied:
    """These documents applied, or the demonstration's layouts and e-mails."""
    demo = (one for one in read_documents(shop.DEMO_DOCUMENTS) if one.kind in {"layout", "email"})
    return await bus.asker.ask(APPLY, ApplyQuery(documents=documents or tuple(demo)))


async def page(bus: NatsBus, **query: Any) -> PagePayload:
    return await bus.asker.ask(PATIENT_PAGE, PageQuery(page="home", **query))


def slots_of(made: PagePayload) -> list[dict[str, Any]]:
    return [msgspec.json.decode(slot) for slot in made.slots]


def items_of(made: PagePayload) -> set[str]:
    return {item["item_id"] for slot in slots_of(made) for item in slot.get("items", [])}


async def test_alone_it_still_serves_a_page_and_says_what_stood_in(bus: NatsBus) -> None:
    made = await page(bus, customer=CustomerRef(customer_id="1228"))
    assert (made.layout.id, made.layout.variant) == ("home", "everyone")
    assert {fallback.slot for fallback in made.fallbacks} >= {"for_you", "offers", "trending"}
    assert "Served as anonymous" in made.customer.note
    assert {slot["id"] for slot in slots_of(made)} - {one.slot for one in made.fallbacks} == {"hero", "navigation"}
    assert not (await page(bus)).customer.note
    shown = [item["item_id"] for slot in slots_of(made) for item in slot.get("items", [])]
    assert len(shown) == len(set(shown))


async def test_an_item_put_is_shown_and_one_sold_out_disappears_within_a_second(bus: NatsBus) -> None:
    await put(bus, Item(item_id="new", title="New", department="Bakery", price=2.0))
    await eventually(lambda: page(bus), lambda made: "new" in items_of(made))
    await put(bus, Item(item_id="p1", title="Product 1", department="Produce", price=1.5, stock=0))
    await eventually(lambda: page(bus), lambda made: "p1" not in items_of(made))


async def test_an_edited_layout_is_at_work_on_the_next_page(bus: NatsBus) -> None:
    before = (await page(bus)).meta.layouts
    plain = {"id": "plain", "hero": {"headline": "New"}, "slots": [{"id": "h", "type": "hero"}]}
    body = msgspec.json.encode(shop.layout(plain))
    applied = await apply(bus, Document(kind="layout", id="home", body=msgspec.Raw(body)))
    made = await page(bus)
    assert applied.changed == ("layout/home",)
    assert (made.layout.variant, made.meta.layouts) == ("plain", applied.version)
    assert before != applied.version


async def test_a_layout_with_a_mistake_changes_nothing_and_the_place_is_told(bus: NatsBus) -> None:
    wrong = msgspec.json.encode(shop.layout({"id": "v", "personas": ["x"], "slots": [{"id": "h", "type": "hero"}]}))
    applied = await apply(
        bus,
        Document(kind="layout", id="other", body=msgspec.Raw(wrong)),
        Document(kind="email", id="bad", body=msgspec.Raw(b'{"subject": 1}')),
    )
    assert applied.changed == ()
    assert "email/bad" in " ".join(problem.path for problem in applied.problems)
    assert (await page(bus)).layout.variant == "everyone"


async def test_an_unknown_page_or_email_names_those_there_are(bus: NatsBus) -> None:
    with pytest.raises(Fault, match="cart, home, in_store") as missing_page:
        await bus.asker.ask(PAGE, PageQuery(page="hoem"))
    with pytest.raises(Fault, match="weekly") as missing_email:
        await bus.asker.ask(EMAIL, EmailQuery(email="monthly"))
    assert (missing_page.value.code, missing_email.value.code) == (404, 404)


async def test_nobody_is_written_to_while_it_cannot_be_told_whether_they_agreed(bus: NatsBus) -> None:
    with pytest.raises(Fault, match="agrees to e-mails cannot be told now") as refused:
        await bus.asker.ask(EMAIL, EmailQuery(email="weekly", customer=CustomerRef(customer_id="1228")))
    assert refused.value.code == 503


async def test_one_message_to_one_recipient_is_one_body_however_often_it_is_fetched(
    gateway: httpx.AsyncClient,
) -> None:
    async def mail(message_id: str) -> httpx.Response:
        body = {"customer": {"anonymous_id": "a-3"}, "message_id": message_id}
        return await gateway.post("/v1/emails/weekly", json=body)

    async def page(events: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
        body = {"customer": {"anonymous_id": "a-3"}, "events": [*events]}
        made: dict[str, Any] = (await gateway.post("/v1/pages/home", json=body)).json()
        return made

    await page([ORDER])
    await eventually(page, lambda made: bool(made["customer"]["known"]))
    first, second = await asyncio.gather(mail("week-47"), mail("week-47"))
    assert first.status_code == 200, first.text
    await page([ORDER | {"messageId": "another"}])
    assert first.json() == second.json() == (await mail("week-47")).json()
    assert (await mail("week-48")).json()["decision_id"] != first.json()["decision_id"]
    assert first.json()["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_a_decision_can_be_asked_why_and_a_preview_leaves_none(gateway: httpx.AsyncClient) -> None:
    body = {"customer": {"anonymous_id": "a-1"}, "events": [ORDER]}
    made = (await gateway.post("/v1/pages/home", json=body)).json()
    assert "p1" not in {item["item_id"] for slot in made["slots"] for item in slot.get("items", [])}

    async def why() -> httpx.Response:
        return await gateway.get(f"/v1/decisions/{made['decision_id']}")

    told = (await eventually(why, lambda answer: answer.status_code == 200)).json()
    assert told["decision"]["subject"] == "page/home"
    assert told["inputs"]["decide"]["just_bought"] == ["p1"]
    previewed = (await gateway.post("/v1/pages/home", json={"preview": True, "explain": True})).json()
    assert previewed["trace"]["variant"]["id"] == "everyone"
    assert (await gateway.get(f"/v1/decisions/{previewed['decision_id']}")).status_code == 404


async def test_a_person_who_is_known_is_sealed_and_told_with_the_persons_key(gateway: httpx.AsyncClient) -> None:
    body = {"customer": {"anonymous_id": "a-2"}, "events": [ORDER]}
    await gateway.post("/v1/pages/home", json=body)

    async def known() -> dict[str, Any]:
        answer = await gateway.post("/v1/pages/home", json={"customer": {"anonymous_id": "a-2"}})
        made: dict[str, Any] = answer.json()
        return made

    made = await eventually(known, lambda page: bool(page["customer"]["known"]))

    async def why() -> httpx.Response:
        return await gateway.get(f"/v1/decisions/{made['decision_id']}")

    told = (await eventually(why, lambda answer: answer.status_code == 200)).json()
    assert told["decision"]["person"]
    assert told["inputs"]["customer"]["anonymous_id"] == "a-2"
    assert told["inputs"]["facts"]["history"][0][0] == "p1"


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("write", {"customer": {"anonymous_id": "a-1"}}, 200),
        ("write", {"customer": {"customer_id": "1228"}}, 401),
        ("write", {"customer": {"anonymous_id": "a-1"}, "explain": True}, 401),
        ("write", {"customer": {"anonymous_id": "a-1"}, "preview": True}, 401),
        ("wrong", {}, 401),
        ("server", {"customer": {"customer_id": "1228"}, "explain": True}, 200),
        ("server", {"costumer": {}}, 422),
        ("server", {"context": {"cart": [{"item_id": "p1", "quantity": 0}]}}, 422),
        ("server", {"events": [{"type": "track"}]}, 400),
    ],
)
async def test_who_may_ask_for_which_page(
    gateway: httpx.AsyncClient, key: str, body: dict[str, Any], status: int
) -> None:
    answer = await gateway.post("/v1/pages/home", json=body, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.headers["content-type"] == "application/problem+json"


async def test_the_documentation_tells_body_and_parameters(gateway: httpx.AsyncClient) -> None:
    document = (await gateway.get("/schema/openapi.json")).json()
    page, shapes = document["paths"]["/v1/pages/{page}"], document["components"]["schemas"]
    body = page["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/PageBody"}
    assert shapes["ContextBody"]["properties"]["cart"]
    assert {one["name"] for one in page["get"]["parameters"]} >= {"page", "customer_id", "cart"}
    assert "slots" in shapes["DecideBody"]["required"]


async def test_the_same_is_had_by_get_as_html_and_for_slots_by_name(gateway: httpx.AsyncClient) -> None:
    plain = await gateway.get("/v1/pages/product", params={"item_id": "p1", "cart": "p2:3"})
    html = await gateway.get("/v1/pages/home", headers={"Accept": "text/html,*/*"})
    decided = await gateway.post("/v1/decide", json={"slots": {"top": {"count": 2}, "next": {"wants": "actions"}}})
    assert plain.json()["slots"][0]["item"]["title"] == "Product 1"
    assert html.headers["content-type"].startswith("text/html")
    assert "<h1>" in html.text
    assert [(slot["id"], slot["type"]) for slot in decided.json()["slots"]] == [("top", "offers"), ("next", "action")]
