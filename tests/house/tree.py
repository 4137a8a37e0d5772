"""The source tree as the house rules look at it: files, modules, parsed code, names defined."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = (ROOT / "services", ROOT / "shared")
SERVICES = ROOT / "services" / "tailorbird"
ANSWERING = ("profiles", "recommender", "offers", "assembler", "insights")
CORES = {
    "profiles": (
        "collecting.batches", "collecting.checking", "identity.belonging", "identity.graph", "moments.deciding",
        "moments.document", "moments.payload", "moments.signing", "person", "segments.membership", "traits",
    ),
    "recommender": (
        "catalogue.promotions", "evaluating.baselines", "evaluating.metrics", "models", "shelves.curating",
        "shelves.curation", "shelves.customer", "shelves.exploring", "shelves.filling", "shelves.knowledge",
        "shelves.naming", "shelves.narrowing", "shelves.page", "shelves.past", "shelves.ranking", "shelves.referrers",
        "shelves.taste", "shelves.varying", "shelves.visit", "strategies", "training.blending", "training.mixing",
        "training.searching",
        "training.tuning", "vectors.foldin", "vectors.likeness", "vectors.newcomers",
    ),
    "offers": (
        "deciding", "documents.checking", "documents.gate", "documents.goal", "documents.naming", "documents.offer",
        "documents.offering",
        "documents.prepared", "learning.beliefs", "learning.counting", "learning.memory", "redeeming.limits",
        "redeeming.lines", "redeeming.settling", "redeeming.statements",
    ),
    "assembler": (
        "channels.app", "channels.brief", "channels.lines", "channels.push", "experiments", "gathering.context",
        "gathering.parts", "gathering.patterns", "gathering.picks", "items.popular", "layouts.choosing",
        "layouts.document", "layouts.theme", "mail.documents", "mail.hearing.clicks", "mail.hearing.heard",
        "mail.hearing.standing", "mail.sending.aiming", "mail.sending.capping", "mail.writing.compiling",
        "mail.writing.mergetags", "mail.writing.pieces", "mail.writing.plaintext", "mail.writing.printing",
        "pages.discreet", "pages.merging", "slots", "wording",
    ),
    "insights": (
        "arriving.decisions", "arriving.enriching", "arriving.outcomes",
        "arriving.visits", "facts.cells", "facts.crediting", "facts.factschema", "reports.concluding", "reports.kpis",
        "reports.periods", "reports.personmetrics", "reports.planned", "reports.suggesting", "statistics",
    ),
    "studio": (
        "desk.documents.differences", "desk.documents.kinds", "desk.documents.naming", "desk.forms.editing",
        "desk.forms.fields", "desk.forms.forms", "desk.forms.reading", "desk.forms.rulebuilder",
        "desk.forms.rulereading", "desk.forms.tree", "desk.people.roles",
        "shop.actions", "shop.kinds", "shop.reasons", "shop.theme", "shop.tiles", "shop.view",
    ),
}  # fmt: skip
"""The modules that decide (HOUSE.md section 2). One that does not exist yet is held to it from the day it does."""


def python_files() -> list[Path]:
    """Every module of the product, sorted."""
    return sorted(path for root in SOURCE_ROOTS for path in (root / "tailorbird").rglob("*.py"))


def core_files() -> list[Path]:
    """Every module of a core, a core that is a package with all its modules."""
    found: list[Path] = []
    for service, names in CORES.items():
        for name in names:
            place = SERVICES / service / name.replace(".", "/")
            module, package = place.with_suffix(".py"), place
            found += [module] if module.exists() else sorted(package.rglob("*.py"))
    pure = (ROOT / "shared" / "tailorbird" / name for name in ("rules", "wording"))
    return found + sorted(path for package in pure for path in package.rglob("*.py"))


def tracked_files() -> list[Path]:
    """What a clone holds or is about to hold; in a copy without git, every file that is not made by a tool."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not path.relative_to(ROOT).parts[0].startswith(".")]
    return sorted(path for path in paths if path.is_file())


def shown(path: Path) -> str:
    """The path as a person writes it, from the top of the repository."""
    return str(path.relative_to(ROOT))


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=shown(path))


def imported_modules(path: Path) -> Iterator[tuple[str, int]]:
    """Each module imported anywhere in the file, with its line; `from a import b` gives both `a` and `a.b`."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def defined_names(path: Path) -> Iterator[tuple[str, int]]:
    """Each name that the file gives to something: modules, classes, functions, arguments, variables, fields."""
    yield path.stem, 1
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def words_of(name: str) -> set[str]:
    """The words in an identifier, lower case: `UserFactors` and `user_factors` both give {user, factors}."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return {word.lower() for word in spaced.split("_") if word}


def at_module_level(path: Path) -> Iterator[ast.AST]:
    """Every node that runs when the module is imported: not what stands inside functions."""
    waiting: list[ast.AST] = list(parsed(path).body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend([*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)])
        elif not isinstance(node, ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
