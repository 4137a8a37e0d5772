"""A core decides and moves no bytes: time, chance and settings come in as arguments (HOUSE.md section 3)."""

from __future__ import annotations

import ast
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from tailorbird.suite import roster
from tests.house.tree import CORES, ROOT, at_module_level, core_files, imported_modules, parsed, python_files, shown

EDGES = {
    "asyncio", "duckdb", "faiss", "glob", "http", "httpx", "litestar", "nats", "os", "pyarrow.dataset",
    "pyarrow.parquet", "random", "secrets", "shutil", "socket", "sqlite3", "subprocess", "tempfile", "time",
    "urllib.request", "uuid", "uvicorn",
}  # fmt: skip
MEASURES_THE_WIRE = "services/tailorbird/suite/bench"
CLOCKS = {"now", "utcnow", "today"}


def test_cores_import_no_wire_disk_clock_chance_or_environment() -> None:
    wrong = [
        f"{shown(path)}:{line} imports {module}"
        for path in core_files()
        for module, line in imported_modules(path)
        if module in EDGES or module.split(".")[0] in EDGES
    ]
    assert wrong == []


def test_import_linter_holds_every_core_to_it_through_whatever_it_imports() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = {contract["id"]: contract for contract in tools["importlinter"]["contracts"]}
    held = contracts["cores"]["source_modules"]
    cores = [f"tailorbird.{service}.{name}" for service, names in CORES.items() for name in names]
    assert [core for core in cores if not any(fnmatchcase(core, pattern) for pattern in held)] == []


def test_cores_read_no_clock_and_make_no_chance_of_their_own() -> None:
    wrong = [
        f"{shown(path)}:{node.lineno} calls {ast.unparse(node.func)}"
        for path in core_files()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and (_reads_a_clock(node) or _makes_chance(node))
    ]
    assert wrong == []


def test_importing_a_module_opens_nothing_and_reads_no_environment() -> None:
    wrong = [
        f"{shown(path)}:{getattr(node, 'lineno', 0)} {ast.unparse(node)}"
        for path in python_files()
        if path.name != "__main__.py"
        for node in at_module_level(path)
        if _has_an_effect(node)
    ]
    assert wrong == []


def test_only_the_bus_imports_nats() -> None:
    wrong = [
        f"{shown(path)}:{line} imports {module}"
        for path in python_files()
        for module, line in imported_modules(path)
        if module.split(".")[0] == "nats"
        and not _is_under(path, "shared/tailorbird/bus")
        and not _is_under(path, MEASURES_THE_WIRE)
    ]
    assert wrong == []


def test_contracts_import_msgspec_and_nothing_else() -> None:
    allowed = ("__future__", "typing", "msgspec", "collections", "tailorbird.contracts")
    wrong = [
        f"{shown(path)}:{line} imports {module}"
        for path in python_files()
        if _is_under(path, "shared/tailorbird/contracts")
        for module, line in imported_modules(path)
        if not module.startswith(allowed)
    ]
    assert wrong == []


def test_the_gateways_routes_never_import_a_service_itself() -> None:
    wrong = [
        f"{shown(path)}:{line} imports {module}"
        for path in python_files()
        if path.name == "http.py"
        for module, line in imported_modules(path)
        if module in {f"tailorbird.{name}.{part}" for name in roster.SERVICES for part in ("service", "store")}
    ]
    assert wrong == []


def _is_under(path: Path, folder: str) -> bool:
    return shown(path).startswith(f"{folder}/")


def _reads_a_clock(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS


def _makes_chance(node: ast.Call) -> bool:
    return ast.unparse(node.func).startswith(("np.random.", "numpy.random."))


def _has_an_effect(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute) and ast.unparse(node) == "os.environ":
        return True
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called in {"open", "os.getenv"} or called.endswith(
        (".read_text", ".read_bytes", ".open", ".connect", ".mkdir", ".iterdir", ".glob")
    )
