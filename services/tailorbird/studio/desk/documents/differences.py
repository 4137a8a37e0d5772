"""How two writings of a document differ, place by place; and two people's changes brought together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import UNSET, Struct

__all__ = ["Difference", "Merged", "differences", "merged", "placed", "plain"]

Step = str | int
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Difference(Struct, frozen=True):
    """One place in which they differ."""

    path: str
    """`limit.total`, `variants[0].slots[2]`, as forms name their fields."""
    before: Any
    """UNSET where there was nothing."""
    after: Any

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        if self.before is UNSET:
            return "added"
        return "removed" if self.after is UNSET else "changed"


def differences(before: Any, after: Any) -> list[Difference]:
    """In the order in which they stand. Lists of the same length are compared entry by entry, others as a whole
    unless their entries have ids.
    """
    return [Difference(_name(path), one, other) for path, one, other in _walk((), before, after)]


class Merged(Struct, frozen=True):
    """What came of bringing two people's changes together."""

    document: Any
    """With mine where both changed the same."""
    contested: tuple[Difference, ...]
    """Places that both changed, each to something else: `before` is theirs, `after` mine."""
    theirs: tuple[str, ...]
    """Places that only they changed: theirs was taken."""


def merged(base: Any, theirs: Any, mine: Any) -> Merged:
    """Theirs where only they changed something, mine where only I did; where both did, somebody has to say."""
    their_changes = {path: (one, other) for path, one, other in _walk((), base, theirs, deep=True)}
    my_paths = [path for path, _, _ in _walk((), base, mine, deep=True)]
    contested: list[Difference] = []
    taken: list[str] = []
    document = mine
    for path, (_, their) in their_changes.items():
        touching = [own for own in my_paths if own[: len(path)] == path or path[: len(own)] == own]
        if not touching:
            document = _with(document, path, their)
            taken.append(_name(path))
            continue
        place = min((*touching, path), key=len)
        one, other = _at(theirs, place), _at(mine, place)
        if one != other and _name(place) not in {found.path for found in contested}:
            contested.append(Difference(_name(place), one, other))
    return Merged(document, tuple(contested), tuple(taken))


def placed(document: Any, other: Any, place: str) -> Any:
    """The document, but at this place (`limit.total`) what the other one says."""
    path = tuple(int(number) if number else word for word, number in _STEP.findall(place))
    return _with(document, path, _at(other, path))


def plain(value: Any) -> str:
    """A value as one reads it in a difference."""
    if value is UNSET or value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(plain(one) for one in value) if value else "none"
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {plain(one)}" for name, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


def _walk(
    path: tuple[Step, ...], before: Any, after: Any, *, deep: bool = False
) -> Iterator[tuple[tuple[Step, ...], Any, Any]]:
    """`deep`: a group that was not there counts as one in which nothing stood, so that two may fill it at once."""
    if deep and path and {type(before), type(after)} == {dict, type(UNSET)}:
        before, after = ({} if one is UNSET else one for one in (before, after))
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            one, other = before.get(name, UNSET), after.get(name, UNSET)
            if one != other:
                yield from _walk((*path, name), one, other, deep=deep)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after) and _parts(before, after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk((*path, place), one, other, deep=deep)
    else:
        yield path, before, after


def _parts(before: list[Any], after: list[Any]) -> bool:
    """Whether entries stand for the same things: all objects, with the same ids where they have any."""
    pairs = list(zip(before, after, strict=True))
    if not all(isinstance(one, dict) and isinstance(other, dict) for one, other in pairs):
        return False
    return all(one.get("id") == other.get("id") for one, other in pairs)


def _name(path: tuple[Step, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return re.sub(r"^\.", "", text)


def _at(document: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return UNSET
    return document


def _with(held: Any, path: tuple[Step, ...], value: Any) -> Any:
    """A copy with this value at the path (UNSET: without), which shares all the rest with what was given."""
    if not path:
        return held if value is UNSET else value
    step, *rest = path
    if isinstance(held, list):
        return [_with(one, tuple(rest), value) if place == step else one for place, one in enumerate(held)]
    copy = dict(held) if isinstance(held, dict) else {}
    if value is UNSET and not rest:
        copy.pop(step, None)
    else:
        copy[step] = _with(copy.get(step, {}), tuple(rest), value)
    return copy
