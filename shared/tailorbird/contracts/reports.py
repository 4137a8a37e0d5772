"""Insights answer: does it work? Reports with their intervals; what each number means stands beside it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Raw

from tailorbird.contracts.profiles import EventBatch
from tailorbird.contracts.wire import Endpoint, Message, Topic
from tailorbird.contracts.words import Seconds

__all__ = [
    "COHORTS", "DATA_QUALITY", "KPIS", "SUGGESTIONS", "REPORTED", "VALUE_MATRIX", "Credit", "Day", "Dimension", "Level",
    "Traffic",
    "Cohort", "CohortReport", "CohortsQuery", "DataQuality", "DataQualityQuery", "Estimate", "KpiDefinition",
    "KpiReport", "KpiRow", "KpisQuery", "MatrixCell", "QualityLine", "SampledPerson", "Suggestion",
    "Suggestions", "SuggestionsQuery", "ValueMatrix", "ValueMatrixQuery",
]  # fmt: skip

Dimension = Literal[
    "all", "page", "slot", "strategy", "offer", "experiment", "persona", "segment", "channel", "layout", "variant"
]
Credit = Literal["last_touch", "linear"]
Traffic = Literal["all", "real", "simulated"]
"""Of whom a report tells: of everybody, of customers alone, or of simulated ones alone."""
Day = str
"""A day in UTC, `2026-11-22`; empty: not limited."""
Level = float
"""Of an interval: the share of such intervals that may miss what is so. 0.05 gives intervals of 95 %."""


class Estimate(Message, omit_defaults=False):
    """A number with its interval. None: there is nothing to divide by, or too little to say how sure it is."""

    value: float | None = None
    low: float | None = None
    high: float | None = None


class KpiDefinition(Message, omit_defaults=False):
    """What a number means."""

    name: str
    title: str
    sentence: str
    unit: Literal["count", "share", "money", "number"]
    better: Literal["higher", "lower", ""] = ""


class KpisQuery(Message):
    """The KPIs, by one dimension, day by day if wished."""

    by: Dimension = "all"
    daily: bool = False
    first_day: Day = ""
    """Empty: 27 days before the last."""
    last_day: Day = ""
    """Empty: today."""
    key: Annotated[str, Meta(max_length=200)] = ""
    """Only this page, slot, offer ...; of an experiment `<experiment>:<variant>`."""
    credit: Credit = "last_touch"
    """How an order's worth is shared among the decisions that the customer had touched before it."""
    traffic: Traffic = "all"
    only: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    """Names of the KPIs wanted; none: all of them."""


class KpiRow(Message, omit_defaults=False):
    key: str
    """Of the dimension: `page/home`, `offers`, `families`; empty for all together, and for customers without one."""
    day: str
    """Empty: all days together."""
    decisions: int
    visits: int
    groups: int
    """How many groups of whole persons the intervals rest on: 256 when there are many persons."""
    kpis: dict[str, Estimate]


class KpiReport(Message, omit_defaults=False):
    by: Dimension
    first_day: str
    last_day: str
    simulated: bool
    """True when any of it comes from simulated traffic: then nothing here was done by a customer."""
    definitions: tuple[KpiDefinition, ...]
    rows: tuple[KpiRow, ...]
    orders_without_decision: int = 0
    """Orders in this time before which no decision was touched, counted in no row but that of all together."""
    notes: tuple[str, ...] = ()
    at: Seconds = 0.0


class SampledPerson(Message):
    """What rules can test of one person."""

    person: str
    attributes: Raw = Raw(b"{}")


class SuggestionsQuery(Message):
    """Which segments and offer rules does the data suggest?"""

    kind: Literal["", "segment", "offer"] = ""
    count: Annotated[int, Meta(ge=1, le=50)] = 10
    sample: tuple[SampledPerson, ...] = ()
    """What profiles tell of some persons; without, only what decisions say of all is used."""
    level: Level = 0.05
    traffic: Traffic = "all"


class Suggestion(Message, omit_defaults=False):
    kind: Literal["segment", "offer"]
    id: str
    document: Raw
    """As `PUT /v1/segments/{id}` or `PUT /v1/offers/{id}` takes it; of an offer, only its rule."""
    english: str
    because: str
    reach: float
    """Share of the persons looked at."""
    persons: int
    metric: str
    lift: Estimate
    """Relative to all other persons; of an offer, to the others to whom it was made."""
    gain: float
    """Money expected a month, were the difference kept up by what the rule allows; 0 when it is not about money."""
    p_corrected: float | None


class Suggestions(Message, omit_defaults=False):
    suggestions: tuple[Suggestion, ...]
    persons: int
    simulated: bool
    notes: tuple[str, ...] = ()


class ValueMatrixQuery(Message):
    """Where does personalization serve customers, and where could it?"""

    first_day: Day = ""
    last_day: Day = ""
    level: Level = 0.05
    traffic: Traffic = "all"


class MatrixCell(Message, omit_defaults=False):
    segment: str
    moment: str
    """Where they were met: `page/home`, `email/weekly`."""
    persons: int
    decisions: int
    doing: tuple[str, ...]
    """What is done now: offers, actions and strategies, the most frequent first."""
    missing: tuple[str, ...]
    """What is done for others there and not for them."""
    brought: Estimate
    """Revenue a person against those from whom it is kept, of the same segment."""
    conversion: Estimate
    not_for_me: Estimate
    complaints: Estimate
    rating: Estimate
    gain: Estimate
    """Money expected of a month, were they served as those who answer best; the order of the matrix."""
    sentence: str


class ValueMatrix(Message, omit_defaults=False):
    first_day: str
    last_day: str
    simulated: bool
    cells: tuple[MatrixCell, ...]
    notes: tuple[str, ...] = ()


class CohortsQuery(Message):
    """Who came back, and what they were worth, by when they first bought."""

    period: Literal["week", "month"] = "month"
    periods: Annotated[int, Meta(ge=1, le=60)] = 12
    traffic: Traffic = "all"


class Cohort(Message, omit_defaults=False):
    began: str
    """First day of the period of the first order."""
    persons: int
    retained: tuple[Estimate, ...]
    """Share who ordered in the period itself, the next, the one after; only those that are over, and the current."""
    value: tuple[Estimate, ...]
    """Revenue a person from the first order until the end of each of those periods."""


class CohortReport(Message, omit_defaults=False):
    period: str
    simulated: bool
    cohorts: tuple[Cohort, ...]
    notes: tuple[str, ...] = ()


class DataQualityQuery(Message):
    days: Annotated[int, Meta(ge=1, le=400)] = 7
    traffic: Traffic = "all"


class QualityLine(Message, omit_defaults=False):
    name: str
    title: str
    value: float
    share: float | None = None
    level: Literal["fine", "watch", "act"] = "fine"
    sentence: str = ""


class DataQuality(Message, omit_defaults=False):
    days: int
    simulated: bool
    lines: tuple[QualityLine, ...]
    at: Seconds = 0.0


KPIS = Endpoint("tailorbird.insights.v1.kpis", KpisQuery, KpiReport, budget_ms=60_000)
SUGGESTIONS = Endpoint("tailorbird.insights.v1.suggestions", SuggestionsQuery, Suggestions, budget_ms=60_000)
VALUE_MATRIX = Endpoint("tailorbird.insights.v1.value_matrix", ValueMatrixQuery, ValueMatrix, budget_ms=60_000)
COHORTS = Endpoint("tailorbird.insights.v1.cohorts", CohortsQuery, CohortReport, budget_ms=60_000)
DATA_QUALITY = Endpoint("tailorbird.insights.v1.data_quality", DataQualityQuery, DataQuality, budget_ms=60_000)

REPORTED = Topic("tailorbird.insights.v1.outcomes_reported", EventBatch, stream="OUTCOMES")
"""Outcomes that no profile is to learn from: offers redeemed at a till, and simulated traffic."""
