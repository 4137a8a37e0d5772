"""Why this customer gets this: sentences that the customer may read, the most telling first."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from msgspec import Raw

from tailorbird.offers.deciding.asked import Asked
from tailorbird.offers.deciding.ranking import Ranked
from tailorbird.offers.documents.prepared import Prepared
from tailorbird.rules.english import reasons

__all__ = ["reasons_of", "unasked", "with_field"]


def reasons_of(document: Prepared, candidate: Ranked, question: Asked) -> tuple[str, ...]:
    """At most two: what the marketer wrote, what they often buy, what the rule found."""
    if document.document.reason:
        return (document.document.reason,)
    said = []
    if candidate.category:
        said.append(f"Because you often buy {_named(candidate.category)}")
    said += document.reasons if document.reasons is not None else reasons(document.gate, question.values)
    return tuple(said[:2])


def unasked(content: Raw, answered: Collection[str]) -> Raw:
    """What the customer sees of an action, without the questions that they answered once (R85)."""
    seen = msgspec.json.decode(content)
    asked = [one for one in seen.pop("questions", ()) if f"customer.{one['trait']}" not in answered]
    return Raw(msgspec.json.encode(seen | {"questions": asked} if asked else seen))


def with_field(content: Raw, name: str, value: str | float) -> Raw:
    """The same with one thing more, known only now."""
    return Raw(bytes(content)[:-1] + b',"%b":%b}' % (name.encode(), msgspec.json.encode(value)))


def _named(category: str) -> str:
    """A category as it stands in a sentence: shouted names are calmed."""
    return category.lower() if category.isupper() else category
