"""A trained model: everything that was learned, per item, and nothing of any customer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.recommender.arrays import Floats, Moments, Positions
from tailorbird.recommender.models.blend import Blend
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.groups import Groups
from tailorbird.recommender.models.repurchase import Habits
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["IndexPlan", "Model", "digest_of"]


class IndexPlan(Struct, frozen=True, kw_only=True):
    """How the vectors are searched: chosen by measuring on real ones when the model was trained."""

    kind: str = "flat"
    """flat: all rows. longest: the rows with the longest vectors only. coded: all rows as four-bit codes, the best of
    them looked at exactly. lists: FAISS's inverted lists."""
    rows: int = 0
    """How many rows are searched (`longest`)."""
    refined: int = 0
    """So many times the rows that are wanted are looked at exactly (`coded`)."""
    lists: int = 0
    probes: int = 0
    recall: float = 1.0
    """Measured recall@100 against the exact search."""
    microseconds: float = 0.0
    """Measured time of one search in a batch."""


class Model(Struct, frozen=True, kw_only=True):
    """All arrays have one row per item of `item_ids`."""

    item_ids: list[str]
    factors: Floats
    reach: Floats
    """Customers who bought it lately, fading."""
    trend: Floats
    groups: Groups
    """What is bought more in one store or by one segment than by others, these days."""
    habit: Floats
    """Share of its buyers who bought it again."""
    companions: Companions
    habits: Habits
    settings: TrainingSettings
    index: IndexPlan
    blend: Blend | None = None
    """What is blended with the factors and with popularity, where `settings` say so."""
    until: int
    """Latest moment of the data, seconds since 1970 UTC."""
    version: str = ""
    """Twelve hex digits of what was learned: the same data and settings give the same version."""
    metrics: dict[str, float] = {}

    @property
    def vectors(self) -> Floats:
        """What is searched: the factors, the vectors blended with them, and as one more dimension what popularity adds
        (a customer has a 1 there).
        """
        popularity = self.settings.reach_weight * np.log1p(self.reach)
        beside = [self.blend.target] if self.blend else []
        return np.ascontiguousarray(np.column_stack([self.factors, *beside, popularity]), dtype=np.float32)

    @classmethod
    def empty(cls) -> Model:
        """A model of nothing, for a shop that has not been trained yet."""
        none, starts = np.empty(0, np.float32), np.zeros(1, np.int64)
        settings = TrainingSettings()
        return cls(
            item_ids=[],
            factors=np.empty((0, settings.factors), np.float32),
            reach=none,
            trend=none,
            groups=Groups.none(),
            habit=none,
            companions=Companions(starts=starts, item=np.empty(0, np.int32), weight=none),
            habits=Habits.unlearned(0),
            settings=settings,
            index=IndexPlan(),
            until=0,
        )


def digest_of(
    arrays: Mapping[str, Floats | Positions | Moments], item_ids: list[str], settings: TrainingSettings
) -> str:
    """Twelve hex digits of the learned arrays, the items they speak of, and the settings that serving reads too."""
    digest = hashlib.sha256("\n".join(item_ids).encode())
    digest.update(msgspec.json.encode(replace(settings, threads=0)))
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:12]
