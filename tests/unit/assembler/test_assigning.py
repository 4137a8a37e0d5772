"""Who gets which variant: evenly by chance, always alike, and nobody moves who need not when shares grow."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import msgspec

from tailorbird.assembler.experiments.assigning import draw_of, drawn, position
from tailorbird.assembler.experiments.document import Experiment, variants_of

MILLION = 1_000_000


def experiment(**changes: Any) -> Experiment:
    body = {
        "status": "running",
        "factors": [{"id": "headline", "levels": [{"id": "as_it_is"}, {"id": "question"}]}],
    }
    return msgspec.convert(body | changes, Experiment)


def assigned(count: int, **changes: Any) -> list[tuple[str, ...] | None]:
    draw = draw_of("headline", experiment(**changes))
    return [drawn(draw, f"customer:{number}") for number in range(count)]


def too_far(found: int, count: int, share: float) -> bool:
    """More than five standard deviations off: chance does that once in two million times."""
    return abs(found - count * share) > 5 * math.sqrt(count * share * (1 - share))


def test_a_million_people_are_shared_out_evenly_within_chance() -> None:
    counts = Counter(assigned(MILLION))
    assert set(counts) == {("as_it_is",), ("question",)}
    assert not too_far(counts["question",], MILLION, 0.5)
    # Neighbouring ids have nothing to do with each other.
    places = Counter(int(position("x", f"a-{number}") * 100) for number in range(200_000))
    squares = sum((places[place] - 2_000) ** 2 / 2_000 for place in range(100))
    assert 45 < squares < 175


def test_weights_and_shares_hold_within_chance() -> None:
    levels = [{"id": "a"}, {"id": "b", "weight": 2}, {"id": "c", "weight": 5}]
    counts = Counter(assigned(100_000, share=0.4, factors=[{"id": "f", "levels": levels}]))
    assert not too_far(counts[None], 100_000, 0.6)
    for level, share in (("a", 0.05), ("b", 0.1), ("c", 0.25)):
        assert not too_far(counts[level,], 100_000, share)


def test_when_the_share_grows_everybody_keeps_their_variant() -> None:
    before, after = assigned(20_000, share=0.2), assigned(20_000, share=0.7)
    assert all(later == earlier for earlier, later in zip(before, after, strict=True) if earlier is not None)
    assert sum(one is not None for one in after) > 3 * sum(one is not None for one in before)


def test_a_level_that_grows_takes_people_and_gives_none_away() -> None:
    def shared(weight: float) -> list[tuple[str, ...] | None]:
        levels = [{"id": "a"}, {"id": "b"}, {"id": "c", "weight": weight}]
        return assigned(20_000, factors=[{"id": "f", "levels": levels}])

    moves = {(one, other) for one, other in zip(shared(1), shared(3), strict=True) if one != other}
    assert moves == {(("a",), ("c",)), (("b",), ("c",))}


def test_factors_are_drawn_independently_of_each_other() -> None:
    two = [{"id": name, "levels": [{"id": "no"}, {"id": "yes"}]} for name in ("colour", "copy")]
    counts = Counter(assigned(100_000, factors=two))
    assert len(counts) == 4
    assert not any(too_far(found, 100_000, 0.25) for found in counts.values())
    assert [variant for variant, _ in variants_of(experiment(factors=two))] == ["no+no", "no+yes", "yes+no", "yes+yes"]


def test_experiments_of_one_layer_never_meet_and_others_meet_by_chance() -> None:
    def members(name: str, **changes: Any) -> set[int]:
        draw = draw_of(name, experiment(**changes))
        return {number for number in range(20_000) if drawn(draw, f"anonymous:{number}") is not None}

    first, second = members("a", layer="home", share=0.3), members("b", layer="home", share=0.7, layer_from=0.3)
    assert not first & second
    assert len(first | second) == 20_000
    alone = members("c", share=0.3)
    assert not too_far(len(first & alone), 20_000, 0.09)
