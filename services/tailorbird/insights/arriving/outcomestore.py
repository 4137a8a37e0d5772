"""Outcomes at rest: each beside what it came of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from tailorbird.insights.arriving.arrivals import ArrivalStore
from tailorbird.insights.arriving.columnar import table_of
from tailorbird.insights.arriving.decisions import Head, read
from tailorbird.insights.arriving.decisionstore import DecisionStore
from tailorbird.insights.arriving.enriching import columns_of_outcomes, learned
from tailorbird.insights.arriving.knownby import KnownBy
from tailorbird.insights.arriving.outcomes import Outcome, encoded, read_outcomes

__all__ = ["OUTCOME_SCHEMA", "OutcomeStore"]

WAITS = 4
"""How many files an outcome lets go by until it is written without the decision that it names."""
_TEXTS = pa.list_(pa.string())
OUTCOME_SCHEMA = pa.schema(
    [
        ("outcome_id", pa.string()),
        ("at", pa.float64()),
        ("kind", pa.string()),
        ("decision_id", pa.string()),
        ("person", pa.string()),
        ("subject", pa.string()),
        ("channel", pa.string()),
        ("persona", pa.string()),
        ("layout", pa.string()),
        ("variant", pa.string()),
        ("segments", _TEXTS),
        ("exposures", _TEXTS),
        ("slot", pa.string()),
        ("strategy", pa.string()),
        ("position", pa.int32()),
        ("offer_id", pa.string()),
        ("item_id", pa.string()),
        ("order_key", pa.string()),
        ("items", pa.float64()),
        ("revenue", pa.float64()),
        ("margin", pa.float64()),
        ("cost", pa.float64()),
        ("rating", pa.float64()),
        ("bought", _TEXTS),
        ("late", pa.int8()),
        ("machine", pa.int8()),
        ("simulated", pa.int8()),
    ]
)


class _Outcomes:
    """How an outcome is kept: written only when what it came of can be looked up."""

    id_column = "outcome_id"

    def __init__(self, decisions: DecisionStore, known: KnownBy) -> None:
        self._decisions = decisions
        self._known = known
        self._waited: dict[str, int] = {}

    def read(self, lines: Iterable[bytes]) -> Iterable[Outcome]:
        return read_outcomes(lines)

    def id_of(self, one: Outcome) -> str:
        return one.outcome_id

    def line_of(self, one: Outcome) -> bytes:
        return encoded(one)

    def waits(self, one: Outcome) -> bool:
        """A few times, for a decision that has not come yet: both streams are read side by side."""
        waited = self._waited.pop(one.outcome_id, 0)
        if not one.decision_id or self._decisions.holds(one.decision_id) or waited >= WAITS:
            return False
        self._waited[one.outcome_id] = waited + 1
        return True

    def tables(self, kept: Sequence[Outcome]) -> dict[str, pa.Table]:
        heads = self._heads({one.decision_id for one in kept if one.decision_id})
        self._known.learn(learned(kept, heads))
        persons = self._known.persons(digest for one in kept for digest in one.who)
        columns = columns_of_outcomes(kept, heads, lambda digest: persons.get(digest, ""))
        return {day: table_of(of_day, OUTCOME_SCHEMA) for day, of_day in columns.items()}

    def _heads(self, decision_ids: Iterable[str]) -> dict[str, Head]:
        heads: dict[str, Head] = {}
        older: list[str] = []
        for one in decision_ids:
            young = self._decisions.find_young(one)
            if young is None:
                older.append(one)
            else:
                heads[one] = young.head
        if older:
            heads |= {name: read(body).head for name, body in self._decisions.find_many(older).items()}
        return heads


class OutcomeStore(ArrivalStore[Outcome]):
    """Outcomes, kept once each."""

    def __init__(self, folder: Path, decisions: DecisionStore, known: KnownBy) -> None:
        super().__init__(folder / "outcomes", folder / "outcomes_journal", _Outcomes(decisions, known))
