"""Who has which pseudonym and key, and what is left in the file of somebody who is gone."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tailorbird.profiles.identity.directory import Directory
from tailorbird.profiles.keeping.sqlitekeyring import SqliteKeyring

pytestmark = pytest.mark.anyio


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keyring.sqlite"


@pytest.fixture
def keyring(file: Path) -> Iterator[SqliteKeyring]:
    keyring = SqliteKeyring(file)
    yield keyring
    keyring.close()


def everything_in(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.iterdir())


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


async def test_an_id_gets_one_person_for_good(keyring: SqliteKeyring, file: Path) -> None:
    first = await keyring.ensure(["customer:1", "anonymous:a"])
    assert first["customer:1"] != first["anonymous:a"]
    assert await keyring.ensure(["customer:1"]) == {"customer:1": first["customer:1"]}
    again = SqliteKeyring(file)
    assert await again.find(["customer:1", "customer:2"]) == {"customer:1": first["customer:1"]}
    again.close()


async def test_the_same_id_asked_for_side_by_side_gets_one_person(file: Path, keyring: SqliteKeyring) -> None:
    other = SqliteKeyring(file)
    found = await asyncio.gather(*(one.ensure(["customer:1"]) for one in (keyring, other, keyring, other)))
    assert len({one["customer:1"].pseudonym for one in found}) == 1
    other.close()


async def test_ten_thousand_persons_are_made_at_once(keyring: SqliteKeyring) -> None:
    found = await keyring.ensure(f"customer:{number}" for number in range(10_000))
    assert len({person.pseudonym for person in found.values()}) == 10_000
    assert await keyring.count() == 10_000
    assert len(await keyring.some(7)) == 7


async def test_an_id_is_not_readable_in_the_file(keyring: SqliteKeyring, file: Path) -> None:
    await keyring.ensure(["customer:a-very-special-customer"])
    assert b"special" not in everything_in(file.parent)


async def test_the_file_is_its_owners_alone(keyring: SqliteKeyring, file: Path) -> None:
    await keyring.ensure(["customer:1"])
    assert mode_of(file) == 0o600


async def test_a_merged_persons_ids_lead_to_the_other_and_the_key_is_gone_from_the_file(
    keyring: SqliteKeyring, file: Path
) -> None:
    found = await keyring.ensure(["customer:1", "anonymous:a"])
    customer, visitor = found["customer:1"], found["anonymous:a"]
    assert visitor.key in everything_in(file.parent)
    await keyring.move_all(visitor.pseudonym, customer.pseudonym)
    assert await keyring.find(["anonymous:a"]) == {"anonymous:a": customer}
    assert await keyring.person(visitor.pseudonym) is None
    assert visitor.key not in everything_in(file.parent)


async def test_a_renewed_id_leads_to_somebody_new(keyring: SqliteKeyring) -> None:
    before = (await keyring.ensure(["anonymous:a"]))["anonymous:a"]
    after = await keyring.renew("anonymous:a")
    assert after != before
    assert (await keyring.find(["anonymous:a"]))["anonymous:a"] == after


async def test_the_directory_remembers_and_forgets(keyring: SqliteKeyring) -> None:
    directory = Directory(keyring, held_at_most=2)
    found = await directory.ensure(["customer:1", "customer:2", "customer:3"])
    assert directory.held("customer:1") is None
    assert directory.held("customer:3") == found["customer:3"]
    assert await directory.find(["customer:1"]) == {"customer:1": found["customer:1"]}
    await directory.move_all(found["customer:1"].pseudonym, found["customer:2"])
    assert directory.held("customer:1") is None
    assert await directory.find(["customer:1"]) == {"customer:1": found["customer:2"]}
