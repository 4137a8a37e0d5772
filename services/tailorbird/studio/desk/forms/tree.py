"""A posted form as a tree: the names of its fields are places in a document (`slots[1].title`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["STEP", "Tree", "tree_of"]

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_MOST_STEPS = 40

Tree = dict[str | int, Any]


def tree_of(posted: Mapping[str, Sequence[str]]) -> Tree:
    """Fields by their names' steps: `slots[1].title` lies under `slots`, 1, `title`. Entries stand in posted order."""
    tree: Tree = {}
    for name, values in posted.items():
        steps = [int(place) if place else word for word, place in STEP.findall(name)]
        if not steps or len(steps) > _MOST_STEPS:
            continue
        held = tree
        for step in steps[:-1]:
            inner = held.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            held = inner
        else:
            held[steps[-1]] = list(values)
    return tree
