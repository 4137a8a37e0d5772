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
# # May one look at an experiment every day, and stop when it has spoken?
#
# **Only with intervals made for it: of 400 experiments in which nothing happened, looking every third day with
# ordinary 95 % intervals finds an effect in 15%, with always-valid ones in 0.5%; CUPED leaves 27% of the variance, so
# that an effect of 5 % is found in 53% instead of 20%.**
#
# The households of the demonstration shop are real, the experiment is not: half of them, drawn by chance, spend as they
# did, the other half the same plus an effect that is known because it was put there. So every method of the reports can
# be asked what no real experiment answers: was it right? The code is that of `GET /v1/reports/experiments`.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from looks import ALL, BAND, INK, OURS, OWN, SMALL, the_shop
from matplotlib.ticker import PercentFormatter

from tailorbird.insights.statistics.adjusting import adjusted
from tailorbird.insights.statistics.comparing import difference, sample_of
from tailorbird.insights.statistics.sequential import always_valid

DAY = 86_400
DAYS = 56
LEVEL = 0.05
REPEATS = 20 if SMALL else 400

# %% [markdown]
# ## What each household spends, day by day
#
# Eight weeks are the experiment, the eight before them what was known of each household when it began.

# %%
interactions, _ = the_shop(600)
end = interactions["at"].max()
start = end - DAYS * DAY
day = ((interactions["at"] - start) // DAY).clip(upper=DAYS - 1)
people = sorted(interactions["person"].astype(str).unique())
spent = pd.crosstab(interactions["person"].astype(str), day, values=interactions["value"], aggfunc="sum")
during = spent.reindex(index=people, columns=range(DAYS)).fillna(0.0).to_numpy()
before = spent.reindex(index=people, columns=range(-DAYS, 0)).fillna(0.0).to_numpy().sum(axis=1)
total = during.sum(axis=1)
plain = sample_of(total)
apart = plain.variance**0.5
print(f"{len(people):,} households spend {plain.mean:,.0f} dollars in {DAYS} days, standard deviation {apart:,.0f}.")

# %% [markdown]
# ## Nothing happens: how often is an effect found all the same?
#
# The households are halved at random again and again, and nobody is treated. Whoever looks every day with an interval
# that is made for one look finds something far too often; one made for all looks at once does not.

# %%
generator = np.random.default_rng(7)
looks = list(range(3, DAYS + 1, 3))
found = {"looked at once, at the end": 0, "looked at every third day": 0, "always valid, every third day": 0}
paths = []
for number in range(REPEATS):
    treated = generator.random(len(people)) < 0.5
    fixed, valid = [], []
    for days in looks:
        value = during[:, :days].sum(axis=1)
        one, other = sample_of(value[treated]), sample_of(value[~treated])
        once, _p = difference(one, other, LEVEL)
        always = always_valid(one, other, LEVEL, planned=len(people) / 2)
        fixed.append(once.low > 0 or once.high < 0)
        valid.append(always.low > 0 or always.high < 0)
        if number == 0:
            paths.append([days, *(each / days for each in (once.value, once.low, once.high, always.low, always.high))])
    found["looked at once, at the end"] += fixed[-1]
    found["looked at every third day"] += any(fixed)
    found["always valid, every third day"] += any(valid)
wrong = pd.Series(found) / REPEATS
path = pd.DataFrame(paths, columns=["day", "value", "low", "high", "always low", "always high"])
figure, (rates, once_shown) = plt.subplots(1, 2, figsize=(10, 3.4))
rates.barh(wrong.index[::-1], wrong[::-1], color=[OURS, ALL, OWN])
rates.axvline(LEVEL, color=INK, linewidth=0.8, linestyle=":")
rates.xaxis.set_major_formatter(PercentFormatter(1.0))
rates.set_xlabel("share that found an effect all the same")
rates.set_title(f"{REPEATS} experiments without any effect")
once_shown.fill_between(path["day"], path["always low"], path["always high"], color=BAND, label="always valid")
once_shown.fill_between(path["day"], path["low"], path["high"], color=ALL, alpha=0.4, label="made for one look")
once_shown.plot(path["day"], path["value"], color=INK, linewidth=1)
once_shown.axhline(0, color=INK, linewidth=0.8)
once_shown.set_xlabel("day")
once_shown.set_ylabel("difference, dollars a day")
once_shown.legend(frameon=False)
once_shown.set_title("One of them, as it goes")
plt.show()

# %% [markdown]
# ## CUPED: what was known before takes the noise out
#
# A household that spent much before spends much now, whatever it is shown. What its earlier spend explains is taken off
# both halves: the mean stays, the variance falls to 1 - correlation squared.

# %%
left, share = adjusted(total, before)
effects = [0.02, 0.05, 0.1]
power = {}
for effect in effects:
    hits = {"as it is": 0, "with CUPED": 0}
    for _number in range(REPEATS):
        treated = generator.random(len(people)) < 0.5
        value = total * np.where(treated, 1.0 + effect, 1.0)
        for name, values in (("as it is", value), ("with CUPED", adjusted(value, before)[0])):
            estimate, _p = difference(sample_of(values[treated]), sample_of(values[~treated]), LEVEL)
            hits[name] += estimate.low > 0
    power[f"{effect:+.0%}"] = {name: count / REPEATS for name, count in hits.items()}
power = pd.DataFrame(power).T
figure, axes = plt.subplots(figsize=(6.5, 3.2))
places = np.arange(len(power))
axes.bar(places - 0.18, power["as it is"], width=0.34, color=ALL, label="as it is")
axes.bar(places + 0.18, power["with CUPED"], width=0.34, color=OURS, label="with CUPED")
axes.set_xticks(places, power.index)
axes.set_ylim(0, 1)
axes.set_xlabel("effect that was put there")
axes.set_ylabel("share of experiments that find it")
axes.legend(frameon=False)
axes.set_title(f"CUPED leaves {share:.0%} of the variance")
plt.show()
power.round(2)

# %% [markdown]
# ## Does it find the right number? And how many are needed?

# %%
effect = 0.05
truth = effect * total.mean()
inside, estimates = 0, []
for _number in range(REPEATS):
    treated = generator.random(len(people)) < 0.5
    values = adjusted(total * np.where(treated, 1.0 + effect, 1.0), before)[0]
    estimate = always_valid(sample_of(values[treated]), sample_of(values[~treated]), LEVEL, planned=len(people) / 2)
    inside += estimate.low <= truth <= estimate.high
    estimates.append(estimate.value)
figure, axes = plt.subplots(figsize=(6.5, 2.8))
axes.hist(estimates, bins=30, color=OURS, alpha=0.6)
axes.axvline(truth, color=INK, linewidth=1)
axes.set_xlabel("estimated effect, dollars a household")
axes.set_yticks([])
axes.set_title(f"The truth, ${truth:.0f}, is inside {inside / REPEATS:.0%} of the always-valid intervals")
plt.show()

# %% [markdown]
# ### The answer, as measured

# %%
print(
    f"Only with intervals made for it: of {REPEATS} experiments in which nothing happened, looking every third day "
    f"with ordinary 95 % intervals finds an effect in {wrong.iloc[1]:.0%}, with always-valid ones in "
    f"{wrong.iloc[2]:.1%}; CUPED leaves {share:.0%} of the variance, so that an effect of 5 % is found in "
    f"{power.iloc[1, 1]:.0%} instead of "
    f"{power.iloc[1, 0]:.0%}."
)

# %% [markdown]
# ## What this does not say
#
# * An always-valid interval is wider than one made for a single look: that is the price of looking.
# * The effect was the same share for every household. A real one may help some and hurt others, which is what reports
#   by segment are for.
