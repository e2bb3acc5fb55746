"""The tree of departments of a corp (contacts.md of both document generations)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, Unpack

import msgspec

from ..store.ports import Reader, Row, Tx
from ..store.queries import contacts as rows_of
from ..store.queries import corps as corp_rows
from . import mentions, rows
from .core import Core
from .corp_events import announce
from .corps import ROOT_DEPARTMENT, unknown_corp
from .member_rules import limited
from .model import Department, DepartmentProfile
from .refusals import Refusal

DEPARTMENTS = 10_000  # the most one listing returns
LONGEST_NAME = 64
DEEPEST = 15  # levels below the root (60002)
MOST_PERMITS = 50  # departments and members together in a list of who may see (60109)
# Longest texts of a department; the documents have no number of their own for them.
_LONGEST = (
    ("brief", 255),
    ("telephone", 50),
    ("code", 30),
    ("source_identifier", 100),
    ("extension", 2000),
)


class DepartmentFields(TypedDict, total=False):
    """What a call may say about a department besides its place and name; see DepartmentProfile.

    ``managers`` are members of the department, who become its leaders.
    """

    source_identifier: str
    brief: str
    telephone: str
    code: str
    extension: str
    org_dept_owner: str
    create_dept_group: bool
    auto_add_user: bool
    auto_approve_apply: bool
    hide_dept: bool
    outer_dept: bool
    outer_dept_only_self: bool
    group_contain_sub_dept: bool
    group_contain_outer_dept: bool
    group_contain_hidden_dept: bool
    dept_permits: Sequence[int]
    user_permits: Sequence[str]
    outer_permit_depts: Sequence[int]
    outer_permit_users: Sequence[str]
    managers: Sequence[str]


async def create_department(
    core: Core,
    corp_id: str,
    name: str,
    *,
    parent_id: int = ROOT_DEPARTMENT,
    order: int | None = None,
    **fields: Unpack[DepartmentFields],
) -> Department:
    """Make a department below ``parent_id``.

    Refuses 60001 and 60009 (name), 60008 (name taken), 60004, 60002 (parent), 60110 (the corp has
    10 000: more would fall out of listings), 40011, 60067, 60068, 60109.
    """
    title = _name(name)

    async def body(tx: Tx) -> Department:
        row = await tx.one(corp_rows.TAKE_DEPT_ID, corp_id)
        if row is None:
            raise unknown_corp(corp_id)
        dept_id = int(row[0])
        # Ids are not given twice, so that before as many were given nothing is to be counted.
        if dept_id > DEPARTMENTS and (
            await tx.one(rows_of.MORE_DEPTS_THAN, corp_id, DEPARTMENTS - 1) is not None
        ):
            raise Refusal(
                60110,
                f"一个企业最多 {DEPARTMENTS} 个部门。",
                f"A corp has at most {DEPARTMENTS} departments.",
            )
        await _free_name(tx, corp_id, parent_id, title)
        _check_depth(len(await tx.all(rows_of.ANCESTORS, corp_id, parent_id)))
        profile = await _profile(tx, corp_id, dept_id, DepartmentProfile(), fields)
        made = Department(
            dept_id, parent_id, title, dept_id if order is None else _order(order), profile
        )
        await tx.run(
            rows_of.INSERT_DEPT,
            *(corp_id, dept_id, parent_id, title, made.order, rows.json_text(profile)),
        )
        named = mentions.of_department(profile)
        await mentions.rewrite(
            *(tx, corp_id, mentions.DEPARTMENT, dept_id), before=mentions.NONE, after=named
        )
        await announce(tx, core, corp_id, "org_dept_create", {"DeptId": [dept_id]})
        return made

    return await core.durable.transact(body)


async def update_department(
    core: Core,
    corp_id: str,
    dept_id: int,
    *,
    name: str | None = None,
    parent_id: int | None = None,
    order: int | None = None,
    **fields: Unpack[DepartmentFields],
) -> Department:
    """Change what is given of a department.

    Refuses 60003, 60004, 60008, 60010 (a loop), 60002 (too deep), 60018 (the root moved or renamed), 60067 and
    60068 (owner or manager who is not there), 60109 (lists of who may see), 40011.
    """

    async def body(tx: Tx) -> Department:
        await tx.one(corp_rows.LOCK, corp_id)
        old = rows.department(await department_row(tx, corp_id, dept_id))
        new = Department(
            dept_id,
            old.parent_id if parent_id is None else parent_id,
            old.name if name is None else _name(name),
            old.order if order is None else _order(order),
            await _profile(tx, corp_id, dept_id, old.profile, fields),
        )
        if dept_id == ROOT_DEPARTMENT and new.name != old.name:
            raise Refusal(
                60018,
                "根部门以企业为名，改企业名称请到管理后台（sanfang corp update）。",
                "The root department is called as the corp; rename that (sanfang corp update).",
            )
        if new.parent_id != old.parent_id:
            await _check_move(tx, corp_id, dept_id, new.parent_id)
        if (new.parent_id, new.name) != (old.parent_id, old.name) and dept_id != ROOT_DEPARTMENT:
            await _free_name(tx, corp_id, new.parent_id, new.name)
        await tx.run(
            rows_of.UPDATE_DEPT,
            *(corp_id, dept_id, new.parent_id, new.name, new.order, rows.json_text(new.profile)),
        )
        await mentions.rewrite(
            *(tx, corp_id, mentions.DEPARTMENT, dept_id),
            before=mentions.of_department(old.profile),
            after=mentions.of_department(new.profile),
        )
        formerly = [old.parent_id] if new.parent_id != old.parent_id else []
        await announce(
            *(tx, core, corp_id, "org_dept_modify", {"DeptId": [dept_id]}), formerly=formerly
        )
        return new

    return await core.durable.transact(body)


async def get_department(core: Core, corp_id: str, dept_id: int) -> Department:
    """Return a department; refuse with 60003 when there is none."""
    return rows.department(await department_row(core.durable, corp_id, dept_id))


async def department_managers(core: Core, corp_id: str, dept_id: int) -> list[str]:
    """Return the userids of those who lead a department."""
    return [row[0] for row in await core.durable.all(rows_of.LEADERS, corp_id, dept_id)]


async def department_size(core: Core, corp_id: str, dept_id: int) -> int:
    """Return how many members a department has itself."""
    row = await core.durable.one(rows_of.COUNT_OF_DEPT, corp_id, dept_id)
    return 0 if row is None else int(row[0])


async def list_departments(
    core: Core, corp_id: str, dept_id: int = ROOT_DEPARTMENT, *, fetch_child: bool = True
) -> list[Department]:
    """Return what lies below a department, in its order: children, or with ``fetch_child`` all."""
    query = rows_of.DESCENDANTS if fetch_child else rows_of.CHILDREN
    found = await core.durable.all(query, corp_id, dept_id, DEPARTMENTS)
    if not found:
        await get_department(core, corp_id, dept_id)
    return [rows.department(row) for row in found]


async def sub_department_ids(core: Core, corp_id: str, dept_id: int) -> list[int]:
    """Return the ids of a department's children."""
    return [d.dept_id for d in await list_departments(core, corp_id, dept_id, fetch_child=False)]


async def path_to_root(core: Core, corp_id: str, dept_id: int) -> list[int]:
    """Return the ids from a department up to the root, itself first; refuse 60003."""
    found = await core.durable.all(rows_of.ANCESTORS, corp_id, dept_id)
    if not found:
        raise unknown_department(corp_id, dept_id)
    return [row[0] for row in found]


async def search_departments(core: Core, corp_id: str, word: str) -> list[int]:
    """Return the ids of the departments whose name holds ``word`` (at most 10 000)."""
    if len(word) > LONGEST_NAME:
        return []
    found = await core.durable.all(rows_of.DEPT_SEARCH, corp_id, like(word), DEPARTMENTS)
    return [row[0] for row in found]


def like(word: str) -> str:
    """Return the pattern of a text that holds ``word``."""
    plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"


async def department_row(reader: Reader, corp_id: str, dept_id: int) -> Row:
    """Return the row of a department; refuse with 60003 when there is none."""
    row = await reader.one(rows_of.DEPT_BY_ID, corp_id, dept_id)
    if row is None:
        raise unknown_department(corp_id, dept_id)
    return row


async def _check_move(tx: Tx, corp_id: str, dept_id: int, parent_id: int) -> None:
    if dept_id == ROOT_DEPARTMENT:
        raise Refusal(60018, "根部门不能移动。", "The root department cannot be moved.")
    above = await tx.all(rows_of.ANCESTORS, corp_id, parent_id)
    if any(row[0] == dept_id for row in above):
        raise Refusal(60010, "上级部门在本部门之下。", "The new parent lies below the department.")
    height = await tx.one(rows_of.HEIGHT, corp_id, dept_id)
    _check_depth(len(above) + (0 if height is None else height[0]))


def _check_depth(levels: int) -> None:
    """``levels`` above the deepest department concerned, the root among them."""
    if levels > DEEPEST:
        raise Refusal(
            60002,
            f"部门最多 {DEEPEST} 级。",
            f"Departments lie at most {DEEPEST} levels below the root.",
        )


async def _profile(
    tx: Tx, corp_id: str, dept_id: int, old: DepartmentProfile, fields: DepartmentFields
) -> DepartmentProfile:
    owner = fields.get("org_dept_owner")
    if owner and await tx.one(rows_of.MEMBER_BY_ID, corp_id, owner) is None:
        raise Refusal(
            60067,
            f"企业没有成员 {owner!r}，不能作群主。",
            f"There is no member {owner!r} to own it.",
        )
    managers = fields.get("managers")
    if managers is not None:
        await _set_managers(tx, corp_id, dept_id, managers)
    changes = {name: value for name, value in fields.items() if name != "managers"}
    made: DepartmentProfile = msgspec.structs.replace(old, **changes)
    for name, longest in _LONGEST:
        limited(name, getattr(made, name), longest, 40035)
    await _check_permits(tx, corp_id, old, made)
    return made


async def _check_permits(
    tx: Tx, corp_id: str, old: DepartmentProfile, new: DepartmentProfile
) -> None:
    """Refuse 60109 for more than 50 in a pair of lists, and for new entries that do not exist."""
    for depts, users in (
        ("dept_permits", "user_permits"),
        ("outer_permit_depts", "outer_permit_users"),
    ):
        before = mentions.of(users=getattr(old, users), depts=getattr(old, depts))
        after = mentions.of(users=getattr(new, users), depts=getattr(new, depts))
        if len(after) > MOST_PERMITS:
            raise _unfit_permits(
                f"{depts} 与 {users} 合计最多 {MOST_PERMITS} 个。",
                f"{depts} and {users} have at most {MOST_PERMITS} entries together.",
            )
        for kind, key in sorted(after - before):
            known = rows_of.MEMBER_BY_ID if kind == mentions.USER else rows_of.DEPT_BY_ID
            value: str | int = key if kind == mentions.USER else int(key)
            if await tx.one(known, corp_id, value) is None:
                raise _unfit_permits(
                    f"{depts} 或 {users} 中的 {key!r} 不存在。",
                    f"{key!r} in {depts} or {users} does not exist.",
                )


def _unfit_permits(zh: str, en: str) -> Refusal:
    return Refusal(60109, zh, en, errmsg="非法的可查看id列表")


def _order(order: int) -> int:
    if order < 0:
        raise Refusal(40011, "order 不能为负。", "order is not negative.", facts={"field": "order"})
    return order


async def _set_managers(tx: Tx, corp_id: str, dept_id: int, managers: Sequence[str]) -> None:
    await tx.run(rows_of.CLEAR_LEADERS, corp_id, dept_id)
    for userid in dict.fromkeys(managers):
        if not await tx.run(rows_of.SET_LEADER, corp_id, dept_id, userid):
            raise Refusal(
                60068,
                f"{userid!r} 不是部门 {dept_id} 的成员，不能作主管。",
                f"{userid!r} is no member of department {dept_id} and cannot lead it.",
            )


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


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refusal(
            60001, "部门名称应为 1 到 64 个字符。", "A department name has 1 to 64 characters."
        )
    if any(mark in name for mark in "-,，\x00"):
        raise Refusal(
            60009, "部门名称不能含有“-”或逗号。", "A department name has no '-' and no comma."
        )
    return name


def unknown_department(corp_id: str, dept_id: int) -> Refusal:
    return Refusal(
        60003,
        f"企业 {corp_id} 没有部门 {dept_id}。",
        f"Corp {corp_id} has no department {dept_id}.",
    )
