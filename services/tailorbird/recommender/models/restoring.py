"""The arrays of a fitted part by name, and the part again: how an artifact holds what was blended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from tailorbird.recommender.models.blend import Blend, Recipe
from tailorbird.recommender.models.part import Part

__all__ = ["blend_arrays", "blend_of"]

COMPRESSED = ("data", "indices", "indptr")


def blend_arrays(blend: Blend | None) -> dict[str, Any]:
    """Every array of every part, named by its number and field; none of no blend."""
    parts = blend.parts if blend else ()
    return {f"blend{number}_{name}": array for number, part in enumerate(parts) for name, array in _taken(part).items()}


def blend_of(recipe: Recipe | None, arrays: Mapping[str, Any], items: int) -> Blend | None:
    """What `blend_arrays` took apart. Raises KeyError for one that is missing, ValueError for one that does not fit."""
    if recipe is None:
        return None
    parts = []
    for number, one in enumerate(recipe.ingredients):
        start = f"blend{number}_"
        own = {name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)}
        parts.append(_restored(one.model.makes, own, items))
    return recipe.of(tuple(parts))


def _taken(part: Part) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if sparse.issparse(value):
            arrays |= {f"{name}_{one}": getattr(value, one) for one in COMPRESSED}
        else:
            arrays[name] = np.asarray(value)
    return arrays


def _restored(form: type[Part], arrays: Mapping[str, Any], items: int) -> Part:
    values: dict[str, Any] = {}
    for name in form.__struct_fields__:
        if f"{name}_data" in arrays:
            data, indices, indptr = (arrays[f"{name}_{one}"] for one in COMPRESSED)
            values[name] = _matrix(data, indices, indptr, items)
        else:
            values[name] = arrays[name] if arrays[name].ndim else arrays[name].item()
            if name == "target" and len(values[name]) != items:
                raise ValueError("what is blended is not of these items")
    return form(**values)


def _matrix(data: Any, indices: Any, indptr: Any, items: int) -> sparse.csr_matrix:
    ascending = len(indptr) == items + 1 and indptr[0] == 0 and indptr[-1] == len(data) and (np.diff(indptr) >= 0).all()
    if not ascending or len(indices) != len(data) or (len(indices) and not 0 <= indices.min() <= indices.max() < items):
        raise ValueError("the weights between items that are blended do not fit these items")
    return sparse.csr_matrix((data, indices, indptr), shape=(items, items))
