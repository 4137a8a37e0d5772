"""One call, assembled: from whom it is about to the finished slots. Pages, e-mails and bare decisions share it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Literal

from msgspec import Raw, Struct
from msgspec.structs import replace

from tailorbird.assembler.experiments.document import Holdout
from tailorbird.assembler.experiments.trials import Subject, Trials, is_held_out, subject_of
from tailorbird.assembler.explaining.tracing import NO_FACTS, Inputs, Tracer
from tailorbird.assembler.gathering.context import attributes_of_moment, moment_of
from tailorbird.assembler.gathering.gatherer import Gatherer, within
from tailorbird.assembler.gathering.parts import Caller, Parts, Who, kept_out
from tailorbird.assembler.gathering.profilecache import NO_HISTORY, HeldProfile
from tailorbird.assembler.items.cards import Cards, DiscreetCards
from tailorbird.assembler.items.catalogue import Catalogue
from tailorbird.assembler.items.popular import Popular
from tailorbird.assembler.layouts.choosing import Face, choose
from tailorbird.assembler.pages.discreet import STAND_BESIDE, of_nobody, without_names
from tailorbird.assembler.pages.merging import Merged, Shop, merge, only, shared_slot
from tailorbird.assembler.slots.base import Moment
from tailorbird.bus import call
from tailorbird.contracts.assembler import PageContext
from tailorbird.contracts.documents import Document
from tailorbird.contracts.experiments import Assignment
from tailorbird.contracts.insights import Decision, DecisionFallback
from tailorbird.contracts.profiles import Event, Profile
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import CustomerFacts, CustomerRef
from tailorbird.host import metrics
from tailorbird.rules.consent import ConsentDefaults, Verdict, verdicts

__all__ = ["Assembled", "Assembler", "Wanted", "Written"]

Exposed = Callable[[CustomerRef, Assignment, float], None]
"""Takes who had which variant, and when."""

class Wanted(Struct, frozen=True, kw_only=True):
    """What to assemble: the subject (`page/home`), its faces, for whom, in which moment."""

    subject: str
    page: str
    faces: tuple[Face, ...]
    customer: CustomerRef
    context: PageContext
    events: tuple[Event, ...] = ()
    preview: bool = False
    budget_ms: float = 100.0
    is_email: bool = False
    holdout: Holdout | None = None
    """Who is kept out of personalization; None: nobody."""
    variants: Mapping[str, str] = {}
    """Of a preview: experiment -> the variant to be shown."""
    slot: str = ""
    """Only this slot; empty: all of them."""
    at: float = 0.0
    """Of a preview: as if it were then; 0: now."""
    trial: tuple[Document, ...] = ()
    """Of a preview: as if these were at work."""


class Written(Struct, frozen=True):
    """Where it goes what is written down after the reply."""

    tracer: Tracer
    exposed: Exposed


class Assembled(Struct, frozen=True, kw_only=True):
    """The outcome, with all that a payload and a trace are made of."""

    decision_id: str
    face: Face
    who: Who
    moment: Moment
    parts: Parts
    merged: Merged
    took_ms: float
    consent: dict[str, Verdict]
    """What was allowed, purpose by purpose, and by whose word."""
    about: Profile
    """Whom it is about, also where nothing that is known of them was used."""
    experiments: tuple[Assignment, ...] = ()
    held_out: bool = False


class Assembler:
    """Gathers, chooses the face, merges; writes down what was decided."""

    def __init__(
        self,
        gatherer: Gatherer,
        catalogue: Catalogue,
        popular: Popular,
        written: Written,
        clock: Callable[[], float],
        zone: tzinfo,
        *,
        use_sensitive: bool = False,
        defaults: ConsentDefaults | None = None,
    ) -> None:
        self._gatherer = gatherer
        self._catalogue = catalogue
        self._popular = popular
        self._tracer = written.tracer
        self._exposed = written.exposed
        self._clock = clock
        self._zone = zone
        self._use_sensitive = use_sensitive
        self._defaults = defaults or ConsentDefaults()

    @property
    def cards(self) -> Cards:
        """Every item there is."""
        return self._catalogue.cards

    async def whom(self, wanted: Wanted) -> tuple[Who, dict[str, Verdict]]:
        """For whom it is assembled, and what they allow. Without their consent to personalization: for nobody known.

        Raises Fault(409) for an e-mail to somebody who does not want any, Fault(503) while nobody can tell.
        """
        context = wanted.context
        if context.gpc:
            # Not even looked up: the page is computed from this request alone.
            allowed = verdicts({}, context.region, True, self._defaults)
        else:
            who = await self._gatherer.who(wanted.customer, wanted.events, wanted.preview)
            if wanted.is_email and who.missing:
                sentence = f"Whether this recipient agrees to e-mails cannot be told now: {who.missing} Ask again."
                raise Fault(503, sentence)
            allowed = verdicts(who.held.profile.consent, context.region, False, self._defaults)
        if wanted.is_email and not allowed["email"].granted:
            raise Fault(409, "This recipient did not agree to e-mails: do not send this one.")
        if not context.gpc and allowed["personalization"].granted:
            return who, allowed
        return await self._gatherer.who(CustomerRef(), of_nobody(wanted.events), preview=True), allowed

    async def address_mark(self, customer: CustomerRef) -> str:
        """What stands for their address, whatever else they allow: so that what they said of mail counts."""
        return (await self._gatherer.who(customer, (), preview=True)).held.profile.address_mark

    def cards_of(self, wanted: Wanted) -> Cards:
        """The items as they are now; an e-mail, which lies open in an inbox, may not show all of them."""
        cards: Cards = self._catalogue.cards
        return DiscreetCards(cards) if wanted.context.channel == "email" and not self._use_sensitive else cards

    def shop_of(self, wanted: Wanted) -> Shop:
        """What is shown beside what is known of the customer, as it is now."""
        return Shop(self.cards_of(wanted), self._popular, self._zone)

    async def assemble(self, wanted: Wanted, decision_id: str) -> Assembled:
        """The call, assembled within its budget whatever happens to its parts."""
        began = time.perf_counter()
        tokens = within(wanted.budget_ms)
        try:
            who, allowed = await self.whom(wanted)
            about = who.held.profile
            personal = allowed["personalization"].granted
            holdout = wanted.holdout if personal else None
            held_out = holdout is not None and is_held_out(holdout, subject_of(about.customer, wanted.customer))
            if held_out:
                who = kept_out(who)
            profile = who.held.profile
            cards = self.cards_of(wanted)
            barcodes, locale = self._catalogue.barcodes, _locale(profile)
            moment = moment_of(wanted.page, wanted.context, profile.cart, wanted.at or self._clock(), barcodes, locale)
            context = attributes_of_moment(moment, profile.facts, profile.known, cards, self._zone)
            face = choose(wanted.faces, profile.facts, context)
            trials: Trials[Face] | None = None
            experiments: tuple[Assignment, ...] = ()
            if face.trials is not None and not held_out and (personal or wanted.variants):
                unit = subject_of(about.customer, wanted.customer) if personal else ""
                subject = Subject(unit, profile.facts, context, moment.at, profile.exposures, wanted.variants)
                trials = face.trials
                face, experiments = trials.face_for(subject, face)
            # Of somebody who did not agree, or is kept out, nobody else is told the ids.
            named = wanted.customer if personal and not held_out else CustomerRef()
            face = face.said_in(moment.locale)
            caller = Caller(
                decision_id, named, wanted.preview, face.recommender_ms, face.offers_ms, face.tried.goal,
                face.tried.model, wanted.trial,
            )  # fmt: skip
            parts = await self._gatherer.parts(who, moment, context, face.shelves(moment), face.decisions, caller)
        finally:
            call.end(tokens)
        merged = merge(face, who, moment, parts, Shop(cards, self._popular, self._zone))
        if trials is not None:
            experiments = trials.exposed(experiments, _chosen(merged))
        if wanted.slot:
            merged = only(merged, face, wanted.slot)
        took_ms = round((time.perf_counter() - began) * 1000.0, 2)
        return Assembled(
            decision_id=decision_id,
            face=face,
            who=who,
            moment=moment,
            parts=parts,
            merged=merged,
            took_ms=took_ms,
            consent=allowed,
            about=about,
            experiments=experiments,
            held_out=held_out,
        )

    def shared(self, face: Face, slot_id: str, context: PageContext, page: str, variants: Mapping[str, str]) -> Raw:
        """A slot of this face as everybody sees it who gets it: nobody is looked up and nothing is asked."""
        if face.trials is not None and variants:
            face, _ = face.trials.face_for(Subject("", CustomerFacts(), {}, 0.0, (), variants), face)
        moment = moment_of(page, context, (), self._clock())
        shop = Shop(self._catalogue.cards, self._popular, self._zone)
        return shared_slot(face.said_in(moment.locale), slot_id, moment, shop)

    def write_down(self, wanted: Wanted, made: Assembled, layouts: str) -> None:
        """Trace the decision, after the reply. Not for previews."""
        held, merged, moment = made.who.held, made.merged, made.moment
        profile = made.about
        measured = made.consent["analytics"].granted
        sealed = bool(profile.person and profile.decision_key and measured)
        if not measured and profile.person:
            # Countable, but of nobody: what was known of the customer must not rest without their name either.
            held = HeldProfile(Profile(customer=CustomerRef()), moment.at)
        stored_in = held.facts_stored_in
        if not stored_in:
            held.facts_stored_in = made.decision_id
        history_in = held.history_stored_in
        if held.history_name and not history_in:
            held.history_stored_in = made.decision_id
        recommend, decide = made.parts.recommend, made.parts.decide
        if not measured and profile.person:
            recommend = decide = None
        inputs = Inputs(
            # Without a key nothing personal may rest: what is left tells of nobody.
            customer=wanted.customer if sealed else CustomerRef(),
            facts=NO_FACTS if stored_in else held.facts,
            facts_in=stored_in,
            history=NO_FACTS if history_in or not held.history_name else held.history,
            history_in=history_in,
            consent=made.consent,
            recommend=replace(recommend, customer=STAND_BESIDE, facts_name="", history=NO_HISTORY, history_name="")
            if recommend
            else None,
            decide=without_names(decide, sealed) if decide else None,
            made_from=made.parts.decided.made_from if made.parts.decided else None,
        )
        decision = Decision(
            decision_id=made.decision_id,
            at=moment.at,
            subject=wanted.subject,
            channel=moment.channel,
            person=profile.person if sealed else "",
            persona=profile.facts.persona,
            segments=profile.facts.segments,
            layout=made.face.layout_id,
            variant=made.face.variant.id,
            slots=merged.decided,
            fallbacks=tuple(DecisionFallback(slot=one.slot, reason=one.reason) for one in merged.fallbacks),
            versions={"model": merged.model, "rules": merged.rules, "layouts": layouts},
            experiments=made.experiments,
            held_out=made.held_out,
            took_ms=made.took_ms,
        )
        for fallback in merged.fallbacks:
            metrics.FALLBACKS.labels(wanted.subject, fallback.slot).inc()
        self._tracer.write(decision, inputs, profile.decision_key if sealed else b"")
        if made.experiments and measured:
            self._tell_exposures(wanted, made)

    def _tell_exposures(self, wanted: Wanted, made: Assembled) -> None:
        """What this person was exposed to for the first time."""
        held, about = made.who.held, made.about
        if not about.customer.customer_id:
            drawn_by = CustomerRef(anonymous_id=wanted.customer.anonymous_id)
        elif about.known:
            drawn_by = CustomerRef(customer_id=about.customer.customer_id)
        else:
            return  # An id that nobody knows: a page is no reason to make a customer of it.
        known = {one.experiment_id for one in about.exposures}
        for one in made.experiments:
            if one.exposed and one.experiment_id not in known and one.experiment_id not in held.exposed:
                held.exposed.add(one.experiment_id)
                self._exposed(drawn_by, one, made.moment.at)


def _chosen(merged: Merged) -> set[Literal["offers", "items"]]:
    """What stands on the page that another goal or another model might have chosen otherwise."""
    return {"items" if one.kind == "item" else "offers" for one in merged.decided if one.strategy != "popular"}


def _locale(profile: Profile) -> str:
    """The language that the customer is known to read, empty where nobody knows."""
    attributes = profile.facts.attributes
    found = attributes.get("customer.locale") or attributes.get("customer.language")
    return found if isinstance(found, str) else ""
