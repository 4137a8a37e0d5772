"""Which variant of each experiment somebody had first, and whether they have had another since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from tailorbird.contracts.experiments import EXPOSED_EVENT, Exposure
from tailorbird.profiles.person.products import text

__all__ = ["EXPOSED", "exposure_of", "first_seen"]

EXPOSED = EXPOSED_EVENT.lower()
EXPOSURES_KEPT = 50


def exposure_of(properties: Mapping[str, Any], at: float) -> tuple[Exposure, ...]:
    """What the event tells of; nothing where it names no experiment or no variant."""
    experiment_id, variant_id = text(properties.get("experiment_id")), text(properties.get("variation_id"))
    return (Exposure(experiment_id, variant_id, round(at, 3)),) if experiment_id and variant_id else ()


def first_seen(exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """Each experiment once, with the variant that came first, whichever order they were heard in; the latest kept.

    Where another variant came too it is a crossover.
    """
    found: dict[str, Exposure] = {}
    for one in exposures:
        known = found.get(one.experiment_id)
        if known is None:
            found[one.experiment_id] = one
            continue
        first = min(known, one, key=lambda either: (either.at, either.variant_id))
        crossed = known.crossover or one.crossover or known.variant_id != one.variant_id
        found[one.experiment_id] = replace(first, crossover=crossed)
    ordered = sorted(found.values(), key=lambda one: (-one.at, one.experiment_id))
    return tuple(ordered[:EXPOSURES_KEPT])
