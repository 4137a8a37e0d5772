"""A person of the studio as an HTTP client: signs in, fills in forms, presses buttons."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx

from tailorbird.studio.desk.desk import open_members
from tailorbird.studio.desk.people.roles import Role
from tailorbird.suite.running import connect_to_running
from tests.runningsuite import RunningSuite

__all__ = ["PASSWORD", "Person", "let_in", "person"]

PASSWORD = "nine birds sew a leaf"


class Fields(HTMLParser):
    """What a browser would send of the form with this id: every field with its values, in the page's order."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form
        self._inside = False
        self._select = ""
        self._first = True
        self._text = ""
        self.fields: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = held.get("id", "") == self._form
        if not self._inside:
            return
        name = held.get("name", "")
        if tag == "input" and name:
            if held.get("type") not in ("checkbox", "radio") or "checked" in held:
                self.fields.setdefault(name, []).append(held.get("value", ""))
        elif tag == "select":
            self._select, self._first = name, True
        elif tag == "option" and self._select and (self._first or "selected" in held):
            self.fields[self._select] = [held.get("value", "")]
            self._first = False
        elif tag == "textarea":
            self._text = name
            self.fields.setdefault(name, []).append("")

    def handle_data(self, data: str) -> None:
        if self._inside and self._text:
            self.fields[self._text][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""


class Person:
    """Somebody signed in."""

    def __init__(self, client: httpx.Client, name: str) -> None:
        self.client = client
        self.name = name
        self.csrf = fields_of(client.get("/studio/me").text, "")["csrf"][0]

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers={"Accept": "text/html"})

    def form(self, path: str) -> dict[str, list[str]]:
        """The document's form as it is shown now."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text[:500]
        return fields_of(answer.text, "document")

    def post(self, path: str, fields: Mapping[str, str | list[str]] | None = None) -> httpx.Response:
        """Sends a form of this session, and follows to the page after it."""
        return self.client.post(path, data={"csrf": self.csrf, **(fields or {})}, headers={"Accept": "text/html"})

    def save(self, path: str, **changes: str) -> httpx.Response:
        """Opens the form, changes these fields, saves."""
        return self.post(path, {**self.form(path), **{name: [value] for name, value in changes.items()}})

    def publish(self, path: str) -> httpx.Response:
        """Proposes, approves and publishes what is written; for an admin, who may do all of it alone."""
        for step in ("propose", "approve", "publish"):
            answer = self.post(f"{path}/{step}")
            assert answer.status_code == 200, answer.text
        return answer


def fields_of(html: str, form: str) -> dict[str, list[str]]:
    read = Fields(form)
    read.feed(html)
    return read.fields


def let_in(suite: RunningSuite, name: str, role: Role) -> None:
    """Gives somebody the password of all tests; who is there already stays as they are."""

    async def add() -> None:
        async with connect_to_running(suite.environment, "test") as bus:
            members, _, _ = await open_members(bus)
            if await members.get(name) is None:
                await members.add(name, role, PASSWORD)

    # In a thread of its own: a test may have a loop that runs.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(add())).result()


@contextmanager
def person(suite: RunningSuite, role: Role) -> Iterator[Person]:
    """Somebody of this role, signed in."""
    name = f"test-{role}"
    let_in(suite, name, role)
    with httpx.Client(base_url=suite.base_url, timeout=30.0, follow_redirects=True) as client:
        answer = client.post("/studio/enter", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text[:300]
        yield Person(client, name)
