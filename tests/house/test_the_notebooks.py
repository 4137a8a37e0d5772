"""A notebook is written as a script that can be reviewed; beside it lies the same thing to open in Jupyter."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext

from tests.house.tree import ROOT

SCRIPTS = sorted((ROOT / "research").glob("[0-9]*.py"))
NOTEBOOKS = sorted((ROOT / "research").glob("*.ipynb"))


def _cells(path: Path) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source.strip()) for cell in jupytext.read(path).cells]


def test_each_script_lies_beside_its_notebook_and_says_the_same() -> None:
    assert SCRIPTS != []
    notebooks = {script: script.with_suffix(".ipynb") for script in SCRIPTS}
    assert [script.name for script, notebook in notebooks.items() if not notebook.exists()] == [], "jupytext --sync"
    different = [script.name for script, notebook in notebooks.items() if _cells(script) != _cells(notebook)]
    assert different == [], "mend with: jupytext --sync research/*.py"


def test_no_notebook_is_without_its_script() -> None:
    assert [notebook.name for notebook in NOTEBOOKS if not notebook.with_suffix(".py").exists()] == []


def test_each_notebook_lies_here_as_it_came_out_of_a_run() -> None:
    for notebook in NOTEBOOKS:
        code = [cell for cell in jupytext.read(notebook).cells if cell.cell_type == "code"]
        kinds = [output.output_type for cell in code for output in cell.outputs]
        assert "display_data" in kinds, f"{notebook.name} shows no plot: run it"
        assert "error" not in kinds, f"{notebook.name} stopped at a mistake"
        # In the order in which they stand: nothing was run again out of turn.
        assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_the_answer_at_the_top_is_what_was_measured() -> None:
    headlines = _plain((ROOT / "research" / "README.md").read_text(encoding="utf-8"))
    for notebook in NOTEBOOKS:
        cells = jupytext.read(notebook).cells
        answers = re.findall(r"\*\*(.+?)\*\*", _plain(cells[0].source))
        assert len(answers) == 1, f"{notebook.name} opens with its question and one bold sentence that answers it"
        assert answers[0] in _plain(_printed(notebook)), "put the sentence that the notebook prints at its top"
        assert answers[0] in headlines, "and into the table of research/README.md"


def test_no_output_of_a_notebook_names_a_place_on_a_machine() -> None:
    roots = r"(?<![\w.])/(tmp|home|root|Users|usr|opt|work|var|private)/"
    places = re.compile(rf"{roots}|[A-Z]:\\|site-packages|127\.0\.0\.1")
    assert {book.name: found.group() for book in NOTEBOOKS if (found := places.search(_printed(book)))} == {}
    assert {book.name for book in NOTEBOOKS if jupytext.read(book).metadata.kernelspec.name != "python3"} == set()


def _printed(notebook: Path) -> str:
    """Everything that the cells printed or showed as text."""
    outputs = [output for cell in jupytext.read(notebook).cells if cell.cell_type == "code" for output in cell.outputs]
    shown = [str(output.get("text", "")) for output in outputs]
    return "\n".join(shown + [str(text) for output in outputs for text in _texts(output.get("data", {}))])


def _texts(data: dict[str, str]) -> list[str]:
    return [text for kind, text in data.items() if kind.startswith("text/")]


def _plain(text: str) -> str:
    """On one line, so that it does not matter where lines break."""
    return " ".join(text.split())
