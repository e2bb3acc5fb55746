"""Administrators and activation: what only the enterprise's own administrator decides."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Tx
from ..store.queries import contacts as rows_of
from ..store.queries import corps as corp_rows
from . import rows
from .core import Core
from .corp_events import announce
from .corps import ROOT_DEPARTMENT
from .departments import department_row
from .members import MAIN_ADMIN, get_member, unknown_member
from .mentions import NOWHERE
from .model import Member, Profile
from .refusals import Refusal


async def set_admin(
    core: Core, corp_id: str, userid: str, level: int, *, departments: Sequence[int] = ()
) -> Member:
    """Make a member main (1) or sub-administrator (2), or neither (0).

    ``departments`` are those a sub-administrator manages, none meaning all. There is one main
    administrator: the former becomes a sub-administrator. Refuses 60111, 60003.
    """

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        row = await tx.one(rows_of.MEMBER_BY_ID, corp_id, userid)
        if row is None:
            raise unknown_member(corp_id, userid)
        for dept_id in departments:
            await department_row(tx, corp_id, dept_id)
        if level == MAIN_ADMIN:
            await _demote(tx, corp_id, userid)
        profile: Profile = msgspec.structs.replace(
            rows.member(row, [], []).profile,
            admin_depts=sorted(set(departments)) if level > MAIN_ADMIN else [],
        )
        await tx.run(rows_of.SET_ADMIN, corp_id, userid, level, rows.json_text(profile))
        if (level > 0) != (row[7] > 0):
            tag = "org_admin_add" if level else "org_admin_remove"
            await announce(tx, core, corp_id, tag, {"UserId": [userid]})

    await core.durable.transact(body)
    return await get_member(core, corp_id, userid)


async def _demote(tx: Tx, corp_id: str, successor: str) -> None:
    for userid, level in await tx.all(rows_of.ADMINS, corp_id):
        if level == MAIN_ADMIN and userid != successor:
            row = await tx.one(rows_of.MEMBER_BY_ID, corp_id, userid)
            assert row is not None
            await tx.run(rows_of.SET_ADMIN, corp_id, userid, 2, row[10])


async def list_admins(core: Core, corp_id: str) -> list[tuple[str, int]]:
    """Return userid and level of the administrators, the main one first (at most 1000)."""
    return [(row[0], row[1]) for row in await core.durable.all(rows_of.ADMINS, corp_id)]


async def admin_scope(core: Core, corp_id: str, userid: str) -> list[int]:
    """Return the departments an administrator manages; refuse 60121 unless it is one."""
    row = await core.durable.one(rows_of.MEMBER_BY_ID, corp_id, userid)
    if row is None or not row[7]:
        raise Refusal(
            60121,
            f"企业 {corp_id} 没有管理员 {userid!r}。",
            f"Corp {corp_id} has no administrator {userid!r}.",
        )
    managed = rows.member(row, [], []).profile.admin_depts or [ROOT_DEPARTMENT]
    return [dept_id for dept_id in managed if dept_id != NOWHERE]


async def set_active(core: Core, corp_id: str, userid: str, active: bool) -> Member:
    """Say whether a member has activated DingTalk; the first time is ``user_active_org``."""

    async def body(tx: Tx) -> None:
        if await tx.one(rows_of.MEMBER_BY_ID, corp_id, userid) is None:
            raise unknown_member(corp_id, userid)
        if await tx.run(rows_of.SET_ACTIVE, corp_id, userid, int(active)) and active:
            await announce(tx, core, corp_id, "user_active_org", {"UserId": [userid]})

    await core.durable.transact(body)
    return await get_member(core, corp_id, userid)
