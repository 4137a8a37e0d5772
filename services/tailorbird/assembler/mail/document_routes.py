"""E-mails, campaigns and how the shop writes, as documents over HTTP: the owner checks them before they count."""

from __future__ import annotations

import msgspec
from litestar import Response, get, put
from litestar.params import FromPath

from tailorbird.assembler.layouts.document import Email
from tailorbird.assembler.layouts.routes import listed, one_of, put_to_work
from tailorbird.assembler.mail.documents import Campaign, Mailing
from tailorbird.contracts.documents import Applied, ListedDocuments
from tailorbird.host.access import needs_server_key
from tailorbird.host.describing import SCHEMA, described
from tailorbird.host.thin import AnyRequest, json_of

__all__ = ["HANDLERS"]


@get(
    "/v1/emails",
    guards=[needs_server_key],
    summary="All e-mails",
    operation_class=described(ListedDocuments, tag="mail", etag=True),
)
async def emails(request: AnyRequest) -> Response[bytes]:
    """Every e-mail's document as it was written; the version of the set as ETag."""
    return await listed(request, "email")


@get(
    "/v1/emails/schema",
    guards=[needs_server_key],
    summary="How an e-mail is written",
    operation_class=described(SCHEMA, tag="mail"),
)
async def email_schema() -> Response[bytes]:
    """JSON Schema of an e-mail: sender, topic, MJML template, and its variants."""
    return json_of(msgspec.json.encode(msgspec.json.schema(Email)))


@put(
    "/v1/emails/{email:str}",
    guards=[needs_server_key],
    summary="Put an e-mail to work",
    operation_class=described(
        Applied, tag="mail", body=Email, headers=("If-Match", "If-None-Match"), refuses=(409, 412), etag=True
    ),
)
async def put_email(request: AnyRequest, email: FromPath[str]) -> Response[bytes]:
    """Creates or replaces it; its template is compiled and checked now. With `If-Match`, only if nothing changed."""
    return await put_to_work(request, "email", email, Email)


@get(
    "/v1/campaigns",
    guards=[needs_server_key],
    summary="All campaigns",
    operation_class=described(ListedDocuments, tag="mail", etag=True),
)
async def campaigns(request: AnyRequest) -> Response[bytes]:
    """Every campaign's document as it was written; `tailorbird campaign run` sends one."""
    return await listed(request, "campaign")


@get(
    "/v1/campaigns/schema",
    guards=[needs_server_key],
    summary="How a campaign is written",
    operation_class=described(SCHEMA, tag="mail"),
)
async def campaign_schema() -> Response[bytes]:
    """JSON Schema of a campaign."""
    return json_of(msgspec.json.encode(msgspec.json.schema(Campaign)))


@put(
    "/v1/campaigns/{campaign:str}",
    guards=[needs_server_key],
    summary="Write a campaign",
    operation_class=described(
        Applied, tag="mail", body=Campaign, headers=("If-Match", "If-None-Match"), refuses=(409, 412), etag=True
    ),
)
async def put_campaign(request: AnyRequest, campaign: FromPath[str]) -> Response[bytes]:
    """Creates or replaces it; nothing is sent by that."""
    return await put_to_work(request, "campaign", campaign, Campaign)


@get(
    "/v1/mailing",
    guards=[needs_server_key],
    summary="How the shop writes",
    operation_class=described(Mailing, tag="mail", etag=True, refuses=(404,)),
)
async def mailing(request: AnyRequest) -> Response[bytes]:
    """Topics, sender and how often one recipient is written to."""
    return await one_of(request, "mailing", "default")


@put(
    "/v1/mailing",
    guards=[needs_server_key],
    summary="Say how the shop writes",
    operation_class=described(
        Applied, tag="mail", body=Mailing, headers=("If-Match", "If-None-Match"), refuses=(409, 412), etag=True
    ),
)
async def put_mailing(request: AnyRequest) -> Response[bytes]:
    """Replaces it; running campaigns go by it at once."""
    return await put_to_work(request, "mailing", "default", Mailing)


HANDLERS = (emails, email_schema, put_email, campaigns, campaign_schema, put_campaign, mailing, put_mailing)
