"""Visits: events with silences of less than half an hour between them, whatever the order they are heard of in."""

from __future__ import annotations

from collections.abc import Iterable

from tailorbird.profiles.person.noted import Dwell, Fence
from tailorbird.profiles.person.profile import SESSION_GAP, Session

__all__ = ["latest_two", "running"]

SEARCHES_KEPT = 10
DWELLS_KEPT = 100
FENCES_KEPT = 20


def latest_two(sessions: Iterable[Session | None]) -> tuple[Session | None, Session | None]:
    """The latest visit and the one before; visits that an event in between shows to be one become one."""
    ordered = sorted((one for one in sessions if one is not None), key=lambda one: (one.started, one.ended))
    merged: list[Session] = []
    for one in ordered:
        if merged and one.started - merged[-1].ended < SESSION_GAP:
            merged[-1] = _together(merged[-1], one)
        else:
            merged.append(one)
    last = merged[-1] if merged else None
    return last, merged[-2] if len(merged) > 1 else None


def running(session: Session | None, at: float) -> Session | None:
    """The visit if it goes on at that moment."""
    return session if session is not None and at - session.ended < SESSION_GAP else None


def _together(first: Session, second: Session) -> Session:
    return Session(
        started=first.started,
        ended=max(first.ended, second.ended),
        views=first.views + second.views,
        pages=first.pages + second.pages,
        searches=tuple(sorted({*first.searches, *second.searches}))[:SEARCHES_KEPT],
        referrer=first.referrer or second.referrer,
        campaign=first.campaign or second.campaign,
        dwells=_dwells(first.dwells, second.dwells),
        device=max(first.device, second.device),
        place=max(first.place, second.place),
        fences=_fences(first.fences, second.fences),
        checkout_at=max(first.checkout_at, second.checkout_at),
    )


def _dwells(one: tuple[Dwell, ...], other: tuple[Dwell, ...]) -> tuple[Dwell, ...]:
    if not one or not other:
        return one or other
    found = {dwell.item_id: dwell for dwell in one}
    for dwell in other:
        known = found.get(dwell.item_id)
        found[dwell.item_id] = (
            dwell
            if known is None
            else Dwell(dwell.item_id, known.seconds + dwell.seconds, known.hovers + dwell.hovers)
        )
    return tuple(sorted(found.values(), key=lambda dwell: dwell.item_id))[:DWELLS_KEPT]


def _fences(one: tuple[Fence, ...], other: tuple[Fence, ...]) -> tuple[Fence, ...]:
    if not one or not other:
        return one or other
    found = {fence.name: fence for fence in one}
    for fence in other:
        known = found.get(fence.name)
        if known is None or (fence.at, not fence.inside) > (known.at, not known.inside):
            found[fence.name] = fence
    return tuple(sorted(found.values(), key=lambda fence: fence.name))[:FENCES_KEPT]
