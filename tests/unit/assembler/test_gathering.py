"""Whatever happens to the services asked, the page gets what there is and a sentence for what there is not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from tailorbird.assembler.gathering.gatherer import Gatherer
from tailorbird.assembler.gathering.keptanswers import KeptOffers, KeptShelves
from tailorbird.assembler.gathering.lastanswers import LastAnswers
from tailorbird.assembler.gathering.parts import Caller, Parts, Who
from tailorbird.assembler.gathering.profilecache import ProfileCache
from tailorbird.assembler.slots.base import Moment
from tailorbird.bus.local import Answers, LocalAsker
from tailorbird.contracts.offers import DECIDE, Decided, DecideQuery, DecisionSlot
from tailorbird.contracts.profiles import PROFILE, Event, Profile, ProfileQuery
from tailorbird.contracts.recommender import RECOMMEND, Recommendations, RecommendQuery, Shelf
from tailorbird.contracts.wire import Endpoint, Fault
from tailorbird.contracts.words import Bought, CartLine, CustomerFacts, CustomerRef
from tests.unit.assembler import shop

pytestmark = pytest.mark.anyio

ANA = CustomerRef(customer_id="1228")
ORDER = Event(
    message_id="m", type="track", at=shop.NOW, event="Order Completed", properties={"products": [{"product_id": "p1"}]}
)


class Services:
    """Answers on the local bus: what was asked is kept, `broken` says who refuses."""

    def __init__(self, shelves_kept: int = 0) -> None:
        self.asked: list[Any] = []
        self.broken: set[str] = set()
        self.version = 3
        self.profile: dict[str, Any] = {}
        answers = Answers()
        self._add(answers, PROFILE, self._profile)
        self._add(answers, RECOMMEND, self._recommend)
        self._add(answers, DECIDE, self._decide)
        self.cache = ProfileCache(10)
        self.now = shop.NOW
        self.kept_shelves = KeptShelves(shelves_kept, 60.0, lambda: self.now)
        self.kept_offers = KeptOffers(shelves_kept, 60.0, lambda: self.now)
        self.stands_for = 0.0
        kept = (self.kept_shelves, self.kept_offers)
        self.gatherer = Gatherer(LocalAsker(answers), self.cache, *kept, LastAnswers(100), lambda: self.now, 600.0)

    def _add(self, answers: Answers, endpoint: Endpoint[Any, Any], answer: Callable[[Any], Awaitable[Any]]) -> None:
        async def together(queries: Any) -> Any:
            self.asked += queries
            if endpoint.subject in self.broken:
                raise Fault(503, f"{endpoint.subject} is broken.")
            return [await answer(query) for query in queries]

        answers.add(endpoint, together)

    async def _profile(self, query: ProfileQuery) -> Profile:
        known = query.customer.customer_id == "1228"
        return shop.profile(customer=query.customer, known=known, version=self.version, **self.profile)

    async def _recommend(self, query: RecommendQuery) -> Recommendations:
        return Recommendations(shelves=tuple(shop.shelf_items(shelf.slot, "p2") for shelf in query.shelves), model="m1")

    async def _decide(self, query: DecideQuery) -> Decided:
        slots = tuple(shop.choices(slot.slot, "o1") for slot in query.slots)
        return Decided(slots=slots, rules="r1", stands_for=self.stands_for)

    def asked_of(self, kind: type[Any]) -> list[Any]:
        return [query for query in self.asked if isinstance(query, kind)]

    async def parts(self, who: Who, **moment: Any) -> Parts:
        return await self.gatherer.parts(
            who,
            Moment(page="home", at=self.now, **moment),
            {"context.page": "home"},
            (Shelf(slot="for_you", strategy="for_you"),),
            (DecisionSlot(slot="offers"),),
            Caller(),
        )


async def test_a_warm_profile_costs_no_question() -> None:
    services = Services()
    for _ in range(3):
        assert (await services.gatherer.who(ANA, (), preview=False)).held.profile.first_name == "Ana"
    assert len(services.asked) == 1


async def test_facts_are_encoded_once_and_sent_to_both() -> None:
    services = Services()
    who = await services.gatherer.who(ANA, (), preview=False)
    parts = await services.parts(who, cart=(CartLine(item_id="p3"),), item_id="p4")
    recommend, decide = services.asked_of(RecommendQuery)[0], services.asked_of(DecideQuery)[0]
    assert bytes(recommend.customer) == bytes(decide.customer) == bytes(who.held.facts)
    assert (recommend.cart, decide.cart, recommend.exclude) == (("p3",), ("p3",), ("p4",))
    assert (parts.shelves_missing, parts.decided_missing) == ("", "")


async def test_a_long_history_is_sent_once_though_other_facts_change() -> None:
    services = Services()
    history = tuple(Bought(f"p{number}", 1, 1_000 - number, 1.0) for number in range(70))
    whole = msgspec.Raw(msgspec.json.encode(history))
    services.profile = {"facts": CustomerFacts(persona="families", history=history[:60]), "history": whole}
    who = await services.gatherer.who(ANA, (), preview=False)
    await services.parts(who)
    changed = shop.profile(
        version=9, facts=CustomerFacts(persona="premium", history=history[:60]), history=whole
    )
    services.cache.announce(changed, services.now)
    await services.parts(await services.gatherer.who(ANA, (), preview=False))
    first, second = services.asked_of(RecommendQuery)
    assert [len(msgspec.json.decode(one)["history"]) for one in (first.customer, second.customer)] == [60, 60]
    assert (len(msgspec.json.decode(first.history)), bytes(second.history)) == (70, b"[]")
    assert second.history_name == first.history_name != ""


async def test_what_an_order_in_the_call_tells_is_neither_recommended_nor_discounted_now_and_later() -> None:
    services = Services()
    await services.parts(await services.gatherer.who(ANA, (ORDER,), preview=False))
    assert services.asked_of(ProfileQuery)[0].events == (ORDER,)
    services.cache.announce(shop.profile(version=9), services.now)
    await services.parts(await services.gatherer.who(ANA, (), preview=False))
    assert [query.exclude for query in services.asked_of(RecommendQuery)] == [("p1",), ("p1",)]
    assert [query.just_bought for query in services.asked_of(DecideQuery)] == [("p1",), ("p1",)]


async def test_the_same_question_a_moment_later_is_not_asked_again_and_is_after_a_change() -> None:
    services = Services(shelves_kept=10)
    services.now += 2.0
    who = await services.gatherer.who(ANA, (), preview=False)
    first, second = await services.parts(who), await services.parts(who)
    assert second.shelves is first.shelves
    assert len(services.asked_of(RecommendQuery)) == 1
    await services.parts(who, cart=(CartLine(item_id="p3"),))
    services.kept_shelves.forget()
    await services.parts(who)
    assert len(services.asked_of(RecommendQuery)) == 3


async def test_offers_that_stand_are_not_asked_for_again_until_they_may_be_others() -> None:
    services = Services(shelves_kept=10)
    who = await services.gatherer.who(ANA, (), preview=False)
    await services.parts(who)
    await services.parts(who)
    assert len(services.asked_of(DecideQuery)) == 2
    services.stands_for = 30.0
    first = await services.parts(who)
    services.now += 15.0
    second = await services.parts(who)
    assert (second.decided, second.decide) == (first.decided, first.decide)
    assert len(services.asked_of(DecideQuery)) == 3
    services.now += 15.1
    await services.parts(who)
    services.kept_offers.forget_of(who.held.profile.person)
    await services.parts(who)
    assert len(services.asked_of(DecideQuery)) == 5


async def test_a_preview_with_events_leaves_nothing_behind() -> None:
    services = Services()
    assert (await services.gatherer.who(ANA, (ORDER,), preview=True)).just_bought == {"p1"}
    assert (await services.gatherer.who(ANA, (), preview=False)).just_bought == frozenset()


async def test_without_profiles_the_copy_at_hand_serves_and_orders_in_the_call_still_count() -> None:
    services = Services()
    await services.gatherer.who(ANA, (), preview=False)
    services.broken.add(PROFILE.subject)
    who = await services.gatherer.who(ANA, (ORDER,), preview=False)
    assert who.held.profile.known
    assert who.just_bought == {"p1"}


async def test_without_profiles_and_without_a_copy_the_customer_is_served_as_anonymous_and_told() -> None:
    services = Services()
    services.broken.add(PROFILE.subject)
    who = await services.gatherer.who(ANA, (), preview=False)
    assert who.held.profile == Profile(customer=ANA)
    assert "is broken" in who.note
    services.broken.clear()
    assert (await services.gatherer.who(ANA, (), preview=False)).held.profile.known


async def test_an_unknown_customer_is_served_as_anonymous_and_that_is_said() -> None:
    who = await Services().gatherer.who(CustomerRef(customer_id="9999"), (), preview=False)
    assert who.note == "There is no customer '9999'; served as anonymous."


@pytest.mark.parametrize(("broken", "missing"), [(RECOMMEND, "shelves"), (DECIDE, "decided")])
async def test_a_part_that_fails_is_a_value_and_its_sibling_comes(broken: Endpoint[Any, Any], missing: str) -> None:
    services = Services()
    services.broken.add(broken.subject)
    parts = await services.parts(await services.gatherer.who(ANA, (), preview=False))
    other = {"shelves": "decided", "decided": "shelves"}[missing]
    assert getattr(parts, missing) is None
    assert "is broken" in getattr(parts, f"{missing}_missing")
    assert getattr(parts, other) is not None


async def test_what_was_answered_before_stands_in_for_who_does_not_answer() -> None:
    services = Services()
    who = await services.gatherer.who(ANA, (), preview=False)
    asked = await services.parts(who)
    services.broken |= {RECOMMEND.subject, DECIDE.subject}
    services.now += 30.0
    parts = await services.parts(who)
    assert (parts.shelves, parts.shelves_missing) == (asked.shelves, "")
    assert (parts.decide, parts.decided) == (asked.decide, asked.decided)
    services.now += 60.0
    assert (await services.parts(who)).shelves == asked.shelves
    assert "is broken" in (await services.parts(who)).decided_missing


async def test_what_changed_since_does_not_come_back_while_nobody_answers() -> None:
    services = Services()
    await services.parts(await services.gatherer.who(ANA, (), preview=False))
    services.broken |= {RECOMMEND.subject, DECIDE.subject}
    services.cache.announce(shop.profile(version=9), services.now)
    parts = await services.parts(
        await services.gatherer.who(ANA, (), preview=False), cart=(CartLine(item_id="p2"),)
    )
    assert parts.shelves is not None
    assert [picks.items for picks in parts.shelves.by_slot.values()] == [()]
    assert parts.decided is None


async def test_an_expired_profile_is_asked_for_again() -> None:
    services = Services()
    await services.gatherer.who(ANA, (), preview=False)
    services.now += 601
    services.version = 4
    assert (await services.gatherer.who(ANA, (), preview=False)).held.profile.version == 4


async def test_after_an_outage_of_nats_a_profile_is_asked_for_again_once() -> None:
    services = Services()
    await services.gatherer.who(ANA, (), preview=False)
    services.now += 1
    services.cache.doubt(services.now)
    for _ in range(3):
        await services.gatherer.who(ANA, (), preview=False)
    assert len(services.asked_of(ProfileQuery)) == 2


async def test_all_of_whom_nothing_is_known_share_one_profile() -> None:
    services = Services()
    for _ in range(3):
        await services.gatherer.who(CustomerRef(), (), preview=False)
    assert len(services.asked_of(ProfileQuery)) == 1
    assert services.cache.get(CustomerRef()) is not None
