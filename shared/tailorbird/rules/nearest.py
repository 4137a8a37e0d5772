"""Names that nothing has so far: told with the name that is nearest, and never refused, as they may come to be."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence

from tailorbird.contracts.wire import Problem

__all__ = ["nearest", "unknown_names"]

TOLD = 5
"""Unknown names of one list that are told each by itself."""
COMPARED = 2_000
"""Among more names than these only those are found that are one slip of the keyboard away."""
ALIKE = 0.7


def unknown_names(path: str, given: Sequence[str], known: Collection[str], sentence: str) -> Iterator[Problem]:
    """A note for each name that is not known: `$.scope.categories[1]`. sentence: with `{}` for the name."""
    unknown = [(place, name) for place, name in enumerate(given) if name not in known]
    for place, name in unknown[:TOLD]:
        near = nearest(name, known)
        hint = f" Did you mean '{near}'?" if near else ""
        yield Problem(path=f"{path}[{place}]", sentence=sentence.format(f"'{name}'") + hint)
    if len(unknown) > TOLD:
        yield Problem(path=path, sentence=f"{len(unknown) - TOLD:,} more of these {len(given):,} are not known either.")


def nearest(name: str, known: Collection[str]) -> str:
    """The known name that was probably meant; empty when none is near."""
    folded = name.casefold()
    alike = next((one for one in known if one.casefold() == folded), "")
    if alike:
        return alike
    if len(known) <= COMPARED:
        return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=ALIKE)), "")
    return next((one for one in _slips(name) if one in known), "")


def _slips(name: str) -> Iterator[str]:
    """The name with two letters exchanged, one left out, one another, one added."""
    letters = sorted(set("0123456789abcdefghijklmnopqrstuvwxyz-_ ") | set(name))
    for place in range(len(name)):
        before, after = name[:place], name[place:]
        yield before + after[1:2] + after[:1] + after[2:]
        yield before + after[1:]
        for letter in letters:
            yield before + letter + after[1:]
            yield before + letter + after
    for letter in letters:
        yield name + letter
