"""The tree of HOUSE.md section 2: two roots, one folder per question, modules that are one screenful of ideas."""

from __future__ import annotations

import ast

from tailorbird.suite import roster
from tests.house.tree import ROOT, SERVICES, SOURCE_ROOTS, parsed, python_files, shown

LONGEST_MODULE = 300
FRONT_DOOR = {"suite"}


def test_no_init_file_hides_the_other_half_of_the_namespace() -> None:
    strays = [shown(root / "tailorbird" / "__init__.py") for root in SOURCE_ROOTS
              if (root / "tailorbird" / "__init__.py").exists()]  # fmt: skip
    assert strays == [], "delete them: with one of these half of `tailorbird` cannot be imported"


def test_there_is_a_folder_for_each_service_of_the_roster_and_no_other() -> None:
    folders = {path.name for path in SERVICES.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders - FRONT_DOOR == set(roster.SERVICES)


def test_each_service_lives_in_service_py() -> None:
    missing = [name for name in roster.SERVICES if not (SERVICES / name / "service.py").exists()]
    assert missing == []


def test_every_package_says_what_it_answers_and_nothing_more() -> None:
    wrong = []
    for path in python_files():
        if path.name != "__init__.py":
            continue
        body = parsed(path).body
        if not body or ast.get_docstring(parsed(path)) is None:
            wrong.append(f"{shown(path)} has no docstring")
        elif len(body) > 1 and not _may_hold_code(path.parent.relative_to(ROOT).as_posix()):
            wrong.append(f"{shown(path)} holds more than its docstring")
    assert wrong == []


def _may_hold_code(package: str) -> bool:
    """The bus declares its protocols where a reader meets them; a family makes its union of the files it holds."""
    return package == "shared/tailorbird/bus" or package.rsplit("/", 1)[-1] in {"slots", "strategies", "kinds"}


def test_every_folder_with_modules_is_a_package() -> None:
    roots = {root / "tailorbird" for root in SOURCE_ROOTS}
    folders = {path.parent for path in python_files()} - roots
    assert [shown(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_no_module_is_longer_than_one_subject() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_every_module_opens_with_what_comes_out_of_it() -> None:
    assert [shown(path) for path in python_files() if ast.get_docstring(parsed(path)) is None] == []
