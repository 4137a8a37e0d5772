"""A page as the reply to a call: in the form of its channel, with what caches may keep of it and for whom."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from litestar import MediaType, Request, Response
from msgspec.structs import replace

from tailorbird.assembler.calls.answers import Fragment
from tailorbird.assembler.calls.bodies import Form, PageBody
from tailorbird.assembler.channels.brief import brief_lines
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.bus import Asker
from tailorbird.contracts.assembler import PAGE, PagePayload, PageQuery
from tailorbird.contracts.words import Channel
from tailorbird.host.reply import EncodedReply

__all__ = ["fragment_reply", "page_reply"]

AnyRequest = Request[Any, Any, Any]

_PRIVATE = {"Cache-Control": "no-store", "Vary": "Accept"}
_FOR_ALL = {
    # Browsers ask again after a minute; an edge keeps it for a day, as its address changes with the layouts' version.
    "Cache-Control": "public, max-age=60, stale-while-revalidate=600",
    "Surrogate-Control": "max-age=86400, stale-while-revalidate=3600, stale-if-error=86400",
}
_FORMS: dict[Channel, Form] = {
    "app": "app", "push": "push", "contact_centre": "brief", "store": "lines", "direct_mail": "lines"
}  # fmt: skip
_encode = msgspec.json.Encoder().encode


async def page_reply(
    request: AnyRequest, asked: PageBody, query: PageQuery, told: Mapping[str, str]
) -> Response[bytes]:
    """The page in the form that was asked for, or else in that of its channel; `told`: further headers."""
    form = asked.form or _FORMS.get(query.context.channel, "page")
    asker: Asker = request.app.state["asker"]
    renderer: PageRenderer = request.app.state["page_renderer"]
    accepted = request.headers.get("accept", "")
    if form == "page" and "text/html" not in accepted:
        return EncodedReply(await asker.ask_encoded(PAGE, query), told)
    if form == "page":
        return _html(renderer.page(await asker.ask(PAGE, query)), told)
    if form == "includes":
        html = renderer.with_includes(await asker.ask(PAGE, query), urlencode(_rest(query)))
        return _html(html, {**told, "Surrogate-Control": 'content="ESI/1.0"'})
    payload = await asker.ask(PAGE, replace(query, form=form, width=asked.width))
    if form == "brief" and "text/html" in accepted:
        return _html(renderer.brief(payload.formed, payload), told)
    if accepted.startswith("text/plain") and form in ("brief", "lines"):
        lines = payload.formed["lines"] if form == "lines" else brief_lines(payload.formed, payload.locale)
        return _text("\n".join(lines) + "\n", told)
    return _json(payload.formed, told)


async def fragment_reply(request: AnyRequest, query: PageQuery, told: Mapping[str, str]) -> Response[bytes]:
    """One slot: JSON, or HTML with its style. What is the same for everybody may be kept by everybody."""
    payload = await request.app.state["asker"].ask(PAGE, query)
    renderer: PageRenderer = request.app.state["page_renderer"]
    html = "text/html" in request.headers.get("accept", "")
    content = renderer.fragment(payload).encode() if html else _slot_json(payload)
    media_type = MediaType.HTML if html else MediaType.JSON
    if not query.shared_variant:
        return Response(content, media_type=media_type, headers={**_PRIVATE, **told})
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {**_FOR_ALL, "ETag": tag, "Vary": "Accept", **_keys(payload)}
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _keys(payload: PagePayload) -> dict[str, str]:
    """The names under which an edge can throw it away: Fastly's and Varnish's, and Cloudflare's."""
    slot = msgspec.json.decode(payload.slots[0])["id"]
    layout, variant = payload.layout.id, payload.layout.variant
    keys = ["tailorbird", f"page-{payload.page}", f"layout-{layout}"]
    keys += [f"variant-{layout}-{variant}", f"slot-{layout}-{slot}"]
    named = [quote(key, safe="-_.~") for key in keys]
    return {"Surrogate-Key": " ".join(named), "Cache-Tag": ",".join(named)}


def _slot_json(payload: PagePayload) -> bytes:
    return _encode(
        Fragment(
            decision_id=payload.decision_id or None,
            variant=payload.layout.variant,
            theme=payload.layout.theme,
            slot=payload.slots[0],
            fallbacks=payload.fallbacks,
        )
    )


def _rest(query: PageQuery) -> dict[str, str]:
    told = {"channel": query.context.channel, "locale": query.context.locale}
    return {name: value for name, value in told.items() if value and value != "web"}


def _html(html: str, told: Mapping[str, str]) -> Response[bytes]:
    return Response(html.encode(), media_type=MediaType.HTML, headers={**_PRIVATE, **told})


def _text(text: str, told: Mapping[str, str]) -> Response[bytes]:
    return Response(text.encode(), media_type=MediaType.TEXT, headers={**_PRIVATE, **told})


def _json(value: Any, told: Mapping[str, str]) -> Response[bytes]:
    return Response(_encode(value), media_type=MediaType.JSON, headers={**_PRIVATE, **told})
