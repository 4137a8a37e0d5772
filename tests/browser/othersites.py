"""A site that knows nothing of Tailorbird: plain files from a port of its own, and one line that names the script."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from msgspec import Struct

from tests.runningsuite import RunningSuite

__all__ = ["Site", "article", "served"]

OWN = "The site's own words."


class Site(Struct, frozen=True):
    """A site that is up."""

    base_url: str
    asked: list[str]
    """Every path that anybody called."""


@contextlib.contextmanager
def served(files: Mapping[str, tuple[str, str]]) -> Iterator[Site]:
    """The files, path -> (media type, content), on a free port of this machine; everything else is 404."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            media_type, content = files.get(self.path.partition("?")[0], ("", ""))
            self.send_response(200 if media_type else 404)
            self.send_header("Content-Type", media_type or "text/plain")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def article(suite: RunningSuite, more: str = "", host: str = "", script: str = "") -> tuple[str, str]:
    """A page with a hero above, a shelf in the middle of its text, and a shelf far below. `more`: for the script."""
    source = script or f"{suite.base_url}/sdk/tailorbird.js"
    told = f'data-host="{host}"' if host else ""
    text = "<p>" + "Bread is older than writing. " * 40 + "</p>"
    return "text/html; charset=utf-8", f"""<!doctype html><html lang="en"><head><title>Plain</title>
<style>body {{ font: 18px/1.5 serif; background: rgb(255, 255, 240); }} h1 {{ color: rgb(9, 9, 9); }}</style>
<script src="{source}" data-write-key="{suite.write_key}" data-page="home" data-patience="20000" {told} {more}></script>
</head><body><h1>A plain site</h1><div id="mine" hidden data-tailorbird-moment></div>
<div data-tailorbird-slot="hero" style="min-height:340px">{OWN}</div>
<div data-tailorbird-slot="trending">{OWN}</div>{text * 6}
<p id="below" data-tailorbird-item="i-33">Bananas</p>
<div data-tailorbird-slot="for_you">{OWN}</div><div data-tailorbird-slot="of_another_page">{OWN}</div>
</body></html>"""
