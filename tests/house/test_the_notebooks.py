"""A notebook is written as a script that can be reviewed; beside it lies the same thing to open in Jupyter."""

from __future__ import annotations

from pathlib import Path

import jupytext

from tests.house.tree import ROOT

SCRIPTS = sorted((ROOT / "research").glob("[0-9]*.py"))


def _cells(path: Path) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source.strip()) for cell in jupytext.read(path).cells]


def test_each_script_lies_beside_its_notebook_and_says_the_same() -> None:
    assert SCRIPTS != []
    notebooks = {script: script.with_suffix(".ipynb") for script in SCRIPTS}
    assert [script.name for script, notebook in notebooks.items() if not notebook.exists()] == [], "jupytext --sync"
    different = [script.name for script, notebook in notebooks.items() if _cells(script) != _cells(notebook)]
    assert different == [], "mend with: jupytext --sync research/*.py"


def test_no_notebook_is_without_its_script() -> None:
    notebooks = sorted((ROOT / "research").glob("*.ipynb"))
    assert [notebook.name for notebook in notebooks if not notebook.with_suffix(".py").exists()] == []
