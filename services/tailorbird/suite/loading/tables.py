"""The tables that may be loaded: every column, whether it is required, and what it means.

This is the one place that knows: the checks of a load, the Parquet handed to the owner and the tables of
`shared/docs/loading.md` are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tailorbird.contracts import offers, profiles, recommender
from tailorbird.suite.loading.columns import Column, Table

__all__ = ["TABLES", "documentation", "table_named"]

_ITEM = Column("item_id", "id", "the item", required=True)
_CUSTOMER = Column("customer_id", "id", "the customer", required=True)
_PERHAPS_CUSTOMER = Column("customer_id", "id", "the customer")
_CARD = Column("loyalty_card", "id", "the loyalty card that was shown, where no customer is named")

TABLES: tuple[Table, ...] = (
    Table(
        "items",
        "What can be recommended and bought.",
        recommender.IMPORT,
        (
            Column("item_id", "id", "your own id of the item", required=True),
            Column("title", "text", "its name as a customer reads it", required=True, longest=500),
            Column("department", "text", "the largest group it belongs to"),
            Column("category", "text", "the group within the department"),
            Column("brand", "text", "its brand"),
            Column("size", "text", "how much is in it: `16 oz`"),
            Column("price", "number", "price of one; an item without is kept but not shown", minimum=0.0),
            Column("currency", "text", "currency of the price", default="USD"),
            Column("stock", "count", "units left: 0 is not shown, empty is not counted"),
            Column("stock_at", "time", "when they were counted; without, they are never said to be few"),
            Column("url", "text", "address of its page"),
            Column("image_url", "text", "address of its picture"),
            Column("summary", "text", "a sentence about it"),
        ),
        key="item_id",
        referred=True,
        further="attr_",
    ),
    Table(
        "articles",
        "What can be recommended and read.",
        recommender.IMPORT,
        (
            Column("article_id", "id", "your own id of the article", required=True),
            Column("title", "text", "its headline", required=True, longest=500),
            Column("summary", "text", "a sentence that makes one want to read it"),
            Column("body", "text", "the article itself; paragraphs are separated by an empty line"),
            Column("categories", "list", "the item categories it is about"),
            Column("url", "text", "address of its page"),
            Column("image_url", "text", "address of its picture"),
        ),
        key="article_id",
        referred=True,
    ),
    Table(
        "customers",
        "Whom you know. Any further column becomes an attribute `customer.<column>` that rules can test.",
        profiles.IMPORT,
        (
            Column("customer_id", "id", "your own id of the customer", required=True),
            Column("first_name", "text", "how to address them", longest=200),
            Column("email", "text", "where their e-mails go", longest=320),
        ),
        key="customer_id",
        further="any",
    ),
    Table(
        "loyalty_cards",
        "Loyalty cards and where each stands; a card with a customer ties what was bought with it to them. Rules test "
        "`loyalty.level`, `.points`, `.segment`, `.member_days`, `.lapse_at`.",
        profiles.IMPORT,
        (
            Column("loyalty_card", "id", "the card's number", required=True),
            Column("customer_id", "id", "whose it is; without, the card is a person of whom only purchases are known"),
            Column("level", "text", "as the programme calls it: `gold`", longest=60),
            Column("points", "number", "on the card now", minimum=0.0),
            Column("segment", "text", "the programme's own segment", longest=60),
            Column("since", "time", "member since"),
            Column("lapse_at", "time", "when the points lapse"),
            Column("updated_at", "time", "as of when all that holds; the latest word counts (now when absent)"),
        ),
        key="loyalty_card",
    ),
    Table(
        "interactions",
        "What customers did with items: a row is one line of an order, or one view.",
        profiles.IMPORT,
        (
            _CUSTOMER,
            _ITEM,
            Column("time", "time", "when", required=True),
            Column("kind", "text", "what they did", default="purchase", one_of=("purchase", "view", "cart")),
            Column("quantity", "number", "how many; 0 is no purchase and is refused", default="1", minimum=0.0),
            Column("value", "number", "what was paid for the whole line"),
            Column("order_id", "id", "the order that the line belongs to"),
            Column("store_id", "id", "where"),
            Column("discount", "number", "what was taken off the line's price", minimum=0.0),
        ),
        item_column="item_id",
    ),
    Table(
        "store_purchases",
        "What was bought at a till: a row is one line of a receipt, told by customer or by loyalty card.",
        profiles.IMPORT,
        (
            _PERHAPS_CUSTOMER,
            _CARD,
            _ITEM,
            Column("time", "time", "when", required=True),
            Column("quantity", "number", "how many; 0 is no purchase and is refused", default="1", minimum=0.0),
            Column("value", "number", "what was paid for the whole line"),
            Column("order_id", "id", "the receipt that the line belongs to"),
            Column("store_id", "id", "where"),
            Column("discount", "number", "what was taken off the line's price", minimum=0.0),
        ),
        item_column="item_id",
        who=("customer_id", "loyalty_card"),
    ),
    Table(
        "contacts",
        "Conversations with the call centre. Rules test `contact.open_tickets`, `.ticket_reason`, `.promised_at`, "
        "`.days_since_resolved`, `.days_since`, `.last_reason`.",
        profiles.IMPORT,
        (
            _PERHAPS_CUSTOMER,
            _CARD,
            Column("email", "text", "who wrote", longest=320),
            Column("phone", "text", "who called", longest=60),
            Column("time", "time", "when", required=True),
            Column("channel", "text", "how", default="contact_centre", longest=40),
            Column("reason", "text", "what it was about", longest=120),
            Column("ticket_id", "id", "the ticket that was opened or spoken of"),
            Column("promised_at", "time", "by when it is to be resolved, as promised"),
            Column("resolved_at", "time", "when it was resolved"),
        ),
        who=("customer_id", "loyalty_card", "email", "phone"),
    ),
    Table(
        "offers",
        "Offers and coupons that a customer may be given.",
        offers.IMPORT,
        (
            Column("offer_id", "id", "your own id of the offer", required=True),
            Column("headline", "text", "what the customer reads first", required=True, longest=200),
            Column(
                "kind",
                "text",
                "what it promises",
                required=True,
                one_of=("percent_off", "amount_off", "bogo", "free_shipping", "gift", "points", "coupon"),
            ),
            Column("value", "number", "percent, amount or points, as `kind` says", minimum=0.0),
            Column("text", "text", "the small print", longest=2_000),
            Column("code", "text", "what is typed in at the checkout", longest=200),
            Column("starts_at", "time", "the first moment it holds"),
            Column("ends_at", "time", "the first moment it no longer holds"),
            Column("audience_id", "id", "only customers of this audience may have it"),
            Column("campaign_id", "id", "the campaign it belongs to"),
            Column("item_ids", "list", "the items it is for"),
            Column("departments", "list", "the departments it is for, each as a whole"),
            Column("categories", "list", "the categories it is for, each as a whole"),
            Column("minimum_spend", "number", "the cart's total from which it holds", minimum=0.0),
            Column("priority", "number", "higher goes first"),
        ),
        key="offer_id",
        referred=True,
        period=True,
    ),
    Table(
        "audiences",
        "Segments made elsewhere: a row puts one customer into one audience, or takes them out.",
        profiles.IMPORT,
        (
            Column("audience_id", "id", "the audience", required=True),
            _CUSTOMER,
            Column("member", "text", "whether they are in it", default="yes", one_of=("yes", "no")),
        ),
    ),
    Table(
        "responses",
        "What customers did with offers.",
        profiles.IMPORT,
        (
            _CUSTOMER,
            Column("offer_id", "id", "the offer", required=True),
            Column("time", "time", "when", required=True),
            Column("kind", "text", "what they did", default="redeemed", one_of=("redeemed", "clicked", "refused")),
        ),
        also=(offers.IMPORT,),
    ),
    Table(
        "promotions",
        "When and where an item stood out in a store or a leaflet.",
        recommender.IMPORT,
        (
            _ITEM,
            Column("starts_at", "time", "the first moment", required=True),
            Column("ends_at", "time", "the first moment after", required=True),
            Column("store_id", "id", "the store"),
            Column("display", "text", "where it stood in the store"),
            Column("mailer", "text", "where it stood in the leaflet"),
        ),
        item_column="item_id",
        period=True,
    ),
)
"""In the order in which a report lists them. Those of one owner are loaded in this order."""

def table_named(name: str) -> Table | None:
    """The table of that name, None when there is none."""
    return next((table for table in TABLES if table.name == name), None)


def documentation() -> str:
    """The tables as Markdown for `shared/docs/loading.md`: one heading a table, one row a column."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for table in TABLES:
        yield f"### `{table.name}`"
        yield ""
        yield table.doc
        yield ""
        yield "| column | | type | meaning |"
        yield "|---|---|---|---|"
        for column in table.columns:
            meaning = column.doc
            if column.one_of:
                meaning += ": " + ", ".join(f"`{choice}`" for choice in column.one_of)
            if column.default:
                meaning += f" (`{column.default}` when absent)"
            wanted = "required" if column.required else "one of" if column.name in table.who else ""
            yield f"| `{column.name}` | {wanted} | {column.type} | {meaning} |"
        if table.further == "attr_":
            yield "| `attr_*` | | any | a further attribute of the item: `attr_organic` becomes `organic` |"
        if table.further == "any":
            yield "| any other | | any | a trait: the column `age` becomes the attribute `customer.age` |"
        yield ""
