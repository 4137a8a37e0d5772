"""Whether a model may be promoted: not worse than the best of the last five, on the same validation, beyond a margin.

The comparison is with the best of several, not with the one in use, so that quality cannot decay in small steps; and
with the lower end of an interval, so that chance cannot wave a worse model through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["LAST", "MARGIN", "Difference", "Promotion", "Registered", "last_promoted", "objection", "previous"]

MARGIN = 0.05
"""So much of the best model's own value the interval of the difference may reach below zero."""
LAST = 5


class Difference(Struct, frozen=True):
    """By how much a model is better than another on the same customers: mean and 95 % interval, paired."""

    mean: float
    low: float
    high: float
    of: float
    """The other model's own value there."""


class Registered(Struct, frozen=True, kw_only=True):
    """A model in the registry."""

    version: str
    object: str
    trained_at: float
    until: int
    """Latest moment of its data."""
    data: str
    """Fingerprint of its data: equal for equal rows in any order."""
    interactions: int
    items: int
    settings: TrainingSettings
    code: str
    """Version of the code that trained it."""
    metric: str = ""
    validation: str = ""
    """Fingerprint of the customers and items that it was validated on, empty without validation."""
    values: tuple[float, ...] = ()
    """The metric of each of these customers."""
    metrics: dict[str, float] = {}
    against: dict[str, Difference] = {}
    """Version -> how it did beside that one's settings, both trained without the validation's weeks."""


class Promotion(Struct, frozen=True):
    """A model was put to work."""

    version: str
    at: float
    forced: str = ""
    """Why it was promoted although the check did not allow it."""
    rolled_back: bool = False


def last_promoted(promotions: Sequence[Promotion], count: int = LAST) -> list[str]:
    """Versions that served, the latest first, each once."""
    found = dict.fromkeys(promotion.version for promotion in reversed(promotions))
    return list(found)[:count]


def previous(promotions: Sequence[Promotion]) -> str | None:
    """The version that served before the one that serves now, None when there was none."""
    stack: list[str] = []
    for promotion in promotions:
        if promotion.rolled_back and promotion.version in stack:
            del stack[stack.index(promotion.version) + 1 :]
        elif not stack or stack[-1] != promotion.version:
            stack.append(promotion.version)
    return stack[-2] if len(stack) > 1 else None


def objection(candidate: Registered, rivals: Sequence[str], against: Mapping[str, Difference]) -> str | None:
    """Why the candidate may not be promoted, in a sentence; None when it may.

    rivals: the last versions that served. against: the candidate beside each of them on one validation.
    """
    others = [version for version in rivals if version != candidate.version]
    if not others:
        return None
    missing = [version for version in others if version not in against]
    if missing:
        return (
            f"Model {candidate.version} was not compared with {', '.join(missing)} on the same validation: "
            "train again, which compares."
        )
    best = max(others, key=lambda version: against[version].of)
    found = against[best]
    if found.low < -MARGIN * found.of:
        return (
            f"Model {candidate.version} may be worse than {best}, the best of the last {len(others)}: "
            f"{candidate.metric} differs by {found.mean:+.4f} (95 % interval {found.low:+.4f} to {found.high:+.4f}), "
            f"and {-MARGIN * found.of:+.4f} is the least that is allowed ({MARGIN:.0%} of {found.of:.4f})."
        )
    return None
