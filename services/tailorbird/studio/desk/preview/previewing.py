"""Preview as: any page or e-mail for any persona, customer, device, channel, time, referrer and cart, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from tailorbird.contracts.assembler import EMAIL, PAGE, EmailQuery, PageContext, PageQuery
from tailorbird.contracts.documents import Document
from tailorbird.contracts.profiles import SHOPPERS, Shopper, ShoppersQuery
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CHANNELS, CartLine, Channel, CustomerRef
from tailorbird.studio.desk.access import AnyRequest, desk_of
from tailorbird.studio.desk.documents.atwork import AtWork
from tailorbird.studio.desk.documents.kinds import kind_at
from tailorbird.studio.desk.pages import answer
from tailorbird.studio.desk.preview.framing import form_for, framed, with_frames
from tailorbird.studio.desk.preview.seeing import seen
from tailorbird.studio.shop.rendering import for_a_look

__all__ = ["HANDLERS"]

EDITOR: dict[str, Any] = {"role": "editor"}
_FIELDS = ("persona", "customer", "page", "channel", "device", "at", "referrer", "cart", "item")
WHY_NOT = 60
"""Offers and actions that were not chosen and are listed with why; any other is asked for by its name."""
SUGGESTED_MS = 40.0
"""After a start profiles are looked through for them, which takes a second."""
_DECIDED = ("offer", "action")
# A visitor nobody knows may have to be shown whatever the region's default is: nothing is stored.


@get("/preview", opt=EDITOR, include_in_schema=False)
async def preview(request: AnyRequest) -> Response[str]:
    """One page, or two beside each other; with a draft as if it were at work."""
    desk, asked = desk_of(request), request.query_params
    draft = asked.get("draft", "")[:250]
    trial = await _trial(request, draft)
    sides = [_side(asked, "")]
    if asked.get("beside"):
        sides.append(_side(asked, "b_"))
    at_work = await desk.at_work()
    about = asked.get("about", "").strip()[:200] or (draft.partition("/")[2] if trial else "")
    offer = _named(at_work, about)
    shown = await asyncio.gather(*(_shown(request, side, trial, offer) for side in sides))
    layouts = [row.title for row in at_work.of("layout")]
    made = answer(
        request, "preview/page.html", title="Preview", sides=list(zip(("", "b_"), sides, shown, strict=False)),
        beside=len(sides) > 1, draft=draft, personas=at_work.ids("persona"), pages=sorted(set(layouts)) or ["home"],
        about=asked.get("about", "").strip()[:200], channels=CHANNELS, shoppers=await _shoppers(request, SUGGESTED_MS),
        emails=at_work.ids("email"),
    )  # fmt: skip
    return with_frames(made)


@get("/preview/email/{identity:str}", opt=EDITOR, include_in_schema=False)
async def preview_email(request: AnyRequest, identity: FromPath[str]) -> Response[str]:
    """An e-mail as somebody would get it: HTML wide, narrow and dark, and its text; with `draft` as it is drafted."""
    customer, drafted = request.query_params.get("customer", "")[:200], bool(request.query_params.get("draft"))
    people = await _shoppers(request)
    chosen = customer or (people[0].customer_id if people else "")
    problem, email = "", None
    try:
        email = await _email(request, identity, chosen, drafted)
    except Fault as fault:
        problem = fault.sentence
    made = answer(
        request, "preview/email.html", title=f"E-mail {identity}", identity=identity, email=email, problem=problem,
        customer=chosen, shoppers=people, drafted=drafted,
        light=for_a_look(email.html, dark=False) if email else "",
        dark=for_a_look(email.html, dark=True) if email else "",
    )  # fmt: skip
    return with_frames(made)


async def _email(request: AnyRequest, identity: str, customer: str, drafted: bool) -> Any:
    trial = await _trial(request, f"email/{identity}") if drafted else ()
    query = EmailQuery(email=identity, customer=CustomerRef(customer_id=customer), preview=True, trial=trial)
    return await desk_of(request).asker.ask(EMAIL, query)


async def _trial(request: AnyRequest, draft: str) -> tuple[Document, ...]:
    """The draft, to be decided with as if it were at work."""
    kind, _, identity = draft.partition("/")
    found = await desk_of(request).drafts.get(draft) if identity else None
    said = await desk_of(request).work.said(found.body) if found else None
    return (Document(kind=kind, id=identity, body=msgspec.Raw(msgspec.json.encode(said))),) if said else ()


def _side(asked: Mapping[str, str], prefix: str) -> dict[str, str]:
    side = {name: asked.get(prefix + name, "").strip()[:2_000] for name in _FIELDS}
    return side | {"page": side["page"] or "home", "channel": side["channel"] or "web"}


def _named(at_work: AtWork, about: str) -> str:
    """The id of the offer or action that is meant by an id, or by words of its headline; what was written, if none."""
    if not about or any(at_work.row(kind, about) for kind in _DECIDED):
        return about
    found = (at_work.listed(kind_at(f"{kind}s"), {}, 0.0, wanted=about).rows for kind in _DECIDED)
    return next((rows[0][0].id for rows in found if rows), about)


async def _shown(
    request: AnyRequest, side: dict[str, str], trial: tuple[Document, ...], about: str
) -> dict[str, Any]:
    """What this side sees, or why it can't be told."""
    asker = desk_of(request).asker
    customer = side["customer"]
    try:
        if not customer and side["persona"]:
            people = (await asker.ask(SHOPPERS, ShoppersQuery(count=1, persona=side["persona"]))).shoppers
            if not people:
                raise Fault(404, f"Nobody has the persona {side['persona']} yet.")
            customer = people[0].customer_id
        channel, cart = _channel(side["channel"]), _cart(side["cart"])
        context = PageContext(
            channel=channel,
            referrer=side["referrer"],
            device=side["device"][:40],
            item_id=side["item"][:200],
            cart=cart,
        )
        query = PageQuery(
            page=side["page"][:200], customer=CustomerRef(customer_id=customer), context=context, explain=True,
            explain_at_most=WHY_NOT, explain_about=about, preview=True, at=_moment(side["at"]), trial=trial,
            form=form_for(request, channel),
        )  # fmt: skip
        payload = await asker.ask(PAGE, query)
    except Fault as fault:
        return {"page": None, "customer": customer, "problem": fault.sentence, "shown": {}}
    shown = framed(request, payload, channel, cart)
    return {"page": seen(payload, about), "customer": customer, "problem": "", "shown": shown}


async def _shoppers(request: AnyRequest, wait_ms: float | None = None) -> tuple[Shopper, ...]:
    """Some to choose from. `wait_ms`: for so long only, where they are no more than suggestions."""
    try:
        async with asyncio.timeout(wait_ms / 1_000 if wait_ms else None):
            return (await desk_of(request).asker.ask(SHOPPERS, ShoppersQuery(count=12))).shoppers
    except (Fault, TimeoutError):
        return ()


def _channel(text: str) -> Channel:
    if text not in get_args(Channel):
        raise Fault(422, f"There is no channel '{text}'; there are {', '.join(CHANNELS)}.")
    return text  # type: ignore[return-value]


def _cart(text: str) -> tuple[CartLine, ...] | None:
    """`1082185, 995242*2`; empty: the cart known from events."""
    lines = []
    for part in (part.strip() for part in text.replace("\n", ",").split(",") if part.strip()):
        item_id, _, quantity = part.partition("*")
        count = int(quantity) if quantity.isascii() and quantity.isdigit() and 0 < int(quantity) < 1_000 else 1
        lines.append(CartLine(item_id=item_id.strip()[:200], quantity=count))
    return tuple(lines[:100]) or None


def _moment(text: str) -> float:
    """Seconds since 1970 of a day and hour in UTC; 0: now."""
    if not text:
        return 0.0
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault(422, "The time is not one: 2026-12-24T18:00.") from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


HANDLERS = (preview, preview_email)
