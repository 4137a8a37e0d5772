"""Every slot type there is. To add one: its file, its name here, and its template per channel."""

from __future__ import annotations

from tailorbird.assembler.slots.action import ActionSlot
from tailorbird.assembler.slots.articles import ArticlesSlot
from tailorbird.assembler.slots.cart import CartSlot
from tailorbird.assembler.slots.content import ContentSlot
from tailorbird.assembler.slots.hero import HeroSlot
from tailorbird.assembler.slots.item import ItemSlot
from tailorbird.assembler.slots.navigation import NavigationSlot
from tailorbird.assembler.slots.notice import NoticeSlot
from tailorbird.assembler.slots.offers import OffersSlot
from tailorbird.assembler.slots.recommendations import RecommendationsSlot

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
)
