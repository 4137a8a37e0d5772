"""Two people wrote at the same time: both writings side by side, to be brought together by whoever came second."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response
from msgspec import UNSET

from tailorbird.studio.desk.access import AnyRequest
from tailorbird.studio.desk.documents.differences import Difference, merged, placed
from tailorbird.studio.desk.documents.kinds import Kind
from tailorbird.studio.desk.documents.opened import Clash, Saved
from tailorbird.studio.desk.pages import answer

__all__ = ["brought_together", "clash_page", "said_of_saving"]


def clash_page(
    request: AnyRequest, kind: Kind, identity: str, clash: Clash, *, publishing: bool = False
) -> Response[str]:
    """Says 412, what they changed, what both changed, and lets the second choose place by place."""
    theirs = clash.opened.document or {}
    found = merged(clash.base or {}, theirs, clash.mine)
    who = clash.opened.draft.by if clash.opened.draft and not publishing else ""
    return answer(
        request, "documents/clash.html", 412, kind=kind, identity=identity, found=found, who=who, publishing=publishing,
        title="Somebody else was faster", revision=clash.opened.revision,
        base=clash.opened.at_work_digest if publishing else clash.opened.base,
        mine=msgspec.json.encode(found.document).decode(), theirs=msgspec.json.encode(theirs).decode(),
        contested=[_shown(one) for one in found.contested],
    )  # fmt: skip


def said_of_saving(saved: Saved) -> str:
    """What the next page says: whose changes stand beside one's own, if anybody's."""
    if not saved.theirs:
        return "Saved as a draft."
    places = ", ".join(saved.theirs).replace("_", " ")
    return f"Saved as a draft, beside what {saved.who} changed meanwhile: {places}."


def brought_together(mine: bytes, theirs: bytes, take_theirs: list[str]) -> dict[str, Any]:
    """Mine, but for these places: there theirs."""
    document: Any = msgspec.json.decode(mine, type=dict[str, object])
    other = msgspec.json.decode(theirs, type=dict[str, object])
    for place in take_theirs:
        document = placed(document, other, place)
    return dict(document)


def _shown(difference: Difference) -> dict[str, object]:
    return {
        "path": difference.path,
        "theirs": None if difference.before is UNSET else difference.before,
        "mine": None if difference.after is UNSET else difference.after,
    }
