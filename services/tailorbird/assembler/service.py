"""The assembler as a service: opens what it assembles with, answers PAGE, EMAIL, WHY and what marketers apply."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from tailorbird.assembler.channels.rendering import PageRenderer
from tailorbird.assembler.explaining.dataquality import QualityView
from tailorbird.assembler.explaining.why import Why
from tailorbird.assembler.mail.answering import Current, Emails
from tailorbird.assembler.mail.fetched import EmailStore
from tailorbird.assembler.mail.opening import answering_mail
from tailorbird.assembler.mail.sending.momentmail import sending_for_moments
from tailorbird.assembler.pages.answering import Pages
from tailorbird.assembler.settings import Settings
from tailorbird.assembler.upkeep import doubt_after_outages, in_background, learn_popular
from tailorbird.assembler.workshop import new_id, open_workshop
from tailorbird.bus import AskingBus
from tailorbird.contracts.assembler import APPLY, DATA_QUALITY, EMAIL, LIST_DOCUMENTS, PAGE, SCHEMAS, WHY
from tailorbird.host.service import Service

__all__ = ["SERVICE", "Settings"]


@contextlib.asynccontextmanager
async def open_assembler(bus: AskingBus, settings: Settings) -> AsyncIterator[None]:
    """Answers for as long as it is entered."""
    async with open_workshop(bus, settings) as shop:
        pages = Pages(
            shop.assembler, bus.asker, lambda: shop.composer.book, shop.tried, new_id, settings.page_ms,
            PageRenderer(Path(__file__).parent / "templates" / "web"),
        )  # fmt: skip
        await bus.answerer.answer(PAGE, pages.answer)
        await bus.answerer.answer(WHY, Why(bus.asker).answer)
        await bus.answerer.answer(DATA_QUALITY, QualityView(bus.asker, lambda: shop.catalogue.cards).answer)
        await bus.answerer.answer(APPLY, shop.documents.apply)
        await bus.answerer.answer(SCHEMAS, shop.documents.schemas)
        await bus.answerer.answer(LIST_DOCUMENTS, shop.documents.list)
        async with answering_mail(bus, time.time) as standings:
            kept = EmailStore(await bus.bucket("emails"))
            current = Current(lambda: shop.composer, shop.composer_with)
            emails = Emails(shop.assembler, kept, standings, current, new_id, settings.email_ms)
            await bus.answerer.answer(EMAIL, emails.answer)
            async with (
                sending_for_moments(bus, shop, standings, settings),
                in_background(
                    learn_popular(shop.gatherer, shop.catalogue, shop.popular, settings.popular_seconds),
                    doubt_after_outages(bus, shop.cache, shop.kept_answers, shop.following, time.time),
                ),
            ):
                yield


SERVICE = Service(name="assembler", settings=Settings, open=open_assembler)
