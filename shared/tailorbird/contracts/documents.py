"""How a document that a person wrote (an offer, segment, layout ...) reaches the service that owns it."""

from __future__ import annotations

from msgspec import Raw

from tailorbird.contracts.wire import Message, Problem
from tailorbird.contracts.words import Id

__all__ = [
    "Applied",
    "ApplyQuery",
    "Document",
    "ImportQuery",
    "Imported",
    "ListDocumentsQuery",
    "ListedDocuments",
    "Schemas",
    "SchemasQuery",
]


class Document(Message):
    """One document as JSON, with the kind that says how to read it (`offer`, `segment`, `layout` ...)."""

    kind: str
    id: Id
    body: Raw
    """JSON of the document, without kind and id. Decoded strictly by its owner: a typo is told, not swallowed."""


class ApplyQuery(Message):
    """Put these documents to work: all of them, or none when one has a mistake."""

    documents: tuple[Document, ...]
    prune: bool = False
    """Also retire documents of the same kinds that are not in this query."""
    dry_run: bool = False
    only_if: str = ""
    """The version that the owner's set must have (what `If-Match` named); another one: Fault(412). Empty: any."""
    retire: tuple[str, ...] = ()
    """Documents (`kind/id`) that go out of force."""
    instead_of: dict[str, str] = {}
    """`kind/id` -> digest of what must be at work now, empty for nothing; another one: Fault(412)."""


class Applied(Message):
    """What came of it. With problems nothing was changed; a problem's path starts with `kind/id`."""

    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    """Of what was sent: nothing wrong, but worth a second look (a rule that can never hold)."""
    version: str = ""
    """Version of the owner's whole set of documents after this; the same text stands in a payload's `meta`."""


class ListDocumentsQuery(Message):
    kind: str = ""


class ListedDocuments(Message):
    documents: tuple[Document, ...] = ()
    version: str = ""


class SchemasQuery(Message):
    """How are the documents written that you keep?"""


class Schemas(Message):
    kinds: dict[str, Raw] = {}
    """Kind -> JSON Schema, each property described."""


class ImportQuery(Message):
    """Take over rows that were checked already: a Parquet object in the `staging` object bucket."""

    table: str
    """items, customers, interactions, offers, audiences, responses, promotions or articles."""
    object_name: str


class Imported(Message):
    """Counts of rows: stored + unchanged = rows of the object."""

    stored: int
    unchanged: int
