"""What training learned, at work on pages: a store's and a segment's trends, and a blend beside the model in use."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from tailorbird.recommender.models.blend import Ingredient, Recipe
from tailorbird.recommender.models.kinds.neighbours import Neighbours
from tailorbird.recommender.models.kinds.spectral import Spectral
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry.artifact import write_artifact
from tailorbird.recommender.registry.store import Registry
from tailorbird.recommender.training.train import train
from tailorbird.suite.learning.comparing import recorded
from tailorbird.suite.learning.training import read_tables
from tailorbird.suite.running import connect_to_running
from tests.runningsuite import RunningSuite
from tests.scenarios.calls import home, items_of
from tests.tinyshop import CUSTOMERS, OTHER_STORE, TinyShop
from tests.waiting import eventually

HOUSEHOLD = {f"i-{number:02}" for number in range(49, 61)}
BAKERY = {f"i-{number:02}" for number in range(1, 13)}
BLEND = Recipe((Ingredient(Neighbours(), 0.5), Ingredient(Spectral(factors=6), 0.5)))
EXPERIMENT = "/v1/experiments/blended"


def trending(server: httpx.Client, **asked: object) -> list[dict[str, object]]:
    response = server.post("/v1/recommend", json={"strategy": "trending", "count": 8, **asked})
    assert response.status_code == 200, response.text
    items: list[dict[str, object]] = response.json()["items"]
    return items


@pytest.mark.row(51)
def test_a_store_where_other_things_are_bought_has_a_trend_of_its_own_and_says_so(server: httpx.Client) -> None:
    here, everywhere = trending(server, store_id=OTHER_STORE), trending(server)
    assert len(HOUSEHOLD & {item["item_id"] for item in here}) > len(
        HOUSEHOLD & {item["item_id"] for item in everywhere}
    )
    own = [item["item_id"] for item in here if item["reasons"] == ["Bought more in your store than elsewhere"]]
    assert own
    assert set(own) <= HOUSEHOLD


@pytest.mark.row(51, 117)
def test_a_member_of_a_segment_sees_what_people_like_them_buy_these_days(server: httpx.Client) -> None:
    # Every family of this shop is fond of the bakery.
    family = CUSTOMERS[10]
    assert "families" in server.get(f"/v1/profiles/{family}").json()["segments"]
    theirs = {item["item_id"] for item in trending(server, customer={"customer_id": family})}
    anybodys = {item["item_id"] for item in trending(server)}
    assert len(BAKERY & theirs) > len(BAKERY & anybodys)


@pytest.mark.row(127, 96)
def test_a_blend_serves_from_an_artifact_beside_the_model_in_use(
    suite: RunningSuite, server: httpx.Client, tiny_shop: TinyShop, tmp_path: Path
) -> None:
    customer = CUSTOMERS[3]
    in_use = home(server, customer, preview=True)["meta"]["model"]
    version = asyncio.run(_registered(suite, tmp_path))
    assert version in suite.command("models")
    levels = [{"id": "as_it_is"}, {"id": "blend", "model": version}]
    document = {"status": "draft", "factors": [{"id": "model", "levels": levels}]}
    answer = server.put(EXPERIMENT, json=document)
    assert answer.status_code == 200, answer.text
    try:

        def blended() -> dict[str, object]:
            return home(server, customer, preview=True, variants={"blended": "blend"})

        eventually(lambda: blended()["meta"]["model"] == version, "the blend serving", within=60)  # type: ignore[index]
        listed = items_of(blended(), "for_you")
        assert listed
        assert not set(listed) & tiny_shop.bought[customer]
        assert home(server, customer, preview=True)["meta"]["model"] == in_use
    finally:
        server.put(EXPERIMENT, json={**document, "status": "stopped"})


async def _registered(suite: RunningSuite, folder: Path) -> str:
    """A model with a blend, trained on what the shop holds now and kept in the registry; nobody is served by it yet."""
    async with connect_to_running(suite.environment, "train") as bus:
        interactions, items = await read_tables(bus, folder)
        settings = replace(TrainingSettings(factors=16, threads=1), blended=BLEND)
        model = await asyncio.to_thread(train, interactions, items, settings)
        artifact = write_artifact(model, folder / f"{model.version}.zip")
        await Registry(bus).register(artifact, recorded(model, artifact, interactions, None, {}))
        return model.version
