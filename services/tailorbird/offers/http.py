"""Offers over HTTP: what there is, how it is written, putting one to work, redeeming one."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post, put
from msgspec import Raw, Struct

from tailorbird.bus import Asker
from tailorbird.contracts.documents import ApplyQuery, Document, ListDocumentsQuery
from tailorbird.contracts.offers import APPLY, LIST_DOCUMENTS, REDEEM, RedeemQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Id
from tailorbird.host import body
from tailorbird.host.access import needs_server_key
from tailorbird.host.service import Routes
from tailorbird.offers.offer import Action, Offer
from tailorbird.rules.attributes import CATALOGUE

__all__ = ["ROUTES"]

LARGEST_DOCUMENT = 900_000
"""Bytes; a coupon may name tens of thousands of items, and a bucket's value ends at a megabyte."""


class Redeemed(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a redemption."""

    customer_id: Id
    redemption_id: Id


@get("/v1/offers", guards=[needs_server_key], summary="All offers and actions")
async def offers(request: Request[Any, Any, Any], kind: str = "") -> Response[bytes]:
    """Every document as it was written, `kind` offer or action to have only those; the version of the set as ETag."""
    listed = await _asker(request).ask(LIST_DOCUMENTS, ListDocumentsQuery(kind=kind))
    return _json(msgspec.json.encode(listed), listed.version)


@get("/v1/attributes", guards=[needs_server_key], summary="What a rule can test")
async def attributes() -> Response[bytes]:
    """The catalogue of attributes: name, type, label, description, and whether one is sensitive."""
    return _json(msgspec.json.encode({"attributes": list(CATALOGUE)}))


@get("/v1/offers/schema", guards=[needs_server_key], summary="How an offer or an action is written")
async def schema() -> Response[bytes]:
    """JSON Schema of both kinds of document."""
    (offer, action), components = msgspec.json.schema_components([Offer, Action], ref_template="#/$defs/{name}")
    return _json(msgspec.json.encode({"offer": offer, "action": action, "$defs": components}))


@put("/v1/offers/{offer_id:str}", guards=[needs_server_key], summary="Put an offer to work")
async def put_offer(request: Request[Any, Any, Any], offer_id: str) -> Response[bytes]:
    """Creates or replaces the offer; the next page knows it. With `If-Match`, only if nothing was changed since."""
    return await _put(request, "offer", offer_id, Offer)


@put("/v1/actions/{action_id:str}", guards=[needs_server_key], summary="Put an action to work")
async def put_action(request: Request[Any, Any, Any], action_id: str) -> Response[bytes]:
    """Creates or replaces the action, as an offer."""
    return await _put(request, "action", action_id, Action)


@post("/v1/offers/{offer_id:str}/redemptions", guards=[needs_server_key], status_code=200, summary="Redeem an offer")
async def redeem(request: Request[Any, Any, Any], offer_id: str) -> Response[bytes]:
    """Counts a redemption on the ledger: `counted` is false when a limit is reached. Sent again it counts once."""
    redeemed = await body.read(request, Redeemed)
    query = RedeemQuery(offer_id=offer_id, customer=redeemed.customer_id, redemption_id=redeemed.redemption_id)
    return _json(await _asker(request).ask_encoded(REDEEM, query))


async def _put(
    request: Request[Any, Any, Any], kind: str, identity: str, shape: type[Offer | Action]
) -> Response[bytes]:
    document = await body.read(request, shape, limit=LARGEST_DOCUMENT)
    only_if = request.headers.get("if-match", "").strip().strip('"')
    query = ApplyQuery(
        documents=(Document(kind=kind, id=identity, body=Raw(msgspec.json.encode(document))),),
        only_if="" if only_if == "*" else only_if,
    )
    applied = await _asker(request).ask(APPLY, query)
    if applied.problems:
        first = applied.problems[0]
        raise Fault(422, f"Nothing was changed: {first.path}: {first.sentence}", applied.problems)
    return _json(msgspec.json.encode(applied), applied.version)


def _asker(request: Request[Any, Any, Any]) -> Asker:
    asker: Asker = request.app.state["asker"]
    return asker


def _json(content: bytes, version: str = "") -> Response[bytes]:
    headers = {"Cache-Control": "no-store"} | ({"ETag": f'"{version}"'} if version else {})
    return Response(content, media_type=MediaType.JSON, headers=headers)


ROUTES = Routes(handlers=[offers, attributes, schema, put_offer, put_action, redeem])
