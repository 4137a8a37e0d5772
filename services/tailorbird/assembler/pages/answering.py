"""Answers a page: the payload, and on demand the trace of how it came about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from tailorbird.assembler.channels.forming import formed
from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.assembler.layouts.choosing import Book, Face, face_of
from tailorbird.assembler.layouts.theme import Palette, Theme
from tailorbird.assembler.pages.assembling import Assembled, Assembler, Wanted
from tailorbird.assembler.pages.merging import served
from tailorbird.assembler.pages.turns import Turns
from tailorbird.assembler.slots.action import ActionSlot
from tailorbird.assembler.slots.offers import OffersSlot
from tailorbird.bus import Asker
from tailorbird.contracts.assembler import LayoutChosen, PagePayload, PageQuery, Provenance, ServedCustomer
from tailorbird.contracts.documents import Document
from tailorbird.contracts.offers import EXPLAIN, DecidedFrom, DecisionSlot, ExplainQuery
from tailorbird.contracts.wire import Fault

__all__ = ["Pages"]

PLAIN = Theme(
    palette=Palette(
        page="#ffffff",
        surface="#ffffff",
        ink="#1b1b1b",
        muted="#6b6b6b",
        accent="#1b1b1b",
        accent_ink="#ffffff",
        highlight="#d9480f",
    ),
    imagery="basket",
)
"""The look of a call that lays out by itself."""
PAGES_A_TURN = 6
"""Two milliseconds of work."""


class Pages:
    """Answers PAGE out of the book of layouts that is in force at that moment."""

    def __init__(
        self,
        assembler: Assembler,
        asker: Asker,
        book: Callable[[], Book],
        tried: Callable[[tuple[Document, ...]], Book],
        new_id: Callable[[], str],
        budget_ms: float,
        renderer: PageRenderer,
    ) -> None:
        self._assembler = assembler
        self._asker = asker
        self._book = book
        self._tried = tried
        self._new_id = new_id
        self._budget_ms = budget_ms
        self._renderer = renderer
        self._turns = Turns(PAGES_A_TURN)

    async def answer(self, query: PageQuery) -> PagePayload:
        """The finished page. Raises Fault(404) for a page that no layout describes."""
        await self._turns.begin()
        book = self._tried(query.trial) if query.trial and query.preview else self._book()
        if query.shared_variant:
            return self._shared(query, book)
        faces = (_face_for(query.slots),) if query.slots else book.page(query.page, query.context.channel)
        wanted = Wanted(
            subject=f"page/{query.page}",
            page=query.page,
            faces=faces,
            customer=query.customer,
            context=query.context,
            events=query.events,
            preview=query.preview,
            budget_ms=self._budget_ms,
            holdout=book.holdout,
            variants=query.variants if query.preview else {},
            slot=query.slot,
            at=query.at if query.preview else 0.0,
            trial=query.trial if query.preview else (),
        )
        made = await self._assembler.assemble(wanted, self._new_id())
        trace = await self._trace(made, query) if query.explain else None
        if not query.preview:
            self._assembler.write_down(wanted, made, book.version)
        merged, face = made.merged, made.face
        payload = PagePayload(
            decision_id=made.decision_id,
            page=query.page,
            customer=served(made.who, query.customer.customer_id, query.customer.anonymous_id),
            layout=LayoutChosen(id=face.layout_id, variant=face.variant.id, theme=face.theme),
            slots=merged.slots,
            fallbacks=merged.fallbacks,
            meta=Provenance(model=merged.model, rules=merged.rules, layouts=book.version, took_ms=made.took_ms),
            experiments=made.experiments,
            held_out=made.held_out,
            shared=face.shared,
            locale=made.moment.locale,
            trace=trace,
        )
        if not query.form:
            return payload
        made_of = formed(payload, query, self._asker, self._assembler.cards, self._renderer)
        return replace(payload, formed=await made_of)

    def _shared(self, query: PageQuery, book: Book) -> PagePayload:
        """One slot as everybody sees it who gets this variant: no decision, as nobody is decided for."""
        faces = book.page(query.page, query.context.channel)
        face = next((one for one in faces if one.variant.id == query.shared_variant), None)
        if face is None:
            there = ", ".join(one.variant.id for one in faces)
            raise Fault(404, f"There is no variant '{query.shared_variant}' of this page; there are {there}.")
        slot = self._assembler.shared(face, query.slot, query.context, query.page, query.variants)
        return PagePayload(
            decision_id="",
            page=query.page,
            customer=ServedCustomer(customer_id=None, anonymous_id=None, known=False, persona="", segments=()),
            layout=LayoutChosen(id=face.layout_id, variant=face.variant.id, theme=face.theme),
            slots=(slot,),
            fallbacks=(),
            meta=Provenance(model="", rules="", layouts=book.version, took_ms=0.0),
            shared=(query.slot,),
            locale=query.context.locale,
        )

    async def _trace(self, made: Assembled, query: PageQuery) -> dict[str, Any]:
        """What was considered, chosen and refused, and what from."""
        parts = made.parts
        trace: dict[str, Any] = {
            "consent": made.consent,
            "variant": _why_variant(made.face),
            "attributes": made.who.held.profile.facts.attributes | (parts.decide.context if parts.decide else {}),
            "just_bought": sorted(made.who.just_bought),
            "shelves": parts.recommend.shelves if parts.recommend else (),
            "decided": made.merged.decided,
        }
        if parts.decide is not None:
            asked = ExplainQuery(
                query=parts.decide,
                made_from=parts.decided.made_from if parts.decided else DecidedFrom(),
                others_at_most=query.explain_at_most,
                about=query.explain_about,
            )
            trace |= await self._candidates(asked)
        plain: dict[str, Any] = msgspec.to_builtins(trace)
        return plain

    async def _candidates(self, asked: ExplainQuery) -> dict[str, Any]:
        try:
            explained = await self._asker.ask(EXPLAIN, asked)
        except Fault as fault:
            return {"candidates": (), "candidates_missing": fault.sentence}
        left_out = {"candidates_left_out": explained.left_out} if explained.left_out else {}
        return {"candidates": explained.candidates, **left_out}


def _face_for(slots: tuple[DecisionSlot, ...]) -> Face:
    """The caller's own slots as a layout: offers and actions by name."""
    if len({slot.slot for slot in slots}) != len(slots):
        raise Fault(422, "Two of the slots have the same name.")
    return face_of(tuple(_slot_for(slot) for slot in slots), PLAIN)


def _slot_for(slot: DecisionSlot) -> OffersSlot | ActionSlot:
    if slot.wants == "actions":
        return ActionSlot(id=slot.slot, count=slot.count)
    return OffersSlot(id=slot.slot, count=slot.count)


def _why_variant(face: Face) -> dict[str, Any]:
    variant = replace(face.variant, slots=())
    return {
        "id": variant.id,
        "personas": variant.personas,
        "segments": variant.segments,
        "rule": variant.rule,
        "because": "This is the first variant whose personas, segments and rule all allow the customer.",
    }
