"""Profiles answer: who is one person with whom, what do you keep of somebody, and erase it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from tailorbird.contracts.profiles import View
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import CustomerRef, Seconds

__all__ = [
    "DECIDE_SUGGESTION",
    "DecideSuggestionQuery",
    "ERASE",
    "EXPORT",
    "EraseQuery",
    "Erased",
    "ExportQuery",
    "IDENTITY_PAGE",
    "IdentityPage",
    "IdentityPageQuery",
    "IdentityRow",
    "MERGES",
    "Merge",
    "Merges",
    "MergesQuery",
    "PERSONS_GONE",
    "PERSON_ERASED",
    "PersonErased",
    "PersonsGone",
    "SUGGEST",
    "SUGGESTIONS",
    "SuggestQuery",
    "SuggestedIdentity",
    "Suggestions",
    "SuggestionsQuery",
    "UNMERGE",
    "UnmergeQuery",
]


class MergesQuery(Message):
    """What was merged into this person, as far as it can be undone."""

    customer: CustomerRef


class Merge(Message):
    """Two persons who became one."""

    merge_id: str
    at: Seconds
    customer_id: str = ""
    """Of the one who became part of the other."""
    anonymous_ids: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class Merges(Message):
    merges: tuple[Merge, ...] = ()


class UnmergeQuery(Message):
    """Undo this merge: both persons and their histories are restored."""

    customer: CustomerRef
    merge_id: str


class IdentityRow(Message):
    """What is known of who a person is, to be compared with others."""

    person: str
    is_customer: bool = False
    first_name: str = ""
    last_name: str = ""
    birthday: str = ""
    postal_code: str = ""
    city: str = ""
    email: str = ""
    """SHA-256 each: of e-mail, phone and household address."""
    phone: str = ""
    household: str = ""
    ips: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


class IdentityPageQuery(Message):
    after: str = ""
    count: Annotated[int, Meta(ge=1, le=500)] = 200


class IdentityPage(Message):
    rows: tuple[IdentityRow, ...] = ()
    after: str = ""


class SuggestedIdentity(Message):
    """Two persons who may be one. Stored without anything of who they are."""

    one: str
    other: str
    score: float
    """Probability of a match."""
    agree: tuple[str, ...] = ()
    """In what they agree: names of columns, no values."""
    at: Seconds = 0.0
    state: Literal["open", "accepted", "refused"] = "open"
    by: str = ""
    ids: tuple[str, ...] = ()
    """Of both persons, when listed; never stored."""

    @property
    def suggestion_id(self) -> str:
        return ".".join(sorted((self.one, self.other)))


class SuggestQuery(Message):
    suggestions: tuple[SuggestedIdentity, ...]


class SuggestionsQuery(Message):
    state: Literal["", "open", "accepted", "refused"] = "open"


class Suggestions(Message):
    suggestions: tuple[SuggestedIdentity, ...] = ()


class DecideSuggestionQuery(Message):
    suggestion_id: str
    accept: bool
    by: str = ""


class ExportQuery(Message):
    """Everything that is kept of somebody, for themself. Answered as a View."""

    customer: CustomerRef


class EraseQuery(Message):
    """Erase whoever these ids lead to, everywhere."""

    customer: CustomerRef


class Erased(Message, omit_defaults=False):
    """What an erasure found."""

    persons: int
    ids: int
    events: int
    """Raw events that were overwritten in streams."""
    rows: int
    """Rows of purchases and responses that training read."""
    backups: int
    """Backups in which a key was destroyed."""


class PersonErased(Message):
    """Somebody was erased: whoever holds anything of them drops it."""

    persons: tuple[str, ...]
    ids: tuple[str, ...] = ()
    """`customer:1228`, `anonymous:a-1`."""


class PersonsGone(Message):
    """These persons are no more. Kept for who did not run just then; a pseudonym tells of nobody."""

    persons: tuple[str, ...]


MERGES = Endpoint("tailorbird.profiles.v1.merges", MergesQuery, Merges, budget_ms=5_000)
UNMERGE = Endpoint("tailorbird.profiles.v1.unmerge", UnmergeQuery, Merge, budget_ms=60_000)
IDENTITY_PAGE = Endpoint("tailorbird.profiles.v1.identity_page", IdentityPageQuery, IdentityPage, budget_ms=30_000)
SUGGEST = Endpoint("tailorbird.profiles.v1.suggest", SuggestQuery, Suggestions, budget_ms=30_000)
SUGGESTIONS = Endpoint("tailorbird.profiles.v1.suggestions", SuggestionsQuery, Suggestions, budget_ms=30_000)
DECIDE_SUGGESTION = Endpoint(
    "tailorbird.profiles.v1.decide_suggestion", DecideSuggestionQuery, SuggestedIdentity, budget_ms=10_000
)
EXPORT = Endpoint("tailorbird.profiles.v1.export", ExportQuery, View, budget_ms=30_000)
ERASE = Endpoint("tailorbird.profiles.v1.erase", EraseQuery, Erased, budget_ms=60_000)

PERSON_ERASED = Topic("tailorbird.profiles.v1.erased", PersonErased)
PERSONS_GONE = Topic("tailorbird.profiles.v1.persons_erased", PersonsGone, stream="ERASURES")
