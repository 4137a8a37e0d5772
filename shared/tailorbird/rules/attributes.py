"""The catalogue of attributes that a rule can test: their names, types, and what they mean.

A value that is absent, None, an empty text, not a number, or of another type than its attribute's counts as not
known. An empty list is known: it is a list with nothing in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Literal

from msgspec import Struct

from tailorbird.contracts.words import AttributeValue, CustomerFacts

__all__ = ["CATALOGUE", "Attribute", "AttributeType", "Catalogue", "Known", "attributes_of", "known", "moment"]

AttributeType = Literal["text", "number", "yes_no", "list", "time"]
"""`list` is a list of texts; `time` a moment: seconds since 1970 UTC, or ISO 8601 text."""

Known = str | float | bool | tuple[str, ...]
"""A value that is known, in the one form in which its type is compared: times and numbers as float."""


class Attribute(Struct, frozen=True, kw_only=True):
    """One thing that a rule can test."""

    name: str
    type: AttributeType
    label: str
    """How a sentence calls it: "age", "number of orders"."""
    description: str = ""
    least: float | None = None
    """Of a number, the lowest that there can be."""
    most: float | None = None
    sensitive: bool = False
    """True: never told to the customer as a reason, and not listed beside decisions."""
    because: str = ""
    """A sentence that the customer may read when a rule tests this; `{value}` is what was found."""


class Catalogue:
    """Attributes by name. `customer.<trait>` is open: a trait that nobody declared is a text."""

    def __init__(self, attributes: Iterable[Attribute]) -> None:
        self._attributes = {attribute.name: attribute for attribute in attributes}

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self._attributes.values())

    def find(self, name: str) -> Attribute | None:
        """The attribute of that name, None when there is none."""
        attribute = self._attributes.get(name)
        if attribute is None and name.startswith("customer.") and len(name) > len("customer."):
            trait = name.removeprefix("customer.")
            if trait.replace("_", "").replace("-", "").isalnum():
                return Attribute(name=name, type="text", label=trait.replace("_", " "), sensitive=True)
        return attribute

    def suggest(self, name: str) -> str:
        """The declared name nearest to a mistyped one, empty when none is near."""
        near = get_close_matches(name, self._attributes, n=1, cutoff=0.6)
        if near:
            return near[0]
        ending = name.rpartition(".")[2]
        return next((other for other in self._attributes if other.rpartition(".")[2] == ending), "")

    def declaring(self, *attributes: Attribute) -> Catalogue:
        """This catalogue and these attributes, which replace those of the same name."""
        return Catalogue((self._attributes | {attribute.name: attribute for attribute in attributes}).values())


def known(kind: AttributeType, value: Any) -> Known | None:
    """The value as its type is compared, None when it is not known."""
    if value is None:
        return None
    if kind == "text":
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        return value if isinstance(value, str) and value else None
    if kind == "number":
        return None if isinstance(value, bool) else _number(value)
    if kind == "yes_no":
        return value if isinstance(value, bool) else None
    if kind == "time":
        return moment(value)
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(value) if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value) else None


def moment(value: Any) -> float | None:
    """Seconds since 1970 UTC of a number or an ISO 8601 text; without a time zone it is UTC. None: neither."""
    if isinstance(value, bool):
        return None
    if not isinstance(value, str):
        return _number(value)
    try:
        # Python 3.11 reads the trailing Z; what it refuses is told by whoever checks the document.
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _number(value: Any) -> float | None:
    if not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        # JSON allows an integer of any length.
        return None
    return None if math.isnan(number) else number


def attributes_of(facts: CustomerFacts, context: dict[str, AttributeValue] | None = None) -> dict[str, AttributeValue]:
    """Everything a rule can test of this customer in this moment, by attribute name; the context wins."""
    values: dict[str, AttributeValue] = dict(facts.attributes)
    values["segments"] = list(facts.segments)
    values["persona"] = facts.persona
    if context:
        values.update(context)
    return values


def _attribute(kind: AttributeType, name: str, label: str, description: str = "", because: str = "") -> Attribute:
    least, most = _BOUNDS.get(name, (None, None))
    return Attribute(
        name=name, type=kind, label=label, description=description, because=because, least=least, most=most
    )


def _sensitive(kind: AttributeType, name: str, label: str, description: str = "") -> Attribute:
    least, most = _BOUNDS.get(name, (None, None))
    return Attribute(name=name, type=kind, label=label, description=description, sensitive=True, least=least, most=most)


_COUNT = (0.0, None)
_SHARE = (0.0, 1.0)
_BOUNDS: dict[str, tuple[float | None, float | None]] = {
    "history.orders": _COUNT, "history.spend": _COUNT, "history.average_order": _COUNT,
    "history.days_since_last_order": _COUNT, "history.days_since_first_order": _COUNT,
    "history.orders_last_90_days": _COUNT, "history.spend_last_90_days": _COUNT, "history.distinct_items": _COUNT,
    "history.private_brand_share": _SHARE, "history.discount_share": _SHARE, "history.coupons_redeemed": _COUNT,
    "history.value_quintile": (1.0, 5.0), "session.views": _COUNT, "session.minutes": _COUNT,
    "session.pages": _COUNT, "cart.count": _COUNT, "cart.total": _COUNT, "time.hour": (0.0, 23.0),
    "time.weekday": (1.0, 7.0), "context.item_stock": _COUNT, "context.item_stock_minutes": _COUNT,
}  # fmt: skip

CATALOGUE = Catalogue(
    [
        _sensitive("text", "customer.age", "age", "Age band, as it was loaded: 19-24, 25-34 ... 65+"),
        _sensitive("text", "customer.income", "income", "Income band, as it was loaded: Under 15K, 15-24K ..."),
        _sensitive("text", "customer.home_ownership", "home ownership", "Homeowner, Renter ..."),
        _sensitive("text", "customer.marital_status", "marital status", "Married, Unmarried"),
        _sensitive("text", "customer.household_size", "household size", "1, 2, 3, 4, 5+"),
        _sensitive("text", "customer.household_composition", "household composition", "1 Adult, 2 Adults Kids ..."),
        _sensitive("text", "customer.kids_count", "number of children", "0, 1, 2, 3+"),
        _sensitive("text", "customer.first_name", "first name"),
        _attribute("yes_no", "customer.registered", "registration", "Has an account"),
        _attribute("list", "customer.audiences", "audiences", "Audiences loaded or imported, by id", "Chosen for you"),
        _attribute("number", "history.orders", "number of orders"),
        _sensitive("number", "history.spend", "spend so far"),
        _sensitive("number", "history.average_order", "average order"),
        _attribute("number", "history.days_since_last_order", "days since the last order"),
        _attribute("number", "history.days_since_first_order", "days since the first order"),
        _attribute("number", "history.orders_last_90_days", "orders in the last 90 days"),
        _sensitive("number", "history.spend_last_90_days", "spend in the last 90 days"),
        _attribute("number", "history.distinct_items", "number of different items bought"),
        _attribute("list", "history.departments", "departments bought from"),
        _attribute("text", "history.top_department", "favourite department", "", "Because you often buy {value}"),
        _attribute("text", "history.top_category", "favourite category", "", "Because you often buy {value}"),
        _attribute("number", "history.private_brand_share", "share of private brands", "Of purchases, 0 to 1"),
        _sensitive("number", "history.discount_share", "share bought at a discount", "Of purchases, 0 to 1"),
        _attribute("number", "history.coupons_redeemed", "number of coupons redeemed"),
        _attribute("yes_no", "history.is_new", "being new", "Few orders so far", "A welcome for new customers"),
        _sensitive("number", "history.predicted_value", "predicted yearly value", "Expected spend of the next year"),
        _sensitive("number", "history.value_quintile", "fifth by predicted value", "1 lowest to 5 highest"),
        _sensitive("number", "history.attrition", "likelihood of leaving", "That no order comes in 90 days, 0 to 1"),
        _sensitive("text", "history.rfm", "recency, frequency and spend", "Fifths, 5 best: 555 to 111"),
        _sensitive("number", "history.recency_quintile", "fifth by recency", "1 longest ago to 5 latest"),
        _sensitive("number", "history.frequency_quintile", "fifth by number of orders", "1 fewest to 5 most"),
        _sensitive("number", "history.monetary_quintile", "fifth by spend", "1 least to 5 most"),
        _attribute("text", "treatment.visitor", "kind of visitor", "first_time or repeat"),
        _attribute("text", "treatment.frequency", "kind of customer by frequency", "frequent or occasional"),
        _attribute("text", "treatment.breadth", "kind of customer by breadth", "single_category or cross_category"),
        _attribute("text", "treatment.advocacy", "kind of customer by advocacy", "passive or advocate"),
        _attribute("list", "affinity.categories", "categories drawn to", "At most five, the strongest first"),
        _attribute("list", "affinity.brands", "brands drawn to", "At most five, the strongest first"),
        _attribute("number", "affinity.price", "price level drawn to", "0 the cheapest of a category to 1 the dearest"),
        _attribute("number", "usual.open_hour", "usual hour of opening mail", "0 to 23, by the shop's clocks"),
        _attribute("number", "usual.shop_hour", "usual hour of shopping", "0 to 23, by the shop's clocks"),
        _attribute("text", "journey.stage", "stage of the journey", "researching, evaluating or ready"),
        _attribute("number", "share.identity", "share of identity", "How much who they are says, 0 to 1"),
        _attribute("number", "share.behaviour", "share of behaviour", "How much what they do says, 0 to 1"),
        _attribute("text", "loyalty.level", "loyalty level", "As the programme calls it", "For {value} members"),
        _attribute("number", "loyalty.points", "loyalty points"),
        _sensitive("text", "loyalty.segment", "segment of the loyalty programme"),
        _attribute("number", "loyalty.member_days", "days in the loyalty programme"),
        _attribute("time", "loyalty.lapse_at", "when loyalty points lapse"),
        _attribute("number", "contact.open_tickets", "open tickets"),
        _sensitive("text", "contact.ticket_reason", "reason of the latest open ticket"),
        _attribute("number", "contact.days_since_resolved", "days since a ticket was resolved"),
        _attribute("time", "contact.promised_at", "promised resolution", "The earliest of the open tickets"),
        _attribute("number", "contact.days_since", "days since the last contact", "Calls and other conversations"),
        _sensitive("text", "contact.last_reason", "reason of the last contact"),
        _sensitive("text", "cluster.kmeans", "cluster", "By K-means; `tailorbird train segments` finds and names them"),
        _sensitive("text", "cluster.map", "unit of the map", "Of the self-organizing map"),
        _sensitive("list", "segments", "segments", "Every segment whose rule holds"),
        _sensitive("text", "persona", "persona", "The first persona whose rule holds"),
        _attribute("number", "session.views", "items viewed in this visit"),
        _attribute("number", "session.minutes", "minutes in this visit"),
        _attribute("number", "session.pages", "pages in this visit"),
        _attribute("list", "session.searches", "searches in this visit"),
        _attribute("text", "session.device", "device of this visit", "mobile, desktop ..."),
        _attribute("text", "session.place", "place of this visit", "The city or region told"),
        _attribute("list", "session.geofences", "geofences somebody is in", "By name"),
        _attribute("text", "session.referrer_host", "site this visit came from"),
        _attribute("text", "session.campaign", "campaign of this visit", "utm_campaign"),
        _attribute("number", "session.longest_dwell", "longest look at an item", "Seconds, in this visit"),
        _attribute("text", "session.dwell_item", "item looked at longest", "By id, in this visit"),
        _attribute("number", "session.hovers", "items hovered over in this visit"),
        _attribute("yes_no", "session.checkout", "checkout in progress", "Begun in this visit"),
        _attribute("number", "cart.count", "number of items in the cart", "", "Because of what is in your cart"),
        _attribute(
            "number", "cart.total", "total of the cart", "In the shop's currency", "Because of what is in your cart"
        ),
        _attribute("list", "cart.departments", "departments in the cart", "", "Because of what is in your cart"),
        _attribute("list", "cart.categories", "categories in the cart", "", "Because of what is in your cart"),
        _attribute("list", "cart.item_ids", "items in the cart", "By id", "Because of what is in your cart"),
        _attribute("text", "context.channel", "channel", "web, email, app, push, store or contact_centre"),
        _attribute("text", "context.page", "page", "home, product, cart ..."),
        _attribute("text", "context.device", "device", "mobile, desktop ..."),
        _attribute("text", "context.referrer", "referrer", "Full address of the page before"),
        _attribute(
            "text", "context.referrer_host", "referring site", "Host of that address", "Because you come from {value}"
        ),
        _attribute("text", "context.campaign", "campaign of the visit", "utm_campaign"),
        _attribute("text", "context.store_id", "store"),
        _attribute("text", "context.item_id", "item being viewed", "By id", "Goes with what you are looking at"),
        _attribute(
            "text", "context.item_department", "department being viewed", "", "Goes with what you are looking at"
        ),
        _attribute("text", "context.item_category", "category being viewed", "", "Goes with what you are looking at"),
        _attribute("number", "context.item_stock", "stock of the item being viewed", "Units left"),
        _attribute("number", "context.item_stock_minutes", "age of that stock", "Minutes since it was counted"),
        _attribute("yes_no", "context.known", "being known", "A profile is stored for this visitor"),
        _attribute("number", "time.hour", "hour of the day", "0 to 23"),
        _attribute("number", "time.weekday", "day of the week", "1 Monday to 7 Sunday"),
        _attribute("time", "time.date", "date", "ISO 8601: 2026-11-22"),
        _attribute("time", "time.at", "time", "The moment of the call"),
    ]
)
"""Every attribute that comes with Tailorbird."""
