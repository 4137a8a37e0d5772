"""What is at work now, in rows that a list can show: title, state, from when to when; ready to be searched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from tailorbird.host.documentkeys import digest
from tailorbird.studio.desk.documents.drafts import Draft
from tailorbird.studio.desk.documents.kinds import KINDS, Kind
from tailorbird.studio.desk.documents.naming import title_of

__all__ = ["STATES", "AtWork", "Listed", "Row", "State"]

State = Literal["running", "scheduled", "ended", "off", "new"]
STATES: dict[State, str] = {
    "running": "Running",
    "scheduled": "Scheduled",
    "ended": "Ended",
    "off": "Switched off",
    "new": "Not published",
}
PAGE = 50


class Row(Struct, frozen=True, kw_only=True):
    """One document in a list."""

    key: str
    id: str
    title: str
    body: str
    """Digest of what is at work."""
    active: bool = True
    starts: float | None = None
    ends: float | None = None
    detail: str = ""
    text: str = ""
    """Everything in it, lower case, for searching."""

    def state(self, now: float) -> State:
        if not self.active:
            return "off"
        if self.starts is not None and now < self.starts:
            return "scheduled"
        return "ended" if self.ends is not None and now >= self.ends else "running"


class Listed(Struct, frozen=True, kw_only=True):
    """A page of a list."""

    rows: tuple[tuple[Row, State, Draft | None], ...]
    counts: Mapping[str, int]
    """State -> how many match the search; `drafts` and `all` too."""
    total: int
    """Of the state chosen."""
    page: int
    pages: int

    @property
    def dated(self) -> bool:
        """Whether any of these rows begins or ends."""
        return any(row.starts is not None or row.ends is not None for row, _, _ in self.rows)

    @property
    def written(self) -> bool:
        """Whether any of these rows is being written on."""
        return any(draft is not None for _, _, draft in self.rows)


class AtWork:
    """Every document of every owner, by kind; told of changes one by one."""

    def __init__(self) -> None:
        self._kinds = {kind.kind: kind for kind in KINDS}
        self._rows: dict[str, dict[str, Row]] = {kind.kind: {} for kind in KINDS}
        self._order: dict[str, list[Row]] = {}
        self._states: dict[str, _Stated] = {}

    def take(self, key: str, body: bytes | None) -> None:
        """What is at work under `kind/id` from now on; None: nothing."""
        name, _, identity = key.partition("/")
        kind = self._kinds.get(name)
        if kind is None:
            return
        self._order.pop(name, None)
        self._states.pop(name, None)
        if body is None:
            self._rows[name].pop(identity, None)
        else:
            self._rows[name][identity] = row_of(kind, identity, body)

    def of(self, kind: str) -> list[Row]:
        """In the order of a list: by title."""
        found = self._order.get(kind)
        if found is None:
            rows = self._rows.get(kind, {}).values()
            found = self._order[kind] = sorted(rows, key=lambda row: (row.title.lower(), row.id))
        return found

    def row(self, kind: str, identity: str) -> Row | None:
        return self._rows.get(kind, {}).get(identity)

    def ids(self, kind: str) -> list[str]:
        return sorted(self._rows.get(kind, {}))

    def counts(self, kind: str, now: float) -> Mapping[str, int]:
        """State -> how many."""
        return self._stated(kind, now).counts

    def listed(
        self, kind: Kind, drafts: Mapping[str, Draft], now: float, *, wanted: str = "", state: str = "", page: int = 1
    ) -> Listed:
        """A page of those that hold every word of `wanted`, in this state (`drafts`: being written)."""
        words = wanted.lower().split()
        stated = self._stated(kind.kind, now)
        pairs: Sequence[Pair] = [*self._new(kind, drafts), *stated.pairs] if drafts else stated.pairs
        for word in words:
            pairs = [pair for pair in pairs if word in pair[0].text]
        written = [pair for pair in pairs if pair[0].key in drafts] if drafts else []
        found = Counter(pair[1] for pair in pairs) if words or drafts else stated.counts
        counts: dict[str, int] = dict.fromkeys(map(str, STATES), 0) | dict(found)
        counts |= {"all": len(pairs), "drafts": len(written)}
        chosen = written if state == "drafts" else [pair for pair in pairs if pair[1] == state] if state else pairs
        pages = max(1, -(-len(chosen) // PAGE))
        page = min(max(page, 1), pages)
        shown = chosen[(page - 1) * PAGE : page * PAGE]
        return Listed(
            rows=tuple((row, its, drafts.get(row.key)) for row, its in shown),
            counts=counts,
            total=len(chosen),
            page=page,
            pages=pages,
        )

    def _stated(self, kind: str, now: float) -> _Stated:
        """Every row with its state: found once, and again when a document changes or one begins or ends."""
        held = self._states.get(kind)
        if held is None or not held.since <= now < held.until:
            rows = self.of(kind)
            pairs = [(row, row.state(now)) for row in rows]
            turns = [at for row in rows for at in (row.starts, row.ends) if at is not None and at > now]
            held = self._states[kind] = _Stated(pairs, Counter(its for _, its in pairs), now, min(turns, default=inf))
        return held

    def _new(self, kind: Kind, drafts: Mapping[str, Draft]) -> Iterable[Pair]:
        """Drafts of what was never published."""
        prefix = f"{kind.kind}/"
        there = self._rows[kind.kind]
        for key in sorted(drafts):
            identity = key.removeprefix(prefix)
            if key.startswith(prefix) and identity not in there:
                title = drafts[key].title or identity
                yield Row(key=key, id=identity, title=title, body="", text=f"{identity} {title}".lower()), "new"


Pair = tuple[Row, State]


class _Stated(Struct, frozen=True):
    """Rows with their states, and from when to when these hold."""

    pairs: list[Pair]
    counts: Mapping[str, int]
    since: float
    until: float


def row_of(kind: Kind, identity: str, body: bytes) -> Row:
    """The document as a row."""
    document: dict[str, Any] = msgspec.json.decode(body)
    return Row(
        key=f"{kind.kind}/{identity}",
        id=identity,
        title=title_of(kind, document) or identity,
        body=digest(body),
        # Experiments say by their status whether anybody takes part.
        active=document.get("active", True) is not False and document.get("status", "running") == "running",
        starts=_moment(document.get("starts_at"), document),
        ends=_moment(document.get("ends_at"), document),
        detail=_detail(document),
        text=f"{identity} {body.decode('utf-8', 'replace')[:4_000]}".lower(),
    )


def _detail(document: Mapping[str, Any]) -> str:
    """What a list says of it beside its title."""
    said: list[str] = []
    if "does" in document:
        about = sum(len(document.get(name) or ()) for name in ("items", "categories", "brands"))
        said.append(f"{document['does']} of {about} item{'s' if about != 1 else ''} or kinds of item")
    if "kind" in document:
        said.append(str(document["kind"]).replace("_", " "))
    if document.get("value"):
        said.append(f"{document['value']:g}")
    if document.get("channel") or document.get("channels"):
        said.append(", ".join(document.get("channels") or [document["channel"]]).replace("_", " "))
    if isinstance(document.get("variants"), list):
        count = len(document["variants"])
        said.append(f"{count} variant{'s' if count != 1 else ''}")
    if document.get("on"):
        said.append("on " + ", ".join(document["on"]))
    if document.get("description"):
        said.append(str(document["description"])[:120])
    return " · ".join(said)


def _moment(text: Any, document: Mapping[str, Any]) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
        zone = ZoneInfo(document["zone"]) if document.get("zone") else UTC
    except (ValueError, KeyError, OSError):
        return None
    return (read if read.tzinfo else read.replace(tzinfo=zone)).timestamp()
