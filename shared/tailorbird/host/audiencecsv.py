"""Who is in a segment as CSV, line by line: with the columns that `tailorbird load` reads as audiences."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

from tailorbird.bus import Asker
from tailorbird.contracts.documents import ListDocumentsQuery
from tailorbird.contracts.profiles import LIST_DOCUMENTS, PROFILE_PAGE, ProfilePageQuery
from tailorbird.contracts.wire import Fault

__all__ = ["audience_lines"]

PAGE = 200


async def audience_lines(asker: Asker, segment: str) -> AsyncIterator[str]:
    """Everybody with a customer id who is in it now, as lines to be sent while they are found. Raises Fault(404)."""
    kept = await asker.ask(LIST_DOCUMENTS, ListDocumentsQuery(kind="segment"))
    if segment not in {document.id for document in kept.documents}:
        raise Fault(404, f"There is no segment '{segment}'.")
    return _lines(asker, segment)


async def _lines(asker: Asker, segment: str) -> AsyncIterator[str]:
    yield _line("audience_id", "customer_id")
    after = ""
    while True:
        page = await asker.ask(PROFILE_PAGE, ProfilePageQuery(after=after, count=PAGE))
        inside = [
            profile.customer.customer_id
            for profile in page.profiles
            if segment in profile.facts.segments and profile.customer.customer_id
        ]
        if inside:
            yield "".join(_line(segment, customer_id) for customer_id in inside)
        if not page.after:
            return
        after = page.after


def _line(*values: str) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(values)
    return written.getvalue()
