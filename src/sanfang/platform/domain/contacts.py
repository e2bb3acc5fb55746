"""Departments and members of a corp (contacts.md of both document generations)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import contacts as rows_of
from ..store.queries import corps as corp_rows
from . import rows, secrets
from .core import Core
from .corps import ROOT_DEPARTMENT, unknown_corp
from .model import Department, Identity, Member
from .refusals import Refusal

DEPARTMENTS = 10_000  # the most one listing returns
MOBILE_CORPS = 5  # non-certified corps one number may join through the API (40019)


async def create_department(
    core: Core,
    corp_id: str,
    name: str,
    *,
    parent_id: int = ROOT_DEPARTMENT,
    order: int | None = None,
) -> Department:
    """Make a department below ``parent_id``; refuse 60001, 60004, 60008."""
    title = _department_name(name)

    async def body(tx: Tx) -> Department:
        row = await tx.one(corp_rows.TAKE_DEPT_ID, corp_id)
        if row is None:
            raise unknown_corp(corp_id)
        dept_id = int(row[0])
        await _free_name(tx, corp_id, parent_id, title)
        place = dept_id if order is None else order
        await tx.run(rows_of.INSERT_DEPT, corp_id, dept_id, parent_id, title, place)
        return Department(dept_id, parent_id, title, place)

    return await core.durable.transact(body)


async def update_department(
    core: Core,
    corp_id: str,
    dept_id: int,
    *,
    name: str | None = None,
    parent_id: int | None = None,
    order: int | None = None,
) -> Department:
    """Change a department; refuse 60003, 60004, 60008, 60010 (a loop), 60018 (the root moved)."""

    async def body(tx: Tx) -> Department:
        await tx.one(corp_rows.LOCK, corp_id)
        old = rows.department(await _department_row(tx, corp_id, dept_id))
        new = Department(
            dept_id,
            old.parent_id if parent_id is None else parent_id,
            old.name if name is None else _department_name(name),
            old.order if order is None else order,
        )
        if new.parent_id != old.parent_id:
            if dept_id == ROOT_DEPARTMENT:
                raise Refusal(60018, "根部门不能移动。", "The root department cannot be moved.")
            above = await tx.all(rows_of.ANCESTORS, corp_id, new.parent_id)
            if any(row[0] == dept_id for row in above):
                raise Refusal(
                    60010, "上级部门在本部门之下。", "The new parent lies below the department."
                )
        if (new.parent_id, new.name) != (old.parent_id, old.name) and dept_id != ROOT_DEPARTMENT:
            await _free_name(tx, corp_id, new.parent_id, new.name)
        await tx.run(rows_of.UPDATE_DEPT, corp_id, dept_id, new.parent_id, new.name, new.order)
        return new

    return await core.durable.transact(body)


async def delete_department(core: Core, corp_id: str, dept_id: int) -> None:
    """Delete an empty department; refuse 60003, 60005, 60006, 60007."""

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        await _department_row(tx, corp_id, dept_id)
        if dept_id == ROOT_DEPARTMENT:
            raise Refusal(60007, "根部门不能删除。", "The root department cannot be deleted.")
        if await tx.all(rows_of.CHILDREN, corp_id, dept_id, 1):
            raise Refusal(60006, "请先删除子部门。", "Delete its sub-departments first.")
        if await tx.one(rows_of.DEPT_HAS_MEMBERS, corp_id, dept_id) is not None:
            raise Refusal(60005, "请先移走部门成员。", "Move its members away first.")
        await tx.run(rows_of.DELETE_DEPT, corp_id, dept_id)

    await core.durable.transact(body)


async def get_department(core: Core, corp_id: str, dept_id: int) -> Department:
    """Return a department; refuse with 60003 when there is none."""
    row = await core.durable.one(rows_of.DEPT_BY_ID, corp_id, dept_id)
    if row is None:
        raise _unknown_department(corp_id, dept_id)
    return rows.department(row)


async def list_departments(
    core: Core, corp_id: str, dept_id: int = ROOT_DEPARTMENT, *, fetch_child: bool = True
) -> list[Department]:
    """Return what lies below a department, in its order: children, or with ``fetch_child`` all."""
    query = rows_of.DESCENDANTS if fetch_child else rows_of.CHILDREN
    found = await core.durable.all(query, corp_id, dept_id, DEPARTMENTS)
    if not found:
        await get_department(core, corp_id, dept_id)
    return [Department(*row) for row in found]


async def sub_department_ids(core: Core, corp_id: str, dept_id: int) -> list[int]:
    """Return the ids of a department's children."""
    return [d.dept_id for d in await list_departments(core, corp_id, dept_id, fetch_child=False)]


async def create_member(
    core: Core,
    corp_id: str,
    *,
    name: str,
    userid: str = "",
    mobile: str = "",
    email: str = "",
    position: str = "",
    jobnumber: str = "",
    departments: Sequence[int] = (ROOT_DEPARTMENT,),
    is_admin: bool = False,
    by_api: bool = True,
) -> Member:
    """Add a member.

    Refuses 60102 (userid taken), 60104 (mobile taken in this corp), 60003 (no such department) and,
    through the API, 40019: a number in five non-certified corps already (F46).
    """
    made = Member(
        userid=userid or f"{secrets.letters(12)}",
        unionid=secrets.letters(22),
        name=_member_name(name),
        mobile=mobile,
        email=email,
        position=position,
        jobnumber=jobnumber,
        is_admin=is_admin,
        is_boss=False,
        active=True,
        departments=sorted(set(departments)) or [ROOT_DEPARTMENT],
    )

    async def body(tx: Tx) -> Member:
        if await tx.one(corp_rows.LOCK, corp_id) is None:
            raise unknown_corp(corp_id)
        corp = await tx.one(corp_rows.BY_ID, corp_id)
        if await tx.one(rows_of.MEMBER_BY_ID, corp_id, made.userid) is not None:
            raise Refusal(
                60102, f"userid {made.userid!r} 已被使用。", f"userid {made.userid!r} is taken."
            )
        await _free_mobile(tx, corp_id, mobile, "")
        if by_api and corp is not None and not corp[2]:
            await _mobile_may_join(tx, mobile)
        await _departments_exist(tx, corp_id, made.departments)
        person = await tx.one(rows_of.UNIONID_OF_MOBILE, mobile)
        member = made if person is None else msgspec.structs.replace(made, unionid=person[0])
        await tx.run(
            rows_of.INSERT_MEMBER,
            *(corp_id, member.userid, member.unionid, member.name, member.mobile, member.email),
            *(member.position, member.jobnumber, int(member.is_admin), core.clock.now()),
        )
        await _place(tx, corp_id, member)
        return member

    return await core.durable.transact(body)


async def update_member(
    core: Core,
    corp_id: str,
    userid: str,
    *,
    name: str | None = None,
    mobile: str | None = None,
    email: str | None = None,
    position: str | None = None,
    jobnumber: str | None = None,
    departments: Sequence[int] | None = None,
) -> Member:
    """Change the given fields of a member; refuse 60111, 60104, 60003."""
    given = {
        "name": None if name is None else _member_name(name),
        "mobile": mobile,
        "email": email,
        "position": position,
        "jobnumber": jobnumber,
        "departments": None if departments is None else sorted(set(departments)),
    }
    changes = {field: value for field, value in given.items() if value is not None}

    async def body(tx: Tx) -> Member:
        await tx.one(corp_rows.LOCK, corp_id)
        old = await _member(tx, corp_id, userid)
        new: Member = msgspec.structs.replace(old, **changes)
        if new.mobile != old.mobile:
            await _free_mobile(tx, corp_id, new.mobile, userid)
        await tx.run(
            rows_of.UPDATE_MEMBER,
            *(corp_id, userid, new.name, new.mobile, new.email, new.position, new.jobnumber),
            int(new.is_admin),
        )
        if new.departments != old.departments:
            await _departments_exist(tx, corp_id, new.departments)
            await tx.run(rows_of.CLEAR_DEPTS_OF_MEMBER, corp_id, userid)
            await _place(tx, corp_id, new)
        return new

    return await core.durable.transact(body)


async def delete_member(core: Core, corp_id: str, userid: str) -> None:
    """Remove a member; refuse with 60111 when there is none."""

    async def body(tx: Tx) -> None:
        await tx.one(corp_rows.LOCK, corp_id)
        await tx.run(rows_of.CLEAR_DEPTS_OF_MEMBER, corp_id, userid)
        if not await tx.run(rows_of.DELETE_MEMBER, corp_id, userid):
            raise unknown_member(corp_id, userid)

    await core.durable.transact(body)


async def get_member(core: Core, corp_id: str, userid: str) -> Member:
    """Return a member; refuse with 60111 when there is none."""
    return await _member(core.durable, corp_id, userid)


async def get_member_by_unionid(core: Core, corp_id: str, unionid: str) -> Member:
    """Return the member of a corp who is this person; refuse with 60111 when there is none."""
    row = await core.durable.one(rows_of.MEMBER_BY_UNIONID, corp_id, unionid)
    if row is None:
        raise unknown_member(corp_id, unionid)
    return await _member(core.durable, corp_id, row[0])


async def list_members(
    core: Core, corp_id: str, dept_id: int, *, offset: int = 0, size: int = 100
) -> tuple[list[Member], bool]:
    """Return a page of the members directly in a department, and whether there are more."""
    await get_department(core, corp_id, dept_id)
    durable = core.durable
    found = await durable.all(rows_of.MEMBERS_OF_DEPT, corp_id, dept_id, size + 1, offset)
    members = [await _with_departments(durable, corp_id, row) for row in found[:size]]
    return members, len(found) > size


async def count_members(core: Core, corp_id: str) -> int:
    """Return how many members a corp has."""
    row = await core.durable.one(rows_of.MEMBER_COUNT, corp_id)
    return 0 if row is None else int(row[0])


def visible(member: Member, identity: Identity, user_fields: Sequence[str]) -> Member:
    """Return a member as ``identity`` may see it.

    To an ISV a mobile number is never shown, and an e-mail address only when the suite ticked that
    field (F51).
    """
    if identity.kind != "isv_corp":
        return member
    email = member.email if "email" in user_fields else ""
    return msgspec.structs.replace(member, mobile="", email=email)


async def _member(reader: Reader, corp_id: str, userid: str) -> Member:
    row = await reader.one(rows_of.MEMBER_BY_ID, corp_id, userid)
    if row is None:
        raise unknown_member(corp_id, userid)
    return await _with_departments(reader, corp_id, row)


async def _with_departments(reader: Reader, corp_id: str, row: Row) -> Member:
    places = await reader.all(rows_of.DEPTS_OF_MEMBER, corp_id, row[0])
    return rows.member(row, [place[0] for place in places])


async def _place(tx: Tx, corp_id: str, member: Member) -> None:
    await tx.many(
        rows_of.ADD_DEPT_OF_MEMBER, [(corp_id, dept, member.userid) for dept in member.departments]
    )


async def _departments_exist(tx: Tx, corp_id: str, departments: Sequence[int]) -> None:
    for dept_id in departments:
        await _department_row(tx, corp_id, dept_id)


async def _department_row(tx: Tx, corp_id: str, dept_id: int) -> Row:
    row = await tx.one(rows_of.DEPT_BY_ID, corp_id, dept_id)
    if row is None:
        raise _unknown_department(corp_id, dept_id)
    return row


async def _free_name(tx: Tx, corp_id: str, parent_id: int, name: str) -> None:
    if await tx.one(rows_of.DEPT_BY_ID, corp_id, parent_id) is None:
        raise Refusal(
            60004, f"上级部门 {parent_id} 不存在。", f"There is no parent department {parent_id}."
        )
    if await tx.one(rows_of.DEPT_BY_NAME, corp_id, parent_id, name) is not None:
        raise Refusal(
            60008,
            f"部门 {parent_id} 下已有“{name}”。",
            f"Department {parent_id} has a sub-department of that name already.",
        )


async def _free_mobile(tx: Tx, corp_id: str, mobile: str, userid: str) -> None:
    row = await tx.one(rows_of.MEMBER_BY_MOBILE, corp_id, mobile)
    if row is not None and row[0] != userid:
        raise Refusal(
            60104,
            f"该手机号已属于成员 {row[0]}。",
            f"The mobile number belongs to member {row[0]} already.",
        )


async def _mobile_may_join(tx: Tx, mobile: str) -> None:
    count = await tx.one(rows_of.PLAIN_CORPS_OF_MOBILE, mobile)
    if count is not None and count[0] >= MOBILE_CORPS:
        raise Refusal(
            40019,
            f"该手机号已通过接口加入 {MOBILE_CORPS} 个未认证企业；请在企业管理后台添加。",
            f"The number has joined {MOBILE_CORPS} non-certified corps through the API already;"
            " add it in the admin console instead.",
            faq="F46",
        )


def _department_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 64:
        raise Refusal(
            60001, "部门名称应为 1 到 64 个字符。", "A department name has 1 to 64 characters."
        )
    if any(mark in name for mark in "-,，\x00"):
        raise Refusal(
            60009, "部门名称不能含有“-”或逗号。", "A department name has no '-' and no comma."
        )
    return name


def _member_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 64:
        raise Refusal(40035, "name 应为 1 到 64 个字符。", "A name has 1 to 64 characters.")
    return name


def _unknown_department(corp_id: str, dept_id: int) -> Refusal:
    return Refusal(
        60003,
        f"企业 {corp_id} 没有部门 {dept_id}。",
        f"Corp {corp_id} has no department {dept_id}.",
    )


def unknown_member(corp_id: str, userid: str) -> Refusal:
    return Refusal(
        60111,
        f"企业 {corp_id} 没有成员 {userid!r}。",
        f"Corp {corp_id} has no member {userid!r}.",
    )
