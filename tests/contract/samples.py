"""One sample of each message with every field filled, always alike: `python -m tests.contract.samples` writes those
that are missing. A released sample is never written again; before the first release, `--again` writes all anew.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, inspect

from tests.contract.declared import messages

FOLDER = Path(__file__).parent / "wire" / "v1"
DEEPEST = 6


def filled(message: type[Struct]) -> bytes:
    """JSON of this message with a value other than the default in each of its fields."""
    return msgspec.json.format(msgspec.json.encode(_value(inspect.type_info(message), "", 0)), indent=1) + b"\n"


def _value(kind: inspect.Type, name: str, depth: int) -> Any:  # noqa: C901 - one branch a kind of field
    match kind:
        case inspect.StructType():
            return _struct(kind, depth)
        case inspect.Metadata():
            return _value(kind.type, name, depth)
        case inspect.BoolType():
            return True
        case inspect.IntType():
            return max(7, kind.ge or 0) if kind.le is None else min(7, kind.le)
        case inspect.FloatType():
            return 1.5
        case inspect.StrType():
            return (name or "text")[: kind.max_length or 200]
        case inspect.BytesType():
            return name.encode()
        case inspect.LiteralType():
            return kind.values[-1]
        case inspect.NoneType():
            return None
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            return [_value(kind.item_type, name, depth + 1)] if depth < DEEPEST else []
        case inspect.TupleType():
            return [_value(item, name, depth + 1) for item in kind.item_types]
        case inspect.DictType():
            return {_value(kind.key_type, f"{name} key", depth): _value(kind.value_type, name, depth + 1)}
        case inspect.UnionType():
            return _value(next(one for one in kind.types if not isinstance(one, inspect.NoneType)), name, depth)
        case inspect.RawType() | inspect.AnyType():
            return {"any": [name, 1, None]}
    raise TypeError(f"No sample value is known for a field of type {type(kind).__name__}; add one here.")


def _struct(kind: inspect.StructType, depth: int) -> Any:
    values = {field.encode_name: _other_than_default(field, depth) for field in kind.fields}
    if kind.array_like:
        return list(values.values())
    if kind.tag_field is not None:
        return {kind.tag_field: kind.tag, **values}
    return values


def _other_than_default(field: inspect.Field, depth: int) -> Any:
    """A default is not written on the wire, so a sample that holds one would show nothing."""
    kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
    if isinstance(kind, inspect.LiteralType):
        return next(value for value in kind.values if value != field.default)
    value = _value(field.type, field.name, depth + 1)
    return value + 1 if isinstance(value, int) and not isinstance(value, bool) and value == field.default else value


def main() -> None:
    """Write each sample that is missing, all of them with `--again`; say which."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, message in messages().items():
        path = FOLDER / f"{name}.json"
        if "--again" in sys.argv[1:] or not path.exists():
            path.write_bytes(filled(message))
            print(f"wrote {path.name}")


if __name__ == "__main__":
    main()
