"""JSON Schema of documents with what their authors wrote beside each field: forms and references are drawn from it."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

__all__ = ["components_of", "schemas_of"]


def schemas_of(kinds: Mapping[str, type[Any]]) -> dict[str, dict[str, Any]]:
    """Kind -> JSON Schema with its own `$defs`; each property is described by the text that stands under its field."""
    found: dict[str, dict[str, Any]] = {}
    for kind, shape in kinds.items():
        (root,), parts = components_of([shape], "#/$defs/{name}")
        found[kind] = {**root, "$defs": parts}
    return found


def components_of(shapes: Sequence[Any], template: str) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """(a schema for each of the shapes, the parts to which they refer by `template`), fields described as above."""
    found, parts = msgspec.json.schema_components(shapes, ref_template=template)
    structs: dict[str, type[Struct]] = {}
    for shape in shapes:
        structs |= _structs(shape)
    for name, part in parts.items():
        if name in structs:
            _describe(part, structs[name])
    return found, parts


def _structs(shape: type[Any]) -> dict[str, type[Struct]]:
    """Every Struct that documents of this type are made of, by name."""
    found: dict[str, type[Struct]] = {}
    waiting: list[Any] = [msgspec.inspect.type_info(shape)]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, msgspec.inspect.StructType):
            if kind.cls.__name__ in found:
                continue
            found[kind.cls.__name__] = kind.cls
            waiting += [field.type for field in kind.fields]
        else:
            waiting += [value for value in _parts(kind) if isinstance(value, msgspec.inspect.Type)]
    return found


def _parts(kind: Any) -> list[Any]:
    values: list[Any] = []
    for name in getattr(kind, "__struct_fields__", ()):
        value = getattr(kind, name)
        values += value if isinstance(value, tuple) else [value]
    return values


def _describe(schema: dict[str, Any], shape: type[Struct]) -> None:
    texts = _texts(shape)
    for field in msgspec.structs.fields(shape):
        written = schema.get("properties", {}).get(field.encode_name)
        if written is None:
            continue
        if field.name in texts:
            written.setdefault("description", texts[field.name])
        if _is_a_time(field.type):
            written["format"] = "date-time"


def _is_a_time(kind: Any) -> bool:
    if "datetime" not in str(kind):
        return False
    found = msgspec.inspect.type_info(kind)
    choices = found.types if isinstance(found, msgspec.inspect.UnionType) else (found,)
    return any(isinstance(one, msgspec.inspect.DateTimeType) for one in choices)


def _texts(shape: type[Struct]) -> dict[str, str]:
    """Field -> the text under it in the source, of the class and of those it inherits from."""
    texts: dict[str, str] = {}
    for parent in reversed(shape.__mro__):
        if issubclass(parent, Struct) and parent is not Struct:
            texts |= _written_in(parent.__module__).get(parent.__qualname__, {})
    return texts


@functools.cache
def _written_in(module: str) -> dict[str, dict[str, str]]:
    """Class -> field -> the text under it, of a module's own classes; its source is read once."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError, KeyError):
        # Installed without its source: the forms then say less.
        return {}
    return {node.name: _under_fields(node) for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _under_fields(defined: ast.ClassDef) -> dict[str, str]:
    texts: dict[str, str] = {}
    name = ""
    for node in defined.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif name and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            texts[name] = " ".join(str(node.value.value).split())
            name = ""
        else:
            name = ""
    return texts
