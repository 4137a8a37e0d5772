"""Visits: events with silences of less than half an hour between them, whatever the order they are heard of in."""

from __future__ import annotations

from collections.abc import Iterable

from tailorbird.profiles.profile import SESSION_GAP, Session

__all__ = ["latest_two", "running"]

SEARCHES_KEPT = 10


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
    )
