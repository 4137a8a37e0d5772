"""Lines that tell every setting: its variable, what it is when not said, and what it means, read from the code."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from tailorbird.host.settings import PREFIX, SuiteSettings
from tailorbird.suite.roster import SERVICES, service_of

__all__ = ["Setting", "lines", "settings_of_the_suite"]


class Setting(Struct, frozen=True):
    """One variable of the environment."""

    variable: str
    default: str
    meaning: str


def settings_of_the_suite() -> Iterator[Setting]:
    """Those of every process first, then each service's own, in the order in which the code declares them."""
    yield from _of(SuiteSettings, PREFIX, frozenset())
    shared = frozenset(SuiteSettings.__struct_fields__)
    for name in SERVICES:
        yield from _of(service_of(name).settings, f"{PREFIX}{name.upper()}_", shared)


def lines() -> Iterator[str]:
    """As a person reads them."""
    for setting in settings_of_the_suite():
        yield f"{setting.variable}={setting.default}"
        if setting.meaning:
            yield textwrap.fill(setting.meaning, 100, initial_indent="    ", subsequent_indent="    ")


def _of(kind: type[Any], prefix: str, left_out: frozenset[str]) -> Iterator[Setting]:
    meanings = _meanings(kind)
    for field in msgspec.structs.fields(kind):
        if field.name not in left_out:
            default = "" if field.default in (None, msgspec.NODEFAULT) else str(field.default)
            yield Setting(f"{prefix}{field.name.upper()}", default, meanings.get(field.name, ""))


def _meanings(kind: type[Any]) -> dict[str, str]:
    """Field -> the docstring under it, which Python itself does not keep."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    lines_of = [line for node in tree.body if isinstance(node, ast.ClassDef) for line in node.body]
    found: dict[str, str] = {}
    for field, text in itertools.pairwise(lines_of):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            said = getattr(text.value, "value", None)
            if isinstance(said, str):
                found[field.target.id] = " ".join(said.split())
    return found
