"""Who was given which role on a file, a folder or a whole space, and what that allows.

Whoever made a space, or something in it, owns that and all below it. Everybody else has the strongest
role that was given, there or above, to him, to a department or role of his, to a conversation he is
in, or to the whole corp; without any he is refused. Spaces that no member made are their app's. In
the space of approvals a role on the space only lets files be put there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from ..store.ports import Tx
from ..store.queries import dentries as rows_of
from . import contacts, conversations, dentries, drive_refusals, spaces
from .core import Core
from .model import Identity, Member
from .spaces import Space

Role = Literal["OWNER", "MANAGER", "EDITOR", "DOWNLOADER", "READER"]
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


async def check(core: Core, space: Space, dentry_no: int, unionid: str, wanted: Role) -> None:
    """Refuse 72002 (permissionDenied) unless a member has at least a role on a dentry; 0: the space.

    Refuses 60121 when the unionid is nobody's.
    """
    if space.creator in ("", unionid):
        return
    member = await contacts.get_member_by_unionid(core, space.corp_id, unionid)
    creators = await core.durable.all(rows_of.CREATORS_ABOVE, dentry_no)
    if any(row[0] == unionid for row in creators):
        return
    enough = ROLES[: ROLES.index(wanted) + 1]
    found = await core.durable.all(
        rows_of.PERMISSIONS_ABOVE, dentry_no, space.number, core.clock.now()
    )
    if space.kind == spaces.APPROVAL and dentry_no == dentries.ROOT and wanted != "EDITOR":
        found = []  # whoever may put files in does not see those of others
    for on, kind, holder, role in found:
        if space.kind == spaces.APPROVAL and on != dentry_no:
            continue
        if role in enough and await _is(core, space, member, Holder(kind, holder)):
            return
    raise drive_refusals.no_right(space.number, wanted)


async def _is(core: Core, space: Space, member: Member, holder: Holder) -> bool:
    """Tell whether a member is meant by a holder of a role."""
    if holder.type == "USER":
        return holder.id == member.unionid
    if holder.type == "ORG":
        return holder.id == space.corp_id
    if holder.type == "DEPT":
        above = [await contacts.path_to_root(core, space.corp_id, d) for d in member.departments]
        return any(holder.id == str(number) for path in above for number in path)
    if holder.type == "TAG":
        return any(holder.id == str(role.role_id) for role in member.roles)
    if await conversations.find(core, space.corp_id, holder.id) is None:
        return False
    people = await conversations.members_of(core.durable, holder.id)
    return any(each.userid == member.userid for each in people)


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
