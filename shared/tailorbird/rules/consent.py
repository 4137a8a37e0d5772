"""What may be done for somebody at this moment, purpose by purpose: by their own word, their browser's, or a default.

Global Privacy Control, which a browser sends with a request, refuses advertising and personalization of that request
whatever was said before: it is the latest word there is. Else the person's own word counts. Where none was said, the
default of the region counts: the most specific one that is set (`US-CA`, `US`, `EU`, `*`).
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from tailorbird.contracts.words import Consent

__all__ = ["DEFAULTS", "GPC_REFUSES", "PURPOSES", "ConsentDefaults", "Verdict", "allowed", "verdicts"]

PURPOSES = ("analytics", "personalization", "email", "advertising")
GPC_REFUSES = frozenset({"personalization", "advertising"})
DEFAULTS = "EU=none *=all"
"""In Europe nothing without a yes; elsewhere everything until a no."""

_EUROPE = "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
"""The European Economic Area, Switzerland and the United Kingdom: region `EU`."""


class Verdict(Struct, frozen=True, omit_defaults=True):
    """Whether one purpose is allowed, and whose word that is."""

    granted: bool
    source: str
    """`browser`, `server`, `imported`: the person's own word and how it came. `gpc`. `default`: of the region."""
    at: int = 0
    """When it was said; 0: nobody said it."""


class ConsentDefaults:
    """Which purposes are allowed without a word, by region."""

    def __init__(self, text: str = DEFAULTS) -> None:
        """`text`: `EU=none US-CA=analytics+email *=all`. Raises ValueError with a sentence."""
        self._regions: dict[str, frozenset[str]] = {"*": frozenset(PURPOSES)}
        for part in text.split():
            region, sign, said = part.partition("=")
            purposes = {"all": PURPOSES, "none": ()}.get(said, tuple(said.split("+")))
            unknown = sorted(set(purposes) - set(PURPOSES))
            if not sign or not region or unknown:
                raise ValueError(
                    f"'{part}' is no default of a region: write REGION=all, REGION=none, or purposes joined by + "
                    f"({', '.join(PURPOSES)})."
                )
            self._regions[region.upper()] = frozenset(purposes)

    def granted(self, region: str) -> frozenset[str]:
        """The purposes allowed in this region (`DE`, `US-CA`; empty: not known) while nobody said anything."""
        code = region.strip().upper().replace("_", "-")
        country = code.partition("-")[0]
        for name in (code, country, "EU" if len(country) == 2 and country in _EUROPE else ""):
            if name and name in self._regions:
                return self._regions[name]
        return self._regions["*"]


def verdicts(words: Mapping[str, Consent], region: str, gpc: bool, defaults: ConsentDefaults) -> dict[str, Verdict]:
    """Purpose -> what holds of it now. `words`: what the person said; `gpc`: what this request's browser says."""
    granted = defaults.granted(region)
    found: dict[str, Verdict] = {}
    for purpose in PURPOSES:
        word = words.get(purpose)
        if gpc and purpose in GPC_REFUSES:
            found[purpose] = Verdict(False, "gpc")
        elif word is not None:
            found[purpose] = Verdict(word.granted, word.source, word.at)
        else:
            found[purpose] = Verdict(purpose in granted, "default")
    return found


def allowed(words: Mapping[str, Consent], purpose: str, needs_word: bool) -> bool:
    """Whether this purpose is allowed by these words; `needs_word`: the region's default does not allow it."""
    word = words.get(purpose)
    return word.granted if word is not None else not needs_word
