"""Which face of a page this customer gets: layouts compiled once, chosen from in microseconds."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec

from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.experiments.trials import AS_IT_IS, Trial, Trials, Tried, trials_of
from tailorbird.assembler.layouts.document import Email, EmailVariant, Layout, Variant, translated
from tailorbird.assembler.layouts.theme import theme_shown
from tailorbird.assembler.slots.base import Filling, Moment, Openings, Slot
from tailorbird.assembler.slots.family import AnySlot
from tailorbird.assembler.wording.placeholders import Wording
from tailorbird.contracts.offers import DecisionSlot
from tailorbird.contracts.recommender import Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import AttributeValue, CustomerFacts
from tailorbird.rules.attributes import attributes_of
from tailorbird.rules.normal import EVERYBODY, Node, normal
from tailorbird.rules.plain import holds

__all__ = ["Book", "Face", "choose", "face_of"]


class Face:
    """A variant, compiled: what it asks for, how its slots begin, its theme and words as ready JSON."""

    __slots__ = (
        "_around_nothing", "_said", "decisions", "hero", "layout_id", "navigation", "offers_ms",
        "recommender_ms", "rule", "shared", "slots", "subject", "theme", "trials", "tried", "variant",
    )  # fmt: skip

    def __init__(self, layout_id: str, variant: Variant, tried: Tried = AS_IT_IS) -> None:
        self.layout_id = layout_id
        self.tried = tried
        """Goal and model that choose what stands on it, where an experiment tries others."""
        self.variant = variant
        self.theme = theme_shown(variant.theme)
        self.hero = Wording(msgspec.to_builtins(variant.hero))
        self.navigation: bytes = msgspec.json.encode(variant.navigation)
        self.slots: tuple[tuple[Slot, Openings], ...] = tuple((slot, Openings(slot)) for slot in variant.slots)
        wanted = (slot.decision() for slot in variant.slots)
        self.decisions: tuple[DecisionSlot, ...] = tuple(decision for decision in wanted if decision is not None)
        self.rule: Node = normal(variant.rule)
        self.trials: Trials[Face] | None = None
        """The experiments that vary it; None: it is the same for whoever gets it."""
        self._around_nothing: dict[bool, tuple[Shelf, ...]] = {}
        mail = {"subject": variant.subject, "preheader": variant.preheader} if isinstance(variant, EmailVariant) else {}
        self.shared: tuple[str, ...] = tuple(
            slot.id
            for slot, openings in self.slots
            if slot.shared() and not openings.named and not (slot.type == "hero" and self.hero.named)
        )
        """Slots that are the same for everybody who gets this face."""
        self._said: dict[str, Face] = {}
        self.recommender_ms, self.offers_ms = _waits(variant.slots)
        """How long its slots wait for either, at most; None: as long as the whole page may take."""
        self.subject = Wording(mail)
        """Subject and preheader of an e-mail, as one JSON object."""

    def said_in(self, locale: str) -> Face:
        """This face in the customer's language, as far as it was translated; `de-AT` is said as `de` where need be."""
        if not locale or not self.variant.translations:
            return self
        language = locale.replace("_", "-").partition("-")[0].lower()
        found = next((one for one in (locale, language) if one in self.variant.translations), "")
        if not found:
            return self
        said = self._said.get(found)
        if said is None:
            said = self._said[found] = Face(self.layout_id, translated(self.variant, found), self.tried)
        return said

    def shelves(self, moment: Moment) -> tuple[Shelf, ...]:
        """What it asks of the recommender in this moment, in the page's order."""
        if moment.item_id:
            return self._shelves(moment)
        # Around no item a shelf depends on nothing but whether there is a cart.
        found = self._around_nothing.get(bool(moment.cart))
        if found is None:
            found = self._around_nothing[bool(moment.cart)] = self._shelves(moment)
        return found

    def _shelves(self, moment: Moment) -> tuple[Shelf, ...]:
        asked = [slot.shelf(moment) for slot, _ in self.slots]
        return tuple(shelf for shelf in asked if shelf is not None)

    def fill(self, filling: Filling) -> list[bytes]:
        """Its slots as JSON, in order."""
        filling.hero = self.hero.say(filling.name)
        filling.navigation = self.navigation
        return [slot.fill(openings, filling) for slot, openings in self.slots]

    def is_for(self, facts: CustomerFacts, context: dict[str, AttributeValue]) -> bool:
        """Whether personas, segments and rule of the variant all allow this customer in this moment."""
        variant = self.variant
        if variant.personas and facts.persona not in variant.personas:
            return False
        if variant.segments and not set(variant.segments).intersection(facts.segments):
            return False
        return self.rule is EVERYBODY or holds(self.rule, attributes_of(facts, context))


class Book:
    """All layouts and e-mails of one version, compiled."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]], version: str = "") -> None:
        self.version = version
        self._pages: dict[tuple[str, str], tuple[Face, ...]] = {}
        self._emails: dict[str, tuple[Face, ...]] = {}
        self.emails: dict[str, Email] = dict(documents.get("email", {}))
        holdout: Holdout | None = documents.get("holdout", {}).get("default")
        self.holdout = holdout if holdout is not None and holdout.share else None
        trials = _trials(documents.get("experiment", {}))
        layouts: Mapping[str, Layout] = documents.get("layout", {})
        for layout_id, layout in layouts.items():
            faces = _faces("layout", layout_id, layout.variants, trials)
            self._pages[layout.page, layout.channel] = faces
        for email_id, email in self.emails.items():
            self._emails[email_id] = _faces("email", email_id, email.variants, trials)

    def page(self, page: str, channel: str) -> tuple[Face, ...]:
        """The faces of this page; another channel without a layout of its own gets the web's. Raises Fault(404)."""
        faces = self._pages.get((page, channel)) or self._pages.get((page, "web"))
        if faces is None:
            known = ", ".join(sorted({name for name, _ in self._pages})) or "none yet: apply a layout"
            raise Fault(404, f"There is no page '{page}'; there are: {known}.")
        return faces

    def email(self, email: str) -> tuple[Face, ...]:
        """The faces of this e-mail. Raises Fault(404)."""
        faces = self._emails.get(email)
        if faces is None:
            known = ", ".join(sorted(self._emails)) or "none yet: apply one"
            raise Fault(404, f"There is no e-mail '{email}'; there are: {known}.")
        return faces


def _waits(slots: tuple[Slot, ...]) -> tuple[float | None, float | None]:
    """Milliseconds for the recommender and for offers: the longest that any slot waits that needs them."""
    moment = Moment(page="", item_id="-", results=("-",))
    shelves = [slot.deadline_ms for slot in slots if slot.shelf(moment) is not None]
    decisions = [slot.deadline_ms for slot in slots if slot.decision() is not None]
    return _longest(shelves), _longest(decisions)


def _longest(deadlines: list[int | None]) -> float | None:
    told = [one for one in deadlines if one is not None]
    return float(max(told)) if told and len(told) == len(deadlines) else None


def _faces(kind: str, document_id: str, variants: tuple[Variant, ...], trials: list[Trial]) -> tuple[Face, ...]:
    made = tuple(Face(document_id, variant) for variant in variants)
    for face in made:
        face.trials = trials_of((kind, document_id), face.variant, trials, functools.partial(Face, document_id))
    return made


def _trials(experiments: Mapping[str, Experiment]) -> list[Trial]:
    """All that somebody may take part in now or in a preview; what was stopped is over."""
    layers: dict[str, set[str]] = {}
    for name, one in experiments.items():
        if one.layer and one.status == "running":
            layers.setdefault(one.layer, set()).add(name)
    return [
        Trial(name, one, frozenset(layers.get(one.layer, ())) - {name})
        for name, one in sorted(experiments.items())
        if one.status != "stopped"
    ]


def choose(faces: tuple[Face, ...], facts: CustomerFacts, context: dict[str, AttributeValue]) -> Face:
    """The first face that is for this customer in this moment; the last one is for everyone."""
    for face in faces:
        if face.is_for(facts, context):
            return face
    return faces[-1]


def face_of(slots: tuple[AnySlot, ...], theme: Any) -> Face:
    """A face made for one call, of slots that the caller named."""
    return Face("", Variant(id="", theme=theme, slots=slots))
