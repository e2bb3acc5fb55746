"""Members who leave a corp, departments that are deleted, and what becomes of all that names them.

A member who leaves is out of every conversation, open to-do, coming event and waiting approval, and an
owner or approver hands over; settings lose the name (forgetting.py). A userid may be given again: a
new member must not find itself in what the former one left. Records of the past stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Row, Tx
from ..store.queries import contacts as rows_of
from ..store.queries import corps as corp_rows
from ..store.queries import mentions as mention_rows
from ..store.queries import roles as role_rows
from . import approvals, calendars, chats, forgetting, mentions, rows, todos
from .core import Core
from .corp_events import announce
from .corps import ROOT_DEPARTMENT
from .departments import department_row
from .members import unknown_member
from .refusals import Refusal

_NUMBERS = msgspec.json.Decoder(list[int])


async def delete_members(
    core: Core, corp_id: str, userids: Sequence[str], *, reason: str = "oapi"
) -> None:
    """Remove members, all or none; refuse with 60111 when one does not exist.

    ``reason`` is how they went, for the records of leaving.
    """
    leaving = list(dict.fromkeys(userids))

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        found: list[Row] = []
        for userid in leaving:
            row = await tx.one(rows_of.MEMBER_BY_ID, corp_id, userid)
            if row is None:
                raise unknown_member(corp_id, userid)
            found.append(row)
        await announce(tx, core, corp_id, "user_leave_org", {"UserId": leaving})
        for row in found:
            await _hand_over(tx, core, corp_id, row[0], row[1])
            await _remove(tx, core, corp_id, row, reason)

    await core.durable.transact(body)


async def delete_member(core: Core, corp_id: str, userid: str, *, reason: str = "oapi") -> None:
    """Remove a member; refuse with 60111 when there is none."""
    await delete_members(core, corp_id, [userid], reason=reason)


async def delete_department(core: Core, corp_id: str, dept_id: int) -> None:
    """Delete an empty department; refuse 60003, 60005, 60006, 60007."""

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        old = rows.department(await department_row(tx, corp_id, dept_id))
        if dept_id == ROOT_DEPARTMENT:
            raise Refusal(60007, "根部门不能删除。", "The root department cannot be deleted.")
        if await tx.all(rows_of.CHILDREN, corp_id, dept_id, 1):
            raise Refusal(60006, "部门下还有子部门。", "The department has sub-departments.")
        if await tx.one(rows_of.DEPT_HAS_MEMBERS, corp_id, dept_id) is not None:
            raise Refusal(60005, "部门下还有成员。", "The department has members.")
        await announce(tx, core, corp_id, "org_dept_remove", {"DeptId": [dept_id]})
        await forgetting.forget_department(tx, corp_id, dept_id)
        named = mentions.of_department(old.profile)
        await mentions.rewrite(tx, corp_id, mentions.DEPARTMENT, dept_id, named, mentions.NONE)
        await tx.run(rows_of.DELETE_DEPT, corp_id, dept_id)

    await core.durable.transact(body)


async def _hand_over(tx: Tx, core: Core, corp_id: str, userid: str, unionid: str) -> None:
    await chats.leave_all(tx, core, corp_id, userid)
    await todos.leave_all(tx, core, corp_id, unionid)
    await calendars.leave_all(tx, core, corp_id, unionid)
    heir = await forgetting.heir(tx, corp_id, userid)
    await approvals.leave_all(tx, core, corp_id, userid, heir)
    await forgetting.forget_user(tx, corp_id, userid, unionid)


async def _remove(tx: Tx, core: Core, corp_id: str, row: Row, reason: str) -> None:
    userid = row[0]
    named = mentions.of_member(rows.member(row, [], []).profile)
    await mentions.rewrite(tx, corp_id, mentions.MEMBER, userid, named, mentions.NONE)
    for role_id, scope in await tx.all(mention_rows.SCOPES_OF_MEMBER, corp_id, userid):
        covered = mentions.of(depts=_NUMBERS.decode(scope))
        place_id = mentions.holding(role_id, userid)
        await mentions.rewrite(tx, corp_id, mentions.ROLE, place_id, covered, mentions.NONE)
    await tx.run(rows_of.CLEAR_DEPTS_OF_MEMBER, corp_id, userid)
    await tx.run(role_rows.FORGET_MEMBER, corp_id, userid)
    await tx.run(rows_of.DELETE_MEMBER, corp_id, userid)
    await tx.run(rows_of.LEFT, corp_id, userid, row[2], row[3], reason, core.clock.now())
