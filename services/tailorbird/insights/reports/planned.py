"""What an experiment's document plans: the variant that others are compared with, shares, and the levels of factors."""

from __future__ import annotations

from itertools import product
from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.contracts.evidence import ExperimentQuery

__all__ = ["Plan", "plan_of", "planned"]


class Plan(Struct, frozen=True):
    """Empty where nothing is planned."""

    control: str = ""
    shares: dict[str, float] = {}
    factors: dict[str, dict[str, str]] = {}
    """Variant -> factor -> level, where there is more than one factor."""


def planned(query: ExperimentQuery) -> ExperimentQuery:
    """The query with what its document plans, where it says nothing else itself."""
    document = msgspec.json.decode(bytes(query.document))
    plan = plan_of(document if isinstance(document, dict) else {})
    return msgspec.structs.replace(
        query, control=query.control or plan.control, shares=query.shares or plan.shares,
        factors=query.factors or plan.factors,
    )  # fmt: skip


def plan_of(document: dict[str, Any]) -> Plan:
    """The plan of a document as the assembler keeps it; what is not understood is left out."""
    factors = document.get("factors")
    if not isinstance(factors, list) or not factors:
        return Plan()
    names = [str(factor.get("id", "")) for factor in factors]
    levels = [
        [(str(level.get("id", "")), float(level.get("weight", 1.0))) for level in factor["levels"]]
        for factor in factors
    ]
    shares: dict[str, float] = {}
    of_variant: dict[str, dict[str, str]] = {}
    for chosen in product(*levels):
        variant, share = "+".join(name for name, _ in chosen), 1.0
        for _, weight in chosen:
            share *= weight
        shares[variant] = share
        of_variant[variant] = dict(zip(names, (name for name, _ in chosen), strict=True))
    total = sum(shares.values())
    return Plan(
        control=next(iter(shares)),
        shares={variant: share / total for variant, share in shares.items()},
        factors=of_variant if len(names) > 1 else {},
    )
