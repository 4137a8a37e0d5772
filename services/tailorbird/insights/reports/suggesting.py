"""Rules that the data suggests: which simple conditions set persons apart by what they do.

Conditions are found with one half of the persons and measured on the other, so that what looks best by chance does not
look good; what is left is corrected for how many were measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from tailorbird.contracts.reports import Estimate
from tailorbird.insights.statistics.comparing import difference, lift, sample_of
from tailorbird.insights.statistics.multiple import discovery
from tailorbird.rules.attributes import CATALOGUE, known
from tailorbird.rules.document import Rule
from tailorbird.rules.english import english
from tailorbird.rules.normal import normal

__all__ = ["Candidate", "Found", "candidates", "document_of", "found_rules"]

LEAST_REACH, MOST_REACH = 0.02, 0.6
FEWEST = 60
"""Persons of whom a rule must hold."""
VALUES_AT_MOST = 12
"""Values of a text or list that are tried."""
QUANTILES = (0.2, 0.4, 0.6, 0.8)
TRIED_TOGETHER = 12
"""The best single conditions that are also tried two by two."""
MEASURED = 40
SAME = 0.8
"""Rules that hold of the same persons to this share (Jaccard) are one."""


class Candidate(Struct, frozen=True):
    """A rule and for whom it holds."""

    rule: Rule
    holds: Any
    fields: tuple[str, ...]


class Found(Struct, frozen=True):
    """A rule that sets persons apart, measured on those with whom it was not found."""

    rule: Rule
    english: str
    reach: float
    persons: int
    lift: Estimate
    difference: Estimate
    p_corrected: float


def candidates(values: Sequence[Mapping[str, Any]]) -> Iterator[Candidate]:
    """Single conditions on attributes that may be suggested: no traits of who somebody is in life are among them."""
    names = Counter(name for one in values for name in one)
    for name in sorted(names):
        attribute = CATALOGUE.find(name)
        if attribute is None or (attribute.sensitive and name.startswith("customer.")):
            continue
        column = [known(attribute.type, one.get(name)) for one in values]
        if attribute.type == "number":
            yield from _thresholds(name, column)
        elif attribute.type in ("text", "yes_no"):
            for value, _ in Counter(one for one in column if one is not None).most_common(VALUES_AT_MOST):
                yield _candidate(name, "=", value, np.array([one == value for one in column]))
        elif attribute.type == "list":
            told = Counter(part for one in column if isinstance(one, tuple) for part in one)
            for value, _ in told.most_common(VALUES_AT_MOST):
                holds = np.array([isinstance(one, tuple) and value in one for one in column])
                yield _candidate(name, "contains", value, holds)


def found_rules(tried: Sequence[Candidate], outcome: Any, finding: Any, level: float, count: int) -> list[Found]:
    """The best rules, those that bring most persons most first. `finding`: the half with which rules are sought."""
    outcome = np.asarray(outcome, dtype=float)
    enough = [one for one in tried if _reaches(one.holds)]
    ranked = sorted(enough, key=lambda one: -_score(one.holds[finding], outcome[finding]))
    best = ranked[:TRIED_TOGETHER]
    pairs = [
        _both(one, other)
        for place, one in enumerate(best)
        for other in best[place + 1 :]
        if not set(one.fields) & set(other.fields)
    ]
    ranked = sorted(
        [*enough, *(one for one in pairs if _reaches(one.holds))],
        key=lambda one: -_score(one.holds[finding], outcome[finding]),
    )
    distinct: list[Candidate] = []
    for one in ranked:
        if len(distinct) == MEASURED:
            break
        if all(_overlap(one.holds, other.holds) < SAME for other in distinct):
            distinct.append(one)
    return _measured(distinct, outcome, ~finding, level)[:count]


def _measured(tried: Sequence[Candidate], outcome: Any, rest: Any, level: float) -> list[Found]:
    measured = []
    for one in tried:
        inside, outside = sample_of(outcome[rest & one.holds]), sample_of(outcome[rest & ~one.holds])
        apart, p_value = difference(inside, outside, level)
        if p_value is not None and apart.value is not None:
            measured.append((one, apart, lift(inside, outside, level), p_value))
    corrected = discovery([p_value for *_, p_value in measured])
    kept = [
        Found(
            rule=one.rule,
            english=english(normal(one.rule)),
            reach=float(one.holds.mean()),
            persons=int(one.holds.sum()),
            lift=relative,
            difference=apart,
            p_corrected=p_value,
        )
        for (one, apart, relative, _), p_value in zip(measured, corrected, strict=True)
        if p_value < level and (apart.value or 0.0) > 0.0
    ]
    return sorted(kept, key=lambda one: -(one.difference.low or 0.0) * one.reach)


def _thresholds(name: str, column: Sequence[Any]) -> Iterator[Candidate]:
    numbers = np.array([np.nan if one is None else float(one) for one in column])
    told = numbers[~np.isnan(numbers)]
    if not len(told):
        return
    for quantile in sorted(set(np.quantile(told, QUANTILES).tolist())):
        value = _round(quantile)
        with np.errstate(invalid="ignore"):
            yield _candidate(name, ">=", value, numbers >= value)
            yield _candidate(name, "<", value, numbers < value)


def _round(value: float) -> float | int:
    """A number that somebody would write: two digits that count."""
    shown = float(f"{value:.2g}")
    return int(shown) if shown.is_integer() else shown


def _candidate(name: str, operator: str, value: Any, holds: Any) -> Candidate:
    return Candidate(Rule(field=name, operator=operator, value=value), holds, (name,))


def _both(one: Candidate, other: Candidate) -> Candidate:
    rule = Rule(combinator="and", rules=(one.rule, other.rule))
    return Candidate(rule, one.holds & other.holds, one.fields + other.fields)


def _reaches(holds: Any) -> bool:
    return LEAST_REACH <= holds.mean() <= MOST_REACH and int(holds.sum()) >= FEWEST


def _score(holds: Any, outcome: Any) -> float:
    """How far apart, in standard errors: what few persons do weighs little."""
    inside, outside = sample_of(outcome[holds]), sample_of(outcome[~holds])
    if inside.count < 2 or outside.count < 2:
        return 0.0
    error = (inside.error + outside.error) ** 0.5
    return float((inside.mean - outside.mean) / error) if error > 0.0 else 0.0


def _overlap(one: Any, other: Any) -> float:
    either = int((one | other).sum())
    return int((one & other).sum()) / either if either else 1.0


def document_of(rule: Rule, name: str) -> bytes:
    """A segment's document with this rule."""
    return msgspec.json.encode({"name": name, "rule": rule})
