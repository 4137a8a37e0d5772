"""What visitors from a site come for, as an operator writes it."""

from __future__ import annotations

from tailorbird.contracts.wire import Fault

__all__ = ["parse_referrers"]


def parse_referrers(text: str) -> dict[str, tuple[str, ...]]:
    """Host -> names of departments or categories, of `host=Name,Name; host=Name`. Raises Fault(422)."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        host, equals, names = part.partition("=")
        interests = tuple(name.strip() for name in names.split(",") if name.strip())
        if not equals or not host.strip() or not interests:
            raise Fault(
                422,
                f"TAILORBIRD_RECOMMENDER_REFERRERS is wrong at '{part}': write `host=Department,Category; host=...`.",
            )
        found[host.strip().lower().removeprefix("www.")] = interests
    return found
