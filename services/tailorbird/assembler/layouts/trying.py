"""The documents as they would be with drafts at work: what a preview of a page or an e-mail is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tailorbird.assembler.layouts.document import Email, Layout
from tailorbird.contracts.documents import Document
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host.documents import Documents
from tailorbird.host.misread import misread

__all__ = ["with_drafts"]

_KINDS: dict[str, type[Any]] = {"layout": Layout, "email": Email}


def with_drafts(
    documents: Documents, trial: tuple[Document, ...], check: Callable[[Documents], list[Problem]]
) -> Documents:
    """Raises Fault(422) for a layout or an e-mail that has a mistake; drafts of other kinds are somebody else's."""
    tried: dict[str, dict[str, Any]] = {kind: dict(documents.get(kind, {})) for kind in _KINDS}
    for document in trial:
        shape = _KINDS.get(document.kind)
        if shape is None:
            continue
        try:
            tried[document.kind][document.id] = msgspec.json.decode(bytes(document.body), type=shape)
        except msgspec.MsgspecError as error:
            problem = misread(error, f"{document.kind}/{document.id}")
            sentence = f"The draft of '{document.id}' can't be tried out: {problem.sentence}"
            raise Fault(422, sentence, (problem,)) from error
    together = {**documents, **tried}
    problems = check(together)
    if problems:
        raise Fault(422, f"The draft can't be tried out: {problems[0].sentence}", tuple(problems))
    return together
