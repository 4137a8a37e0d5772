"""A model trained, compared with those that served, registered, and promoted when it is not worse."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from msgspec.structs import replace

from tailorbird.recommender.models.blend import Recipe
from tailorbird.recommender.models.model import Model
from tailorbird.recommender.models.settings import Engine, TrainingSettings
from tailorbird.recommender.registry.promoting import Difference, Registered, last_promoted
from tailorbird.recommender.registry.store import Registry, code_version, data_fingerprint, difference_of
from tailorbird.recommender.training.validating import METRIC, SettingsTrial, Validation

__all__ = ["Compared", "compared_with", "recorded", "shown"]


class Compared:
    """Settings that were tried on one validation; each is trained once, however many models have them."""

    def __init__(self, validation: Validation, trials: Sequence[SettingsTrial] = ()) -> None:
        self.validation = validation
        self.trials = list(trials)

    def of(self, settings: TrainingSettings) -> SettingsTrial:
        """The trial of these settings, made when it was not yet."""
        for trial in self.trials:
            if trial.settings == settings:
                return trial
        self.trials.append(self.validation.measure(settings))
        return self.trials[-1]


async def compared_with(registry: Registry, engine: Engine = "implicit") -> dict[str, TrainingSettings]:
    """Version -> settings of the models that served last, as they are trained once more beside one of this engine.

    What Spark learned is compared without Spark, unless it is at work now: the same is looked for on this machine.
    """
    last = last_promoted(await registry.promotions())
    found = {record.version: record.settings for record in await registry.models() if record.version in last}
    if engine == "spark":
        return found
    return {
        version: replace(settings, engine="exact") if settings.engine == "spark" else settings
        for version, settings in found.items()
    }


def shown(value: object) -> str:
    """A setting as a table prints it: a number, or what is blended and how much."""
    if isinstance(value, Recipe):
        return ", ".join(f"{one.model.name} x {one.weight:.3g}" for one in value.ingredients)
    if isinstance(value, str):
        return value
    return f"{value:g}" if isinstance(value, int | float) else "nothing"


def recorded(
    model: Model, path: Path, interactions: pd.DataFrame, compared: Compared | None, rivals: dict[str, TrainingSettings]
) -> Registered:
    """The model's record, beside each rival where there is a validation."""
    against: dict[str, Difference] = {}
    values: tuple[float, ...] = ()
    metrics = dict(model.metrics)
    if compared is not None:
        values = compared.of(model.settings).values
        against = {version: difference_of(values, compared.of(own).values) for version, own in rivals.items()}
        metrics["validation"] = float(np.mean(values))
    return Registered(
        version=model.version,
        object=f"artifacts/{path.stem}.zip",
        trained_at=time.time(),
        until=model.until,
        data=data_fingerprint(interactions),
        interactions=len(interactions),
        items=len(model.item_ids),
        settings=model.settings,
        code=code_version(),
        metric=METRIC if compared else "",
        validation=compared.validation.fingerprint if compared else "",
        values=values,
        metrics=metrics,
        against=against,
    )
