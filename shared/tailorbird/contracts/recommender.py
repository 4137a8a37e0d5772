"""The recommender answers: which items would this customer like? It also owns the items themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, UnsetType

from tailorbird.contracts.documents import (
    Applied,
    ApplyQuery,
    Document,
    Imported,
    ImportQuery,
    ListDocumentsQuery,
    ListedDocuments,
    Schemas,
    SchemasQuery,
)
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import AttributeValue, Id, Seconds

__all__ = [
    "APPLY", "CATALOGUE_BUCKET", "CATALOGUE_OBJECT", "CATALOGUE_REPLACED", "CHANGED", "CHANGE_ITEMS", "IMPORT",
    "LIST_DOCUMENTS", "MODELS", "PROMOTE", "PUT_ITEMS", "RECOMMEND", "SCHEMAS", "CatalogueReplaced", "Estimated",
    "Item", "ItemChange", "ItemChanges", "Items", "ItemsPut", "ModelPromoted", "ModelServed", "ModelTold", "Models",
    "ModelsQuery", "PromoteQuery", "RecommendQuery", "Recommendation", "Recommendations", "RecommenderChanged",
    "Shelf", "ShelfItems", "said_sensitive",
]  # fmt: skip

CATALOGUE_BUCKET = "catalogue"
"""Bucket of items changed one by one: item id -> Item. Newer than the snapshot."""
CATALOGUE_OBJECT = "catalogue/items.parquet"
"""Snapshot of all items, in the `snapshots` object bucket. Its metadata `revision` says where to watch from."""


class Item(Message):
    """Something that can be recommended: a product (`kind` "product") or something to read ("article")."""

    item_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=500)]
    kind: Literal["product", "article"] = "product"
    department: str = ""
    category: str = ""
    brand: str = ""
    size: str = ""
    price: Annotated[float, Meta(ge=0)] | None = None
    """In `currency`; an item without a price is kept but not shown."""
    currency: str = "USD"
    stock: Annotated[int, Meta(ge=0)] | None = None
    """Units left; None is not counted, 0 is not shown."""
    stock_at: Seconds = 0.0
    """When they were counted; 0: nobody knows. Said to be few only while that is fresh (`STOCK_IS_FRESH`)."""
    url: str = ""
    image_url: str = ""
    summary: str = ""
    body: str = ""
    categories: tuple[str, ...] = ()
    """Of an article: the product categories it is about."""
    attributes: dict[str, AttributeValue] = {}


STOCK_IS_FRESH = 15 * 60.0
"""Seconds for which it may be said of a counted stock that it is nearly gone."""


def said_sensitive(flag: object) -> bool:
    """Whether an item's attribute `sensitive` says that it tells much about who buys it; files hold it as text, too."""
    return bool(flag) and not (isinstance(flag, str) and flag.casefold() in ("false", "no", "0"))


class Shelf(Message):
    """One list to fill: by which strategy, how long, around which item."""

    slot: Id
    strategy: str
    count: Annotated[int, Meta(ge=1, le=200)] = 10
    item_id: str = ""
    """The item that `similar` and `complements` start from; empty: the cart, then the latest item touched."""
    among: Annotated[tuple[str, ...], Meta(max_length=1_000)] = ()
    """Only these items, such as the results of a search; `search` puts them into this customer's order."""
    categories: tuple[str, ...] = ()
    """Only items of these categories or departments."""
    brands: tuple[str, ...] = ()
    """Only items of these brands."""
    price_from: Annotated[float, Meta(ge=0)] = 0.0
    price_to: Annotated[float, Meta(ge=0)] | None = None
    in_stock: bool = False
    """True: only items whose stock is counted and not used up."""
    unbought: bool = False
    """True: nothing that the customer bought before."""
    unseen: bool = False
    """True: nothing that the customer looked at lately."""
    diverse: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """How far the second item of a category steps back, the third twice as far; 0 not at all."""
    explore: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    """The share of places given to items of which little is known yet, by Thompson sampling."""


class RecommendQuery(Message):
    """Fill these shelves for this customer: in their order, no item twice across them."""

    shelves: Annotated[tuple[Shelf, ...], Meta(min_length=1, max_length=50)]
    customer: Raw = Raw(b"{}")
    """A `CustomerFacts` as JSON, encoded once per profile by the asker."""
    facts_name: str = ""
    """A name for these facts. Sent along once, the name alone does; Fault(428) asks for them again."""
    history: Raw = Raw(b"[]")
    """The whole history (a list of `Bought`) where `customer` holds only its beginning: long, and seldom another."""
    history_name: str = ""
    """A name for that history, as for the facts."""
    cart: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """Items not to recommend whatever the reason: bought just now, dismissed."""
    referrer_host: str = ""
    store_id: str = ""
    rested: bool = True
    """What was bought so lately that hardly anybody buys it again yet is left out; False for a list of weeks."""
    model: Annotated[str, Meta(max_length=200)] = ""
    """Served by this version instead of the active one, for an experiment. One that cannot be: by the active one."""
    at: Seconds = 0.0
    trial: tuple[Document, ...] = ()
    """Of a preview: as if these curations were at work."""


class Recommendation(Message):
    """An item chosen, with its score (higher is better, comparable within its shelf only) and why."""

    item_id: str
    score: float
    reasons: tuple[str, ...] = ()
    """Sentences that the customer may read."""
    propensity: float = 1.0
    """How likely it was to be shown: below 1 where the place was given to chance."""


class ShelfItems(Message):
    slot: str
    strategy: str
    items: tuple[Recommendation, ...] = ()
    note: str = ""
    """Why fewer than asked for came, when that is so."""


class Recommendations(Message):
    shelves: tuple[ShelfItems, ...]
    model: str
    """Version of the model that served, empty when none is loaded."""


class Items(Message):
    items: tuple[Item, ...]


class ItemChange(Message):
    """What changes in one item: fields left out stay as they are. An item not known yet needs a title."""

    item_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=500)] | UnsetType = UNSET
    kind: Literal["product", "article"] | UnsetType = UNSET
    department: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    brand: str | UnsetType = UNSET
    size: str | UnsetType = UNSET
    price: Annotated[float, Meta(ge=0)] | UnsetType | None = UNSET
    currency: str | UnsetType = UNSET
    stock: Annotated[int, Meta(ge=0)] | UnsetType | None = UNSET
    stock_at: Seconds | UnsetType = UNSET
    """When the stock that this change tells was counted; left out: now."""
    url: str | UnsetType = UNSET
    image_url: str | UnsetType = UNSET
    summary: str | UnsetType = UNSET
    body: str | UnsetType = UNSET
    categories: tuple[str, ...] | UnsetType = UNSET
    attributes: dict[str, AttributeValue] | UnsetType = UNSET
    """Merged into those the item has; None takes one away."""


class ItemChanges(Message):
    changes: Annotated[tuple[ItemChange, ...], Meta(max_length=1_000)]


class ItemsPut(Message):
    """stored + unchanged = items sent; visible to the next page within a second."""

    stored: int
    unchanged: int


class Estimated(Message, omit_defaults=False):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float


class ModelsQuery(Message):
    """Which models were trained, how did they do, which one serves?"""


class ModelServed(Message):
    """A model was put to work."""

    at: Seconds
    forced: str = ""
    """The reason, where somebody put a model to work that may be worse."""
    rolled_back: bool = False


class ModelTold(Message, omit_defaults=False):
    """One of them."""

    version: str
    trained_at: Seconds
    until: Seconds
    """Latest moment of its data."""
    interactions: int
    items: int
    code: str
    serves: bool
    metric: str
    validation: str
    value: Estimated | None
    """The metric on its validation; None where it was not validated."""
    metrics: dict[str, float] = {}
    """By shelf or task."""
    against: dict[str, Estimated] = {}
    """Other model -> how much better this one is, validated alike."""
    served: tuple[ModelServed, ...] = ()


class Models(Message, omit_defaults=False):
    models: tuple[ModelTold, ...]
    """The latest first."""


class PromoteQuery(Message):
    """Put this model to work; empty: the one that served before."""

    version: str = ""
    forced: str = ""
    """The reason why although it may be worse."""


class ModelPromoted(Message, omit_defaults=False):
    version: str


class CatalogueReplaced(Message):
    """A bulk load wrote a new snapshot: read it again."""

    rows: int


class RecommenderChanged(Message):
    """The same question may be answered otherwise from now on: by another model, catalogue or promotions."""

    model: str = ""
    """Version of the model that serves."""


RECOMMEND = Endpoint("tailorbird.recommender.v1.recommend", RecommendQuery, Recommendations, budget_ms=90, hedge=True)
PUT_ITEMS = Endpoint("tailorbird.recommender.v1.put_items", Items, ItemsPut, budget_ms=10_000)
CHANGE_ITEMS = Endpoint("tailorbird.recommender.v1.change_items", ItemChanges, ItemsPut, budget_ms=10_000)
APPLY = Endpoint("tailorbird.recommender.v1.apply", ApplyQuery, Applied, budget_ms=10_000)
"""Of curations: what marketers say of items."""
SCHEMAS = Endpoint("tailorbird.recommender.v1.schemas", SchemasQuery, Schemas, budget_ms=2_000)
LIST_DOCUMENTS = Endpoint("tailorbird.recommender.v1.documents", ListDocumentsQuery, ListedDocuments, budget_ms=2_000)
MODELS = Endpoint("tailorbird.recommender.v1.models", ModelsQuery, Models, budget_ms=10_000)
PROMOTE = Endpoint("tailorbird.recommender.v1.promote", PromoteQuery, ModelPromoted, budget_ms=30_000)
IMPORT = Endpoint("tailorbird.recommender.v1.import", ImportQuery, Imported, budget_ms=300_000)

CHANGED = Topic("tailorbird.recommender.v1.changed", RecommenderChanged)
CATALOGUE_REPLACED = Topic("tailorbird.recommender.v1.catalogue_replaced", CatalogueReplaced)
