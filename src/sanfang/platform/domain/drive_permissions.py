"""Who was given which role on a file, a folder or a whole space.

The platform keeps and lists what it is told; it does not judge people by it, because it answers apps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ..store.ports import Tx
from ..store.queries import dentries as rows_of
from . import dentries, drive_refusals, spaces
from .core import Core
from .model import Identity
from .spaces import Space

ROLES = ("OWNER", "MANAGER", "EDITOR", "DOWNLOADER", "READER")
TYPES = ("ORG", "DEPT", "TAG", "CONVERSATION", "USER")
MOST_MEMBERS = 30
LONGEST_S = 3600


class Holder(NamedTuple):
    type: str
    id: str


class Permission(msgspec.Struct, frozen=True):
    """``expires_at`` None: until it is taken back."""

    type: str
    id: str
    role: str
    expires_at: int | None
    operator: str
    created_at: int
    modified_at: int


async def give(
    core: Core,
    identity: Identity,
    space: Space,
    dentry_no: int,
    role: str,
    members: Sequence[Holder],
    *,
    operator: str,
    duration_s: int | None = None,
) -> None:
    """Give members a role; whoever had another one has this one now. Refuses unfit roles and types."""
    _check(role, members)
    if duration_s is not None and not 0 < duration_s <= LONGEST_S:
        raise drive_refusals.unfit(
            "duration",
            f"duration 应为 1 到 {LONGEST_S} 秒。",
            f"A duration is 1 to {LONGEST_S} seconds.",
        )
    now = core.clock.now()
    expires = None if duration_s is None else now + duration_s * 1000

    async def body(tx: Tx) -> None:
        await _present(tx, identity, space, dentry_no)
        for each in members:
            await tx.run(
                rows_of.PUT_PERMISSION,
                *(space.number, dentry_no, each.type, each.id, role, expires, operator, now),
            )

    await core.durable.transact(body)


async def take(
    core: Core,
    identity: Identity,
    space: Space,
    dentry_no: int,
    role: str,
    members: Sequence[Holder],
) -> None:
    """Take a role back; who does not have it stays as he is."""
    _check(role, members)

    async def body(tx: Tx) -> None:
        await _present(tx, identity, space, dentry_no)
        for each in members:
            await tx.run(
                rows_of.DELETE_PERMISSION, space.number, dentry_no, each.type, each.id, role
            )

    await core.durable.transact(body)


async def listed(
    core: Core, space: Space, dentry_no: int, *, skip: int = 0, size: int = 500
) -> tuple[list[Permission], bool]:
    """Return a page of permissions that stand, oldest first, and whether there is more."""
    found = await core.durable.all(
        rows_of.PERMISSIONS, space.number, dentry_no, core.clock.now(), size + 1, skip
    )
    return [Permission(*row) for row in found[:size]], len(found) > size


async def _present(tx: Tx, identity: Identity, space: Space, dentry_no: int) -> None:
    await spaces.lock(tx, identity, space.number)
    if dentry_no != dentries.ROOT:
        await dentries.find(tx, space, dentry_no)


def _check(role: str, members: Sequence[Holder]) -> None:
    if role not in ROLES:
        raise drive_refusals.unfit(
            "roleId",
            f"roleId 应为 {'、'.join(ROLES)} 之一。",
            f"roleId is one of {', '.join(ROLES)}.",
        )
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise drive_refusals.unfit(
            "members",
            f"members 应有 1 到 {MOST_MEMBERS} 个。",
            f"There are 1 to {MOST_MEMBERS} members.",
        )
    if any(each.type not in TYPES or not each.id for each in members):
        raise drive_refusals.unfit(
            "permissionMemberType",
            f"成员的 type 应为 {'、'.join(TYPES)} 之一，并有 id。",
            f"A member has a type, one of {', '.join(TYPES)}, and an id.",
        )
