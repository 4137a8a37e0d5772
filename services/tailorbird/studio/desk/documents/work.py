"""A document's way: written as a draft, proposed, approved, published; later undone or retired. Each step is logged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from tailorbird.bus import Asker, Bucket
from tailorbird.contracts.documents import Applied, ApplyQuery, Document
from tailorbird.contracts.wire import Fault
from tailorbird.host.documentkeys import bucket_key, digest
from tailorbird.studio.desk.documents.bodies import Bodies
from tailorbird.studio.desk.documents.differences import Merged, merged
from tailorbird.studio.desk.documents.drafts import Draft, Drafts
from tailorbird.studio.desk.documents.kinds import Kind
from tailorbird.studio.desk.documents.naming import title_of
from tailorbird.studio.desk.documents.opened import Clash, Opened, Saved
from tailorbird.studio.desk.documents.versions import Version, Versions
from tailorbird.studio.desk.people.audit import Audit
from tailorbird.studio.desk.people.roles import Member, may

__all__ = ["Work"]

_TRIES = 20
"""How often a save is tried again that another process was faster with."""


class Work:
    """Carries documents on. `buckets`: of the owners, by name, only read here."""

    def __init__(
        self,
        asker: Asker,
        buckets: dict[str, Bucket],
        bodies: Bodies,
        drafts: Drafts,
        versions: Versions,
        audit: Audit,
        clock: Callable[[], float],
    ) -> None:
        self._asker = asker
        self._buckets = buckets
        self._bodies = bodies
        self._drafts = drafts
        self._versions = versions
        self._audit = audit
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def opened(self, kind: Kind, identity: str) -> Opened:
        """The document as it stands now."""
        key = f"{kind.kind}/{identity}"
        live, draft, versions = await asyncio.gather(
            self._at_work(kind, key), self._drafts.get(key), self._versions.of(key)
        )
        written = await self._bodies.get(draft.body) if draft else live
        return Opened(
            key=key,
            document=msgspec.json.decode(written) if written else None,
            live=live,
            draft=draft,
            versions=tuple(versions),
        )

    async def said(self, name: str) -> dict[str, Any] | None:
        """What a document said, by digest."""
        body = await self._bodies.get(name)
        return msgspec.json.decode(body) if body else None

    async def check(self, kind: Kind, identity: str, document: Any) -> Applied:
        """What its owner would say of it; nothing is changed."""
        query = ApplyQuery(documents=(_document(kind, identity, _encoded(document)),), dry_run=True)
        return await self._asker.ask(kind.owner.apply, query)

    async def save(
        self, kind: Kind, identity: str, mine: dict[str, Any], who: str, *, revision: int, base: str, note: str = ""
    ) -> Saved:
        """The draft, saved on top of what the form showed.

        What somebody else saved into the draft meanwhile, at other places, stands beside it. Raises Clash when both
        changed the same, and when the draft was carried on meanwhile: that is for a person to look at.
        """
        key = f"{kind.kind}/{identity}"
        # Within a process whoever comes second waits: fifty who all try at once would mostly try in vain.
        async with self._turns.setdefault(key, asyncio.Lock()):
            for _ in range(_TRIES):
                before = await self._drafts.get(key)
                live = None if before else await self._at_work(kind, key)
                there = (before.revision, before.body) if before else (0, digest(live))
                found = None
                if there != (revision, base):
                    found = await self._together(kind, identity, before, mine, base)
                body = await self._bodies.keep(_encoded(found.document if found else mine))
                if live:
                    await self._bodies.keep(live)
                draft = Draft(
                    body=body,
                    title=title_of(kind, found.document if found else mine),
                    instead_of=before.instead_of if before else there[1],
                    by=who,
                    at=self._clock(),
                    note=note or (before.note if before else ""),
                    writers=tuple(dict.fromkeys((*(before.writers if before else ()), who))),
                )
                try:
                    saved = await self._drafts.put(key, draft, there[0])
                except Fault as fault:
                    if fault.code != 412:
                        raise
                    continue
                await self._audit.note(who, "saved", key, before=there[1], after=body, note=note)
                other = before.by if found and before else ""
                return Saved(draft=replace(draft, revision=saved), theirs=found.theirs if found else (), who=other)
        raise Clash(await self.opened(kind, identity), await self.said(base), mine)

    async def _together(
        self, kind: Kind, identity: str, draft: Draft | None, mine: dict[str, Any], base: str
    ) -> Merged:
        """Both writings in one. Raises Clash where somebody has to say."""
        begun = await self.said(base)
        if draft is not None and draft.stage == "draft" and begun is not None:
            found = merged(begun, await self.said(draft.body) or {}, mine)
            if not found.contested:
                return found
        raise Clash(await self.opened(kind, identity), begun, mine)

    async def propose(self, kind: Kind, identity: str, who: Member, note: str) -> None:
        """Says that it is ready. Raises Fault(422) with each mistake that its owner finds."""
        opened, draft = await self._draft(kind, identity)
        await self._refuse_mistakes(kind, identity, opened.document)
        changed = replace(draft, stage="proposed", note=note or draft.note, at=self._clock())
        await self._step(opened, changed, who.name, "proposed", note)

    async def approve(self, kind: Kind, identity: str, who: Member, note: str = "") -> None:
        """Allows it to be published. Raises Fault(403) for whoever wrote it, unless they are an admin."""
        opened, draft = await self._draft(kind, identity)
        if draft.stage != "proposed":
            raise Fault(409, "Only what was proposed can be approved.")
        if who.name in draft.writers and not may(who.role, "admin"):
            raise Fault(403, "You wrote part of this: somebody else has to approve it.")
        changed = replace(draft, stage="approved", approved_by=who.name, at=self._clock())
        await self._step(opened, changed, who.name, "approved", note)

    async def send_back(self, kind: Kind, identity: str, who: Member, note: str) -> None:
        """Makes it a draft again, with the reason."""
        opened, draft = await self._draft(kind, identity)
        changed = replace(draft, stage="draft", approved_by="", note=note or draft.note, at=self._clock())
        await self._step(opened, changed, who.name, "sent back", note)

    async def discard(self, kind: Kind, identity: str, who: Member) -> None:
        """Forgets the draft; what is at work stays."""
        opened, draft = await self._draft(kind, identity)
        await self._drafts.drop(opened.key)
        await self._audit.note(who.name, "discarded", opened.key, before=draft.body, after=opened.at_work_digest)

    async def publish(self, kind: Kind, identity: str, who: Member) -> Version:
        """Puts the approved draft to work. Raises Clash when what is at work is not what it was begun from."""
        opened, draft = await self._draft(kind, identity)
        if draft.stage != "approved":
            raise Fault(409, "Only what was approved can be published.")
        if opened.at_work_digest != draft.instead_of:
            theirs = replace(opened, document=opened.at_work)
            raise Clash(theirs, await self.said(draft.instead_of), opened.document or {})
        await self._note_what_was_found(opened)
        version = await self._put(kind, opened, opened.document, who.name, "published", draft.note)
        await self._drafts.drop(opened.key)
        return version

    async def retire(self, kind: Kind, identity: str, who: Member, note: str = "") -> Version:
        """Takes it out of force; its versions stay and can be had again."""
        opened = await self.opened(kind, identity)
        if opened.at_work is None:
            raise Fault(409, "It is not at work, so there is nothing to retire.")
        await self._note_what_was_found(opened)
        return await self._put(kind, opened, None, who.name, "retired", note)

    async def change_at_work(
        self, kind: Kind, identity: str, change: Callable[[dict[str, Any]], dict[str, Any]], who: Member, deed: str
    ) -> Version:
        """A change that is no matter of writing (a new secret), at work at once and a version like any other."""
        opened = await self.opened(kind, identity)
        if opened.at_work is None:
            raise Fault(409, "It is not at work: publish it first.")
        await self._note_what_was_found(opened)
        return await self._put(kind, opened, change(opened.at_work), who.name, deed, "")

    async def undo(self, kind: Kind, identity: str, who: Member) -> Version:
        """Puts to work what was at work before the latest version; undoing twice is as before."""
        opened = await self.opened(kind, identity)
        await self._note_what_was_found(opened)
        versions = await self._versions.of(opened.key)
        if not versions:
            raise Fault(409, "It has never been changed in the studio: there is nothing to undo.")
        before = versions[-2].body if len(versions) > 1 else ""
        note = f"back to version {versions[-2].number}" if len(versions) > 1 else "back to nothing"
        return await self._put(kind, opened, await self.said(before), who.name, "undone", note)

    async def rewrite(self, kind: Kind, identity: str, number: int, who: str) -> Saved:
        """A draft that says what version `number` said. Raises Fault(404, 409)."""
        opened = await self.opened(kind, identity)
        wanted = next((one for one in opened.versions if one.number == number), None)
        document = await self.said(wanted.body) if wanted else None
        if document is None:
            raise Fault(404, f"Of version {number} nothing is kept.")
        note = f"as in version {number}"
        return await self.save(kind, identity, document, who, revision=opened.revision, base=opened.base, note=note)

    async def take_as_base(self, kind: Kind, identity: str, mine: dict[str, Any], who: str, base: str) -> Draft:
        """The draft, now written on top of what is at work, after somebody has looked at both."""
        opened, draft = await self._draft(kind, identity)
        if opened.at_work_digest != base:
            raise Clash(replace(opened, document=opened.at_work), await self.said(base), mine)
        body = await self._bodies.keep(_encoded(mine))
        changed = replace(
            draft, body=body, title=title_of(kind, mine), instead_of=base, stage="draft", by=who, at=self._clock(),
            approved_by="",
        )  # fmt: skip
        saved = await self._drafts.put(opened.key, replace(changed, revision=0), draft.revision)
        await self._audit.note(
            who, "saved", opened.key, before=draft.body, after=body, note="on top of what is at work"
        )
        return replace(changed, revision=saved)

    async def _put(
        self, kind: Kind, opened: Opened, document: dict[str, Any] | None, who: str, deed: str, note: str
    ) -> Version:
        identity = opened.key.partition("/")[2]
        instead_of = {opened.key: opened.at_work_digest}
        if document is None:
            query = ApplyQuery(documents=(), retire=(opened.key,), instead_of=instead_of)
        else:
            query = ApplyQuery(documents=(_document(kind, identity, _encoded(document)),), instead_of=instead_of)
        applied = await self._asker.ask(kind.owner.apply, query)
        if applied.problems:
            raise Fault(422, applied.problems[0].sentence, applied.problems)
        live = await self._at_work(kind, opened.key)
        body = await self._bodies.keep(live) if live else ""
        await self._audit.note(who, deed, opened.key, before=opened.at_work_digest, after=body, note=note)
        return await self._versions.add(opened.key, at=self._clock(), who=who, deed=deed, body=body, note=note)

    async def _note_what_was_found(self, opened: Opened) -> None:
        """What came to work outside of the studio becomes a version too, so that it can be had again."""
        last = opened.versions[-1].body if opened.versions else ""
        if opened.live is None or last == opened.at_work_digest:
            return
        await self._bodies.keep(opened.live)
        await self._versions.add(
            opened.key,
            at=self._clock(),
            who="",
            deed="found",
            body=opened.at_work_digest,
            note="from outside the studio",
        )

    async def _refuse_mistakes(self, kind: Kind, identity: str, document: Any) -> None:
        found = await self.check(kind, identity, document)
        if found.problems:
            raise Fault(422, f"It can't be proposed yet: {found.problems[0].sentence}", found.problems)

    async def _step(self, opened: Opened, draft: Draft, who: str, deed: str, note: str) -> None:
        await self._drafts.put(opened.key, replace(draft, revision=0), draft.revision)
        await self._audit.note(who, deed, opened.key, before=draft.body, after=draft.body, note=note)

    async def _draft(self, kind: Kind, identity: str) -> tuple[Opened, Draft]:
        opened = await self.opened(kind, identity)
        if opened.draft is None:
            raise Fault(409, "There is no draft of it any more: somebody published or discarded it.")
        return opened, opened.draft

    async def _at_work(self, kind: Kind, key: str) -> bytes | None:
        entry = await self._buckets[kind.owner.bucket].get(bucket_key(key))
        return entry.value or None if entry else None


def _encoded(document: Any) -> bytes:
    return msgspec.json.encode(document)


def _document(kind: Kind, identity: str, body: bytes) -> Document:
    return Document(kind=kind.kind, id=identity, body=Raw(body))
