"""Where messages go, out of how it is written: a folder, or an SMTP server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from tailorbird.assembler.mail.sending.folder import Folder
from tailorbird.assembler.mail.sending.post import Post
from tailorbird.assembler.mail.sending.smtp import Smtp
from tailorbird.contracts.wire import Fault

__all__ = ["post_to"]


@contextlib.asynccontextmanager
async def post_to(where: str, journal: Path, passes: int = 4) -> AsyncIterator[Post]:
    """A folder, or `smtp://user:password@host:587` (`smtps://` where TLS comes first). `journal`: what left by SMTP
    is noted there, so that a killed process does not send it again. Raises Fault(422, 503).
    """
    post: Post
    if where.startswith(("smtp://", "smtps://")):
        post = await asyncio.to_thread(Smtp, where, journal, passes)
    elif "://" in where:
        raise Fault(422, f"'{where}' is neither a folder nor smtp://host:port.")
    else:
        post = Folder(Path(where))
    try:
        yield post
    finally:
        await asyncio.to_thread(post.close)
