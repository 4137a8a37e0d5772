"""The demonstration shop's own layouts and e-mails: sound, and each persona really sees something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tailorbird.assembler.layouts.document import Email, Layout, Variant, check_documents
from tailorbird.assembler.mail.documents import KINDS as MAIL_KINDS
from tailorbird.assembler.mail.documents import check_mail
from tailorbird.assembler.mail.writing.compiling import check_emails
from tailorbird.assembler.slots.articles import ArticlesSlot
from tailorbird.assembler.slots.offers import OffersSlot
from tailorbird.assembler.slots.recommendations import RecommendationsSlot
from tailorbird.suite.applying import read_documents
from tests.unit.assembler.shop import DEMO_DOCUMENTS

PERSONAS = ["newcomers", "families", "young_singles", "empty_nesters", "deal_seekers", "premium", "everyone"]
KINDS: dict[str, Any] = {"layout": Layout, "email": Email, **MAIL_KINDS}


def documents(folder: Path = DEMO_DOCUMENTS) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for document in read_documents(folder):
        if document.kind in KINDS:
            found[document.kind][document.id] = msgspec.json.decode(bytes(document.body), type=KINDS[document.kind])
    return found


def variants(kind: str, name: str) -> dict[str, Variant]:
    return {variant.id: variant for variant in documents()[kind][name].variants}


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_demos_documents_have_no_mistakes() -> None:
    found = documents()
    assert check_documents(found) + check_emails(found["email"]) + check_mail(found) == []


@pytest.mark.parametrize(("kind", "name"), [("layout", "home"), ("email", "weekly")])
def test_each_persona_has_another_hero_order_look_and_copy(kind: str, name: str) -> None:
    found = variants(kind, name)
    assert set(PERSONAS) <= set(found)
    own = [found[persona] for persona in PERSONAS]
    assert len({variant.hero.headline for variant in own if variant.hero}) == len(PERSONAS)
    assert len({msgspec.json.encode(variant.theme.palette) for variant in own}) == len(PERSONAS)
    assert len({variant.theme.imagery for variant in own}) == len(PERSONAS)
    assert len({tuple(slot.id for slot in variant.slots) for variant in own}) == len(PERSONAS)


@pytest.mark.parametrize("name", ["home", "product", "cart"])
def test_a_page_shows_24_items_and_4_offers(name: str) -> None:
    for variant in variants("layout", name).values():
        counts = [slot.count for slot in variant.slots if isinstance(slot, (RecommendationsSlot, ArticlesSlot))]
        assert (variant.id, sum(counts)) == (variant.id, 24)
        assert [slot.count for slot in variant.slots if isinstance(slot, OffersSlot)] == [4]


def test_a_persona_keeps_its_look_from_page_to_page() -> None:
    pages = [variants("layout", page) for page in ("home", "product", "cart")]
    looks = [{name: variant.theme for name, variant in page.items()} for page in pages]
    assert looks[0] == looks[1] == looks[2]


def test_every_text_can_be_read_on_its_ground() -> None:
    for variant in variants("layout", "home").values():
        palette = variant.theme.palette
        assert contrast(palette.ink, palette.page) >= 7, variant.id
        assert contrast(palette.ink, palette.surface) >= 7, variant.id
        assert contrast(palette.muted, palette.surface) >= 4.5, variant.id
        assert contrast(palette.accent_ink, palette.accent) >= 4.5, variant.id
        assert contrast(palette.highlight, palette.surface) >= 4.5, variant.id


def test_the_referrers_visitors_have_a_page_of_their_own_before_any_persona() -> None:
    first = next(iter(variants("layout", "home").values()))
    assert first.rule is not None
    assert (first.rule.field, first.rule.value) == ("context.referrer_host", "gadgets.example")
