"""Visits: events with silences of less than half an hour between them, whatever the order they are heard of in.

Heard of in disorder, one visit comes in pieces that only a late event joins, and the visit before stands behind all of
them. So more than the two that are told are kept: pieces near each other may be one visit, and of such groups there are
two as well. Who comes once a day has one piece a group, and nothing more is kept of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tailorbird.profiles.person.noted import Dwell, Fence
from tailorbird.profiles.person.profile import SESSION_GAP, Session, StoredProfile

__all__ = ["running", "sessions_of", "with_sessions"]

SEARCHES_KEPT = 10
DWELLS_KEPT = 100
FENCES_KEPT = 20
PIECES_KEPT = 24
NEAR = 43_200
"""Seconds between two pieces up to which events that are still to come may join them."""


def sessions_of(profile: StoredProfile) -> tuple[Session, ...]:
    """All that is kept, latest first."""
    return tuple([one for one in (profile.session, profile.previous_session) if one is not None]) + (
        profile.earlier_sessions
    )


def with_sessions(draft: StoredProfile, others: Sequence[Session]) -> None:
    """Puts these into the draft; what an event in between shows to be one visit becomes one."""
    latest = draft.session
    if latest is not None and len(others) == 1 and latest.started <= others[0].started < latest.ended + SESSION_GAP:
        # By far the most usual case: the visit goes on.
        draft.session = _together(latest, others[0])
        return
    kept = _kept(_joined((*sessions_of(draft), *others)))
    draft.session = kept[0] if kept else None
    draft.previous_session = kept[1] if len(kept) > 1 else None
    draft.earlier_sessions = kept[2:]


def running(session: Session | None, at: float) -> Session | None:
    """The visit if it goes on at that moment."""
    return session if session is not None and at - session.ended < SESSION_GAP else None


def _joined(sessions: Iterable[Session]) -> list[Session]:
    """Latest first."""
    joined: list[Session] = []
    for one in sorted(sessions, key=lambda one: (one.started, one.ended)):
        if joined and one.started - joined[-1].ended < SESSION_GAP:
            joined[-1] = _together(joined[-1], one)
        else:
            joined.append(one)
    joined.reverse()
    return joined


def _kept(latest_first: Sequence[Session]) -> tuple[Session, ...]:
    groups = 0
    for place, one in enumerate(latest_first):
        if not place or latest_first[place - 1].started - one.ended > NEAR:
            groups += 1
        if groups > 2 or place == PIECES_KEPT:
            return tuple(latest_first[:place])
    return tuple(latest_first)


def _together(first: Session, second: Session) -> Session:
    referrer_at, referrer = _first_told((first.referrer_at, first.referrer), (second.referrer_at, second.referrer))
    campaign_at, campaign = _first_told((first.campaign_at, first.campaign), (second.campaign_at, second.campaign))
    return Session(
        started=first.started,
        ended=max(first.ended, second.ended),
        views=first.views + second.views,
        pages=first.pages + second.pages,
        searches=tuple(sorted({*first.searches, *second.searches}))[:SEARCHES_KEPT],
        referrer=referrer,
        campaign=campaign,
        dwells=_dwells(first.dwells, second.dwells),
        device=max(first.device, second.device),
        place=max(first.place, second.place),
        fences=_fences(first.fences, second.fences),
        checkout_at=max(first.checkout_at, second.checkout_at),
        referrer_at=referrer_at,
        campaign_at=campaign_at,
    )


def _first_told(one: tuple[int, str], other: tuple[int, str]) -> tuple[int, str]:
    if not one[1] or not other[1]:
        return one if one[1] else other if other[1] else (0, "")
    return min(one, other)


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
