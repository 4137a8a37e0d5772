"""What rules can test of some customers, taken by chance: for whoever looks for what sets customers apart."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from tailorbird.bus import Asker
from tailorbird.contracts.profiles import PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.reports import SampledPerson
from tailorbird.rules.attributes import attributes_of

__all__ = ["sample_of"]

_PAGE = 200


async def sample_of(asker: Asker, persons: int) -> tuple[SampledPerson, ...]:
    """Of the first persons by pseudonym, which means nothing: a sample by chance."""
    found: list[SampledPerson] = []
    after = ""
    while len(found) < persons:
        page = await asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=_PAGE))
        found += [
            SampledPerson(person=one.person, attributes=Raw(msgspec.json.encode(attributes_of(one.facts))))
            for one in page.profiles
        ]
        after = page.after
        if not after:
            break
    return tuple(found[:persons])
