"""Every kind of model that is tuned and blended; a new one is a file of its own and its name here."""

from __future__ import annotations

from typing import TypeAlias

from tailorbird.recommender.models.alike import Alike
from tailorbird.recommender.models.encoded import Encoded
from tailorbird.recommender.models.neighbours import Neighbours
from tailorbird.recommender.models.part import Kind
from tailorbird.recommender.models.plain import Plain
from tailorbird.recommender.models.popular import Popular
from tailorbird.recommender.models.regressed import Regressed
from tailorbird.recommender.models.spectral import Spectral
from tailorbird.recommender.models.tastes import Tastes

__all__ = ["KINDS", "AnyKind"]

AnyKind: TypeAlias = Alike | Encoded | Neighbours | Plain | Popular | Regressed | Spectral | Tastes
KINDS: tuple[type[Kind], ...] = (Neighbours, Popular, Alike, Regressed, Spectral, Plain, Tastes, Encoded)
