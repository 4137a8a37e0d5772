"""The recommender over HTTP: recommendations alone, and the live catalogue."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import MediaType, Response, post, put
from litestar.params import FromPath
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from tailorbird.contracts.profiles import PROFILE, ProfileQuery
from tailorbird.contracts.recommender import (
    CHANGE_ITEMS,
    RECOMMEND,
    ItemChange,
    ItemChanges,
    ItemsPut,
    Recommendation,
    RecommendQuery,
    Shelf,
)
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.contracts.words import AttributeValue, CustomerRef, Id
from tailorbird.host import body
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import TEXT, described
from tailorbird.host.service import Routes
from tailorbird.host.thin import AnyRequest, asker_of
from tailorbird.recommender.curation_routes import HANDLERS

__all__ = ["ROUTES"]

LARGEST_BULK = 32 * 1024 * 1024
LINES_AT_ONCE = 500

Count = Annotated[int, Meta(ge=1, le=100)]
Text = Annotated[str, Meta(max_length=20_000)]


class Customer(Struct, frozen=True, forbid_unknown_fields=True):
    customer_id: Annotated[str, Meta(max_length=200)] = ""
    anonymous_id: Annotated[str, Meta(max_length=200)] = ""


class RecommendBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which items would this customer like? All fields may be left out."""

    customer: Customer = Customer()
    strategy: str = "for_you"
    """for_you, buy_again, similar, complements, trending, new_in_your_categories, resume, search, referrer, articles or
    popular."""
    count: Count = 10
    item_id: Annotated[str, Meta(max_length=200)] = ""
    """What `similar` and `complements` start from."""
    cart: Annotated[list[Id], Meta(max_length=500)] = []
    exclude: Annotated[list[Id], Meta(max_length=500)] = []
    store_id: Annotated[str, Meta(max_length=200)] = ""
    referrer_host: Annotated[str, Meta(max_length=253)] = ""
    among: Annotated[list[Id], Meta(max_length=1_000)] = []
    """Only these items: the results of a search, in its order."""
    categories: Annotated[list[Id], Meta(max_length=100)] = []
    """Only items of these categories or departments."""
    brands: Annotated[list[Id], Meta(max_length=100)] = []
    price_from: Annotated[float, Meta(ge=0, le=1e9)] = 0.0
    price_to: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    in_stock: bool = False
    """Only items whose stock is counted and not used up."""
    unbought: bool = False
    """Nothing that the customer bought before."""
    unseen: bool = False
    """Nothing that the customer looked at lately."""
    rested: bool = True
    """False: also what was bought just now."""
    diverse: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """How far further items of a category step back."""
    explore: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    """The share of places for items of which little is known yet; their `propensity` is told."""


class SimilarBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Which items are like this one?"""

    item_id: Id
    count: Count = 10
    customer: Customer = Customer()
    exclude: Annotated[list[Id], Meta(max_length=500)] = []


class ItemBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change in an item; a field left out stays as it is, null takes a value away."""

    item_id: Id | UnsetType = UNSET
    title: Annotated[str, Meta(min_length=1, max_length=500)] | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    department: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    category: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    brand: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    size: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    price: Annotated[float, Meta(ge=0, le=1e9)] | UnsetType | None = UNSET
    currency: Annotated[str, Meta(min_length=3, max_length=3)] | UnsetType = UNSET
    stock: Annotated[int, Meta(ge=0, le=1_000_000_000)] | UnsetType | None = UNSET
    stock_at: Annotated[datetime, Meta(tz=True)] | UnsetType = UNSET
    """When `stock` was counted; left out: now. That few are left is said while this is fresh, for 15 minutes."""
    url: Annotated[str, Meta(max_length=2_000)] | UnsetType = UNSET
    image_url: Annotated[str, Meta(max_length=2_000)] | UnsetType = UNSET
    summary: Text | UnsetType = UNSET
    body: Text | UnsetType = UNSET
    categories: Annotated[list[Id], Meta(max_length=200)] | UnsetType = UNSET
    attributes: Annotated[dict[str, AttributeValue], Meta(max_length=200)] | UnsetType = UNSET


class Recommended(Struct, frozen=True):
    """Items for a customer."""

    strategy: str
    known: bool
    """Whether anything is known of the customer."""
    items: tuple[Recommendation, ...]
    note: str
    """Why fewer than asked for came, when that is so."""
    model: str
    """Version of the model that served, empty when none is loaded."""


@post(
    "/v1/recommend",
    guards=[needs_server_key],
    status_code=200,
    summary="Items for a customer",
    operation_class=described(
        Recommended, tag="items", body=RecommendBody, example={"customer": {"customer_id": "1228"}, "count": 5}
    ),
)
async def recommend(request: AnyRequest) -> Response[bytes]:
    """One list by one strategy: ids, scores, and reasons that the customer may read."""
    wanted = await body.read(request, RecommendBody)
    shelf = Shelf(
        slot="items",
        strategy=wanted.strategy,
        count=wanted.count,
        item_id=wanted.item_id,
        among=tuple(wanted.among),
        categories=tuple(wanted.categories),
        brands=tuple(wanted.brands),
        price_from=wanted.price_from,
        price_to=wanted.price_to,
        in_stock=wanted.in_stock,
        unbought=wanted.unbought,
        unseen=wanted.unseen,
        diverse=wanted.diverse,
        explore=wanted.explore,
    )
    return await _recommended(
        request,
        wanted.customer,
        RecommendQuery(
            shelves=(shelf,),
            cart=tuple(wanted.cart),
            exclude=tuple(wanted.exclude),
            store_id=wanted.store_id,
            referrer_host=wanted.referrer_host,
            rested=wanted.rested,
        ),
    )


@post(
    "/v1/similar",
    guards=[needs_server_key],
    status_code=200,
    summary="Items like an item",
    operation_class=described(Recommended, tag="items", body=SimilarBody),
)
async def similar(request: AnyRequest) -> Response[bytes]:
    """Items like the one named; with a customer, nothing that they bought just now."""
    wanted = await body.read(request, SimilarBody)
    shelf = Shelf(slot="items", strategy="similar", count=wanted.count, item_id=wanted.item_id)
    return await _recommended(request, wanted.customer, RecommendQuery(shelves=(shelf,), exclude=tuple(wanted.exclude)))


@put(
    "/v1/items/{item_id:str}",
    guards=[needs_server_key],
    summary="Put or change an item",
    operation_class=described(ItemsPut, tag="items", body=ItemBody, refuses=(409,)),
)
async def put_item(request: AnyRequest, item_id: FromPath[str]) -> ItemsPut:
    """The next page shows it. Fields left out stay as they were; a new item needs at least a title."""
    change = await body.read(request, ItemBody, limit=262_144)
    if change.item_id not in (UNSET, item_id):
        raise Fault(422, f"The address names '{item_id}', the body '{change.item_id}'.")
    return await asker_of(request).ask(CHANGE_ITEMS, ItemChanges(changes=(_change(change, item_id, "$"),)))


@post(
    "/v1/items",
    guards=[needs_server_key],
    status_code=200,
    summary="Change many items",
    operation_class=described(
        ItemsPut, tag="items", body=TEXT, body_as="application/x-ndjson", refuses=(409,)
    ),
)
async def put_items(request: AnyRequest) -> ItemsPut:
    """NDJSON: one item a line, each as for `PUT /v1/items/{id}` with its `item_id`. Nothing is stored of a body with a
    line that cannot be read.
    """
    sent = await body.read_bytes(request, LARGEST_BULK)
    decoder = body.decoder_for(ItemBody)
    changes: list[ItemChange] = []
    for number, line in enumerate(sent.splitlines()):
        if line.strip():
            changes.append(_line(line, number, decoder))
    stored = unchanged = 0
    for first in range(0, len(changes), LINES_AT_ONCE):
        part = ItemChanges(changes=tuple(changes[first : first + LINES_AT_ONCE]))
        put_now = await asker_of(request).ask(CHANGE_ITEMS, part)
        stored, unchanged = stored + put_now.stored, unchanged + put_now.unchanged
    return ItemsPut(stored=stored, unchanged=unchanged)


async def _recommended(request: AnyRequest, customer: Customer, wanted: RecommendQuery) -> Response[bytes]:
    asker = asker_of(request)
    facts, history, known = Raw(b"{}"), Raw(b"[]"), False
    if customer.customer_id or customer.anonymous_id:
        who = CustomerRef(customer_id=customer.customer_id, anonymous_id=customer.anonymous_id)
        profile = await asker.ask(PROFILE, ProfileQuery(customer=who))
        facts, history, known = Raw(msgspec.json.encode(profile.facts)), profile.history, profile.known
    query = msgspec.structs.replace(wanted, customer=facts, history=history, at=time.time())
    try:
        answer = await asker.ask(RECOMMEND, query)
    except Fault as fault:
        # The body is one shelf: its paths are those of the shelf that was asked for.
        told = [Problem(path=one.path.replace("$.shelves[0]", "$", 1), sentence=one.sentence) for one in fault.problems]
        raise Fault(fault.code, fault.sentence, tuple(told)) from fault
    filled = answer.shelves[0]
    content = Recommended(filled.strategy, known, filled.items, filled.note, answer.model)
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(content), media_type=MediaType.JSON, headers=headers)


def _line(line: bytes, number: int, decoder: msgspec.json.Decoder[ItemBody]) -> ItemChange:
    path = f"$[{number}]"
    try:
        change = body.decode(line, decoder)
    except Fault as fault:
        problems = tuple(
            Problem(path=path + one.path.removeprefix("$"), sentence=one.sentence) for one in fault.problems
        )
        raise Fault(fault.code, f"Line {number + 1}: {fault.sentence}", problems) from fault
    if change.item_id is UNSET:
        sentence = f"Line {number + 1} names no item: `item_id` is missing."
        raise Fault(422, sentence, (Problem(path=f"{path}.item_id", sentence=sentence),))
    return _change(change, change.item_id, path)


def _change(change: ItemBody, item_id: str, path: str) -> ItemChange:
    values = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    values["item_id"] = item_id
    if values.get("kind", "product") not in ("product", "article"):
        sentence = "An item's kind is product or article."
        raise Fault(422, sentence, (Problem(path=f"{path}.kind", sentence=sentence),))
    if "categories" in values:
        values["categories"] = tuple(values["categories"])
    if "stock_at" in values:
        if "stock" not in values:
            sentence = "`stock_at` says when `stock` was counted: send both."
            raise Fault(422, sentence, (Problem(path=f"{path}.stock_at", sentence=sentence),))
        values["stock_at"] = values["stock_at"].timestamp()
    return ItemChange(**values)


ROUTES = Routes(handlers=[recommend, similar, put_item, put_items, *HANDLERS])
