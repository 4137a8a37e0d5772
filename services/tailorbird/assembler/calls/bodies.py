"""What the outside world sends for a page or an e-mail, read strictly: an unknown field is told, not swallowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from tailorbird.contracts.assembler import EmailQuery, PageContext, PageQuery
from tailorbird.contracts.offers import DecisionSlot
from tailorbird.contracts.profiles import Event
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.contracts.words import CartLine, Channel, CustomerRef, Id
from tailorbird.host.misread import misread

__all__ = [
    "EMAIL_PARAMETERS",
    "FORMS",
    "PAGE_PARAMETERS",
    "DecideBody",
    "EmailBody",
    "PageBody",
    "email_from_parameters",
    "page_from_parameters",
]

Body = TypeVar("Body")

Text = Annotated[str, Meta(max_length=200)]
Form = Literal["", "page", "includes", "app", "push", "brief", "lines"]
FORMS: tuple[Form, ...] = ("", "page", "includes", "app", "push", "brief", "lines")


class CustomerBody(Struct, frozen=True, forbid_unknown_fields=True):
    customer_id: Text = ""
    anonymous_id: Text = ""


class CartLineBody(Struct, frozen=True, forbid_unknown_fields=True):
    item_id: Id
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1


class ContextBody(Struct, frozen=True, forbid_unknown_fields=True):
    channel: Channel = "web"
    referrer: Annotated[str, Meta(max_length=2_000)] = ""
    device: Annotated[str, Meta(max_length=40)] = ""
    item_id: Text = ""
    cart: Annotated[tuple[CartLineBody, ...], Meta(max_length=500)] | None = None
    store_id: Text = ""
    locale: Annotated[str, Meta(max_length=35)] = ""
    campaign: Text = ""
    query: Text = ""
    """What was searched for."""
    results: Annotated[tuple[Id, ...], Meta(max_length=1_000)] = ()
    """Ids of the items that the shop's own search found, best first."""
    screen: Annotated[str, Meta(pattern=r"^([0-9]{2,5}x[0-9]{2,5})?$")] = ""
    """Of an app: its screen in points, `390x844`; no more is chosen than fits."""
    barcode: Annotated[str, Meta(max_length=60)] = ""
    """The code that was scanned."""
    region: Annotated[str, Meta(max_length=10)] = ""
    """`DE` or `US-CA`: decides what needs the customer's consent."""
    gpc: bool = False
    """The customer's browser sends Global Privacy Control; its own header `Sec-GPC: 1` says the same."""

    def context(self) -> PageContext:
        cart = None
        if self.cart is not None:
            cart = tuple(CartLine(item_id=line.item_id, quantity=line.quantity) for line in self.cart)
        return PageContext(
            channel=self.channel,
            referrer=self.referrer,
            device=self.device,
            item_id=self.item_id,
            cart=cart,
            store_id=self.store_id,
            locale=self.locale,
            campaign=self.campaign,
            query=self.query,
            results=self.results,
            screen=self.screen,
            barcode=self.barcode,
            region=self.region,
            gpc=self.gpc,
        )


class PageBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/pages/{page}`."""

    customer: CustomerBody = CustomerBody()
    context: ContextBody = ContextBody()
    events: Annotated[list[dict[str, Any]], Meta(max_length=100)] = []
    """Segment-style: what happened just now."""
    explain: bool = False
    preview: bool = False
    variants: Annotated[dict[Text, Text], Meta(max_length=50)] = {}
    """Of a preview: experiment -> the variant to be shown."""
    form: Form = ""
    """In which form it is answered. Not given: in that of the channel; `page`: the page's own JSON, in any channel."""
    width: Annotated[int, Meta(ge=20, le=200)] = 42
    """Of the form `lines`: characters in a line."""

    def query(self, page: str, events: tuple[Event, ...], slots: tuple[DecisionSlot, ...] = ()) -> PageQuery:
        return PageQuery(
            page=page,
            customer=CustomerRef(customer_id=self.customer.customer_id, anonymous_id=self.customer.anonymous_id),
            context=self.context.context(),
            events=events,
            explain=self.explain,
            preview=self.preview,
            slots=slots,
            variants=self.variants,
        )


class SlotBody(Struct, frozen=True, forbid_unknown_fields=True):
    wants: Literal["offers", "actions"] = "offers"
    count: Annotated[int, Meta(ge=1, le=50)] = 4


class DecideBody(PageBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Body of `POST /v1/decide`: as for a page, and the slots to fill by name."""

    slots: Annotated[dict[Id, SlotBody], Meta(min_length=1, max_length=20)]
    page: Text = ""
    """For rules that test `context.page`."""

    def decision_slots(self) -> tuple[DecisionSlot, ...]:
        return tuple(DecisionSlot(slot=name, wants=slot.wants, count=slot.count) for name, slot in self.slots.items())


class EmailBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /v1/emails/{email}`."""

    customer: CustomerBody = CustomerBody()
    message_id: Text = ""
    preview: bool = False

    def query(self, email: str) -> EmailQuery:
        return EmailQuery(
            email=email,
            customer=CustomerRef(customer_id=self.customer.customer_id, anonymous_id=self.customer.anonymous_id),
            message_id=self.message_id,
            preview=self.preview,
        )


_CONTEXT = (
    "channel", "referrer", "device", "item_id", "store_id", "locale", "campaign", "query", "screen", "barcode",
    "region", "gpc",
)  # fmt: skip
_FLAGS = ("explain", "preview")
PAGE_PARAMETERS = (
    "customer_id", "anonymous_id", "cart", "results", "variants", "form", "width", *_CONTEXT, *_FLAGS
)  # fmt: skip
EMAIL_PARAMETERS = ("customer_id", "anonymous_id", "message_id", "preview")


def page_from_parameters(parameters: Iterable[tuple[str, str]]) -> PageBody:
    """The same from a query string: `customer_id=1228&cart=123:2,456&explain=true`, in a preview
    `variants=headline:question`. A key in the address is none of it. Raises Fault(422).
    """
    given = _once((pair for pair in parameters if pair[0] != "write_key"), PAGE_PARAMETERS)
    context: dict[str, Any] = {name: given[name] for name in _CONTEXT if name in given} | _flags(given, ("gpc",))
    if "cart" in given:
        context["cart"] = [_line(line) for line in given["cart"].split(",") if line]
    if "results" in given:
        context["results"] = [item_id for item_id in given["results"].split(",") if item_id]
    body: dict[str, Any] = {"customer": _customer(given), "context": context}
    if "form" in given:
        body["form"] = given["form"]
    if "width" in given:
        body["width"] = int(given["width"]) if given["width"].isascii() and given["width"].isdigit() else given["width"]
    if "variants" in given:
        body["variants"] = dict(one.partition(":")[::2] for one in given["variants"].split(",") if one)
    return _read(body | _flags(given, _FLAGS), PageBody)


def email_from_parameters(parameters: Iterable[tuple[str, str]]) -> EmailBody:
    """The same from a query string: `customer_id=1228&message_id=week-47`. Raises Fault(422)."""
    given = _once(parameters, EMAIL_PARAMETERS)
    body: dict[str, Any] = {"customer": _customer(given), "message_id": given.get("message_id", "")}
    return _read(body | _flags(given, ("preview",)), EmailBody)


def _once(parameters: Iterable[tuple[str, str]], known: tuple[str, ...]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in parameters:
        if name not in known:
            sentence = f"There is no parameter '{name}'; there are {', '.join(known)}."
            raise Fault(422, sentence, (Problem(path=f"?{name}", sentence=sentence),))
        if name in given:
            sentence = f"The parameter '{name}' stands twice."
            raise Fault(422, sentence, (Problem(path=f"?{name}", sentence=sentence),))
        given[name] = value
    return given


def _customer(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in ("customer_id", "anonymous_id") if name in given}


def _line(line: str) -> dict[str, Any]:
    item_id, _, quantity = line.rpartition(":") if ":" in line else (line, "", "1")
    return {"item_id": item_id, "quantity": int(quantity) if quantity.isascii() and quantity.isdigit() else quantity}


def _flags(given: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    words = {"true": True, "1": True, "false": False, "0": False, "": False}
    return {name: words.get(given[name].lower(), given[name]) for name in names if name in given}


def _read(body: dict[str, Any], kind: type[Body]) -> Body:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        problem = misread(error)
        path = problem.path.replace("$.context.", "?").replace("$.customer.", "?").replace("$.", "?").replace("$", "?")
        sentence = f"{problem.sentence.rstrip('.')} at {path}."
        raise Fault(422, sentence, (Problem(path=path, sentence=problem.sentence),)) from error
