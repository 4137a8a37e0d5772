"""Documents as they were sent, read by their kinds: decoded and in the one form in which each rests, or a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tailorbird.contracts.documents import ApplyQuery
from tailorbird.contracts.wire import Problem

__all__ = ["read_documents"]


def read_documents(
    query: ApplyQuery, kinds: Mapping[str, type[Any]]
) -> tuple[dict[str, tuple[bytes, Any]], list[Problem]]:
    """`kind/id` -> (how it rests, decoded), and what can't be read of it."""
    new: dict[str, tuple[bytes, Any]] = {}
    problems: list[Problem] = []
    for document in query.documents:
        key = f"{document.kind}/{document.id}"
        kind = kinds.get(document.kind)
        if kind is None:
            known = ", ".join(kinds)
            problems.append(Problem(path=key, sentence=f"'{document.kind}' is not kept here; {known} are."))
            continue
        if key in new:
            problems.append(Problem(path=key, sentence="The same id stands twice in what was sent."))
        try:
            decoded = msgspec.json.decode(bytes(document.body), type=kind)
        except msgspec.MsgspecError as error:
            sentence, _, where = str(error).partition(" - at `")
            problems.append(Problem(path=f"{key} {where.rstrip('`')}".rstrip(), sentence=sentence + "."))
            continue
        # Encoded anew so that the same document written in another order or spacing counts as unchanged.
        new[key] = (msgspec.json.encode(decoded, order="deterministic"), decoded)
    return new, problems
