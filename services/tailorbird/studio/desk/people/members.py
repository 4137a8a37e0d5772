"""The people of the studio and who is signed in: two buckets, so that every gateway process knows the same."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tailorbird.bus import Bucket
from tailorbird.contracts.wire import Fault
from tailorbird.studio.desk.people.passwords import hashed
from tailorbird.studio.desk.people.roles import NAME, ROLES, Member, Role

__all__ = ["MEMBERS", "SESSIONS", "SESSION_DAYS", "Members", "Session", "Sessions"]

MEMBERS, SESSIONS = "studio_members", "studio_sessions"
SESSION_DAYS = 14.0
IDLE = 12 * 3_600.0
"""Seconds without a request after which somebody has to sign in again."""
_SEEN_EVERY = 600.0


class Members:
    """Who may enter."""

    def __init__(self, bucket: Bucket, clock: Callable[[], float]) -> None:
        self._bucket = bucket
        self._clock = clock

    async def all(self) -> list[Member]:
        entries = await self._bucket.entries()
        members = [msgspec.json.decode(entry.value or b"", type=Member) for entry in entries.values()]
        return sorted(members, key=lambda member: member.name)

    async def get(self, name: str) -> Member | None:
        if not re.fullmatch(NAME, name):
            return None
        entry = await self._bucket.get(_key(name))
        return msgspec.json.decode(entry.value, type=Member) if entry and entry.value else None

    async def add(self, name: str, role: Role, password: str, shown: str = "") -> Member:
        """Lets somebody in. Raises Fault(409) when the name is taken, Fault(422) for a name or role that can't be."""
        if not re.fullmatch(NAME, name):
            raise Fault(422, "A name has 2 to 40 lower case letters, digits, dots and dashes, such as 'jo.miller'.")
        if role not in ROLES:
            raise Fault(422, f"There is no role '{role}'; there are {', '.join(ROLES)}.")
        secret = await hashed(password)
        member = Member(name=name, role=role, password=secret, since=self._clock(), shown=shown[:80])
        try:
            await self._bucket.put(_key(name), msgspec.json.encode(member), revision=0)
        except Fault as fault:
            raise Fault(409, f"There is somebody called '{name}' already.") if fault.code == 409 else fault from fault
        return member

    async def change(
        self, name: str, role: Role | None = None, active: bool | None = None, password: str = ""
    ) -> Member:
        """Another role, in or out, or a new password. The last active admin stays one. Raises Fault(404, 409)."""
        entry = await self._bucket.get(_key(name)) if re.fullmatch(NAME, name) else None
        if entry is None or not entry.value:
            raise Fault(404, f"There is nobody called '{name}'.")
        member = msgspec.json.decode(entry.value, type=Member)
        changed = replace(
            member,
            role=role or member.role,
            active=member.active if active is None else active,
            password=await hashed(password) if password else member.password,
        )
        if (changed.role, changed.active) != ("admin", True) and await self._is_last_admin(member):
            raise Fault(409, f"'{name}' is the last admin: make somebody else one first.")
        await self._bucket.put(_key(name), msgspec.json.encode(changed), revision=entry.revision)
        return changed

    async def _is_last_admin(self, member: Member) -> bool:
        admins = [one.name for one in await self.all() if one.role == "admin" and one.active]
        return admins == [member.name]


class Session(Struct, frozen=True, kw_only=True):
    """Somebody signed in, on one browser."""

    name: str
    csrf: str
    """What each form of this session carries."""
    since: float
    seen: float


class Sessions:
    """Kept under a digest of what the browser's cookie says, so that who reads the bucket can be nobody."""

    def __init__(self, bucket: Bucket, clock: Callable[[], float]) -> None:
        self._bucket = bucket
        self._clock = clock

    async def begin(self, name: str) -> str:
        """What the cookie is to say."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(name=name, csrf=secrets.token_urlsafe(24), since=now, seen=now)
        await self._bucket.put(_digest(token), msgspec.json.encode(session))
        return token

    async def get(self, token: str) -> Session | None:
        """None: there is none, or it was left alone too long."""
        entry = await self._bucket.get(_digest(token)) if token else None
        if entry is None or not entry.value:
            return None
        session, now = msgspec.json.decode(entry.value, type=Session), self._clock()
        if now - session.seen > IDLE or now - session.since > SESSION_DAYS * 86_400.0:
            await self._bucket.delete(entry.key)
            return None
        if now - session.seen > _SEEN_EVERY:
            session = replace(session, seen=now)
            await self._bucket.put(entry.key, msgspec.json.encode(session))
        return session

    async def end(self, token: str) -> None:
        if token:
            await self._bucket.delete(_digest(token))

    async def end_all_of(self, name: str, but: str = "") -> int:
        """Signs somebody out everywhere, perhaps but for the session of one cookie; how many that were."""
        ended = 0
        for key, entry in (await self._bucket.entries()).items():
            session = msgspec.json.decode(entry.value or b"", type=Session)
            if session.name == name and key != (_digest(but) if but else ""):
                await self._bucket.delete(key)
                ended += 1
        return ended


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _key(name: str) -> str:
    return f"member/{name.replace('.', '=2E')}"
