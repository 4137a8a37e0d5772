"""One look for every plot, and the demonstration shop's data as each notebook reads it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tailorbird.suite.demo.frames import frames
from tailorbird.suite.demo.prepare import prepare

__all__ = ["ALL", "BAND", "HOME", "INK", "OURS", "OWN", "SMALL", "shop_folder", "the_shop", "with_intervals"]

SMALL = os.environ.get("RESEARCH_SIZE") == "small"
"""A small run shows that a notebook runs; every number in a text is from the full one."""
HOME = Path(os.environ.get("TAILORBIRD_HOME") or Path.cwd().parent / ".tailorbird")
"""A notebook runs in research/; the suite keeps its files beside it."""
OURS, OWN, ALL, BAND, INK = "#1B7A5A", "#C58B22", "#8A8F98", "#E9F1EE", "#2B2F36"
"""Green is Tailorbird, ochre what a household's own history says by itself, grey is everybody's; a pale band marks what
was not seen."""

# The progress bars of implicit ask for widgets; none is drawn here.
warnings.filterwarnings("ignore", message="IProgress not found")
plt.rcParams.update(
    {
        "figure.dpi": 100, "figure.constrained_layout.use": True, "figure.constrained_layout.w_pad": 0.15,
        "font.size": 10, "text.color": INK,
        "axes.labelcolor": INK, "axes.edgecolor": "#C9CDD3", "axes.titlelocation": "left", "axes.titlesize": 10.5,
        "axes.titleweight": "bold", "axes.titlepad": 10, "axes.spines.top": False, "axes.spines.right": False,
        "xtick.color": "#5A606A", "ytick.color": "#5A606A", "axes.axisbelow": True, "grid.color": "#ECEEF1",
    }
)  # fmt: skip


def shop_folder() -> Path:
    """Where the shop's load files are; made in a folder of their own where it was never started here, so that a look
    at the data does not fix the shop's calendar.
    """
    folder = HOME / "demo"
    if (folder / "prepared.json").exists():
        return folder
    return prepare(HOME / "research" / "demo", datetime.now(UTC).date(), lambda _step, _share: None)


def the_shop(households: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(interactions, items); in a small run of so many households only."""
    interactions, items = frames(shop_folder())
    if SMALL:
        everybody = sorted(interactions["person"].unique())
        chosen = np.random.default_rng(7).choice(everybody, households, replace=False)
        interactions = interactions[interactions["person"].isin(chosen)].reset_index(drop=True)
        print(f"A small run: {households} of {len(everybody):,} households. Not the answer.")
    return interactions, items


def with_intervals(axes: Axes, table: pd.DataFrame, colours: Sequence[str], form: str) -> None:
    """A dot and its 95 % interval for each row of mean, low, high; the first row on top, its value beside it."""
    places = np.arange(len(table))[::-1]
    for place, colour, (_, row) in zip(places, colours, table.iterrows(), strict=True):
        axes.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2, solid_capstyle="butt")
        axes.plot(row["mean"], place, "o", color=colour, markersize=5)
        axes.annotate(form.format(row["mean"]), (row["mean"], place), (0, 8), textcoords="offset points", ha="center")
    axes.set_yticks(places, table.index)
    axes.set_ylim(-0.6, len(table) - 0.3)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(axis="x")
