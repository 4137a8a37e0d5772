"""The first page: what runs now, what it brought, what needs attention."""

from __future__ import annotations

import time
from typing import Any

from litestar import Response, get

from tailorbird.studio.desk.access import AnyRequest, desk_of
from tailorbird.studio.desk.documents.atwork import STATES
from tailorbird.studio.desk.documents.kinds import KINDS
from tailorbird.studio.desk.pages import answer

__all__ = ["HANDLERS"]

SHOWN = 12
"""Drafts on the first page; lists have the others."""


@get("/", opt={"role": "viewer"}, include_in_schema=False)
async def home(request: AnyRequest) -> Response[str]:
    """What runs now, what it brought this week against the holdout, what needs attention."""
    desk, now = desk_of(request), time.time()
    at_work, drafts = await desk.at_work(), await desk.drafts_of()
    running: list[dict[str, Any]] = []
    for kind in KINDS:
        if kind.single:  # There is one or none: no number says anything.
            continue
        counts: dict[str, int] = dict.fromkeys(STATES, 0) | dict(at_work.counts(kind.kind, now))
        running.append(
            {"kind": kind, "counts": counts, "drafts": sum(key.startswith(f"{kind.kind}/") for key in drafts)}
        )
    # What waits for somebody first, then what was written last.
    waiting = sorted(drafts.items(), key=lambda one: (one[1].stage != "proposed", -one[1].at))
    return answer(
        request, "home.html", title="Home", running=running, drafts=waiting[:SHOWN], more=len(waiting[SHOWN:]),
        fresh=not at_work.of("layout") and not at_work.of("offer"), states=STATES, now=now,
        latest=await desk.audit.latest(8), plurals={kind.kind: kind.plural for kind in KINDS},
    )  # fmt: skip


HANDLERS = (home,)
