"""Models change under load: every answer is one model's, none fails; and a changed artifact never serves."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.recommender import PUT_ITEMS, RECOMMEND, Items, Recommendations
from tailorbird.contracts.wire import Fault
from tailorbird.host.broker import Broker, free_port
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tailorbird.recommender.registry.promoting import Registered
from tailorbird.recommender.registry.store import Registry
from tailorbird.recommender.service import SERVICE, Settings
from tailorbird.recommender.training.train import train
from tests.unit.recommender.smallshop import COOK, SETTINGS, interactions, item_table, items, model, query

pytestmark = pytest.mark.anyio

FULL = os.environ.get("FAULTS_SIZE") == "full"
SWAPS = 100 if FULL else 8
FLIPPED = 10_000 if FULL else 300
PATIENT = msgspec.structs.replace(RECOMMEND, budget_ms=30_000)
QUERY = query(("for_you", 8), customer=COOK)


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[NatsBus]:
    """Somebody who asks, beside the recommender as it runs."""
    broker = Broker(name="nats", folder=tmp_path / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    address = Address(broker.url)
    async with (
        connect("recommender", address, address) as serving,
        connect("asking", address, address) as asking,
        SERVICE.open(serving, Settings(home=tmp_path / "home")),
    ):
        await asking.asker.ask(PUT_ITEMS, Items(items=tuple(items())))
        yield asking
    process.terminate()
    process.wait()


def _other() -> Model:
    """Of the same customers before the last year, with other settings: other lists, another version."""
    return train(interactions(), item_table(), msgspec.structs.replace(SETTINGS, factors=3, reach_weight=3.0))


def _record(of: Model) -> Registered:
    return Registered(
        version=of.version, object=f"artifacts/{of.version}.zip", trained_at=1.0, until=of.until, data="d",
        interactions=1, items=len(of.item_ids), settings=of.settings, code="1",
    )  # fmt: skip


async def _registered(bus: NatsBus, folder: Path) -> tuple[Registry, list[str]]:
    registry = Registry(bus)
    versions = []
    for trained in (model(), _other()):
        await registry.register(write_artifact(trained, folder / f"{trained.version}.zip"), _record(trained))
        versions.append(trained.version)
    return registry, versions


async def _until(bus: NatsBus, version: str) -> Recommendations:
    async with asyncio.timeout(60):
        answer = await bus.asker.ask(PATIENT, QUERY)
        while answer.model != version:
            answer = await bus.asker.ask(PATIENT, QUERY)
        return answer


async def test_every_answer_is_one_models_while_they_change(bus: NatsBus, tmp_path: Path) -> None:
    registry, versions = await _registered(bus, tmp_path)
    answers: list[Recommendations] = []
    done = asyncio.Event()

    async def asking() -> None:
        while not done.is_set():
            answers.append(await bus.asker.ask(PATIENT, QUERY))

    await registry.promote(versions[0], 1.0)
    await _until(bus, versions[0])
    asks = [asyncio.create_task(asking()) for _ in range(4)]
    for number in range(SWAPS):
        version = versions[(number + 1) % 2]
        await registry.promote(version, float(number), forced="to see it change")
        await _until(bus, version)
    done.set()
    await asyncio.gather(*asks)
    lists = {version: {answer.shelves for answer in answers if answer.model == version} for version in versions}
    assert {answer.model for answer in answers} == set(versions)
    assert [len(found) for found in lists.values()] == [1, 1]
    assert lists[versions[0]] != lists[versions[1]]


async def test_promoting_asks_for_a_comparison_unless_forced_and_rolls_back(bus: NatsBus, tmp_path: Path) -> None:
    registry, (first, second) = await _registered(bus, tmp_path)
    await registry.promote(first, 1.0)
    with pytest.raises(Fault, match=r"was not compared with .* Force it with a reason"):
        await registry.promote(second, 2.0)
    assert (await registry.promote(second[:6], 3.0, forced="a look at it")).forced == "a look at it"
    assert await registry.active() == second
    await _until(bus, second)
    assert (await registry.roll_back(4.0)).version == first
    await _until(bus, first)
    assert [promotion.version for promotion in await registry.promotions()] == [first, second, first]
    with pytest.raises(Fault, match="nothing to roll back to"):
        await registry.roll_back(5.0)
    with pytest.raises(Fault, match="no model of the registry"):
        await registry.promote("ffff", 6.0)


async def test_two_models_serve_beside_each_other_for_an_experiment(bus: NatsBus, tmp_path: Path) -> None:
    registry, (serving, tried) = await _registered(bus, tmp_path)
    await registry.promote(serving, 1.0)
    usual = (await _until(bus, serving)).shelves
    trying = msgspec.structs.replace(QUERY, model=tried)
    async with asyncio.timeout(60):
        # The one that serves answers until the other has been read.
        while (answer := await bus.asker.ask(PATIENT, trying)).model != tried:
            assert answer.model == serving
    together = await asyncio.gather(*(bus.asker.ask(PATIENT, one) for one in (QUERY, trying) * 10))
    assert {(one.model, one.shelves) for one in together} == {(serving, usual), (tried, answer.shelves)}
    assert answer.shelves != usual
    assert await registry.active() == serving
    nobody = await bus.asker.ask(PATIENT, msgspec.structs.replace(QUERY, model="never trained"))
    assert (nobody.model, nobody.shelves) == (serving, usual)


async def test_an_artifact_with_one_byte_changed_is_never_read(tmp_path: Path) -> None:
    path = write_artifact(model(), tmp_path / "model.zip")
    whole = path.read_bytes()
    generator = np.random.default_rng(8)
    changed = tmp_path / "changed.zip"
    loaded = []
    for place in generator.choice(len(whole), FLIPPED, replace=False).tolist():
        flipped = whole[place] ^ (1 << int(generator.integers(8)))
        changed.write_bytes(whole[:place] + bytes([flipped]) + whole[place + 1 :])
        with suppress(Fault):
            loaded.append((place, read_artifact(changed).version))
    assert loaded == []
