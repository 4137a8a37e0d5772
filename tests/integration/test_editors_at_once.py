"""Many people write the same documents at once: every edit is kept, whoever comes second is told, nobody overwrites."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from typing import Any

import msgspec
import pytest

from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.documents import Applied, ApplyQuery, Document
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker
from tailorbird.host.documents import DocumentStore
from tailorbird.offers.documents.offer import Offer
from tailorbird.studio.desk.documents.bodies import Bodies
from tailorbird.studio.desk.documents.differences import merged
from tailorbird.studio.desk.documents.drafts import Drafts
from tailorbird.studio.desk.documents.kinds import kind_at
from tailorbird.studio.desk.documents.opened import Clash
from tailorbird.studio.desk.documents.versions import Versions
from tailorbird.studio.desk.documents.work import Work
from tailorbird.studio.desk.people.audit import Audit, Change
from tailorbird.studio.desk.people.roles import Member

pytestmark = pytest.mark.anyio

FULL = os.environ.get("FAULTS_SIZE") == "full"
EDITORS, EDITS = (50, 100) if FULL else (10, 12)
OFFERS = kind_at("offers")


class Owner:
    """Asks the store of offers without a wire."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def ask(self, endpoint: Any, query: Any) -> Any:
        del endpoint
        assert isinstance(query, ApplyQuery)
        applied: Applied = await self._store.apply(query)
        return applied


@pytest.mark.timeout(1_800 if FULL else 300)
@pytest.mark.parametrize("documents", [1, 3 if not FULL else 500], ids=["all on one document", "on many documents"])
async def test_no_edit_of_many_editors_is_lost(brokers: tuple[Broker, Broker], documents: int) -> None:
    bus_server, ledger_server = brokers
    chance = random.Random(7)
    async with connect("editors", Address(bus_server.url), Address(ledger_server.url)) as bus:
        offers = await bus.bucket(f"editors_{documents}_offers")
        store = await DocumentStore.open(offers, {"offer": Offer})
        moments = iter(range(1, 10**9))
        names = ("bodies", "drafts", "versions", "audit")
        bodies, drafts, versions, audit = [await bus.bucket(f"editors_{documents}_{name}") for name in names]
        log = Audit(audit, lambda: float(next(moments)))
        # Two processes of the studio: each lets its own editors come one after the other.
        studios = [
            Work(
                Owner(store), {"offers": offers}, Bodies(bodies), Drafts(drafts), Versions(versions), log,  # type: ignore[arg-type]
                lambda: float(next(moments)),
            )
            for _ in range(2)
        ]  # fmt: skip
        shown: Counter[str] = Counter()
        written: dict[tuple[str, str], str] = {}

        async def edits_of(editor: str, work: Work) -> None:
            """Writes a line of their own in one offer after the other; now and then the headline, as others do."""
            for number in range(EDITS):
                identity = f"shared-{chance.randrange(documents)}"
                opened = await work.opened(OFFERS, identity)
                revision, base, document = opened.revision, opened.base, dict(opened.document or FIRST)
                document["creatives"] = {**document.get("creatives", {}), editor: {"headline": f"edit {number}"}}
                written[identity, editor] = f"edit {number}"
                if number % 10 == 0:
                    document["headline"] = f"{editor}, {number}"
                while True:
                    try:
                        await work.save(OFFERS, identity, document, editor, revision=revision, base=base)
                        break
                    except Clash as clash:
                        shown[identity] += 1
                        found = merged(clash.base or FIRST, clash.opened.document or FIRST, clash.mine)
                        revision, base, document = clash.opened.revision, clash.opened.base, found.document

        began = time.perf_counter()
        await asyncio.gather(*(edits_of(f"editor{one}", studios[one % 2]) for one in range(EDITORS)))
        print(f"{EDITORS * EDITS:,} edits of {EDITORS} editors on {documents} documents: "
              f"{time.perf_counter() - began:.1f} s, {shown.total():,} shown as a difference")  # fmt: skip
        held = {one: (await studios[0].opened(OFFERS, one)).document or {} for one in {what for what, _ in written}}
        assert written == {
            (one, editor): line["headline"]
            for one, document in held.items()
            for editor, line in document["creatives"].items()
        }
        changes = list(reversed(await log.latest(10**6)))
        assert len(changes) == EDITORS * EDITS
        assert _forks(changes) == []
        assert shown.total() > 0


def _forks(changes: list[Change]) -> list[str]:
    """Documents of which some edit was written on top of another than the one before it."""
    follows: dict[str, dict[str, str]] = {}
    for change in changes:
        follows.setdefault(change.what, {})[change.before] = change.after
    made = Counter(change.what for change in changes)
    return [what for what, steps in follows.items() if len(steps) != made[what]]


FIRST: dict[str, Any] = {"kind": "percent_off", "value": 10.0, "headline": "Shared"}


async def test_what_was_changed_at_work_meanwhile_is_not_overwritten_by_publishing(
    brokers: tuple[Broker, Broker],
) -> None:
    bus_server, ledger_server = brokers
    moments = iter(range(1, 10**9))
    admin = Member(name="admin", role="admin", password="")
    editor = Member(name="editor", role="editor", password="")
    async with connect("editors", Address(bus_server.url), Address(ledger_server.url)) as bus:
        store = await DocumentStore.open(await bus.bucket("publishing_offers"), {"offer": Offer})
        names = ("bodies", "drafts", "versions", "audit")
        bodies, drafts, versions, audit = [await bus.bucket(f"publishing_{name}") for name in names]
        work = Work(
            Owner(store), {"offers": await bus.bucket("publishing_offers")}, Bodies(bodies), Drafts(drafts),  # type: ignore[arg-type]
            Versions(versions), Audit(audit, lambda: float(next(moments))), lambda: float(next(moments)),
        )  # fmt: skip

        async def ready(document: dict[str, Any]) -> None:
            opened = await work.opened(OFFERS, "one")
            await work.save(OFFERS, "one", document, "editor", revision=opened.revision, base=opened.base)
            await work.propose(OFFERS, "one", editor, "")
            await work.approve(OFFERS, "one", admin)

        await ready(FIRST)
        await work.publish(OFFERS, "one", admin)
        await ready({**FIRST, "value": 20.0})
        outside = await store.apply(_outside({**FIRST, "headline": "From elsewhere"}))
        assert outside.problems == ()
        with pytest.raises(Clash) as clash:
            await work.publish(OFFERS, "one", admin)
        found = merged(clash.value.base, clash.value.opened.at_work, clash.value.mine)
        assert found.contested == ()
        await work.take_as_base(OFFERS, "one", found.document, "editor", clash.value.opened.at_work_digest)
        await work.propose(OFFERS, "one", editor, "")
        with pytest.raises(Fault, match="wrote part of this"):
            await work.approve(OFFERS, "one", Member(name="editor", role="approver", password=""))
        await work.approve(OFFERS, "one", admin)
        await work.publish(OFFERS, "one", admin)
        at_work = (await work.opened(OFFERS, "one")).at_work or {}
        assert (at_work["value"], at_work["headline"]) == (20.0, "From elsewhere")
        assert [one.deed for one in (await work.opened(OFFERS, "one")).versions] == ["published", "found", "published"]
        await work.undo(OFFERS, "one", admin)
        assert ((await work.opened(OFFERS, "one")).at_work or {})["value"] == 10.0
        await work.retire(OFFERS, "one", admin)
        assert (await work.opened(OFFERS, "one")).live is None
        await work.undo(OFFERS, "one", admin)
        assert (await work.opened(OFFERS, "one")).live is not None


def _outside(document: dict[str, Any]) -> ApplyQuery:
    return ApplyQuery(documents=(Document(kind="offer", id="one", body=msgspec.Raw(msgspec.json.encode(document))),))
