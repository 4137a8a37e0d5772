"""A model as one file: an uncompressed zip of a manifest and plain arrays, each checked by its SHA-256. No pickle."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from tailorbird.bus import AnsweringBus
from tailorbird.contracts.wire import Fault
from tailorbird.recommender.models.companions import Companions
from tailorbird.recommender.models.groups import Groups
from tailorbird.recommender.models.model import IndexPlan, Model
from tailorbird.recommender.models.repurchase import arrays_of, habits_of
from tailorbird.recommender.models.restoring import blend_arrays, blend_of
from tailorbird.recommender.models.settings import TrainingSettings

__all__ = ["ACTIVE", "MODELS", "REGISTERED", "Active", "publish", "read_artifact", "write_artifact"]

MODELS = "models"
"""Name of the object bucket that holds artifacts, and of the bucket that says which one is in use."""
ACTIVE = "active"
REGISTERED = "registered."
"""Before a version: the key of what is known of it, which names its artifact."""
FORMAT = 3
BEFORE = 2
"""What was written before blends and groups were kept is read as a model that has none."""
SEAL = 64
"""Length of the archive's comment, its last bytes: the digest of all before, also of what no member's covers."""
LARGEST_MEMBER = 2 << 30
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Every member's date, so that the same model is the same bytes."""


class Active(Struct, frozen=True):
    """Value of the key `active`: the model to serve."""

    version: str
    object: str


class Manifest(Struct, frozen=True, kw_only=True):
    format: int
    version: str
    until: int
    items: int
    settings: TrainingSettings
    index: IndexPlan
    metrics: dict[str, float]
    sha256: dict[str, str]
    """Member -> digest of its bytes."""


def write_artifact(model: Model, path: Path) -> Path:
    """The path, written: the same model gives the same bytes."""
    members = {f"{name}.npy": _npy(array) for name, array in _arrays(model).items()}
    members["item_ids.json"] = msgspec.json.encode(model.item_ids)
    members["groups.json"] = msgspec.json.encode(model.groups.names)
    manifest = Manifest(
        format=FORMAT,
        version=model.version,
        until=model.until,
        items=len(model.item_ids),
        settings=model.settings,
        index=model.index,
        metrics=model.metrics,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr(zipfile.ZipInfo("manifest.json", LONG_AGO), msgspec.json.encode(manifest))
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, LONG_AGO), content)
        file.comment = b"0" * SEAL
    content = path.read_bytes()[:-SEAL]
    path.write_bytes(content + _seal(content))
    return path


def read_artifact(path: Path) -> Model:
    """The model. Raises Fault(422) with the reason when anything in the file is not as its manifest says."""
    try:
        content = path.read_bytes()
        if content[-SEAL:] != _seal(content[:-SEAL]):
            raise Fault(422, f"The artifact {path.name} cannot be read: it is not whole, or was changed.")
        with zipfile.ZipFile(path) as file:
            manifest = msgspec.json.decode(_member(file, "manifest.json"), type=Manifest)
            if manifest.format not in {FORMAT, BEFORE}:
                raise Fault(422, f"The artifact has format {manifest.format}; this version reads {FORMAT}.")
            members = {name: _checked(file, name, digest) for name, digest in manifest.sha256.items()}
        item_ids = msgspec.json.decode(members["item_ids.json"], type=list[str])
        nothing = {"groups.json": b"[]"} if manifest.format == BEFORE else {}
        group_names = msgspec.json.decode((nothing | members)["groups.json"], type=list[str])
        empty = _arrays(Model.empty())
        arrays = {name: _array(members[f"{name}.npy"]) for name in empty if not (nothing and name.startswith("group"))}
        arrays = empty | arrays
        blended = {name[:-4]: _array(content) for name, content in members.items() if name.startswith("blend")}
        blend = blend_of(manifest.settings.blended, blended, len(item_ids))
        habits = habits_of(arrays)
    except (zipfile.BadZipFile, msgspec.MsgspecError, KeyError, ValueError, OSError, EOFError) as error:
        raise Fault(422, f"The artifact {path.name} cannot be read: {error}.") from error
    model = Model(
        item_ids=item_ids,
        factors=arrays["factors"],
        reach=arrays["reach"],
        trend=arrays["trend"],
        groups=Groups(group_names, arrays["group_starts"], arrays["group_items"], arrays["group_lifts"]),
        habit=arrays["habit"],
        companions=Companions(arrays["companion_starts"], arrays["companion_items"], arrays["companion_weights"]),
        habits=habits,
        settings=manifest.settings,
        index=manifest.index,
        blend=blend,
        until=manifest.until,
        version=manifest.version,
        metrics=manifest.metrics,
    )
    _check(model, manifest)
    return model


async def publish(bus: AnsweringBus, path: Path) -> Active:
    """What is served from now on: the artifact, stored first and then named as the active one."""
    model = read_artifact(path)
    active = Active(version=model.version, object=f"artifacts/{model.version}.zip")
    objects = await bus.objects(MODELS)
    await objects.put(active.object, path, {"version": model.version})
    bucket = await bus.bucket(MODELS)
    await bucket.put(ACTIVE, msgspec.json.encode(active))
    return active


def _arrays(model: Model) -> dict[str, Any]:
    return {
        "factors": model.factors,
        "reach": model.reach,
        "trend": model.trend,
        "habit": model.habit,
        "group_starts": model.groups.starts,
        "group_items": model.groups.item,
        "group_lifts": model.groups.lift,
        "companion_starts": model.companions.starts,
        "companion_items": model.companions.item,
        "companion_weights": model.companions.weight,
        **arrays_of(model.habits),
        **blend_arrays(model.blend),
    }


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(content: bytes) -> Any:
    return np.load(io.BytesIO(content), allow_pickle=False)


def _member(file: zipfile.ZipFile, name: str) -> bytes:
    if file.getinfo(name).file_size > LARGEST_MEMBER:
        raise Fault(422, f"The artifact's member {name} is larger than anything that was written.")
    return file.read(name)


def _checked(file: zipfile.ZipFile, name: str, digest: str) -> bytes:
    content = _member(file, name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise Fault(422, f"The artifact's member {name} was changed after it was written: its digest differs.")
    return content


def _check(model: Model, manifest: Manifest) -> None:
    items = len(model.item_ids)
    habits = model.habits
    rows = {len(array) for array in (model.factors, model.reach, model.trend, model.habit)}
    rows |= {len(habits.turnover), len(habits.rest_days), len(habits.known_days)}
    starts, companions = model.companions.starts, model.companions
    if items != manifest.items or rows != {items} or len(starts) != items + 1:
        raise Fault(422, "The artifact's arrays are not of one length.")
    if len(set(model.item_ids)) != items:
        raise Fault(422, "The artifact names an item twice.")
    finite = [model.factors, model.reach, model.trend, model.habit, companions.weight, *arrays_of(habits).values()]
    finite += [model.groups.lift, *blend_arrays(model.blend).values()]
    if not all(np.isfinite(array).all() for array in finite):
        raise Fault(422, "The artifact holds numbers that are not finite.")
    if len(companions.item) and not (companions.item.min() >= 0 and companions.item.max() < items):
        raise Fault(422, "The artifact's companions are not items of it.")
    if (np.diff(starts) < 0).any() or starts[0] != 0 or starts[-1] != len(companions.item):
        raise Fault(422, "The artifact's companions are not in order.")
    groups = model.groups
    if len(groups.starts) != len(groups.names) + 1 or not _fits(groups.starts, groups.item, items):
        raise Fault(422, "The artifact's groups do not fit its items.")


def _fits(starts: Any, rows: Any, items: int) -> bool:
    """Whether these are bounds of lists of rows, in order."""
    ordered = starts[0] == 0 and starts[-1] == len(rows) and bool((np.diff(starts) >= 0).all())
    return ordered and (not len(rows) or (rows.min() >= 0 and rows.max() < items))
