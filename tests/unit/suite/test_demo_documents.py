"""What people wrote for the demonstration: articles, offers, segments, personas."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from tailorbird.offers.documents.checking import check_documents
from tailorbird.offers.documents.offer import Action, Offer
from tailorbird.profiles.segments import membership as segments
from tailorbird.profiles.segments.membership import Persona, Segment
from tailorbird.suite.applying import read_documents
from tailorbird.suite.demo.articles import articles_table, read_articles
from tailorbird.suite.demo.shelves import Shelves
from tailorbird.suite.demo.shop import DOCUMENTS

KINDS: dict[str, type[Any]] = {"segment": Segment, "persona": Persona, "offer": Offer, "action": Action}
PERSONAS = ("newcomers", "families", "young_singles", "empty_nesters", "deal_seekers", "premium", "everyone")


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for document in read_documents(DOCUMENTS):
        if document.kind in KINDS:
            found[document.kind][document.id] = msgspec.json.decode(document.body, type=KINDS[document.kind])
    return found


def shelves_of_the_shop() -> tuple[set[str], set[str]]:
    found = list(Shelves.of_the_demo())
    return {shelf.department for shelf in found}, {shelf.category for shelf in found}


def test_every_rule_can_be_put_to_work(documents: dict[str, dict[str, Any]]) -> None:
    assert segments.check(documents) == []
    assert check_documents(documents) == []


def test_personas_are_asked_in_the_order_in_which_layouts_expect_them(documents: dict[str, dict[str, Any]]) -> None:
    personas: dict[str, Persona] = documents["persona"]
    assert tuple(sorted(personas, key=lambda name: personas[name].order)) == PERSONAS
    assert personas["everyone"].rule is None


def test_about_thirty_store_offers_are_on_shelves_that_the_shop_has(documents: dict[str, dict[str, Any]]) -> None:
    _, categories = shelves_of_the_shop()
    scoped = [offer for offer in documents["offer"].values() if not offer.scope.whole_basket]
    assert len(scoped) >= 30
    for offer in scoped:
        assert 1 <= len(offer.scope.categories) <= 3
        assert set(offer.scope.categories) <= categories


def test_nothing_sensitive_is_offered(documents: dict[str, dict[str, Any]]) -> None:
    sensitive = {shelf.category for shelf in Shelves.of_the_demo() if shelf.sensitive}
    assert not [name for name, offer in documents["offer"].items() if set(offer.scope.categories) & sensitive]


def test_two_dozen_articles_are_short_and_about_shelves_of_the_shop() -> None:
    articles = read_articles()
    _, categories = shelves_of_the_shop()
    assert len(articles) == 24
    for article in articles.values():
        assert 80 <= len(re.findall(r"\S+", article["body"])) <= 150
        assert set(article["categories"]) <= categories
    assert articles_table().num_rows == 24
