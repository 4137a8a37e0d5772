"""`tailorbird train segments`: clusters of customers from all profiles, in use at once as attributes of rules."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from tailorbird.bus import AskingBus
from tailorbird.contracts.profiles import PROFILE_PAGE, ProfilePageQuery
from tailorbird.profiles.segments.clusterstore import publish
from tailorbird.profiles.traits.clusters import Clusters, attributes, features
from tailorbird.profiles.traits.mapping import learned
from tailorbird.suite.learning.counted import counted

__all__ = ["train_segments"]

PAGE = 200


async def train_segments(bus: AskingBus, home: Path, console: Console) -> Clusters:
    """The clusters, published. Raises Fault(422) when there are too few customers with an order."""
    rows: list[list[float]] = []
    told: list[dict[str, object]] = []
    after = ""
    while True:
        page = await bus.asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=PAGE))
        for profile in page.profiles:
            row = features(profile.facts.attributes)
            if row is not None:
                rows.append(row)
                told.append(dict(profile.facts.attributes))
        if not page.after:
            break
        after = page.after
    clusters = await asyncio.to_thread(learned, np.array(rows, float).reshape(len(rows), -1))
    await publish(bus, clusters, home / "profiles" / "work")
    counts: dict[str, int] = {}
    for values in told:
        for name, cluster in attributes(clusters, values).items():  # type: ignore[arg-type]
            counts[f"{name}={cluster}"] = counts.get(f"{name}={cluster}", 0) + 1
    table = Table("attribute", "value", "customers")
    for key, count in sorted(counts.items(), key=lambda one: (one[0].partition("=")[0], -one[1])):
        name, _, cluster = key.partition("=")
        table.add_row(name, cluster, f"{count:,}")
    console.print(table)
    console.print(
        f"Segments {clusters.version} are in use: {len(clusters.centres)} by K-means (silhouette "
        f"{clusters.silhouette:.2f}) and a map of {len(clusters.units)}, from "
        f"{counted(clusters.customers, 'customer')}."
    )
    return clusters
