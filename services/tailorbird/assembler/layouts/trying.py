"""The book of layouts as it would be with drafts at work: what a preview is laid out by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from tailorbird.assembler.layouts.choosing import Book
from tailorbird.assembler.layouts.document import Layout
from tailorbird.contracts.documents import Document
from tailorbird.contracts.wire import Fault, Problem
from tailorbird.host.documents import Documents

__all__ = ["book_with"]


def book_with(
    documents: Documents, trial: tuple[Document, ...], check: Callable[[Documents], list[Problem]]
) -> Book:
    """Raises Fault(422) for a layout that has a mistake; documents of other kinds are somebody else's."""
    layouts: dict[str, Any] = dict(documents.get("layout", {}))
    for document in trial:
        if document.kind != "layout":
            continue
        try:
            layouts[document.id] = msgspec.json.decode(bytes(document.body), type=Layout)
        except msgspec.MsgspecError as error:
            raise Fault(422, f"The draft of '{document.id}' can't be tried out: {error}.") from error
    with_drafts = {**documents, "layout": layouts}
    problems = check(with_drafts)
    if problems:
        raise Fault(422, f"The draft can't be tried out: {problems[0].sentence}", tuple(problems))
    return Book(with_drafts, "draft")
