"""Items, categories and brands that a curation names and the catalogue does not have, so far."""

from __future__ import annotations

from collections.abc import Iterator

from tailorbird.contracts.wire import Problem
from tailorbird.recommender.catalogue.columns import Columns
from tailorbird.recommender.shelves.curation import Curation
from tailorbird.rules.nearest import unknown_names

__all__ = ["notes_on_names"]


def notes_on_names(curation: Curation, columns: Columns) -> Iterator[Problem]:
    """A note for each, with its path; none before any item was loaded."""
    if not len(columns):
        return
    kinds = {*columns.categories.texts, *columns.departments.texts}
    yield from unknown_names("$.items", curation.items, columns.position, "There is no item {} so far.")
    yield from unknown_names(
        "$.categories", curation.categories, kinds, "No item has the category or department {} so far."
    )
    yield from unknown_names(
        "$.brands", curation.brands, set(columns.brands.texts), "No item has the brand {} so far."
    )
