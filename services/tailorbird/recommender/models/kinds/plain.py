"""Plain ALS as implicit fits it (Hu, Koren, Volinsky 2008): tuned like everything else, to say what the rest adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tailorbird.recommender.models.kinds.tastes import Tastes

__all__ = ["Plain"]


class Plain(Tastes, frozen=True, kw_only=True):
    """One regularization for every row. Stands beside the blend in every table and never enters it."""

    turn: ClassVar[int] = 60
    share: ClassVar[float] = 0.55
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {
        name: values for name, values in Tastes.choices.items() if name != "power"
    }
    blends: ClassVar[bool] = False
    follows: ClassVar[str] = ""

    power: float = 0.0
