"""What a page is measured against: a Litestar POST that returns the same bytes and does nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, get, post

from tailorbird.host.broker import die_with_parent, free_port
from tailorbird.suite.bench.load import Target
from tailorbird.suite.processes.supervisor import answers

__all__ = ["bare_server"]


@contextlib.asynccontextmanager
async def bare_server(body: bytes, folder: Path) -> AsyncIterator[tuple[Target, int]]:
    """Where it listens, and its process id. One uvicorn worker with the gateway's settings."""
    path = folder / "bare-page.json"
    path.write_bytes(body)
    port = free_port()
    process = subprocess.Popen(  # noqa: ASYNC220 - starting one takes a millisecond
        [sys.executable, "-m", "tailorbird.suite.bench.bare", str(path), str(port)],
        stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent(),  # noqa: PLW1509 - it only calls prctl
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(20):
            while not await answers(port, "/health"):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)
        yield Target("127.0.0.1", port), process.pid
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def main(path: str, port: str) -> None:
    """Serves the file's bytes for every POST until it is ended."""
    content = Path(path).read_bytes()

    @post("/page", status_code=200)
    async def page(request: Request[Any, Any, Any]) -> Response[bytes]:
        await request.body()
        return Response(content, media_type="application/json")

    @get("/health", sync_to_thread=False)
    def health() -> str:
        return "alive"

    gc.freeze()
    uvicorn.run(
        Litestar([page, health], openapi_config=None, logging_config=None),
        host="127.0.0.1", port=int(port), loop="uvloop", http="httptools",
        access_log=False, log_config=None, server_header=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
