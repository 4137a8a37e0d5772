"""Clusters learned from many customers: K-means with as many centres as tell them apart best, and Kohonen's map."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from tailorbird.contracts.wire import Fault
from tailorbird.profiles.traits.clusters import Clusters, named

__all__ = ["FEWEST", "learned", "self_organized"]

FEWEST = 20
CENTRES = range(3, 9)
WIDTH, HEIGHT = 4, 3
ROUNDS = 30
SILHOUETTE_OF = 2_000
MOST = 20_000
"""Of more customers every so-many-th teaches the map."""

Matrix = Any
"""A float64 array, a row a customer; numpy's own type says no more to a reader."""


def learned(raw: Matrix, seed: int = 7) -> Clusters:
    """The clusters of these customers (see `clusters.features`). Raises Fault(422) when they are too few."""
    if len(raw) < FEWEST:
        raise Fault(422, f"{len(raw)} customers with an order are too few to find segments among; {FEWEST} will do.")
    known = np.isfinite(raw)
    means = np.array([column[here].mean() if here.any() else 0.0 for column, here in zip(raw.T, known.T, strict=True)])
    scales = np.array([column[here].std() if here.any() else 0.0 for column, here in zip(raw.T, known.T, strict=True)])
    scales = np.where(scales > 1e-9, scales, 1.0)
    points = np.where(known, (raw - means) / scales, 0.0)
    centres, silhouette = _best_centres(points, seed)
    units = self_organized(points, WIDTH, HEIGHT)
    digest = hashlib.sha256(np.ascontiguousarray(np.vstack([centres, units])).tobytes()).hexdigest()[:12]
    return Clusters(
        version=digest,
        customers=len(raw),
        means=_plain(means),
        scales=_plain(scales),
        centres=tuple(map(_plain, centres)),
        centre_names=named(centres.tolist()),
        units=tuple(map(_plain, units)),
        unit_names=named(units.tolist()),
        width=WIDTH,
        silhouette=round(silhouette, 4),
    )


def self_organized(points: Matrix, width: int, height: int) -> Matrix:
    """Units of a self-organizing map, row by row: neighbours on the grid stand for customers that are alike.

    Kohonen's batch rule: each unit moves to the mean of all points, weighted by how near on the grid their own unit
    is; the neighbourhood shrinks from half of the grid to less than one step.
    """
    grid = np.array([(row, column) for row in range(height) for column in range(width)], float)
    between = ((grid[:, None, :] - grid[None, :, :]) ** 2).sum(axis=2)
    # Begun along the two directions in which customers differ most, so that chance decides nothing.
    _, sizes, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    spread = sizes[:2] / np.sqrt(len(points))
    places = (grid - grid.mean(axis=0)) / np.maximum(grid.std(axis=0), 1e-9)
    units = points.mean(axis=0) + places[:, ::-1] * spread @ directions[:2]
    sample = points[:: max(1, len(points) // MOST)]
    for number in range(ROUNDS):
        radius = max(width, height) / 2.0 * (0.4 / max(width, height) * 2.0) ** (number / (ROUNDS - 1))
        nearest = _nearest(sample, units)
        sums = np.zeros_like(units)
        np.add.at(sums, nearest, sample)
        counts = np.bincount(nearest, minlength=len(units)).astype(float)
        weights = np.exp(-between / (2.0 * radius**2))
        units = (weights @ sums) / np.maximum(weights @ counts, 1e-12)[:, None]
    return units


def _best_centres(points: Matrix, seed: int) -> tuple[Matrix, float]:
    best: tuple[float, Matrix] = (-2.0, points[:1])
    for count in CENTRES:
        fitted = KMeans(count, n_init=5, random_state=seed).fit(points)
        if len(set(fitted.labels_.tolist())) < 2:
            continue
        size = min(len(points), SILHOUETTE_OF)
        score = float(silhouette_score(points, fitted.labels_, sample_size=size, random_state=seed))
        if score > best[0]:
            best = (score, fitted.cluster_centers_)
    return best[1], best[0]


def _nearest(points: Matrix, units: Matrix) -> Matrix:
    distances = (points**2).sum(axis=1)[:, None] - 2.0 * points @ units.T + (units**2).sum(axis=1)[None, :]
    return distances.argmin(axis=1)


def _plain(row: Matrix) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in row)
