"""Who may say and hear what on NATS: one user per process, with the subjects of its own work and no others.

Written from the contracts: a service answers its own endpoints, the gateway asks everybody's, an announcement is made
by its owner and heard by those listed here. JetStream's API is allowed stream by stream, never as a whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import nkeys
from msgspec import Struct

from tailorbird.contracts import audiences, identity, insights, mail, offers, profiles, recommender, reports
from tailorbird.contracts.wire import Topic
from tailorbird.suite.contracts import endpoints, topics
from tailorbird.suite.running import write_private

__all__ = ["OPERATOR", "ROLES", "Role", "authorization", "seed_files", "write_users"]

OPERATOR = "operator"
"""The user of commands and notebooks: everything of the suite, and JetStream's API as a whole."""


class Role(Struct, frozen=True, kw_only=True):
    """What one process does on NATS."""

    answers: tuple[str, ...] = ()
    """Services whose endpoints it answers and whose announcements it makes."""
    asks: bool = False
    hears: tuple[Topic, ...] = ()  # type: ignore[type-arg]
    appends: tuple[Topic, ...] = ()  # type: ignore[type-arg]
    """Topics with a stream to which it adds."""
    consumes: tuple[Topic, ...] = ()  # type: ignore[type-arg]
    clears: tuple[Topic, ...] = ()  # type: ignore[type-arg]
    """Topics with a stream that it reads and empties."""
    erases: tuple[Topic, ...] = ()  # type: ignore[type-arg]
    """Topics with a stream that it reads and of which it overwrites single messages."""
    writes_buckets: tuple[str, ...] = ()
    reads_buckets: tuple[str, ...] = ()
    writes_objects: tuple[str, ...] = ()
    reads_objects: tuple[str, ...] = ()
    erases_objects: tuple[str, ...] = ()
    """Of which it overwrites what it deletes."""
    journals: tuple[str, ...] = ()
    """On the ledger."""


ROLES: Mapping[str, Role] = {
    "gateway": Role(
        answers=("assembler", "studio"),
        asks=True,
        hears=(
            profiles.PROFILE_CHANGED,
            identity.PERSON_ERASED,
            profiles.PROFILES_STORED,
            profiles.SEGMENTS_CHANGED,
            profiles.MOMENT_FIRED,
            mail.MAILED,
            recommender.CATALOGUE_REPLACED,
            recommender.CHANGED,
            offers.CHANGED,
        ),
        appends=(profiles.COLLECTED, insights.DECIDED, mail.MAILED),
        consumes=(mail.MAILED, audiences.MAIL_WANTED),
        writes_buckets=(
            "layouts",
            "emails",
            "mail_standings",
            "mail_counts",
            "studio_members",
            "studio_sessions",
            "studio_audit",
            "studio_drafts",
            "studio_versions",
            "studio_bodies",
        ),
        reads_buckets=(recommender.CATALOGUE_BUCKET, "offers", "segments", "curations"),
        reads_objects=("snapshots",),
    ),
    "profiles": Role(
        answers=("profiles",),
        hears=(
            recommender.CATALOGUE_REPLACED,
            profiles.PROFILES_STORED,
            profiles.SEGMENTS_CHANGED,
            identity.PERSON_ERASED,
        ),
        appends=(
            profiles.COLLECTED,
            profiles.PURCHASED,
            profiles.REFUSED,
            identity.PERSONS_GONE,
            audiences.MAIL_WANTED,
        ),
        consumes=(profiles.COLLECTED,),
        erases=(profiles.COLLECTED, profiles.REFUSED),
        erases_objects=("snapshots",),
        clears=(profiles.PURCHASED,),
        writes_buckets=(
            "profiles",
            "profile_marks",
            "profile_timelines",
            "profile_merges",
            "profile_facts",
            "segments",
            "identity_suggestions",
            "moments_waiting",
            "webhooks_due",
            "webhooks_told",
            "audiences_due",
        ),
        reads_buckets=(recommender.CATALOGUE_BUCKET,),
        writes_objects=("snapshots",),
        reads_objects=("staging",),
    ),
    "recommender": Role(
        answers=("recommender",),
        hears=(recommender.CATALOGUE_REPLACED, identity.PERSON_ERASED),
        writes_buckets=(recommender.CATALOGUE_BUCKET, "models", "curations"),
        writes_objects=("snapshots",),
        reads_objects=("staging", "models"),
    ),
    "offers": Role(
        answers=("offers",),
        hears=(recommender.CATALOGUE_REPLACED, identity.PERSON_ERASED),
        writes_buckets=("offers", "offers_history", "offer_responses", "offer_memory", "offer_epochs"),
        consumes=(profiles.COLLECTED, identity.PERSONS_GONE),
        reads_buckets=(recommender.CATALOGUE_BUCKET,),
        writes_objects=("redemptions",),
        reads_objects=("snapshots", "staging"),
        journals=("offers",),
    ),
    "insights": Role(
        answers=("insights",),
        hears=(identity.PERSON_ERASED,),
        consumes=(
            insights.DECIDED, profiles.COLLECTED, profiles.PURCHASED, profiles.REFUSED, reports.REPORTED,
            identity.PERSONS_GONE,
        ),
    ),
}


def authorization(public_keys: Mapping[str, str]) -> str:
    """The block of users in nats-server's configuration language. `public_keys`: nkey by name of role or operator."""
    users = []
    for name, key in public_keys.items():
        publish, subscribe = _subjects(name)
        users.append(
            f"    {{ nkey: {key}, permissions: {{ publish: {_listed(publish)}, subscribe: {_listed(subscribe)}, "
            "allow_responses: { max: 2, expires: '2m' } } }"
        )
    return "authorization {\n  users = [\n" + "\n".join(users) + "\n  ]\n}\n"


def seed_files(folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Each user's seed file (made once, readable by its owner alone) and public key."""
    files = {name: folder / f"{name}.seed" for name in (*ROLES, OPERATOR)}
    return files, {name: _public_key(path) for name, path in files.items()}


def write_users(folder: Path) -> None:
    """For containers: a folder per user that holds its seed alone, and `servers/authorization.conf` for nats-server."""
    public = {name: _public_key(folder / name / f"{name}.seed") for name in (*ROLES, OPERATOR)}
    servers = folder / "servers"
    servers.mkdir(parents=True, exist_ok=True)
    (servers / "authorization.conf").write_text(authorization(public), encoding="utf-8")


def _public_key(seed_file: Path) -> str:
    if not seed_file.exists():
        write_private(seed_file, nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER))
    return str(nkeys.from_seed(bytearray(seed_file.read_bytes().strip())).public_key.decode())


def _subjects(name: str) -> tuple[list[str], list[str]]:
    """What this user may publish to and subscribe to."""
    inbox = f"_INBOX_{name}.>"
    if name == OPERATOR:
        everything = ["tailorbird.>", "$SRV.>", "$JS.>", "$KV.>", "$O.>", "journal.>"]
        return everything, [*everything, inbox]
    role = ROLES[name]
    prefixes = tuple(f"tailorbird.{service}." for service in role.answers)
    publish = ["$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.FC.>"]
    subscribe = [inbox, "$SRV.>"]
    subscribe += [one.subject for one in endpoints() if one.subject.startswith(prefixes)]
    if role.asks:
        publish += [one.subject for one in endpoints() if not one.subject.startswith(prefixes)]
    publish += [one.subject for one in topics() if one.subject.startswith(prefixes) and not one.stream]
    subscribe += [one.subject for one in role.hears]
    for topic in role.appends:
        publish += [topic.subject, *_found_or_made(topic.stream)]
    for topic in role.consumes:
        publish += _read(topic.stream)
    for topic in role.clears:
        publish += [*_read(topic.stream), f"$JS.API.STREAM.PURGE.{topic.stream}"]
    publish += [f"$JS.API.STREAM.MSG.DELETE.OBJ_{objects}" for objects in role.erases_objects]
    for topic in role.erases:
        publish += [*_read(topic.stream), f"$JS.API.STREAM.MSG.DELETE.{topic.stream}"]
    for stream in (f"KV_{bucket}" for bucket in (*role.writes_buckets, *role.reads_buckets)):
        publish += _read(stream)
    publish += [f"$KV.{bucket}.>" for bucket in role.writes_buckets]
    for objects in (*role.writes_objects, *role.reads_objects):
        publish += _read(f"OBJ_{objects}")
    for objects in role.writes_objects:
        publish += [f"$O.{objects}.>", f"$JS.API.STREAM.PURGE.OBJ_{objects}"]
    for journal in role.journals:
        publish += [f"journal.{journal}", *_read(f"JOURNAL_{journal}")]
    return list(dict.fromkeys(publish)), list(dict.fromkeys(subscribe))


def _found_or_made(stream: str) -> list[str]:
    return [f"$JS.API.STREAM.INFO.{stream}", f"$JS.API.STREAM.CREATE.{stream}"]


def _read(stream: str) -> list[str]:
    return [
        *_found_or_made(stream),
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.INFO.{stream}.>",
        f"$JS.API.CONSUMER.DELETE.{stream}.>",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.ACK.{stream}.>",
    ]


def _listed(subjects: Iterable[str]) -> str:
    return msgspec.json.encode(list(subjects)).decode()
