"""What is at work now, in rows that a list can show: title, state, from when to when; ready to be searched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from tailorbird.host.documentkeys import digest
from tailorbird.studio.desk.drafts import Draft
from tailorbird.studio.desk.kinds import KINDS, Kind

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


class AtWork:
    """Every document of every owner, by kind; told of changes one by one."""

    def __init__(self) -> None:
        self._kinds = {kind.kind: kind for kind in KINDS}
        self._rows: dict[str, dict[str, Row]] = {kind.kind: {} for kind in KINDS}
        self._order: dict[str, list[Row]] = {}

    def take(self, key: str, body: bytes | None) -> None:
        """What is at work under `kind/id` from now on; None: nothing."""
        name, _, identity = key.partition("/")
        kind = self._kinds.get(name)
        if kind is None:
            return
        self._order.pop(name, None)
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

    def listed(
        self, kind: Kind, drafts: Mapping[str, Draft], now: float, *, wanted: str = "", state: str = "", page: int = 1
    ) -> Listed:
        """A page of those that hold every word of `wanted`, in this state (`drafts`: being written)."""
        words = wanted.lower().split()
        rows = [row for row in self._with_new(kind, drafts) if all(word in row.text for word in words)]
        stated = [(row, row.state(now) if row.body else "new", drafts.get(row.key)) for row in rows]
        counts: dict[str, int] = dict.fromkeys((*STATES, "drafts"), 0) | {"all": len(stated)}
        for _, found, draft in stated:
            counts[found] += 1
            counts["drafts"] += draft is not None
        chosen = [one for one in stated if not state or one[1] == state or (state == "drafts" and one[2] is not None)]
        pages = max(1, -(-len(chosen) // PAGE))
        page = min(max(page, 1), pages)
        shown: Any = tuple(chosen[(page - 1) * PAGE : page * PAGE])
        return Listed(rows=shown, counts=counts, total=len(chosen), page=page, pages=pages)

    def _with_new(self, kind: Kind, drafts: Mapping[str, Draft]) -> Iterable[Row]:
        prefix = f"{kind.kind}/"
        there = self._rows[kind.kind]
        for key in sorted(drafts):
            identity = key.removeprefix(prefix)
            if key.startswith(prefix) and identity not in there:
                yield Row(key=key, id=identity, title=identity, body="", text=identity.lower())
        yield from self.of(kind.kind)


def row_of(kind: Kind, identity: str, body: bytes) -> Row:
    """The document as a row."""
    document: dict[str, Any] = msgspec.json.decode(body)
    named = [str(document[name]) for name in kind.named_by if document.get(name)]
    variants = document.get("variants")
    if not named and isinstance(variants, list) and variants:
        named = [str(variants[0][name]) for name in kind.named_by if variants[0].get(name)]
    return Row(
        key=f"{kind.kind}/{identity}",
        id=identity,
        title=named[0] if named else identity,
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
