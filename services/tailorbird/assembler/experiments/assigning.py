"""Which variant somebody gets: a pure function of experiment and person, the same in every process and for ever.

Each level of a factor draws a number for each person; the best of them wins, weights counted. So a level that gets more
weight takes people from the others and gives none away, and the other levels exchange nobody among themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from hashlib import blake2b

from msgspec import Struct

from tailorbird.assembler.experiments.document import Experiment

__all__ = ["Draw", "draw_of", "drawn", "position"]

_PARTS = 2.0**53


class Draw(Struct, frozen=True):
    """An experiment as far as assigning needs it."""

    layer: str
    """Salt of the position: the layer's, or the experiment's own."""
    begin: float
    end: float
    """Positions from `begin` to below `end` take part."""
    factors: tuple[tuple[tuple[str, str, float], ...], ...]
    """For each factor its levels: (salt, id, weight)."""


def draw_of(experiment_id: str, experiment: Experiment) -> Draw:
    """What is drawn by, made once when the document changes."""
    layer = f"layer {experiment.layer}" if experiment.layer else f"experiment {experiment_id}"
    # A share of .1 behind .9 must end where the layer does, not a rounding error before.
    end = round(experiment.layer_from + experiment.share, 9)
    factors = tuple(
        tuple((f"{experiment_id}/{factor.id}/{level.id}", level.id, level.weight) for level in factor.levels)
        for factor in experiment.factors
    )
    return Draw(layer, experiment.layer_from, end, factors)


def position(salt: str, person: str) -> float:
    """Where in [0, 1) this person lies; positions by two salts have nothing to do with each other."""
    text = f"{salt}\0{person}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(blake2b(text, digest_size=8).digest(), "big") >> 11) / _PARTS


def drawn(draw: Draw, person: str) -> tuple[str, ...] | None:
    """The level of each factor for this person; None: they do not take part."""
    if not draw.begin <= position(draw.layer, person) < draw.end:
        return None
    return tuple([_level(levels, person) for levels in draw.factors])


def _level(levels: Sequence[tuple[str, str, float]], person: str) -> str:
    best, chosen = -math.inf, ""
    for salt, level, weight in levels:
        # The logarithm of an even draw, divided by the weight: each wins with the probability of its weight.
        found = math.log(position(salt, person) or 1.0 / _PARTS) / weight
        if found > best:
            best, chosen = found, level
    return chosen
