"""What an experiment changes, for whom, and what is told of a mistake in one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tailorbird.assembler.experiments.checking import check_experiments
from tailorbird.assembler.experiments.document import Experiment, Holdout
from tailorbird.assembler.experiments.trials import Subject, is_held_out, subject_of
from tailorbird.assembler.layouts.choosing import Book, Face
from tailorbird.assembler.layouts.document import Layout
from tailorbird.contracts.experiments import Assignment, Exposure
from tailorbird.contracts.words import CustomerFacts, CustomerRef
from tests.unit.assembler import shop

SLOTS = [
    {"id": "hero", "type": "hero"},
    {"id": "offers", "type": "offers", "count": 4},
    {"id": "for_you", "type": "recommendations"},
]
EVERYONE = {"id": "everyone", "hero": {"headline": "Hi"}, "slots": SLOTS}


def home() -> Layout:
    return shop.layout(
        EVERYONE | {"id": "families", "personas": ["families"], "hero": {"headline": "Dear family"}}, EVERYONE
    )


def level(name: str, *changes: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": name, "changes": [{"layout": "home"} | change for change in changes], **fields}


def experiment(*levels: dict[str, Any], **changes: Any) -> Experiment:
    factors = [{"id": "copy", "levels": [level("as_it_is"), *levels]}]
    return msgspec.convert({"status": "running", "factors": factors} | changes, Experiment)


QUESTION = level("question", {"part": "hero.headline", "value": "What is for dinner?"})


def documents(**experiments: Experiment) -> dict[str, dict[str, Any]]:
    return {"layout": {"home": home()}, "experiment": experiments}


def shown(subject: Subject, **experiments: Experiment) -> tuple[Face, tuple[Assignment, ...]]:
    """What a visitor of the home page gets for whom the last variant is."""
    face = Book(documents(**experiments)).page("home", "web")[-1]
    return face.trials.face_for(subject, face) if face.trials is not None else (face, ())


def somebody(unit: str = "customer:1", **fields: Any) -> Subject:
    return msgspec.structs.replace(Subject(unit, CustomerFacts(), {}, shop.NOW), **fields)


def headline(face: Face) -> str:
    assert face.variant.hero is not None
    return face.variant.hero.headline


def unit_with(variant: str, **experiments: Experiment) -> str:
    """Somebody who gets this variant by chance."""
    units = (f"customer:{number}" for number in range(1_000))
    return next(unit for unit in units if shown(somebody(unit), **experiments)[1][0].variant_id == variant)


def test_a_page_without_an_experiment_has_nothing_to_look_up() -> None:
    assert all(face.trials is None for face in Book({"layout": {"home": home()}}).page("home", "web"))


def test_both_variants_are_shown_and_told() -> None:
    for variant, words in (("as_it_is", "Hi"), ("question", "What is for dinner?")):
        dinner = experiment(QUESTION)
        face, assignments = shown(somebody(unit_with(variant, dinner=dinner)), dinner=dinner)
        assert headline(face) == words
        assert assignments == (Assignment(experiment_id="dinner", variant_id=variant, exposed=True),)


CHANGES: list[tuple[dict[str, Any], Any]] = [
    ({"part": "theme.palette.accent", "value": "#123456"}, lambda face: face.theme["palette"]["accent"] == "#123456"),
    ({"part": "theme.density", "value": "airy"}, lambda face: face.theme["density"] == "airy"),
    ({"part": "slots.offers.count", "value": 2}, lambda face: face.decisions[0].count == 2),
    (
        {"part": "slots.for_you.strategy", "value": "trending"},
        lambda face: face.variant.slots[2].strategy == "trending",
    ),
    ({"part": "slots.offers"}, lambda face: [one.id for one in face.variant.slots] == ["hero", "for_you"]),
    ({"part": "slot_order", "value": ["for_you"]}, lambda face: face.variant.slots[0].id == "for_you"),
    ({"part": "slots.for_you", "value": {"type": "articles"}}, lambda face: face.variant.slots[2].type == "articles"),
    ({"part": "navigation", "value": [{"label": "A", "url": "/a"}]}, lambda face: len(face.variant.navigation) == 1),
]


@pytest.mark.parametrize(("change", "so"), CHANGES)
def test_any_part_of_a_layout_can_be_tried(change: dict[str, Any], so: Any) -> None:
    tried = experiment(level("other", change))
    assert check_experiments(documents(tried=tried)) == []
    assert so(shown(somebody(unit_with("other", tried=tried)), tried=tried)[0])


def test_a_full_factorial_changes_each_factors_part() -> None:
    factors = [
        {"id": "copy", "levels": [level("as_it_is"), QUESTION]},
        {"id": "look", "levels": [level("as_it_is"), level("airy", {"part": "theme.density", "value": "airy"})]},
    ]
    both = msgspec.convert({"status": "running", "factors": factors}, Experiment)
    face, _ = shown(somebody(unit_with("question+airy", both=both)), both=both)
    assert (headline(face), face.theme["density"]) == ("What is for dinner?", "airy")


def test_another_ranking_of_offers_is_tried_where_offers_stand() -> None:
    ranking = experiment({"id": "bold", "goal": "bold"})
    assert check_experiments(documents(ranking=ranking)) == []
    unit = next(f"customer:{n}" for n in range(99) if shown(somebody(f"customer:{n}"), ranking=ranking)[0].tried.goal)
    face, assignments = shown(somebody(unit), ranking=ranking)
    assert (face.tried.goal, assignments[0].variant_id, assignments[0].exposed) == ("bold", "bold", False)
    assert headline(face) == "Hi"
    trials = Book(documents(ranking=ranking)).page("home", "web")[-1].trials
    assert trials is not None
    assert not trials.exposed(assignments, {"items"})[0].exposed
    assert trials.exposed(assignments, {"offers"})[0].exposed


def test_another_model_is_tried_where_items_stand() -> None:
    models = experiment({"id": "newer", "model": "m-2"})
    assert check_experiments(documents(models=models)) == []
    face, assignments = shown(somebody(unit_with("newer", models=models)), models=models)
    assert (face.tried.model, assignments[0].exposed) == ("m-2", False)
    trials = Book(documents(models=models)).page("home", "web")[-1].trials
    assert trials is not None
    assert trials.exposed(assignments, {"items"})[0].exposed
    assert not trials.exposed(assignments, {"offers"})[0].exposed
    met = check_experiments(documents(models=models, others=experiment({"id": "third", "model": "m-3"})))
    assert ["recommends items by another model too" in problem.sentence for problem in met] == [True]


def test_what_changes_another_variant_only_is_no_experiment_for_this_one() -> None:
    of_families = level("other", {"part": "hero.headline", "value": "Hey", "variant": "families"})
    assert shown(somebody(), tried=experiment(of_families))[1] == ()
    same = level("same", {"part": "hero.headline", "value": "Hi", "variant": "everyone"})
    assert shown(somebody(), tried=experiment(same))[1] == ()


def test_only_the_audience_takes_part_while_it_runs() -> None:
    gold = experiment(QUESTION, audience={"segments": ["gold"]})
    assert shown(somebody(), gold=gold)[1] == ()
    assert shown(somebody(facts=CustomerFacts(segments=("gold",))), gold=gold)[1] != ()
    rule = {"field": "context.device", "operator": "=", "value": "phone"}
    on_phones = experiment(QUESTION, audience={"rule": rule})
    assert shown(somebody(), phones=on_phones)[1] == ()
    assert shown(somebody(context={"context.device": "phone"}), phones=on_phones)[1] != ()
    assert shown(somebody(), draft=experiment(QUESTION, status="draft"))[1] == ()
    assert shown(somebody(), late=experiment(QUESTION, starts_at="2030-01-01T00:00:00Z"))[1] == ()
    assert shown(somebody(), over=experiment(QUESTION, ends_at="2026-11-01T00:00:00"))[1] == ()
    assert shown(somebody(unit=""), dinner=experiment(QUESTION))[1] == ()


def test_a_preview_shows_the_variant_that_it_asks_for() -> None:
    face, _ = shown(somebody(unit="", wanted={"draft": "question"}), draft=experiment(QUESTION, status="draft"))
    assert headline(face) == "What is for dinner?"


def test_the_variant_first_seen_stays_after_two_identities_became_one() -> None:
    dinner = experiment(QUESTION)
    unit = unit_with("as_it_is", dinner=dinner)
    seen = (Exposure("dinner", "question", 1_795_000_000, True),)
    _, assignments = shown(somebody(unit, exposures=seen), dinner=dinner)
    assert assignments == (Assignment(experiment_id="dinner", variant_id="question", exposed=True, crossover=True),)


def test_somebody_seen_in_two_experiments_of_a_layer_stays_in_the_first() -> None:
    one, other = experiment(QUESTION, layer="l", share=0.5), experiment(QUESTION, layer="l", share=0.5, layer_from=0.5)
    seen = (Exposure("other", "question", 10), Exposure("one", "as_it_is", 20))
    _, assignments = shown(somebody(exposures=seen), one=one, other=other)
    assert assignments == (Assignment(experiment_id="other", variant_id="question", exposed=True, crossover=True),)


def test_variants_are_drawn_by_the_customer_id_and_before_it_is_known_by_the_anonymous_one() -> None:
    assert subject_of(CustomerRef(), CustomerRef(anonymous_id="a")) == "anonymous:a"
    assert subject_of(CustomerRef(customer_id="c", anonymous_id="a"), CustomerRef(anonymous_id="a")) == "customer:c"
    assert subject_of(CustomerRef(), CustomerRef()) == ""


def test_the_holdout_takes_its_share_and_another_salt_takes_others() -> None:
    holdout = Holdout(share=0.2)
    held = {number for number in range(10_000) if is_held_out(holdout, f"customer:{number}")}
    assert 1_800 < len(held) < 2_200
    again = {number for number in held if is_held_out(Holdout(share=0.3), f"customer:{number}")}
    assert again == held
    others = {number for number in range(10_000) if is_held_out(Holdout(share=0.2, salt="2027"), f"customer:{number}")}
    assert len(held & others) < 600


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"layout": "hoem", "part": "hero.headline", "value": "x"}, "layout", "there are: home"),
    ({"layout": "home", "part": "hero.headlin", "value": "x"}, "value", "unknown field `headlin`"),
    ({"layout": "home", "part": "slots.offres.count", "value": 2}, "part", "it has hero, offers, for_you"),
    ({"layout": "home", "part": "slots.offers.count", "value": 0}, "value", ">= 1"),
    ({"layout": "home", "part": "personas", "value": ["x"]}, "value", "whom a variant is for"),
    ({"layout": "home", "part": "hero.headline", "value": "{nobody}"}, "value", "{nobody}"),
    ({"layout": "home", "part": "hero", "variant": "everyone"}, "value", "no [variants.hero]"),
    ({"layout": "home", "part": "hero.text", "value": "x", "variant": "famlies"}, "variant", "families, everyone"),
    ({"part": "hero.text", "value": "x"}, "", "name the id of one of them"),
]


@pytest.mark.parametrize(("change", "where", "sentence"), MISTAKES)
def test_a_mistake_in_a_change_is_told_with_its_place(change: dict[str, Any], where: str, sentence: str) -> None:
    body = {"factors": [{"id": "f", "levels": [{"id": "a"}, {"id": "b", "changes": [change]}]}]}
    problems = check_experiments(documents(tried=msgspec.convert(body, Experiment)))
    path = "experiment/tried $.factors[0].levels[1].changes[0]"
    assert [problem for problem in problems if problem.path == (f"{path}.{where}" if where else path)], problems
    assert any(sentence in problem.sentence for problem in problems), problems


def test_two_experiments_of_a_layer_do_not_take_the_same_people() -> None:
    one, other = experiment(QUESTION, layer="l", share=0.6), experiment(QUESTION, layer="l", share=0.5, layer_from=0.5)
    problems = check_experiments(documents(one=one, other=other))
    assert [problem.path for problem in problems] == ["experiment/other $.layer_from"]
    assert "layer_from = 0.6" in problems[0].sentence


def test_two_experiments_on_one_part_must_be_in_one_layer() -> None:
    whole = level("whole", {"part": "hero", "value": {"headline": "Ho"}})
    problems = check_experiments(documents(one=experiment(QUESTION), other=experiment(whole)))
    assert [problem.path for problem in problems] == ["experiment/other $.layer"]


def test_too_many_variants_and_nothing_to_try_are_told() -> None:
    many = [{"id": f"f{n}", "levels": [level("a"), level("b"), level("c")]} for n in range(4)]
    sentences = [one.sentence for one in check_experiments(documents(many=experiment(factors=many)))]
    assert any("81 variants" in one for one in sentences)
    assert any("nothing to try" in one for one in sentences)
