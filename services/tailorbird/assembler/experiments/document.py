"""What a marketer writes down of an experiment, and of the share of customers that is kept out of personalization."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tailorbird.contracts.words import Id
from tailorbird.rules.document import Rule

__all__ = ["MOST_VARIANTS", "Audience", "Change", "Experiment", "Factor", "Holdout", "Level", "variants_of"]

MOST_VARIANTS = 64
"""Variants of one experiment: a full factorial of six factors with two levels each."""

Name = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
"""Part of a variant's id, which joins the levels' ids by `+`."""
Line = Annotated[str, Meta(max_length=200)]
Prose = Annotated[str, Meta(max_length=4_000)]


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One part of a page or an e-mail that is otherwise, named as it stands in the document of the layout."""

    layout: Line = ""
    """Id of the layout; or `email`, the id of an e-mail."""
    email: Line = ""
    variant: Line = ""
    """Id of the one variant of it that is changed; empty: each that has this part."""
    part: Annotated[str, Meta(min_length=1, max_length=200)]
    """`hero.headline`, `theme.palette.accent`, `slots.offers.count`, `slots.for_you.strategy`, `navigation`,
    `subject`; `slot_order` is a list of slots' ids: these come first, the others behind them.
    """
    value: Any = None
    """What stands there instead. None takes the part away: `slots.articles` leaves the slot out."""
    translations: dict[str, Prose] = {}
    """Of a text: locale -> the same in that language. What was translated there before goes."""


class Level(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One of several ways in which a factor can be. Without changes: as it is."""

    id: Name
    name: Line = ""
    weight: Annotated[float, Meta(gt=0, le=1_000)] = 1.0
    """How many get it beside the others: weights of 1 and 3 are a quarter and three quarters."""
    changes: Annotated[tuple[Change, ...], Meta(max_length=100)] = ()
    goal: Line = ""
    """Offers and actions are ranked by this goal (`PUT /v1/goals/{id}`) instead of `default`, on every page."""
    model: Line = ""
    """Items are recommended by this version of the model (`tailorbird models`) instead of the one that serves, on every
    page. One that is gone: by the one that serves, as the decision's `versions` say.
    """


class Factor(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that is varied. The first level is the one that the others are compared with."""

    id: Name
    name: Line = ""
    levels: Annotated[tuple[Level, ...], Meta(min_length=2, max_length=20)]


class Audience(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who takes part: whom all of these allow; empty allows all."""

    personas: tuple[Line, ...] = ()
    segments: tuple[Line, ...] = ()
    rule: Rule | None = None


class Experiment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An A/B test with one factor, a multivariate test with several: every combination of their levels is a variant."""

    name: Line = ""
    hypothesis: Prose = ""
    """What is expected, and why: written down before anybody looks."""
    status: Literal["draft", "running", "stopped"] = "draft"
    """Nobody takes part unless it is running; a preview may ask for a variant by name all the same."""
    layer: Annotated[str, Meta(max_length=60)] = ""
    """Experiments of one layer never meet in one person. Empty: a layer of its own, independent of all others."""
    layer_from: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    """Where in the layer its share begins: two experiments of a layer take .0 to .5 and .5 to 1."""
    share: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """Part of the people who take part. When it grows, everybody who took part keeps their variant."""
    audience: Audience = Audience()
    starts_at: datetime | None = None
    """Nobody takes part before, nor from `ends_at` on; ISO 8601, without an offset in UTC."""
    ends_at: datetime | None = None
    factors: Annotated[tuple[Factor, ...], Meta(min_length=1, max_length=6)]


class Holdout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The people who are kept out of personalization, so that its effect as a whole shows: `holdout/default`.

    They see what a visitor of whom nothing is known sees in the same moment, and take part in no experiment.
    """

    share: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    salt: Id = "holdout"
    """Another text draws other people: for a new period, so that nobody is kept out for ever."""


def variants_of(experiment: Experiment) -> Iterator[tuple[str, tuple[Level, ...]]]:
    """(variant id, a level of each factor) for every combination, the one that the others are compared with first."""
    for levels in product(*(factor.levels for factor in experiment.factors)):
        yield "+".join(level.id for level in levels), levels
