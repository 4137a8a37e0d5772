"""Every slot type there is. To add one: its file, its name here, and its template per channel."""

from __future__ import annotations

from tailorbird.assembler.slots.action import ActionSlot
from tailorbird.assembler.slots.articles import ArticlesSlot
from tailorbird.assembler.slots.cart import CartSlot
from tailorbird.assembler.slots.comparison import ComparisonSlot
from tailorbird.assembler.slots.content import ContentSlot
from tailorbird.assembler.slots.hero import HeroSlot
from tailorbird.assembler.slots.insight import InsightSlot
from tailorbird.assembler.slots.item import ItemSlot
from tailorbird.assembler.slots.loyalty import LoyaltySlot
from tailorbird.assembler.slots.navigation import NavigationSlot
from tailorbird.assembler.slots.notice import NoticeSlot
from tailorbird.assembler.slots.offers import OffersSlot
from tailorbird.assembler.slots.recommendations import RecommendationsSlot
from tailorbird.assembler.slots.resume import ResumeSlot
from tailorbird.assembler.slots.search import SearchSlot
from tailorbird.assembler.slots.store_map import StoreMapSlot

__all__ = ["AnySlot"]

AnySlot = (
    HeroSlot
    | NavigationSlot
    | RecommendationsSlot
    | OffersSlot
    | ActionSlot
    | ArticlesSlot
    | NoticeSlot
    | ContentSlot
    | ItemSlot
    | CartSlot
    | SearchSlot
    | ResumeSlot
    | LoyaltySlot
    | InsightSlot
    | StoreMapSlot
    | ComparisonSlot
)
