"""Insights answer: was it this? Experiments, the holdout, and what other choices would have brought."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Raw

from tailorbird.contracts.reports import Day, Estimate, KpiDefinition, Level, Traffic
from tailorbird.contracts.wire import Endpoint, Message

__all__ = [
    "EXPERIMENT", "EXPERIMENTS_SEEN", "HOLDOUT", "OFF_POLICY", "POWER", "Arm", "Audience", "Comparison",
    "Effect", "ExperimentQuery", "ExperimentReport", "ExperimentSeen", "ExperimentsSeen",
    "ExperimentsSeenQuery", "HoldoutQuery", "HoldoutReport", "OffPolicyQuery", "OffPolicyReport", "PolicyValue",
    "Power", "PowerQuery", "SampleRatio",
]  # fmt: skip


class ExperimentsSeenQuery(Message):
    """Which experiments were decisions part of?"""

    traffic: Traffic = "all"


class ExperimentSeen(Message, omit_defaults=False):
    experiment_id: str
    variants: tuple[str, ...]
    persons: int
    first_day: str
    last_day: str


class ExperimentsSeen(Message, omit_defaults=False):
    experiments: tuple[ExperimentSeen, ...]
    simulated: bool = False


class ExperimentQuery(Message, kw_only=True):
    """What did this experiment find?"""

    experiment_id: Annotated[str, Meta(max_length=200)]
    document: Raw = Raw(b"null")
    """The experiment as its owner keeps it: `control`, `shares` and `factors` are read from it where not said here."""
    metric: Annotated[str, Meta(max_length=60)] = "revenue_per_person"
    control: Annotated[str, Meta(max_length=200)] = ""
    """The variant that others are compared with; empty: the one called `control`, else the first by name."""
    shares: dict[str, float] = {}
    """Variant -> share of customers meant for it; empty: equal ones."""
    factors: dict[str, dict[str, str]] = {}
    """Of a multivariate test: variant -> factor -> level."""
    level: Level = 0.05
    smallest_effect: Annotated[float, Meta(ge=0, le=10)] = 0.05
    """The relative difference worth finding, for what is still needed."""
    audience: Literal["", "persona", "segment", "channel"] = "persona"
    traffic: Traffic = "all"


class Arm(Message, omit_defaults=False):
    variant_id: str
    persons: int
    value: Estimate


class Comparison(Message, omit_defaults=False):
    """A variant beside the control."""

    variant_id: str
    control: str
    difference: Estimate
    """With a fixed interval: right when looked at once, at the planned end."""
    sequential: Estimate
    """With an always-valid interval: right however often it is looked at."""
    adjusted: Estimate
    """The difference with CUPED: what customers did before is taken out; always-valid."""
    lift: Estimate
    """The difference as a share of the control's value, fixed interval."""
    p_value: float | None
    p_corrected: float | None
    """Corrected after Holm for the number of variants."""
    p_sequential: float | None
    p_discovery: float | None
    """Corrected after Benjamini and Hochberg."""
    variance_kept: float | None
    """What CUPED left of the variance; 1: it helped nothing."""
    verdict: Literal["better", "worse", "open", "no_data"]
    """By the always-valid interval."""


class SampleRatio(Message, omit_defaults=False):
    """Whether customers came to the variants in the shares meant."""

    expected: dict[str, float]
    observed: dict[str, int]
    p_value: float | None
    fits: bool
    sentence: str


class Power(Message, omit_defaults=False):
    persons_needed: int | None
    """In each variant."""
    days: float | None
    """From now on, at the pace so far; of a plan, from its start."""
    smallest_effect: float | None
    """The relative difference that would be found with 80 % probability with the persons there are."""
    sentence: str


class Audience(Message, omit_defaults=False):
    dimension: str
    key: str
    comparison: Comparison


class Effect(Message, omit_defaults=False):
    """Of a multivariate test: a main effect (`headline`) or an interaction (`headline x picture`)."""

    name: str
    effect: Estimate
    p_value: float | None
    p_corrected: float | None


class ExperimentReport(Message, omit_defaults=False):
    experiment_id: str
    metric: KpiDefinition
    simulated: bool
    first_day: str
    last_day: str
    level: float
    arms: tuple[Arm, ...]
    comparisons: tuple[Comparison, ...]
    sample_ratio: SampleRatio
    power: Power
    audiences: tuple[Audience, ...] = ()
    effects: tuple[Effect, ...] = ()
    crossovers: int = 0
    """Customers who saw more than one variant: counted where they were first, and told."""
    metrics: tuple[KpiDefinition, ...] = ()
    """Those that can be asked for."""
    conclusion: str = ""
    notes: tuple[str, ...] = ()


class PowerQuery(Message):
    """How many customers, how long, before an experiment is started? From what they did in the last 28 days."""

    metric: Annotated[str, Meta(max_length=60)] = "revenue_per_person"
    smallest_effect: Annotated[float, Meta(gt=0, le=10)] = 0.05
    variants: Annotated[int, Meta(ge=2, le=50)] = 2
    level: Level = 0.05
    power: float = 0.8
    """From 0.5 to 1: the probability of finding that difference where it is."""
    page: Annotated[str, Meta(max_length=200)] = ""
    """Only customers who come here: `page/home`."""
    traffic: Traffic = "all"


class HoldoutQuery(Message):
    """What did personalization bring, against the customers from whom it is kept?"""

    first_day: Day = ""
    last_day: Day = ""
    level: Level = 0.05
    share: float = 0.0
    """Part of customers meant to be held out; 0: not known, so it is not looked whether they are as many."""
    traffic: Traffic = "all"


class HoldoutReport(Message, omit_defaults=False):
    first_day: str
    last_day: str
    simulated: bool
    persons: int
    """Who were served as usual."""
    held_out: int
    per_person: dict[str, Estimate]
    """`treated`, `held_out`, `difference`: revenue per person."""
    incremental_orders: Estimate
    incremental_revenue: Estimate
    incremental_margin: Estimate
    """Before the cost of offers."""
    cost: float
    """Of offers redeemed by who were served as usual, beyond what the held out cost."""
    return_on_investment: Estimate
    """(Margin - cost) / cost."""
    sequential: Estimate
    """Incremental revenue with an always-valid interval."""
    yearly_value: Estimate
    """Incremental revenue a person and year, at this pace."""
    sample_ratio: SampleRatio
    conclusion: str = ""
    notes: tuple[str, ...] = ()


class OffPolicyQuery(Message):
    """What would other ways of choosing offers have brought? From the logged probabilities."""

    slot: Annotated[str, Meta(max_length=200)] = ""
    metric: Literal["click", "order", "revenue"] = "click"
    first_day: Day = ""
    last_day: Day = ""
    level: Level = 0.05
    traffic: Traffic = "all"


class PolicyValue(Message, omit_defaults=False):
    policy: str
    """`as it was`, `at random`, `always <offer>`, `best by segment`."""
    inverse: Estimate
    """Inverse propensity score."""
    self_normalised: Estimate
    doubly_robust: Estimate
    effective: float
    """How many decisions the weighted ones are worth: few says that the estimate rests on few."""


class OffPolicyReport(Message, omit_defaults=False):
    metric: str
    slot: str
    first_day: str
    last_day: str
    simulated: bool
    decisions: int
    happened: Estimate
    policies: tuple[PolicyValue, ...]
    conclusion: str = ""
    notes: tuple[str, ...] = ()


EXPERIMENTS_SEEN = Endpoint(
    "tailorbird.insights.v1.experiments", ExperimentsSeenQuery, ExperimentsSeen, budget_ms=60_000
)
EXPERIMENT = Endpoint("tailorbird.insights.v1.experiment", ExperimentQuery, ExperimentReport, budget_ms=60_000)
POWER = Endpoint("tailorbird.insights.v1.power", PowerQuery, Power, budget_ms=60_000)
HOLDOUT = Endpoint("tailorbird.insights.v1.holdout", HoldoutQuery, HoldoutReport, budget_ms=60_000)
OFF_POLICY = Endpoint("tailorbird.insights.v1.off_policy", OffPolicyQuery, OffPolicyReport, budget_ms=60_000)
