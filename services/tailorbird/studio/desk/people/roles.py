"""Who may do what in the studio: four roles, each of which may do what those before it may."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

__all__ = ["NAME", "ROLES", "Member", "Role", "may", "said_of"]

Role = Literal["viewer", "editor", "approver", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "editor", "approver", "admin")
NAME = r"[a-z0-9][a-z0-9._-]{1,39}"
"""What people sign in with: lower case letters, digits, dots and dashes."""

_SAYS: dict[Role, str] = {
    "viewer": "reads everything but customers' data, changes nothing",
    "editor": "also writes drafts, previews them and looks at customers",
    "approver": "also approves, publishes, retires and undoes, and promotes models",
    "admin": "also lets people in and sees the log of changes",
}


class Member(Struct, frozen=True, kw_only=True):
    """Somebody who works in the studio."""

    name: str
    role: Role
    password: str
    """Its argon2id hash."""
    active: bool = True
    since: float = 0.0
    shown: str = ""
    """How others see them; empty: the name."""

    @property
    def called(self) -> str:
        return self.shown or self.name


def may(role: Role, needed: Role) -> bool:
    """Whether somebody of this role may do what needs that one."""
    return ROLES.index(role) >= ROLES.index(needed)


def said_of(role: Role) -> str:
    """What this role may do, for whoever gives it."""
    return _SAYS[role]
