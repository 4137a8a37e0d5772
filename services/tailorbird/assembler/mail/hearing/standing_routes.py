"""What is told of an address, by a shop's own systems and by e-mail services: it counts for every later send."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from msgspec import Meta, Struct

from tailorbird.assembler.mail.hearing.clicks import recipient_mark
from tailorbird.assembler.mail.hearing.counting import Tally
from tailorbird.assembler.mail.hearing.heard import heard
from tailorbird.contracts.mail import (
    CHANGE_STANDING,
    STANDING,
    Counted,
    Standing,
    StandingChange,
    StandingQuery,
    StandingWord,
)
from tailorbird.host import body
from tailorbird.host.access import needs_server_key, needs_server_key_or_password
from tailorbird.host.describing import described
from tailorbird.host.thin import AnyRequest, asker_of, json_of

__all__ = ["HANDLERS"]

WEBHOOK_LIMIT = 4_000_000
"""E-mail services tell of up to a thousand mails in one call."""

_told: msgspec.json.Decoder[dict[str, Any] | list[Any]] = msgspec.json.Decoder(dict[str, Any] | list[Any])

TOLD = {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}], "description": "As the e-mail service sends it."}
Address = Annotated[str, QueryParameter(pattern="@", min_length=3, max_length=320, description="An e-mail address.")]


class StandingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told of an address."""

    email: Annotated[str, Meta(min_length=3, max_length=320, pattern="@")]
    word: StandingWord
    topic: Annotated[str, Meta(max_length=200)] = ""
    """Of `unsubscribed` and `subscribed`: only this topic."""


class Taken(Struct, frozen=True):
    """How many bounces, complaints and unsubscribes were found in it."""

    taken: int


@get(
    "/v1/mail/standings",
    guards=[needs_server_key],
    summary="What an address wants",
    operation_class=described(Standing, tag="mail"),
)
async def standing_of(request: AnyRequest, email: Address) -> Response[bytes]:
    """Whether mail may go to `?email=`, which topics it does not want, and how often at most."""
    query = StandingQuery(mark=recipient_mark(email))
    return json_of(await asker_of(request).ask_encoded(STANDING, query))


@post(
    "/v1/mail/standings",
    status_code=200,
    guards=[needs_server_key],
    summary="Tell of an address",
    operation_class=described(Standing, tag="mail", body=StandingBody),
)
async def tell_standing(request: AnyRequest) -> Response[bytes]:
    """Unsubscribed, subscribed again, bounced, bounced_softly, complained or refused: counts for every later send."""
    told = await body.read(request, StandingBody)
    change = StandingChange(mark=recipient_mark(told.email), word=told.word, topic=told.topic, source="api")
    return json_of(await asker_of(request).ask_encoded(CHANGE_STANDING, change))


@post(
    "/v1/mail/webhook",
    status_code=200,
    guards=[needs_server_key_or_password],
    summary="Bounces and complaints, as e-mail services tell them",
    operation_class=described(Taken, tag="mail", keys="server_or_password", body=TOLD),
)
async def webhook(request: AnyRequest) -> Response[bytes]:
    """SendGrid, Postmark, Mailgun, Amazon SES, Brevo and SparkPost call this; the server key is Bearer or the password
    of Basic authentication, as in `https://mail:KEY@host/v1/mail/webhook`.
    """
    content = await body.read_bytes(request, WEBHOOK_LIMIT)
    found = heard(body.decode(content, _told))
    for address, word in found:
        change = StandingChange(mark=recipient_mark(address), word=word, source="webhook")
        await asker_of(request).ask(CHANGE_STANDING, change)
    return json_of(msgspec.json.encode(Taken(len(found))))


@get(
    "/v1/mail/counts/{email:str}",
    guards=[needs_server_key],
    summary="Openings and clicks",
    operation_class=described(Counted, tag="mail"),
)
async def counts(request: AnyRequest, email: FromPath[str]) -> Response[bytes]:
    """How often mails of this e-mail were opened and clicked, by people and by machines."""
    tally: Tally = request.app.state["mail"].tally
    await tally.write()
    return json_of(msgspec.json.encode(await tally.of(email)))


HANDLERS = (standing_of, tell_standing, webhook, counts)
