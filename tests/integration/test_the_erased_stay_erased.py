"""A marker is planted wherever a person leaves something; after the erasure it is nowhere, nor is the person's key."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from tailorbird.bus.connect import Address, connect
from tailorbird.contracts.insights import DECIDED
from tailorbird.contracts.profiles import COLLECTED, PURCHASED, REFUSED
from tailorbird.contracts.wire import Topic
from tailorbird.host.broker import Broker, free_port
from tests.runningsuite import RunningSuite, clean_environment, documents_of_the_demo, run_command, start_suite
from tests.scenarios.calls import event, order, viewed
from tests.waiting import eventually

MARKER = "quetzalcoatl7391"
GONE, STAYS = f"c-{MARKER}", "c-stays"
ERASED_WITHIN = 60.0


def write_shop(folder: Path) -> Path:
    """A shop with a few items and two customers, one of them marked in every column."""
    folder.mkdir()
    tables: dict[str, list[dict[str, Any]]] = {
        "items": [{"item_id": f"i-{n}", "title": f"Item {n}", "category": "Tea", "price": 3.0} for n in range(12)],
        "customers": [
            {"customer_id": GONE, "first_name": MARKER, "email": f"{MARKER}@shop.example", "city": f"{MARKER} town"},
            {"customer_id": STAYS, "first_name": "Stays", "email": "stays@shop.example", "city": "Here"},
        ],
        "interactions": [
            {"customer_id": who, "item_id": "i-1", "time": "2026-11-01", "value": value, "order_id": f"o{who}"}
            for who in (GONE, STAYS)
            for value in ("3.0", "not a number" if who == GONE else "4.0")
        ],
    }
    for name, rows in tables.items():
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        (folder / f"{name}.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder


def plant(server: httpx.Client, write_key: str) -> None:
    """Everything that a person may leave behind, with the marker in it."""
    whose = {"userId": GONE, "anonymousId": f"a-{MARKER}"}
    traits = {"email": f"{MARKER}@shop.example", "last_name": MARKER, "phone": f"+1 {MARKER}", "address": MARKER}
    referrer = f"https://{MARKER}.example/?q={MARKER}"
    context = {"page": {"referrer": referrer}, "campaign": {"name": MARKER}, "ip": MARKER}
    sent = [
        {"type": "identify", "messageId": f"{MARKER}-1", "traits": traits, **whose},
        {**viewed("i-2"), "anonymousId": f"before-{MARKER}", "context": context},
        {"type": "alias", "messageId": f"{MARKER}-2", "userId": GONE, "previousId": f"before-{MARKER}"},
        {**event("Products Searched", {"query": f"tea {MARKER}"}), "context": context, **whose},
        {**order("i-3", "i-4"), "userId": STAYS},
        {**order("i-3", "i-4"), **whose},
        {**event("Order Completed", {"order_id": MARKER, "products": MARKER}), **whose},
        {**event("Consent Given", {}), "context": {"consent": {"categoryPreferences": {"email": True}}}, **whose},
    ]
    assert server.post("/v1/batch", json={"batch": sent}).status_code == 200
    key = base64.b64encode(f"{write_key}:".encode()).decode()
    claimed = {"messageId": "claimed", "anonymousId": f"a-{MARKER}", "traits": {"nick_name": MARKER}}
    assert server.post("/v1/identify", json=claimed, headers={"Authorization": f"Basic {key}"}).status_code == 200
    eventually(lambda: MARKER in server.get(f"/v1/profiles/{GONE}/timeline").text, "what was planted")
    for _ in range(2):
        body = {"customer": {"customer_id": GONE, "anonymous_id": f"a-{MARKER}"},
                "context": {"referrer": f"https://x.example/{MARKER}", "campaign": MARKER},
                "events": [viewed("i-5", **whose)]}  # fmt: skip
        page = server.post("/v1/pages/home", json=body)
        assert page.status_code == 200, page.text
    mail = {"customer": {"customer_id": GONE}, "message_id": f"week-{MARKER}"}
    assert server.post("/v1/emails/weekly", json=mail).status_code == 200
    export = f"/v1/profiles/{GONE}/export"
    eventually(lambda: len(server.get(export).json().get("decisions", ())) >= 3, "the decisions in the export")
    exported = server.get(export).json()
    assert all(one["why_am_i_seeing_this"] for one in exported["decisions"])
    assert any(why["because"] for one in exported["decisions"] for why in one["why_am_i_seeing_this"])
    assert {one["anonymous_id"] for one in exported["events"] if "anonymous_id" in one} >= {f"a-{MARKER}"}


def keys_of(home: Path) -> list[bytes]:
    with sqlite3.connect(home / "profiles" / "keyring.sqlite") as database:
        return [bytes(row[0]) for row in database.execute("SELECT key FROM person")]


def spelled(secret: bytes) -> list[bytes]:
    """The bytes as they might be written somewhere."""
    return [secret, secret.hex().encode(), base64.b64encode(secret)]


def files_with(folders: list[Path], needles: list[bytes]) -> list[str]:
    """Every file under these folders in whose bytes one of these stands."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [str(path) for path in files if any(needle in path.read_bytes() for needle in needles)]


async def decoded(home: Path, work: Path) -> str:
    """All that is kept, as text: every stream, bucket, object and Parquet file."""
    text: list[str] = []
    brokers = [Broker(name=name, folder=home / name, port=free_port()) for name in ("nats", "ledger")]
    processes = [broker.start() for broker in brokers]
    try:
        for broker in brokers:
            await broker.ready()
        async with connect("reader", Address(brokers[0].url), Address(brokers[1].url)) as bus:
            topics: tuple[Topic[Any], ...] = (COLLECTED, REFUSED, PURCHASED, DECIDED)
            for topic in topics:
                async for part in bus.listener.stored(topic):
                    text += [repr(stored.message) for stored in part]
            kept, ledger = await bus.inventories()
            for name in kept.buckets:
                entries = await (await bus.bucket(name)).entries()
                text += [f"{key} {entry.value!r}" for key, entry in entries.items()]
            for name in kept.objects:
                objects = await bus.objects(name)
                for number, one in enumerate(await objects.names()):
                    path = work / f"{name}-{number}"
                    await objects.fetch(one, path)
                    text.append(repr(pq.read_table(path).to_pylist()) if one.endswith(".parquet") else one)
            for name in ledger.journals:
                text += [repr(entry.value) for entry in await (await bus.journal(name)).read(0)]
    finally:
        for process in processes:
            process.terminate()
            await asyncio.to_thread(process.wait)
    return "\n".join(text)


def decoded_files(home: Path) -> str:
    """Every Parquet file on disk, as text."""
    return "\n".join(repr(pq.read_table(path).to_pylist()) for path in sorted(home.rglob("*.parquet")))


@pytest.mark.row(28)
def test_after_an_erasure_neither_the_marker_nor_the_key_is_anywhere(tmp_path: Path) -> None:
    home, backups, work = tmp_path / "home", tmp_path / "backups", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    with start_suite(home) as suite:
        server = httpx.Client(base_url=suite.base_url, headers=suite.server_headers, timeout=90.0)
        loaded = write_shop(tmp_path / "shop")
        load_with_a_refused_row(suite, loaded)
        suite.command("apply", documents_of_the_demo())
        before = set(keys_of(home))
        plant(server, suite.write_key)
        assert before
        suite.command("backup", backups)
        all_keys = keys_of(home)
        assert files_with([home], [MARKER.encode()])
        began = time.monotonic()
        erased = server.delete(f"/v1/profiles/{GONE}")
        assert (erased.status_code, erased.json()["persons"], erased.json()["backups"]) == (200, 1, 1)
        assert time.monotonic() - began < ERASED_WITHIN
        assert server.get(f"/v1/profiles/{GONE}").status_code == 404
        assert server.get(f"/v1/profiles/a-{MARKER}").status_code == 404
        served = server.post("/v1/pages/home", json={"customer": {"customer_id": GONE}}).json()
        assert served["customer"]["known"] is False
        destroyed = [key for key in all_keys if key not in keys_of(home)]
        assert destroyed
        assert server.get(f"/v1/profiles/{STAYS}").json()["first_name"] == "Stays"
    needles = [MARKER.encode(), base64.b64encode(MARKER.encode()).rstrip(b"=")[:-2]]
    needles += [one for key in destroyed for one in spelled(key)]
    assert files_with([home, backups], needles) == []
    run_command(clean_environment(home), "restore", backups)
    assert MARKER not in asyncio.run(decoded(home, work)) + decoded_files(home)
    assert files_with([home, backups], needles) == []
    with start_suite(home) as suite:
        server = httpx.Client(base_url=suite.base_url, headers=suite.server_headers, timeout=90.0)
        gone = server.get(f"/v1/profiles/{GONE}")
        assert gone.status_code == 404, gone.text
        stays = server.get(f"/v1/profiles/{STAYS}").json()
        assert (stays["first_name"], stays["facts"]["attributes"]["history.orders"]) == ("Stays", 2)
    assert files_with([home, backups], needles) == []


def load_with_a_refused_row(suite: RunningSuite, folder: Path) -> None:
    """Loads; one row of the marked customer is wrong and lies in the quarantine afterwards."""
    said = suite.command("load", folder)
    assert "refused" in said
    assert files_with([suite.home / "quarantine"], [MARKER.encode()])
