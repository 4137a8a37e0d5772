"""A customer's taste: the vector as the index is searched, what their history adds item by item, and what it rests on.

What purchases alone add is summed up once (`tasting`): a visit that adds a few items costs those items only.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from tailorbird.recommender.arrays import Codes, Flags, Floats, Positions
from tailorbird.recommender.shelves.knowledge import Knowledge
from tailorbird.recommender.vectors.foldin import Begun

__all__ = ["Evidence", "Taste", "Tasting", "tasted", "tasting"]

FOLDED_AT_MOST = 200
"""Items that make the vector, the surest ones: more cost time and change ndcg@10 by less than .0002."""
FURTHER_AT_MOST = 512
"""Items to which the customer's own history adds item by item, those to which it adds most."""
FAINT = 1e-3
EVIDENCE_AT_MOST = 32
"""Items that a reason may name: those that say most about the customer's taste."""


class Tasting(Struct, frozen=True, gc=False):
    """What purchases alone tell of the taste, the surest first."""

    rows: Positions
    confidences: Floats
    begun: Begun | None
    """Their sums; None where they are few."""


class Evidence(Struct, frozen=True, gc=False):
    """What a reason may name."""

    rows: Positions
    bought: Flags
    """False: only looked at, or put into the cart."""


class Taste(Struct, frozen=True, gc=False):
    """None for the vector when nothing says what they like."""

    vector: Floats | None
    further: tuple[Positions, Floats] | None
    """(rows of the model, ascending; what the customer's own history adds there to the inner product), None where the
    model weighs nothing item by item."""
    evidence: Evidence


def tasting(knowledge: Knowledge, bought: Positions, liking: Floats) -> Tasting:
    """Of what was bought. liking: the confidence in each."""
    rows, liking = _learned(knowledge, bought, liking)
    surest = np.argsort(-liking, kind="stable")[:FOLDED_AT_MOST]
    rows, liking = rows[surest], liking[surest]
    return Tasting(rows, liking, knowledge.foldin.begun(rows, liking))


def tasted(knowledge: Knowledge, known: Tasting, places: Positions, values: Floats) -> Taste:
    """With what was looked at or put into the cart besides: positions, and the confidence in each."""
    rows, values = _learned(knowledge, places, values)
    if not len(known.rows) and not len(rows):
        return Taste(None, None, Evidence(rows, np.empty(0, np.bool_)))
    evidence = _evidence(known, rows, values)
    gone = np.empty(0, np.int64)
    if (over := len(known.rows) + len(rows) - FOLDED_AT_MOST) > 0:
        gone, stays = _least_sure(known.confidences, values, over)
        rows, values = rows[stays], values[stays]
    foldin, blend = knowledge.foldin, knowledge.model.blend
    vector = np.ones(knowledge.vectors.shape[1], np.float32)
    if known.begun is not None:
        signs = np.ones(len(rows) + len(gone), np.float32)
        signs[len(rows) :] = -1.0
        changes, by = np.concatenate([rows, known.rows[gone]]), np.concatenate([values, known.confidences[gone]])
        vector[: foldin.width] = foldin.vector_from(known.begun, changes, by, signs)
    further = None
    if known.begun is None or blend is not None:
        rows = np.concatenate([np.delete(known.rows, gone), rows])
        values = np.concatenate([np.delete(known.confidences, gone), values])
    if known.begun is None:
        vector[: foldin.width] = foldin.vector(rows, values)
    if blend is not None:
        liking = np.maximum(values - 1.0, FAINT)
        vector[foldin.width : -1] = blend.asked(rows, liking)
        further = _largest(blend.further(rows, liking))
    return Taste(vector, further, evidence)


def _learned(knowledge: Knowledge, places: Positions, values: Floats) -> tuple[Positions, Floats]:
    """(rows of the model, their values) of those positions that it knows."""
    rows = knowledge.row_of[places]
    learned = rows >= 0
    return (rows, values) if learned.all() else (rows[learned], values[learned])


def _least_sure(known: Floats, values: Floats, count: int) -> tuple[Codes, Flags]:
    """(places in `known`, which ends with the least sure, that go; which of `values` stay), that `count` go in all."""
    first = max(0, len(known) - count)
    least = np.argsort(-np.concatenate([known[first:], values]), kind="stable")[-count:] + first
    stays = np.ones(len(values), np.bool_)
    stays[least[least >= len(known)] - len(known)] = False
    return least[least < len(known)], stays


def _evidence(known: Tasting, rows: Positions, values: Floats) -> Evidence:
    bought = known.rows[:EVIDENCE_AT_MOST]
    if not len(rows):
        return Evidence(bought, np.ones(len(bought), np.bool_))
    every = np.concatenate([known.confidences[:EVIDENCE_AT_MOST], values])
    most = np.argsort(-every, kind="stable")[:EVIDENCE_AT_MOST]
    return Evidence(np.concatenate([bought, rows])[most], most < len(bought))


def _largest(added: Floats | None) -> tuple[Positions, Floats] | None:
    """(rows, ascending, what is added there) where it is most: an array as wide as the catalogue is not kept."""
    if added is None:
        return None
    rows = np.flatnonzero(added != 0.0)
    if len(rows) > FURTHER_AT_MOST:
        rows = np.sort(rows[np.argpartition(-added[rows], FURTHER_AT_MOST)[:FURTHER_AT_MOST]])
    return rows.astype(np.int32), added[rows].astype(np.float32)
