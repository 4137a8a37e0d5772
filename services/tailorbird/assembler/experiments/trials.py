"""Experiments made ready when documents change: for each face which of them vary it, and each changed face compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from tailorbird.assembler.experiments.assigning import draw_of, drawn, position
from tailorbird.assembler.experiments.changing import NotThere, changed
from tailorbird.assembler.experiments.document import Change, Experiment, Holdout, variants_of
from tailorbird.assembler.layouts.document import Variant
from tailorbird.assembler.slots.base import Moment
from tailorbird.contracts.experiments import Assignment, Exposure
from tailorbird.contracts.words import AttributeValue, CustomerFacts, CustomerRef
from tailorbird.rules.attributes import attributes_of
from tailorbird.rules.normal import EVERYBODY, normal
from tailorbird.rules.plain import holds

__all__ = ["AS_IT_IS", "Subject", "Trial", "Trials", "Tried", "changes_to", "is_held_out", "subject_of", "trials_of"]

Face = TypeVar("Face")

Chosen = Literal["offers", "items"]

MOST_KEPT = 512
"""Changed faces of one face that are kept compiled."""


class Subject(Struct, frozen=True):
    """Somebody in a moment, as far as experiments need it."""

    unit: str
    """What variants are drawn by: the customer id; before that is known the anonymous id; empty: nothing to draw by."""
    facts: CustomerFacts
    context: Mapping[str, AttributeValue]
    at: float
    exposures: tuple[Exposure, ...] = ()
    wanted: Mapping[str, str] = {}
    """Of a preview: experiment -> the variant to be shown."""


def subject_of(known: CustomerRef, asked: CustomerRef) -> str:
    """The id by which somebody's variants are drawn. `known`: by the profile; `asked`: by the call."""
    customer_id = known.customer_id or asked.customer_id
    if customer_id:
        return f"customer:{customer_id}"
    anonymous_id = asked.anonymous_id or known.anonymous_id
    return f"anonymous:{anonymous_id}" if anonymous_id else ""


def is_held_out(holdout: Holdout, unit: str) -> bool:
    """Whether this person is kept out of personalization."""
    return bool(unit) and position(holdout.salt, unit) < holdout.share


class Trial:
    """One experiment made ready."""

    __slots__ = ("_audience", "_draw", "_ends_at", "_rule", "_starts_at", "_variants", "experiment", "id", "rivals")

    def __init__(self, experiment_id: str, experiment: Experiment, rivals: frozenset[str]) -> None:
        self.id = experiment_id
        self.experiment = experiment
        self.rivals = rivals
        """The other running experiments of its layer."""
        self._draw = draw_of(experiment_id, experiment)
        self._audience = experiment.audience
        self._rule = normal(experiment.audience.rule)
        self._starts_at = _seconds(experiment.starts_at)
        self._ends_at = _seconds(experiment.ends_at)
        self._variants = {variant: tuple(level.id for level in levels) for variant, levels in variants_of(experiment)}

    def levels_of(self, subject: Subject) -> tuple[tuple[str, ...] | None, bool]:
        """(the level of each factor for this person, whether they had another variant before); None: no part in it."""
        wanted = subject.wanted.get(self.id)
        if wanted is not None:
            return self._variants.get(wanted), False
        if not self._is_for(subject):
            return None, False
        if subject.exposures:
            first = self._first_seen(subject.exposures)
            if first is not None:
                # What was seen first stays, whatever shares, weights and identities have become since.
                return (self._variants[first.variant_id], first.crossover) if first.experiment_id == self.id else _OUT
        return drawn(self._draw, subject.unit), False

    def _is_for(self, subject: Subject) -> bool:
        if self.experiment.status != "running" or not subject.unit:
            return False
        if not self._starts_at <= subject.at or (self._ends_at and subject.at >= self._ends_at):
            return False
        audience, facts = self._audience, subject.facts
        if audience.personas and facts.persona not in audience.personas:
            return False
        if audience.segments and not set(audience.segments).intersection(facts.segments):
            return False
        return self._rule is EVERYBODY or holds(self._rule, attributes_of(facts, dict(subject.context)))

    def _first_seen(self, exposures: Iterable[Exposure]) -> Exposure | None:
        """The first exposure to this experiment or to another of its layer; met in both, it counts as a crossover."""
        own = [one for one in exposures if one.experiment_id == self.id and one.variant_id in self._variants]
        others = [one for one in exposures if one.experiment_id in self.rivals]
        if not own and not others:
            return None
        first = min((*own, *others), key=lambda one: (one.at, one.experiment_id))
        return msgspec.structs.replace(first, crossover=True) if own and others else first


_OUT = (None, False)
_SOMEWHERE = Moment(page="", item_id="-", results=("-",))
"""A moment in which every slot that ever asks the recommender does."""


class Tried(Struct, frozen=True):
    """What a variant tries besides how a page looks; empty: as it is for everybody else."""

    goal: str = ""
    """Ranks offers and actions."""
    model: str = ""
    """Recommends items."""


AS_IT_IS = Tried()


class _Touch(Struct, frozen=True):
    """What an experiment changes of one face: for each factor, level -> changes."""

    trial: Trial
    changes: tuple[dict[str, tuple[Change, ...]], ...]
    tried: tuple[dict[str, Tried], ...]
    """For each factor, level -> what it tries besides."""
    chosen_only: frozenset[Chosen]
    """Where the page looks the same for everybody but for which of these stand on it: those. Else nothing."""

    def of(self, levels: tuple[str, ...]) -> list[Change]:
        return [
            change for of_factor, level in zip(self.changes, levels, strict=True) for change in of_factor.get(level, ())
        ]


class Trials(Generic[Face]):
    """The experiments that vary one face."""

    __slots__ = ("_kept", "_make", "_touches", "_variant", "running")

    def __init__(self, variant: Variant, touches: tuple[_Touch, ...], make: Callable[[Variant, Tried], Face]) -> None:
        self._variant = variant
        self._touches = touches
        self._make = make
        self._kept: dict[tuple[object, ...], Face] = {}
        self.running = any(touch.trial.experiment.status == "running" for touch in touches)
        """False: they are there for previews only."""

    def face_for(self, subject: Subject, as_it_is: Face) -> tuple[Face, tuple[Assignment, ...]]:
        """The face as this person gets it, and the variants that it was made of."""
        taken: list[tuple[_Touch, tuple[str, ...]]] = []
        assignments: list[Assignment] = []
        for touch in self._touches:
            levels, crossover = touch.trial.levels_of(subject)
            if levels is None:
                continue
            taken.append((touch, levels))
            assignments.append(
                Assignment(
                    experiment_id=touch.trial.id,
                    variant_id="+".join(levels),
                    # Another choice differs only where there is something to be chosen: told when the page is made.
                    exposed=not touch.chosen_only,
                    crossover=crossover,
                )
            )
        if not taken:
            return as_it_is, ()
        key = tuple([(touch.trial.id, levels) for touch, levels in taken])
        face = self._kept.get(key)
        if face is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            changes = [change for touch, levels in taken for change in touch.of(levels)]
            tried = _together(
                found for touch, levels in taken for one, level in zip(touch.tried, levels, strict=True)
                if (found := one.get(level)) is not None
            )  # fmt: skip
            same = not changes and tried == AS_IT_IS
            face = self._kept[key] = as_it_is if same else self._make(changed(self._variant, changes), tried)
        return face, tuple(assignments)

    def exposed(self, assignments: tuple[Assignment, ...], chosen: AbstractSet[Chosen]) -> tuple[Assignment, ...]:
        """The assignments, exposed too where what they vary was `chosen` for the page."""
        waits = {touch.trial.id: touch.chosen_only for touch in self._touches}
        return tuple([
            msgspec.structs.replace(one, exposed=True) if not one.exposed and waits[one.experiment_id] & chosen else one
            for one in assignments
        ])  # fmt: skip


def trials_of(
    document: tuple[str, str], variant: Variant, trials: Iterable[Trial], make: Callable[[Variant, Tried], Face]
) -> Trials[Face] | None:
    """The experiments in which this variant is not the same for everybody; None where there is none.

    `document`: kind and id of what the variant stands in (`layout`, `home`).
    """
    touches = tuple(touch for trial in trials if (touch := _touch(document, variant, trial)) is not None)
    return Trials(variant, touches, make) if touches else None


def changes_to(document: tuple[str, str], variant: Variant, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Those of the changes that are made in this variant. Raises ValueError with a sentence for one that cannot be."""
    kind, identity = document
    kept: list[Change] = []
    for change in changes:
        if (change.layout if kind == "layout" else change.email) != identity or change.variant not in ("", variant.id):
            continue
        try:
            changed(variant, [*kept, change])
        except NotThere:
            if change.variant:
                raise
            continue
        kept.append(change)
    return tuple(kept)


def _touch(document: tuple[str, str], variant: Variant, trial: Trial) -> _Touch | None:
    by_factor: list[dict[str, tuple[Change, ...]]] = []
    tried: list[dict[str, Tried]] = []
    ranks = any(slot.decision() is not None for slot in variant.slots)
    recommends = any(slot.shelf(_SOMEWHERE) is not None for slot in variant.slots)
    differs = False
    for factor in trial.experiment.factors:
        try:
            levels = {level.id: changes_to(document, variant, level.changes) for level in factor.levels}
            looks = {msgspec.json.encode(changed(variant, changes)) for changes in levels.values()}
        except ValueError:
            # Saved by another version of the suite, which could do more: as it is, then.
            levels, looks = {}, set()
        differs = differs or len(looks) > 1
        by_factor.append(levels)
        tried.append(
            {one.id: Tried(one.goal if ranks else "", one.model if recommends else "") for one in factor.levels}
        )
    varied: set[Chosen] = set()
    if any(len({one.goal for one in of_factor.values()}) > 1 for of_factor in tried):
        varied.add("offers")
    if any(len({one.model for one in of_factor.values()}) > 1 for of_factor in tried):
        varied.add("items")
    chosen_only = frozenset(varied) if not differs else frozenset[Chosen]()
    return _Touch(trial, tuple(by_factor), tuple(tried), chosen_only) if differs or varied else None


def _together(tried: Iterable[Tried]) -> Tried:
    goal = model = ""
    for one in tried:
        goal, model = goal or one.goal, model or one.model
    return Tried(goal, model)


def _seconds(moment: datetime | None) -> float:
    if moment is None:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
