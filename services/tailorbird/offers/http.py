"""Offers over HTTP: what there is, how it is written, putting one to work, redeeming one."""

from __future__ import annotations

import time
from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.contracts.documents import ListDocumentsQuery, ListedDocuments
from tailorbird.contracts.offers import (
    CODES,
    LIST_DOCUMENTS,
    REDEEM,
    SIMULATE,
    Codes,
    CodesQuery,
    RedeemQuery,
    Redemption,
    Simulated,
    SimulateQuery,
)
from tailorbird.contracts.profiles import PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host import body
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import SCHEMA, described
from tailorbird.host.service import Routes
from tailorbird.host.thin import AnyRequest, asker_of, json_of
from tailorbird.offers import document_routes
from tailorbird.offers.bodies import Attributes, NewCodes, RedeemBody, RedemptionBody, Simulation
from tailorbird.offers.deciding.adding import added_up
from tailorbird.offers.documents.goal import Goal
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.rules.attributes import CATALOGUE

__all__ = ["ROUTES"]

OfferDocument = Literal["", "offer", "action", "goal"]

JUST_BOUGHT = 7 * 86_400
"""Seconds for which what was bought is not discounted."""

PAGE = 100
"""Profiles asked for at a time."""
LOOKED_FOR = 20
"""Seconds for which customers are looked for on whom an offer is tried: of a segment there may be few."""

LARGEST_DOCUMENT = 900_000
"""Bytes; a coupon may name tens of thousands of items, and a bucket's value ends at a megabyte."""


@get(
    "/v1/offers",
    guards=[needs_server_key],
    summary="All offers and actions",
    operation_class=described(ListedDocuments, tag="offers", etag=True),
)
async def offers(request: AnyRequest, kind: FromQuery[OfferDocument] = "") -> Response[bytes]:
    """Every document as it was written, `kind` offer or action to have only those; the version of the set as ETag."""
    listed = await asker_of(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    return json_of(msgspec.json.encode(listed), listed.version)


@get(
    "/v1/attributes",
    guards=[needs_server_key],
    summary="What a rule can test",
    operation_class=described(Attributes, tag="offers"),
)
async def attributes() -> Response[bytes]:
    """The catalogue of attributes: name, type, label, description, and whether one is sensitive."""
    return json_of(msgspec.json.encode(Attributes(tuple(CATALOGUE))))


@get(
    "/v1/offers/schema",
    guards=[needs_server_key],
    summary="How an offer or an action is written",
    operation_class=described(SCHEMA, tag="offers"),
)
async def schema() -> Response[bytes]:
    """JSON Schema of the three kinds of document: offer, action, and the goal that choosing aims at."""
    kinds = {"offer": Offer, "action": Action, "goal": Goal}
    shapes, components = msgspec.json.schema_components(kinds.values(), ref_template="#/$defs/{name}")
    return json_of(msgspec.json.encode({**dict(zip(kinds, shapes, strict=True)), "$defs": components}))


@post(
    "/v1/offers/{offer_id:str}/redemptions",
    guards=[needs_server_key],
    status_code=200,
    summary="Redeem an offer",
    operation_class=described(Redemption, tag="offers", body=RedeemBody, refuses=(409,)),
)
async def redeem(request: AnyRequest, offer_id: FromPath[str]) -> Response[bytes]:
    """Counts a redemption on the ledger: `counted` is false when a limit is reached. Sent again it counts once."""
    redeemed = await body.read(request, RedeemBody)
    query = RedeemQuery(offer_id=offer_id, customer=redeemed.customer_id, redemption_id=redeemed.redemption_id)
    return json_of(await asker_of(request).ask_encoded(REDEEM, query))


@post(
    "/v1/redemptions",
    guards=[needs_server_key],
    status_code=200,
    summary="Redeem an offer, exactly once",
    operation_class=described(
        Redemption, tag="offers", body=RedemptionBody, headers=("Idempotency-Key",), refuses=(404, 409)
    ),
)
async def redeem_once(request: AnyRequest) -> Response[bytes]:
    """Counts a redemption against the offer's limits. The header `Idempotency-Key` names it: sent again with the same
    body it is answered alike and counts once; with another body it is refused (422).
    """
    key = request.headers.get("idempotency-key", "").strip()
    if not 1 <= len(key) <= 200:
        raise Fault(400, "A redemption needs the header 'Idempotency-Key': up to 200 characters, new each time.")
    sent = await body.read(request, RedemptionBody)
    query = RedeemQuery(
        offer_id=sent.offer_id, customer=sent.customer_id, redemption_id=key, household=sent.household_id,
        channel=sent.channel, order_id=sent.order_id, amount=sent.amount, code=sent.code, decision_id=sent.decision_id,
    )  # fmt: skip
    return json_of(await asker_of(request).ask_encoded(REDEEM, query))


@post(
    "/v1/offers/simulate",
    guards=[needs_server_key],
    status_code=200,
    summary="Try an offer out",
    operation_class=described(Simulated, tag="offers", body=Simulation),
)
async def try_out(request: AnyRequest) -> Response[bytes]:
    """What it would do, before anybody is made it: how many customers may be made it, of which segments, what it would
    cost at the expected redemption, and which offers it would displace. Nothing is saved.
    """
    wanted = await body.read(request, Simulation, limit=LARGEST_DOCUMENT)
    asker = asker_of(request)
    parts: list[Simulated] = []
    seen, after = 0, ""
    since = time.time() - JUST_BOUGHT
    until = time.monotonic() + LOOKED_FOR
    while seen < wanted.customers and time.monotonic() < until:
        page = await asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=PAGE))
        found = [one for one in page.profiles if not wanted.segment or wanted.segment in one.facts.segments]
        some = found[: wanted.customers - seen]
        query = SimulateQuery(
            offer_id=wanted.offer_id,
            offer=wanted.offer,
            customers=tuple(Raw(msgspec.json.encode(replace(one.facts, recent=()))) for one in some),
            just_bought=tuple(
                tuple(line.item_id for line in one.purchases() if line.last_at >= since) for one in some
            ),
            channel=wanted.channel,
            page=wanted.page,
            count=wanted.places,
        )
        parts.append(await asker.ask(SIMULATE, query))
        if parts[-1].problems:
            first = parts[-1].problems[0]
            raise Fault(422, f"It can't be tried out: {first.path}: {first.sentence}", parts[-1].problems)
        seen, after = seen + len(some), page.after
        if not after:
            break
    offer = msgspec.json.decode(bytes(wanted.offer), type=Offer)
    made = added_up(parts, offer)
    if after and seen < wanted.customers:
        sentence = f"Within {LOOKED_FOR} seconds {seen:,} were found to try it on: the others were not looked at."
        made = replace(made, notes=(*made.notes, Problem(path="$.customers", sentence=sentence)))
    return json_of(msgspec.json.encode(made))


@post(
    "/v1/offers/{offer_id:str}/codes",
    guards=[needs_server_key],
    status_code=200,
    summary="Add unique codes",
    operation_class=described(Codes, tag="offers", body=NewCodes, refuses=(409,)),
)
async def add_codes(request: AnyRequest, offer_id: FromPath[str]) -> Response[bytes]:
    """Adds codes to the pool of an offer with `unique_codes`; those that it has had before are left out."""
    new = await body.read(request, NewCodes, limit=LARGEST_DOCUMENT)
    return json_of(await asker_of(request).ask_encoded(CODES, CodesQuery(offer_id=offer_id, codes=new.codes)))


ROUTES = Routes(
    handlers=[
        offers, attributes, schema, *document_routes.HANDLERS, redeem, redeem_once, add_codes, try_out,
    ]
)
