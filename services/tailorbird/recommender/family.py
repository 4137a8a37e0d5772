"""A family: the classes that a package's files hold. One more file is one more member, and nothing else is touched."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["members"]

Member = TypeVar("Member")


def members(package: str, folders: Iterable[str], base: type[Member]) -> list[type[Member]]:
    """Every class below `base` that a file of this package defines, in order of the files' names."""
    names = sorted(found.name for found in pkgutil.iter_modules(folders))
    modules = [importlib.import_module(f"{package}.{name}").__name__ for name in names]
    found = [one for one in _below(base) if one.__module__ in modules]
    return sorted(dict.fromkeys(found), key=lambda one: modules.index(one.__module__))


def _below(base: type[Member]) -> Iterator[type[Member]]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)
