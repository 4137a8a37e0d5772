"""Documents as they were sent, read by their kinds: decoded and in the one form in which each rests, or a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tailorbird.contracts.documents import ApplyQuery
from tailorbird.contracts.wire import Problem
from tailorbird.host.misread import misread

__all__ = ["read_documents", "retired_by"]


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
            problems.append(misread(error, key))
            continue
        # Encoded anew so that the same document written in another order or spacing counts as unchanged.
        new[key] = (msgspec.json.encode(decoded, order="deterministic"), decoded)
    return new, problems


def retired_by(query: ApplyQuery, at_work: Mapping[str, Mapping[str, Any]], problems: list[Problem]) -> list[str]:
    """What the query retires by name, `kind/id`; and with `prune` what it no longer holds, of the kinds that it does:
    not what was loaded as rows, which never stood there. What can't be retired goes to the problems.
    """
    named = []
    for key in query.retire:
        kind, _, identity = key.partition("/")
        if identity in at_work.get(kind, {}):
            named.append(key)
        else:
            problems.append(Problem(path=key, sentence="It is not at work, so it can't be retired."))
    if not query.prune:
        return named
    kinds = {document.kind for document in query.documents}
    kept = {f"{document.kind}/{document.id}" for document in query.documents}
    return named + [
        f"{kind}/{identity}"
        for kind, documents in at_work.items()
        if kind in kinds
        for identity, document in documents.items()
        if f"{kind}/{identity}" not in {*kept, *named} and not getattr(document, "loaded", False)
    ]
