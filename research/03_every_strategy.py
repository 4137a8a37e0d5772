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
# # Is every shelf better than the simple rule that any shop could use instead?
#
# **Nearly: in 6 of 8 tasks surely (95 % intervals over 2 origins of four weeks), not surely for `anything, nothing
# known` and `cart, new to the household`.**
#
# Each shelf has a problem of its own: what somebody buys again, what is new to them, what goes into this cart, what to
# show to a person of whom nothing is known. Each stands here beside the best simple rule for its problem, at several
# origins: a model trained on what came before, the next four weeks as the judge.

# %%
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from looks import ALL, INK, OURS, SMALL, the_shop, with_intervals

from tailorbird.recommender.evaluating.report import evaluate
from tailorbird.recommender.evaluating.tasks import TASKS, every_task
from tailorbird.recommender.models.settings import TrainingSettings

ORIGINS = 1 if SMALL else 2
SETTINGS = TrainingSettings(factors=16, iterations=3, basket_items=500) if SMALL else TrainingSettings()

# %%
began = time.perf_counter()
interactions, items = the_shop(150)
table = every_task(interactions, items, SETTINGS, origins=ORIGINS, carts=200 if SMALL else 1_500)
print(f"{ORIGINS} origins in {time.perf_counter() - began:.0f} s.")
pd.DataFrame(TASKS, index=["metric at 10", "the simple rule"]).T

# %% [markdown]
# ## The table
#
# `ours` is what the code that serves pages answers; `ceiling` is what a list can reach at most. Differences are paired,
# their 95 % intervals bootstrapped over households with all their lists.

# %%
table.drop(columns=[name for name in table if name.startswith("origin")]).round(4)

# %%
apart = table[["difference", "low", "high"]].rename(columns={"difference": "mean"})
share = apart.div(table["of the rule"], axis=0)
surely = int((apart["low"] > 0).sum())
figure, (gain, levels) = plt.subplots(1, 2, figsize=(10.5, 4.2))
with_intervals(gain, share, [OURS if low > 0 else ALL for low in apart["low"]], "{:+.0%}")
gain.axvline(0, color=INK, linewidth=0.8)
gain.set_xlabel("above the simple rule, as a share of it")
gain.set_title(f"Surely better in {surely} of {len(apart)} tasks")
places = np.arange(len(table))[::-1]
levels.barh(places + 0.2, table["ours"], height=0.36, color=OURS, label="Tailorbird")
levels.barh(places - 0.2, table["of the rule"], height=0.36, color=ALL, label="simple rule")
levels.set_yticks(places, [""] * len(places))
levels.set_xlabel("the task's metric at 10")
levels.legend(frameon=False, loc="lower right")
levels.set_title("What is left to find is most of it")
plt.show()

# %% [markdown]
# ## Does it hold all year?

# %%
origins = table[[name for name in table if name.startswith("origin")]]
spread = (origins.max(axis=1) - origins.min(axis=1)) / origins.mean(axis=1)
figure, axes = plt.subplots(figsize=(9.5, 3.4))
for task, row in origins.div(table["ours"], axis=0).iterrows():
    axes.plot(np.arange(1, len(row) + 1), row.to_numpy()[::-1], "o-", linewidth=1.5, markersize=4, label=str(task))
axes.set_xticks(np.arange(1, ORIGINS + 1))
axes.set_xlabel("origin, the latest last")
axes.set_ylabel("metric against its mean")
axes.grid(axis="y")
axes.legend(frameon=False, bbox_to_anchor=(1, 1), loc="upper left")
axes.set_title(f"Between origins a task differs by {spread.median():.0%} of its value, in the middle")
plt.show()

# %% [markdown]
# ## Each kind of model, alone
#
# Discovery once more, at the latest origin: what serves is tastes with recent popularity; beside it every kind of model
# by itself, fitted as it begins. A file more in `recommender/models/kinds` is a row more here. (`tailorbird train
# --minutes` seeks settings for each kind, and blends what helps.)

# %%
report = evaluate(interactions, items, SETTINGS, alone=True)
listed = report.discovery.drop(index="oracle").sort_values("ndcg@10", ascending=False)
each = listed.rename(columns={"ndcg@10": "mean", "ndcg low": "low", "ndcg high": "high"})[["mean", "low", "high"]]
figure, axes = plt.subplots(figsize=(8.0, 0.5 * len(each) + 1.0))
colours = [OURS if name == "for_you" else ALL for name in each.index]
with_intervals(axes, each, colours, "{:.3f}")
axes.set_xlabel("ndcg@10 on items new to the household")
axes.set_title("No kind alone does what they do together")
plt.show()
left_out = ", ".join(report.left_out) or "none"
print(f"Left out, as the data is too much or too little for them: {left_out}.")
listed[["ndcg@10", "recall@10", "hit_rate@10"]].round(4)

# %% [markdown]
# ### The answer, as measured

# %%
behind = [str(task) for task in apart.index[apart["high"] < 0]]
unsure = [str(task) for task in apart.index[(apart["low"] <= 0) & (apart["high"] >= 0)]]
parts = [f"in {surely} of {len(apart)} tasks surely (95 % intervals over {ORIGINS} origins of four weeks)"]
parts += [f"not surely for {' and '.join(f'`{task}`' for task in unsure)}"] if unsure else []
parts += [f"and worse for {' and '.join(f'`{task}`' for task in behind)}"] if behind else []
print(f"{'Nearly' if behind or unsure else 'Yes'}: {', '.join(parts)}.")

# %% [markdown]
# ## What this does not say
#
# * For somebody of whom nothing is known little more than the bestsellers can be known: what its buyers come back for
#   stands higher, and from the fourth item of a category on each steps back, so that a page shows more of the shop.
# * A cart's task knows one answer, the item that was taken out. That another one would have been welcome cannot be
#   seen.
