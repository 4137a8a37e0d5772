"""A Wagtail site with our template tags: its pages hold what Tailorbird says, and stand when Tailorbird does not."""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec import Struct

from tailorbird.host.broker import free_port
from tests.runningsuite import ROOT, RunningSuite
from tests.waiting import eventually

OWN_HEADLINE, OWN_SHELF, OWN_CORNER = "The editor's own headline", "The editor's own shelf", "The editor's own corner"


class Between(ThreadingHTTPServer):
    """Stands between the site and the suite: passes calls on, never answers them, or refuses them with a 500."""

    daemon_threads = True

    def __init__(self, suite: RunningSuite) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.target = str(urlsplit(suite.base_url).netloc)
        self.state = "passes"
        self.calls = 0
        self.freed = threading.Event()


class _Passing(BaseHTTPRequestHandler):
    server: Between

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        if self.server.state == "hangs":
            self.server.freed.wait(120)
            return
        if self.server.state == "fails":
            self.send_error(500)
            return
        connection = http.client.HTTPConnection(self.server.target, timeout=20)
        connection.request("POST", self.path, body, dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is to be printed."""


class Cms(Struct, frozen=True):
    url: str
    between: Between

    def page(self, signed_in: str = "") -> str:
        answer = httpx.get(self.url, cookies={"signed_in": signed_in}, timeout=60.0)
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    def filled_page(self, signed_in: str = "") -> str:
        """The page once the suite was in time: on a busy machine it may be late, and is then left alone for a while."""
        return eventually(
            lambda: page if OWN_HEADLINE not in (page := self.page(signed_in)) else "", "a page that Tailorbird filled"
        )


@pytest.fixture(scope="module")
def cms(suite: RunningSuite) -> Iterator[Cms]:
    port = free_port()
    between = Between(suite)
    threading.Thread(target=between.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    url = f"http://127.0.0.1:{between.server_port}"
    command = [sys.executable, "-m", "tests.clients.wagtailsite", str(port), url, suite.server_key]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield Cms(f"http://127.0.0.1:{port}/", between)
    finally:
        process.kill()
        process.communicate()
        between.freed.set()
        between.shutdown()
        between.server_close()


@pytest.mark.row(95, 110)
def test_a_page_holds_what_is_decided_for_who_opens_it(cms: Cms) -> None:
    known, stranger = cms.filled_page("c-01"), cms.filled_page()
    for page in (known, stranger):
        assert page.count("data-tailorbird-filled") == 2
        assert page.count("<style>") == 1
        assert OWN_SHELF not in page
        assert OWN_CORNER in page, "a slot that the layout does not have is the editor's"
    assert known != stranger


def test_all_slots_of_a_page_are_one_call(cms: Cms) -> None:
    cms.filled_page()
    before = cms.between.calls
    cms.filled_page()
    assert cms.between.calls == before + 1


@pytest.mark.row(110)
@pytest.mark.parametrize("state", ["fails", "hangs"])
def test_without_an_answer_the_page_is_the_editors_and_nobody_asks_again_at_once(cms: Cms, state: str) -> None:
    cms.filled_page()
    cms.between.state = state
    try:
        page = cms.page()
        assert OWN_HEADLINE in page
        assert OWN_SHELF in page
        assert "data-tailorbird-filled" not in page
        calls = cms.between.calls
        assert OWN_HEADLINE in cms.page()
        assert cms.between.calls == calls
    finally:
        cms.between.state = "passes"
    assert OWN_HEADLINE not in cms.filled_page(), "it asks again after a while"
