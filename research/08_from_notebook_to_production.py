# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: -all
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How does a model get from a notebook onto the page, and back off it?
#
# **By one name in a bucket: a promoted model made the next page after 3,025 ms, changed 4 of the 10 items of one
# household, and rolling back gave exactly the list from before.**
#
# A model made here goes to the registry as one made by `tailorbird train` does: an artifact in the object store, a
# record of its data, settings and code, a comparison with those that served. Naming it the active one is all that a
# running suite needs: the recommender checks it, tries it, and swaps it in between two batches. Rolling back names the
# one before.
#
# Here the suite is a nats-server and a recommender of the notebook's own, filled with the demonstration's catalogue and
# stopped at the end, so that no running shop is touched; the code is what `make run` starts. With a suite running,
# `connect_to_running(os.environ, "notebook")` gives the bus to the same calls (notebook 1 does that).

# %%
import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import msgspec
import numpy as np
import pandas as pd
import structlog
from looks import ALL, INK, OURS, the_shop

from tailorbird.bus.connect import Address, NatsBus, connect
from tailorbird.contracts.documents import ImportQuery
from tailorbird.contracts.recommender import IMPORT, RECOMMEND, RecommendQuery, Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.contracts.words import Bought, CustomerFacts
from tailorbird.host.broker import Broker, free_port
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry.artifact import write_artifact
from tailorbird.recommender.registry.store import Registry
from tailorbird.recommender.service import Settings, open_recommender
from tailorbird.recommender.training.train import train
from tailorbird.recommender.training.validating import Validation
from tailorbird.suite.learning.comparing import Compared, recorded

DAY = 86_400
# What a service would write into its log does not belong here.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

# %% [markdown]
# ## Two models, and what the second must show
#
# One as of four weeks ago with few factors, one of today as `tailorbird train` makes it. A model that comes second is
# compared with those that served, trained anew on the same weeks and judged by the same households: it may replace them
# when the 95 % interval of the difference does not reach further below zero than 5 % of the best one's value.

# %%
interactions, items = the_shop(150)
items = items[items["item_id"].isin(interactions["item_id"].unique())].reset_index(drop=True)
end = interactions["at"].max()
small = TrainingSettings(factors=8, iterations=6)
models = {
    "yesterday's": train(interactions[interactions["at"] <= end - 28 * DAY], items, small),
    "today's": train(interactions, items, TrainingSettings(iterations=6)),
}
person = interactions["person"].astype(str).value_counts().index[20]
own = interactions[interactions["person"].astype(str) == person]
latest = own.groupby(own["item_id"].astype(str)).agg(times=("order_id", "nunique"), last_at=("at", "max"))
latest = latest.sort_values("last_at", ascending=False).reset_index()
history = tuple(Bought(str(row.item_id), int(row.times), int(row.last_at)) for row in latest.itertuples())
facts = msgspec.Raw(msgspec.json.encode(CustomerFacts(history=history[:1_000])))
pd.DataFrame(
    {name: {"version": one.version, "items": len(one.item_ids), "factors": one.factors.shape[1],
            "search": one.index.kind} for name, one in models.items()}
).T  # fmt: skip


# %%
async def shelf_of(bus: NatsBus) -> tuple[str, list[str]]:
    """(the model that served, what it recommends to the household)."""
    query = RecommendQuery(shelves=(Shelf(slot="home", strategy="for_you", count=10),), customer=facts, at=float(end))
    answer = await bus.asker.ask(RECOMMEND, query)
    return answer.model, [item.item_id for item in answer.shelves[0].items]


async def until_it_serves(bus: NatsBus, version: str) -> tuple[float, list[str]]:
    """(milliseconds until this model answered, what it recommended)."""
    began = time.perf_counter()
    async with asyncio.timeout(120):
        while True:
            # While a model is swapped one process does the work of five here: a page would show its fallback once.
            with suppress(Fault):
                served, shelf = await shelf_of(bus)
                if served == version:
                    return 1_000.0 * (time.perf_counter() - began), shelf
            await asyncio.sleep(0.005)


async def walk(folder: Path) -> tuple[pd.DataFrame, dict[str, list[str]], pd.DataFrame]:
    """From a nats-server without anything to a model that was rolled back: (moments, shelves, the registry)."""
    broker = Broker(name="nats", folder=folder / "nats", port=free_port())
    process = broker.start()
    await broker.ready()
    address = Address(broker.url)
    moments: dict[str, dict[str, object]] = {}
    shelves: dict[str, list[str]] = {}
    try:
        async with (
            connect("recommender", address, address) as serving,
            connect("notebook", address, address) as bus,
            open_recommender(serving, Settings(home=folder)),
        ):
            catalogue = folder / "items.parquet"
            items[["item_id", "title", "department", "category", "price"]].to_parquet(catalogue)
            await (await bus.objects("staging")).put("items.parquet", catalogue)
            await bus.asker.ask(IMPORT, ImportQuery(table="items", object_name="items.parquet"))
            registry = Registry(bus)
            rivals: dict[str, TrainingSettings] = {}
            compared = Compared(Validation(interactions, items))
            for name, model in models.items():
                artifact = write_artifact(model, folder / f"{model.version}.zip")
                record = recorded(model, artifact, interactions, compared, rivals)
                await registry.register(artifact, record)
                try:
                    await registry.promote(model.version, time.time())
                except Fault as fault:
                    print(fault.sentence)
                    await registry.promote(model.version, time.time(), "to show a swap")
                rivals[model.version] = model.settings
                took, shelves[name] = await until_it_serves(bus, model.version)
                moments[f"{name} model promoted"] = {"model": model.version, "milliseconds": took}
            before = await registry.roll_back(time.time())
            took, shelves["after rolling back"] = await until_it_serves(bus, before.version)
            moments["rolled back"] = {"model": before.version, "milliseconds": took}
            listed = [
                {"model": one.version, "validation": float(np.mean(one.values)), "data": one.data,
                 "against": {version: apart.mean for version, apart in one.against.items()}}
                for one in await registry.models()
            ]  # fmt: skip
            return pd.DataFrame(moments).T, shelves, pd.DataFrame(listed)
    finally:
        process.terminate()
        process.wait()


# A thread of its own: a notebook's has an event loop already.
with TemporaryDirectory() as temporary, ThreadPoolExecutor(1) as thread:
    moments, shelves, listed = thread.submit(asyncio.run, walk(Path(temporary))).result()
listed

# %% [markdown]
# ## The page changes, and changes back
#
# One household's shelf, asked over NATS as the assembler asks. How long each step took counts from the moment that the
# model was named the active one: fetched, its digests checked, its index built, tried on queries, swapped.

# %%
kept = {name: len(set(shelf) & set(shelves["today's"])) for name, shelf in shelves.items()}
figure, (steps, shelf) = plt.subplots(1, 2, figsize=(9.5, 3), gridspec_kw={"wspace": 0.1})
places = np.arange(len(moments))[::-1]
steps.barh(places, moments["milliseconds"].astype(float), color=OURS)
steps.set_yticks(places, moments.index)
steps.set_xlabel("milliseconds until a page is made with it")
steps.set_title(f"On the page within {moments['milliseconds'].astype(float).max() / 1_000:.1f} s")
order = {item: number for number, item in enumerate(dict.fromkeys(item for each in shelves.values() for item in each))}
for column, each in enumerate(shelves.values()):
    for place, item in enumerate(each):
        both = item in shelves["yesterday's"] and item in shelves["today's"]
        colour = ALL if both else OURS
        shelf.add_patch(plt.Rectangle((column - 0.42, -place - 0.4), 0.84, 0.8, color=colour, alpha=0.35))
        shelf.text(column, -place, str(order[item] + 1), ha="center", va="center", fontsize=8, color=INK)
shelf.set_xlim(-0.6, len(shelves) - 0.4)
shelf.set_ylim(-9.8, 0.8)
shelf.set_xticks(range(len(shelves)), list(shelves))
shelf.set_yticks([])
shelf.set_title(f"{kept[next(iter(shelves))]} of 10 items stay (grey)")
plt.show()
moments.round(0)

# %% [markdown]
# ### The answer, as measured

# %%
waited = moments["milliseconds"].astype(float)
back = shelves["after rolling back"] == shelves["yesterday's"]
print(
    f"By one name in a bucket: a promoted model made the next page after {waited.iloc[1]:,.0f} ms, "
    f"changed {10 - kept[next(iter(shelves))]} of the 10 items of one household, and rolling back gave "
    f"{'exactly the list from before' if back else 'another list than before'}."
)

# %% [markdown]
# ## What this does not say
#
# * Swapping takes longer with a larger model: fetching and checking it grow with its bytes. Pages go on meanwhile.
# * The comparison is offline. Whether a model earns more is for an experiment (notebook 7).
