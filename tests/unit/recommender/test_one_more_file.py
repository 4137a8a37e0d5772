"""A data scientist adds one file, and the new model or strategy is in every table, in training and on pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

MODEL = '''
"""What is had together, counted."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from scipy import sparse

from tailorbird.recommender.models.part import Kind, Part, Step, Weights, ones


class Paired(Kind, frozen=True, kw_only=True):
    choices: ClassVar[Mapping[str, Sequence[Any]]] = {"damped": (0.0, 1.0)}
    makes: ClassVar[type[Part]] = Weights

    damped: float = 0.0

    def fit(self, liking: sparse.csr_matrix, step: Step) -> Part:
        had = ones(liking)
        together = sparse.csr_matrix(had.T @ had)
        together.data /= self.damped + 1.0
        step(1.0)
        return Weights(together)
'''

STRATEGY = '''
"""The first items of the catalogue, for everybody."""

from tailorbird.contracts.recommender import Shelf
from tailorbird.recommender.shelves.page import Page
from tailorbird.recommender.strategies.strategy import Chosen, Strategy


class First(Strategy):
    name = "first"

    def choose(self, page: Page, shelf: Shelf) -> Chosen:
        places = page.free(page.knowledge.popular[0], shelf.count)
        found = page.knowledge.popular[0][places].tolist()
        return Chosen(found, [1.0] * len(found), [("First",)] * len(found))
'''

USED = '''
import sys
from pathlib import Path

from msgspec.structs import replace

from tailorbird.recommender.evaluating.fixedsplit import evaluate_split
from tailorbird.recommender.evaluating.report import evaluate, ranker_of
from tailorbird.recommender.evaluating.splitfiles import read_split
from tailorbird.recommender.models.blend import Ingredient, Recipe
from tailorbird.recommender.models.kinds import KINDS
from tailorbird.recommender.registry.artifact import read_artifact, write_artifact
from tailorbird.recommender.training.blending import BESIDE
from tailorbird.recommender.training.train import train
from tests.unit.recommender.smallshop import SETTINGS, ids, interactions, item_table, query, shelves
from tests.unit.recommender.smallsplit import write_split

paired = next(kind for kind in KINDS if kind.__name__ == "Paired")
assert paired in BESIDE
report = evaluate(interactions(), item_table(), SETTINGS, alone=True)
assert "paired alone" in report.discovery.index, report.discovery
folder = Path(sys.argv[1])
ticks = iter(range(100_000))
outcome = evaluate_split(
    read_split(*write_split(folder)), 5, 3_000.0, lambda: float(next(ticks)), lambda *_: None
)
assert "paired" in {one.model.name for one in outcome.tried}, outcome.tried
model = train(interactions(), item_table(), replace(SETTINGS, blended=Recipe((Ingredient(paired(), 0.5),))))
write_artifact(model, folder / "model.zip")
served = ranker_of(read_artifact(folder / "model.zip"), item_table())
assert served.knowledge.model.settings.blended.ingredients[0].model == paired()
for strategy in ("for_you", "first"):
    assert ids(shelves(served, query((strategy, 5)))[0]), strategy
'''


def test_one_more_file_is_one_more_row_in_every_table_and_serves(tmp_path: Path) -> None:
    copied = tmp_path / "with_more" / "tailorbird" / "recommender"
    source = ROOT / "services" / "tailorbird" / "recommender"
    shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
    (copied / "models" / "kinds" / "paired.py").write_text(MODEL)
    (copied / "strategies" / "first.py").write_text(STRATEGY)
    script = tmp_path / "used.py"
    script.write_text(USED)
    roots = [str(tmp_path / "with_more"), str(ROOT / "services"), str(ROOT / "shared"), str(ROOT)]
    made = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
