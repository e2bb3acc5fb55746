"""Roles of a corp: groups of them, who holds which, and over which departments."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import contacts as contact_rows
from ..store.queries import corps as corp_rows
from ..store.queries import mentions as mention_rows
from ..store.queries import roles as rows_of
from . import forgetting, mentions, rows
from .core import Core
from .corp_events import announce
from .departments import department_row
from .members import unknown_member
from .refusals import Refusal

MOST_ROLES = MOST_GIVEN = 20  # ids in one call
MOST_TAKEN = 100
MOST_SCOPE = 50
LONGEST_NAME = 64

# These numbers are documented for the role APIs, their texts are not printed.
_TEXTS = {
    33011: "角色不存在",
    34020: "角色名称已存在",
    34021: "角色组不存在",
    23004: "角色下还有员工",
}
_NUMBERS = msgspec.json.Decoder(list[int])


class Role(msgspec.Struct, frozen=True):
    role_id: int
    group_id: int
    name: str


class RoleGroup(msgspec.Struct, frozen=True):
    """A group with its roles, or those of them that lie on a page."""

    group_id: int
    name: str
    roles: list[Role]


class Holder(msgspec.Struct, frozen=True):
    userid: str
    name: str
    scope: list[int]  # departments


async def create_group(core: Core, corp_id: str, name: str) -> int:
    """Make a group of roles; refuse 34018 (no name), 34020 (name taken)."""
    title = _name(name)

    async def body(tx: Tx) -> int:
        await tx.one(corp_rows.LOCK, corp_id)
        if await tx.one(rows_of.GROUP_NAMED, corp_id, title) is not None:
            raise _taken(title)
        row = await tx.one(rows_of.INSERT_GROUP, corp_id, title)
        assert row is not None
        await _announce_conf(tx, core, corp_id, "label_conf_add", row[0], {"scope": "group"})
        return int(row[0])

    return await core.durable.transact(body)


async def create_role(core: Core, corp_id: str, name: str, group_id: int) -> int:
    """Make a role in a group; refuse 34018 (no name), 34020 (name taken), 34021 (no such group)."""
    title = _name(name)

    async def body(tx: Tx) -> int:
        await tx.one(corp_rows.LOCK, corp_id)
        if await tx.one(rows_of.GROUP, corp_id, group_id) is None:
            raise _unknown_group(group_id)
        if await tx.one(rows_of.NAMED, corp_id, group_id, title) is not None:
            raise _taken(title)
        row = await tx.one(rows_of.INSERT, corp_id, group_id, title)
        assert row is not None
        await _announce_conf(tx, core, corp_id, "label_conf_add", row[0], {"scope": "role"})
        return int(row[0])

    return await core.durable.transact(body)


async def rename_role(core: Core, corp_id: str, role_id: int, name: str) -> None:
    """Give a role another name; refuse 33011, 34018, 34020."""
    title = _name(name)

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        old = await _role(tx, corp_id, role_id)
        if old.name == title:
            return
        if await tx.one(rows_of.NAMED, corp_id, old.group_id, title) is not None:
            raise _taken(title)
        await tx.run(rows_of.RENAME, corp_id, role_id, title)
        changed: dict[str, object] = {
            "scope": "role",
            "preLabelList": [rows.json_text({"id": role_id, "name": old.name})],
            "postLabelList": [rows.json_text({"id": role_id, "name": title})],
        }
        await _announce_conf(tx, core, corp_id, "label_conf_modify", role_id, changed)

    await core.durable.transact(body)


async def delete_role(core: Core, corp_id: str, role_id: int) -> None:
    """Delete a role that nobody holds; refuse 33011, 23004 (somebody does)."""

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        await _role(tx, corp_id, role_id)
        if await tx.one(rows_of.IS_HELD, corp_id, role_id) is not None:
            raise _refusal(
                23004,
                f"角色 {role_id} 下还有员工，先批量删除员工角色。",
                f"Somebody holds role {role_id}; take it from them first.",
            )
        await tx.run(rows_of.DELETE, corp_id, role_id)
        await forgetting.forget_role(tx, corp_id, role_id)
        await _announce_conf(tx, core, corp_id, "label_conf_del", role_id, {})

    await core.durable.transact(body)


async def get_role(core: Core, corp_id: str, role_id: int) -> Role:
    """Return a role; refuse with 33011 when there is none."""
    return await _role(core.durable, corp_id, role_id)


async def get_group(core: Core, corp_id: str, group_id: int) -> RoleGroup:
    """Return a group with its roles; refuse with 34021 when there is none."""
    row = await core.durable.one(rows_of.GROUP, corp_id, group_id)
    if row is None:
        raise _unknown_group(group_id)
    found = await core.durable.all(rows_of.ROLES_OF_GROUP, corp_id, group_id)
    return RoleGroup(row[0], row[1], [Role(each[0], group_id, each[1]) for each in found])


async def list_roles(
    core: Core, corp_id: str, *, offset: int, size: int
) -> tuple[list[RoleGroup], bool]:
    """Return a page of the roles, in their groups, and whether there are more.

    A page counts roles; a group without roles counts as one.
    """
    found = await core.durable.all(rows_of.PAGE, corp_id, size + 1, min(offset, 2**31))
    groups: list[RoleGroup] = []
    for group_id, group_name, role_id, name in found[:size]:
        if not groups or groups[-1].group_id != group_id:
            groups.append(RoleGroup(group_id, group_name, []))
        if role_id is not None:
            groups[-1].roles.append(Role(role_id, group_id, name))
    return groups, len(found) > size


async def list_holders(
    core: Core, corp_id: str, role_id: int, *, offset: int, size: int
) -> tuple[list[Holder], bool]:
    """Return a page of those who hold a role, and whether there are more; refuse 33011."""
    await get_role(core, corp_id, role_id)
    found = await core.durable.all(rows_of.HOLDERS, corp_id, role_id, size + 1, min(offset, 2**31))
    holders = [
        Holder(row[0], row[1], [each for each in _NUMBERS.decode(row[2]) if each])
        for row in found[:size]
    ]
    return holders, len(found) > size


async def give_roles(
    core: Core, corp_id: str, role_ids: Sequence[int], userids: Sequence[str]
) -> None:
    """Give every role to every member; refuse 33011, 60111, all or nothing."""

    async def body(tx: Tx) -> None:
        await _check_all(tx, corp_id, role_ids, userids)
        for role_id in role_ids:
            for userid in userids:
                await tx.run(rows_of.GIVE, corp_id, role_id, userid)
        await _announce_change(tx, core, corp_id, "add", role_ids, userids)

    await core.durable.transact(body)


async def take_roles(
    core: Core, corp_id: str, role_ids: Sequence[int], userids: Sequence[str]
) -> None:
    """Take every role from every member; refuse 33011, 60111, all or nothing."""

    async def body(tx: Tx) -> None:
        await _check_all(tx, corp_id, role_ids, userids)
        for role_id in role_ids:
            for userid in userids:
                await _note_scope(tx, corp_id, role_id, userid, [])
                await tx.run(rows_of.TAKE, corp_id, role_id, userid)
        await _announce_change(tx, core, corp_id, "remove", role_ids, userids)

    await core.durable.transact(body)


async def set_holder_scope(
    core: Core, corp_id: str, role_id: int, userid: str, dept_ids: Sequence[int]
) -> None:
    """Say which departments a holder manages in a role; refuse 34018, 46004, 60301, 60003."""

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        if await tx.one(rows_of.BY_ID, corp_id, role_id) is None:
            raise Refusal(34018, f"没有角色 {role_id}。", f"There is no role {role_id}.")
        if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
            raise Refusal(46004, f"没有成员 {userid!r}。", f"There is no member {userid!r}.")
        for dept_id in dept_ids:
            await department_row(tx, corp_id, dept_id)
        await _note_scope(tx, corp_id, role_id, userid, dept_ids)
        scope = rows.json_text(sorted(set(dept_ids)))
        if not await tx.run(rows_of.SET_SCOPE, corp_id, role_id, userid, scope):
            raise Refusal(
                60301,
                f"成员 {userid!r} 没有角色 {role_id}。",
                f"Member {userid!r} does not hold role {role_id}.",
                errmsg="员工不在该角色中",
            )

    await core.durable.transact(body)


async def _note_scope(
    tx: Tx, corp_id: str, role_id: int, userid: str, after: Sequence[int]
) -> None:
    row = await tx.one(mention_rows.SCOPE_OF_HOLDER, corp_id, role_id, userid)
    if row is not None:
        place_id = mentions.holding(role_id, userid)
        before = mentions.of(depts=_NUMBERS.decode(row[0]))
        now = mentions.of(depts=after)
        await mentions.rewrite(tx, corp_id, mentions.ROLE, place_id, before, now)


async def _check_all(tx: Tx, corp_id: str, role_ids: Sequence[int], userids: Sequence[str]) -> None:
    await tx.one(corp_rows.LOCK, corp_id)
    for role_id in role_ids:
        await _role(tx, corp_id, role_id)
    for userid in userids:
        if await tx.one(contact_rows.MEMBER_BY_ID, corp_id, userid) is None:
            raise unknown_member(corp_id, userid)


async def _role(reader: Reader, corp_id: str, role_id: int) -> Role:
    row: Row | None = await reader.one(rows_of.BY_ID, corp_id, role_id)
    if row is None:
        raise _refusal(
            33011,
            f"企业 {corp_id} 没有角色 {role_id}。",
            f"Corp {corp_id} has no role {role_id}.",
        )
    return Role(*row)


async def _announce_conf(
    tx: Tx, core: Core, corp_id: str, tag: str, number: int, fields: dict[str, object]
) -> None:
    await announce(tx, core, corp_id, tag, {"labelIdList": [number], **fields})


async def _announce_change(
    tx: Tx,
    core: Core,
    corp_id: str,
    action: str,
    role_ids: Sequence[int],
    userids: Sequence[str],
) -> None:
    fields: dict[str, object] = {
        "userIdList": list(userids),
        "labelIdList": list(role_ids),
        "action": action,
    }
    await announce(tx, core, corp_id, "label_user_change", fields)


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refusal(
            34018,
            f"名称应为 1 到 {LONGEST_NAME} 个字符。",
            f"The name of a role or group has 1 to {LONGEST_NAME} characters.",
        )
    return name


def _taken(name: str) -> Refusal:
    return _refusal(34020, f"已有名为“{name}”的。", "There is one of that name already.")


def _unknown_group(group_id: int) -> Refusal:
    return _refusal(34021, f"没有角色组 {group_id}。", f"There is no group of roles {group_id}.")


def _refusal(code: int, zh: str, en: str) -> Refusal:
    return Refusal(code, zh, en, errmsg=_TEXTS[code])
