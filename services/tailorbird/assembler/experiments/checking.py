"""Every mistake in a set of experiments that the types alone do not tell, each with its path and a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from tailorbird.assembler.experiments.changing import NotThere, changed, same_part
from tailorbird.assembler.experiments.document import MOST_VARIANTS, Change, Experiment, variants_of
from tailorbird.assembler.experiments.trials import changes_to
from tailorbird.assembler.layouts.document import Variant, check_variant
from tailorbird.contracts.wire import Problem
from tailorbird.rules.document import check_rule

__all__ = ["check_experiments"]

Documents = Mapping[str, Mapping[str, Any]]

_CHOICES = {"goal": "ranks offers by another goal", "model": "recommends items by another model"}
"""Fields of a level of which a page has but one value, and what they do."""


def check_experiments(documents: Documents) -> list[Problem]:
    """Every mistake, of one experiment by itself and of several together. A path starts with `experiment/<id>`."""
    experiments: Mapping[str, Experiment] = documents.get("experiment", {})
    problems: list[Problem] = []
    for experiment_id, experiment in experiments.items():
        path = f"experiment/{experiment_id} $"
        problems += _check_alone(experiment, path)
        problems += check_rule(experiment.audience.rule, f"{path}.audience.rule")
        problems += _check_changes(experiment, path, documents)
    problems += _check_layers(experiments)
    problems += _check_meeting(experiments)
    problems += [
        Problem(path=f"holdout/{name} $", sentence="There is one holdout, and its id is `default`.")
        for name in documents.get("holdout", {})
        if name != "default"
    ]
    return problems


def _check_alone(experiment: Experiment, path: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, factor in enumerate(experiment.factors):
        if factor.id in seen:
            yield Problem(path=f"{path}.factors[{place}].id", sentence=f"Two factors are called '{factor.id}'.")
        seen.add(factor.id)
        names = [level.id for level in factor.levels]
        for second, name in enumerate(names):
            if name in names[:second]:
                where = f"{path}.factors[{place}].levels[{second}].id"
                yield Problem(path=where, sentence=f"Two levels of this factor are called '{name}'.")
    count = sum(1 for _ in variants_of(experiment))
    if count > MOST_VARIANTS:
        sentence = f"Its factors make {count} variants; {MOST_VARIANTS} are the most that can be told apart."
        yield Problem(path=f"{path}.factors", sentence=sentence)
    if experiment.layer_from + experiment.share > 1.0 + 1e-9:
        sentence = f"From {experiment.layer_from:g} on there is room for a share of {1 - experiment.layer_from:g}."
        yield Problem(path=f"{path}.share", sentence=sentence)
    if experiment.layer_from and not experiment.layer:
        yield Problem(path=f"{path}.layer_from", sentence="Without a layer there is nothing to begin in: name one.")
    if experiment.starts_at and experiment.ends_at and _naive(experiment.starts_at) >= _naive(experiment.ends_at):
        yield Problem(path=f"{path}.ends_at", sentence="It ends before it starts.")


def _naive(moment: Any) -> Any:
    return moment.replace(tzinfo=None) - (moment.utcoffset() or moment - moment)


def _check_changes(experiment: Experiment, path: str, documents: Documents) -> Iterator[Problem]:
    some = False
    for first, factor in enumerate(experiment.factors):
        for second, level in enumerate(factor.levels):
            where = f"{path}.factors[{first}].levels[{second}]"
            some = some or bool(level.changes or level.goal or level.model)
            for third, change in enumerate(level.changes):
                yield from _check_change(change, level.changes[:third], f"{where}.changes[{third}]", documents)
    for (first, one), (second, other) in combinations(enumerate(experiment.factors), 2):
        for here, there in _pairs(one.levels, other.levels):
            if _meet(here, there):
                sentence = f"Factor '{one.id}' changes `{here.part}` too: a part belongs to one factor."
                yield Problem(path=f"{path}.factors[{second}]", sentence=sentence)
                break
        del first
    for name, does in _CHOICES.items():
        varying = [factor for factor in experiment.factors if any(getattr(level, name) for level in factor.levels)]
        if len(varying) > 1:
            sentence = f"Factor '{varying[0].id}' {does} too: one factor can."
            yield Problem(path=f"{path}.factors[{experiment.factors.index(varying[1])}]", sentence=sentence)
    if not some:
        yield Problem(path=f"{path}.factors", sentence="No level changes anything: there is nothing to try.")


def _check_change(change: Change, before: tuple[Change, ...], path: str, documents: Documents) -> Iterator[Problem]:
    if bool(change.layout) == bool(change.email):
        yield Problem(path=path, sentence="A change is in one `layout` or in one `email`: name the id of one of them.")
        return
    kind, identity = ("layout", change.layout) if change.layout else ("email", change.email)
    document = documents.get(kind, {}).get(identity)
    if document is None:
        known = ", ".join(sorted(documents.get(kind, {}))) or "none"
        yield Problem(path=f"{path}.{kind}", sentence=f"There is no {kind} '{identity}'; there are: {known}.")
        return
    variants: list[Variant] = [one for one in document.variants if change.variant in ("", one.id)]
    if not variants:
        known = ", ".join(one.id for one in document.variants)
        yield Problem(path=f"{path}.variant", sentence=f"There is no variant '{change.variant}'; there are: {known}.")
        return
    made = 0
    missing = ""
    for variant in variants:
        try:
            after = changed(variant, (*changes_to((kind, identity), variant, before), change))
        except NotThere as error:
            missing = missing or str(error)
            continue
        except ValueError as error:
            yield Problem(path=f"{path}.value", sentence=f"In variant '{variant.id}': {error}")
            return
        made += 1
        found = check_variant(after, "")
        if found:
            yield Problem(path=f"{path}.value", sentence=f"In variant '{variant.id}': {found[0].sentence}")
            return
    if not made:
        yield Problem(path=f"{path}.part", sentence=missing)


def _check_layers(experiments: Mapping[str, Experiment]) -> Iterator[Problem]:
    """Those of one layer take different parts of it."""
    in_layers = sorted(
        (one.layer, one.layer_from, name) for name, one in experiments.items() if one.layer and one.status != "stopped"
    )
    for (layer, begin, name), (other_layer, other_begin, other) in combinations(in_layers, 2):
        end = round(begin + experiments[name].share, 9)
        if layer == other_layer and other_begin < end - 1e-9:
            sentence = (
                f"In layer '{layer}' experiment '{name}' takes {begin:g} to {end:g}, and this one begins at "
                f"{other_begin:g}: write layer_from = {end:g} or more, or make one of the shares smaller."
            )
            yield Problem(path=f"experiment/{other} $.layer_from", sentence=sentence)


def _check_meeting(experiments: Mapping[str, Experiment]) -> Iterator[Problem]:
    """Two that change the same part must not meet in one person."""
    running = [(name, one) for name, one in experiments.items() if one.status == "running"]
    for (name, one), (other_name, other) in combinations(running, 2):
        if one.layer and one.layer == other.layer:
            continue
        levels = [level for factor in one.factors for level in factor.levels]
        others = [level for factor in other.factors for level in factor.levels]
        for field, does in _CHOICES.items():
            if any(getattr(level, field) for level in levels) and any(getattr(level, field) for level in others):
                sentence = f"Experiment '{name}' {does} too: put both into one layer."
                yield Problem(path=f"experiment/{other_name} $.layer", sentence=sentence)
        for here, there in _pairs(levels, others):
            if _meet(here, there):
                sentence = f"Experiment '{name}' changes `{here.part}` of it too: put both into one layer."
                yield Problem(path=f"experiment/{other_name} $.layer", sentence=sentence)
                break


def _pairs(levels: Any, others: Any) -> Iterator[tuple[Change, Change]]:
    for level in levels:
        for other in others:
            for here in level.changes:
                for there in other.changes:
                    yield here, there


def _meet(here: Change, there: Change) -> bool:
    if (here.layout, here.email) != (there.layout, there.email):
        return False
    if here.variant and there.variant and here.variant != there.variant:
        return False
    return same_part(here.part, there.part)
