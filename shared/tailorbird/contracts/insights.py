"""Insights answer: does it work? For now: what was decided, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Meta, Raw

from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Seconds

__all__ = [
    "DECIDED",
    "DECISIONS_OF",
    "DECISION_PAGE",
    "PersonDecisionsQuery",
    "DECISION_TOTALS",
    "TRACE",
    "DecidedSlot",
    "Decision",
    "DecisionBatch",
    "DecisionChoice",
    "DecisionFallback",
    "DecisionPage",
    "DecisionPageQuery",
    "DecisionTotal",
    "DecisionTotals",
    "DecisionTotalsQuery",
    "EncodedDecisions",
    "TraceQuery",
]


class DecidedSlot(Message):
    """What stood in one slot, in its order: as columns, which take half the bytes of a line for each choice."""

    slot: str
    kind: Literal["item", "offer", "action"]
    ids: tuple[str, ...]
    scores: tuple[float, ...]
    reasons: tuple[tuple[str, ...], ...]
    strategy: str = ""
    propensities: tuple[float, ...] = ()
    """Probabilities with which the policy chose these; empty while choosing is deterministic: all of them 1."""


class DecisionChoice(Message):
    """One item, offer or action that stood in a slot, as a reader wants it."""

    slot: str
    kind: Literal["item", "offer", "action"]
    id: str
    position: int
    score: float = 0.0
    propensity: float = 1.0
    """Probability with which the policy chose this; 1 while choosing is deterministic."""
    strategy: str = ""
    reasons: tuple[str, ...] = ()


class DecisionFallback(Message):
    slot: str
    reason: str


class Decision(Message):
    """One call's outcome for one customer, as it is stored. What is personal in it is sealed."""

    decision_id: str
    at: Seconds
    subject: str
    """The page or e-mail decided: `page/home`, `email/weekly`."""
    channel: str
    person: str = ""
    """The pseudonym; empty when nothing was known."""
    persona: str = ""
    segments: tuple[str, ...] = ()
    layout: str = ""
    variant: str = ""
    slots: tuple[DecidedSlot, ...] = ()
    """What was chosen; `choices` has it line by line."""
    fallbacks: tuple[DecisionFallback, ...] = ()
    versions: dict[str, str] = {}
    """model, rules, layouts."""
    experiments: tuple[Assignment, ...] = ()
    """Those that vary what was decided here and in which the person takes part."""
    held_out: bool = False
    """The person is kept out of personalization, as part of what its effect is measured against."""
    simulated: bool = False
    """Made up, so that reports have something to tell: no customer was there."""
    took_ms: float = 0.0
    inputs: bytes = b""
    """What the decision was made from, as JSON, sealed under the person's decision key when `person` is set."""

    @property
    def choices(self) -> tuple[DecisionChoice, ...]:
        """Each thing chosen, slot by slot in the page's order."""
        return tuple(choice for slot in self.slots for choice in _choices(slot))


def _choices(decided: DecidedSlot) -> Iterator[DecisionChoice]:
    propensities = decided.propensities or (1.0,) * len(decided.ids)
    lines = zip(decided.ids, decided.scores, decided.reasons, propensities, strict=True)
    for position, (chosen, score, reasons, propensity) in enumerate(lines):
        yield DecisionChoice(
            slot=decided.slot,
            kind=decided.kind,
            id=chosen,
            position=position,
            score=score,
            propensity=propensity,
            strategy=decided.strategy,
            reasons=reasons,
        )


class DecisionBatch(Message):
    decisions: tuple[Decision, ...]


class EncodedDecisions(Message):
    """`DecisionBatch` on the wire, each decision left as its JSON: who sends and who keeps them need no more."""

    decisions: tuple[Raw, ...]


class TraceQuery(Message):
    decision_id: str


class PersonDecisionsQuery(Message):
    """The last decisions that were made for this person."""

    person: str
    count: Annotated[int, Meta(ge=1, le=100)] = 10


class DecisionPageQuery(Message):
    """All decisions, page by page, in the order in which they were written: for an export."""

    after: str = ""
    """Where the page before ended; empty: from the first."""
    count: Annotated[int, Meta(ge=1, le=500)] = 200


class DecisionPage(Message):
    """Decisions without their sealed inputs."""

    decisions: tuple[Decision, ...] = ()
    after: str = ""
    """Ask on with this; empty: this was the last page."""


class DecisionTotalsQuery(Message):
    """How much was decided on the last so many days (UTC), today included?"""

    days: Annotated[int, Meta(ge=1, le=400)] = 7


class DecisionTotal(Message, omit_defaults=False):
    """One page or e-mail on one day."""

    day: str
    subject: str
    """`page/home`, `email/weekly`."""
    decisions: int
    with_fallback: int
    """Decisions in which at least one slot was filled by its fallback."""
    fallback_share: float


class DecisionTotals(Message, omit_defaults=False):
    totals: tuple[DecisionTotal, ...]
    decisions: int
    with_fallback: int
    fallback_share: float


DECISIONS_OF = Endpoint("tailorbird.insights.v1.decisions_of", PersonDecisionsQuery, DecisionPage, budget_ms=10_000)
DECISION_PAGE = Endpoint("tailorbird.insights.v1.decision_page", DecisionPageQuery, DecisionPage, budget_ms=30_000)
TRACE = Endpoint("tailorbird.insights.v1.trace", TraceQuery, Decision, budget_ms=2_000)
DECISION_TOTALS = Endpoint(
    "tailorbird.insights.v1.decision_totals", DecisionTotalsQuery, DecisionTotals, budget_ms=5_000
)

DECIDED = Topic("tailorbird.insights.v1.decided", DecisionBatch, stream="DECISIONS")
