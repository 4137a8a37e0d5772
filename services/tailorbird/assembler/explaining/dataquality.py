"""Answers what is wrong with the data, in one view: what insights counted, and what items lack and offers have left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from msgspec.structs import replace

from tailorbird.assembler.items.cards import Cards
from tailorbird.assembler.items.gaps import Gaps, gaps_of
from tailorbird.bus import Asker
from tailorbird.contracts import reports
from tailorbird.contracts.offers import BUDGETS, Budget, Budgets, BudgetsQuery
from tailorbird.contracts.reports import DataQuality, DataQualityQuery, QualityLine
from tailorbird.contracts.wire import Fault

__all__ = ["QualityView", "line_of_budgets", "line_of_items"]

NEAR = 0.8
SPENT = 0.95
NAMED = 3
_WATCH, _ACT = 0.05, 0.3


class QualityView:
    """Answers DATA_QUALITY."""

    def __init__(self, asker: Asker, cards: Callable[[], Cards]) -> None:
        self._asker = asker
        self._cards = cards

    async def answer(self, query: DataQualityQuery) -> DataQuality:
        """The lines of insights, then those of items and offers. Raises the Fault of insights."""
        found, budgets, gaps = await asyncio.gather(
            self._asker.ask(reports.DATA_QUALITY, query), self._budgets(), asyncio.to_thread(gaps_of, self._cards())
        )
        return replace(found, lines=(*found.lines, line_of_items(gaps), budgets))

    async def _budgets(self) -> QualityLine:
        try:
            return line_of_budgets(await self._asker.ask(BUDGETS, BudgetsQuery(at_least=NEAR, count=NAMED)))
        except Fault as fault:
            sentence = f"Not known just now: {fault.sentence}"
            return QualityLine(name="budgets", title=_BUDGETS, value=0.0, level="watch", sentence=sentence)


_BUDGETS = "Offers near their budgets"


def line_of_items(gaps: Gaps) -> QualityLine:
    """How many items lack a price, a category or a brand."""
    share = gaps.lacking / gaps.products if gaps.products else None
    level: Literal["fine", "watch", "act"] = "fine"
    if share is not None and share > _WATCH:
        level = "act" if share > _ACT else "watch"
    told = ", ".join(f"{count:,} have no {name}" for name, count in gaps.without.items() if count)
    sentence = ""
    if told:
        sentence = (
            f"{told} ({', '.join(gaps.examples)}{', ...' if gaps.lacking > len(gaps.examples) else ''}). Rules and "
            "recommendations go by them; an item without a price is not shown."
        )
    return QualityLine(
        name="items", title="Items without a price, category or brand", value=float(gaps.lacking), share=share,
        level=level, sentence=sentence,
    )  # fmt: skip


def line_of_budgets(found: Budgets) -> QualityLine:
    """Of how many running offers four fifths of what limits them are used."""
    level: Literal["fine", "watch", "act"] = "fine"
    if found.budgets:
        level = "act" if any(one.used >= SPENT * one.most for one in found.budgets) else "watch"
    named = "; ".join(_said(one) for one in found.budgets)
    more = f"; and {found.found - len(found.budgets)} more" if found.found > len(found.budgets) else ""
    return QualityLine(
        name="budgets", title=_BUDGETS, value=float(found.found),
        share=found.found / found.limited if found.limited else None, level=level,
        sentence=f"{named}{more}. What is used up is made to nobody any more." if named else "",
    )  # fmt: skip


def _said(one: Budget) -> str:
    of = {
        "total": "redemptions", "money": "of its budget", "per_period": "redemptions of this period", "codes": "codes",
    }[one.limit]  # fmt: skip
    return f"'{one.offer_id}' has used {one.used:,.0f} of {one.most:,.0f} {of}"
