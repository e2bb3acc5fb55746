"""Choosing members, departments and roles: what the picker offers, and what the page gets of it.

The server describes one picker for all abilities (`Ask` with ``picker``): what may be chosen, what is
chosen already, what may not be, within what this member sees. The browser answers
``{"users": [userid], "departments": [id]}``; names and numbers in the result are the server's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....domain import contacts, roles, sight
from ....domain.corps import ROOT_DEPARTMENT, get_corp
from ....domain.model import Department, Member
from ....domain.sight import Sight
from . import SYSTEM, Ask, Fail, Invocation
from .admitting import completes, serves, unfit

MOST_USERS = 1500
MOST_ROLES = 500
_OWN = -1  # startWithDepartmentId: the member's own department


async def seeing(call: Invocation) -> Sight:
    """Return what the member whose page calls may see."""
    return await sight.sight_of(call.core, call.frame.corp_id, call.frame.userid)


def card(member: Member) -> dict[str, str]:
    """Return a member as a picker shows one."""
    return {"userid": member.userid, "name": member.name, "title": member.position, "avatar": ""}


def chosen(member: Member) -> dict[str, str]:
    """Return a member as every ability of choosing does."""
    return {"name": member.name, "avatar": "", "emplId": member.userid}


async def seen(call: Invocation, eyes: Sight, userids: Sequence[str]) -> list[Member]:
    """Return those of these whom the member sees."""
    return await sight.visible_members(call.core, eyes, userids)


async def seen_departments(
    call: Invocation, eyes: Sight, dept_ids: Sequence[object]
) -> list[Department]:
    """Return those of these departments that the member sees."""
    return [
        await contacts.get_department(call.core, eyes.corp_id, each)
        for each in dict.fromkeys(_number(dept_id) for dept_id in dept_ids)
        if each and await sight.sees_department(call.core, eyes, each)
    ]


@serves("biz.contact.choose", "biz.contact.complexChoose", "biz.contact.complexPicker")
async def choose(call: Invocation) -> Ask:
    """Offer the contacts: members, and departments where the ability returns them."""
    given, eyes = call.params, await seeing(call)
    plain = call.method == "biz.contact.choose"
    picked = given.get("users") or given.get("selectedUsers") or given.get("pickedUsers") or []
    required = given.get("requiredUsers", [])
    return Ask(
        {
            "picker": {
                "title": given.get("title") or "选择联系人",
                "users": True,
                "departments": not plain and not given.get("responseUserOnly", False),
                "multiple": given.get("multiple", True),
                "max": _most(given.get("max") or given.get("maxUsers"), MOST_USERS),
                "tips": given.get("limitTips", ""),
                "start": await _start(call, eyes),
                "picked": [card(each) for each in await seen(call, eyes, [*required, *picked])],
                "pickedDepartments": [
                    _department(each)
                    for each in await seen_departments(
                        call,
                        eyes,
                        [
                            *given.get("requiredDepartments", []),
                            *given.get("pickedDepartments", []),
                        ],
                    )
                ],
                "disabled": given.get("disabledUsers", []),
                "required": required,
                "disabledDepartments": given.get("disabledDepartments", []),
                "requiredDepartments": given.get("requiredDepartments", []),
            }
        }
    )


@completes("biz.contact.choose")
async def chose(call: Invocation, answer: Any) -> list[dict[str, str]]:
    """Return the members that were chosen."""
    return [chosen(each) for each in await answered_users(call, answer)]


@completes("biz.contact.complexChoose")
async def chose_of_2016(call: Invocation, answer: Any) -> dict[str, Any]:
    """Return members and departments as in 2016: the list is named ``department``."""
    eyes = await seeing(call)
    departments = await seen_departments(call, eyes, _list(answer, "departments"))
    return {
        "users": [chosen(each) for each in await answered_users(call, answer)],
        "department": [{"id": each.dept_id, "name": each.name} for each in departments],
    }


@completes("biz.contact.complexPicker")
async def chose_both(call: Invocation, answer: Any) -> dict[str, Any]:
    """Return members and departments, and how many members they are together."""
    eyes = await seeing(call)
    users = {each.userid: each for each in await answered_users(call, answer)}
    departments = await seen_departments(call, eyes, _list(answer, "departments"))
    inside: dict[str, Member] = {}
    for each in departments:
        inside |= await _everybody(call, eyes, each.dept_id)
    if call.params.get("responseUserOnly"):
        users |= inside
        departments = []
    return {
        "selectedCount": len(users.keys() | inside.keys()),
        "users": [await _with_department(call, each) for each in users.values()],
        "departments": [await _counted(call, each) for each in departments],
    }


@serves("biz.contact.departmentsPicker")
async def choose_departments(call: Invocation) -> Ask:
    """Offer the departments."""
    given, eyes = call.params, await seeing(call)
    required = given.get("requiredDepartments", [])
    picked = await seen_departments(call, eyes, [*required, *given.get("pickedDepartments", [])])
    return Ask(
        {
            "picker": {
                "title": given.get("title") or "选择部门",
                "users": False,
                "departments": True,
                "multiple": given.get("multiple", True),
                "max": _most(given.get("maxDepartments"), 100),
                "tips": given.get("limitTips", ""),
                "start": ROOT_DEPARTMENT,
                "picked": [],
                "pickedDepartments": [_department(each) for each in picked],
                "disabled": [],
                "required": [],
                "disabledDepartments": given.get("disabledDepartments", []),
                "requiredDepartments": required,
            }
        }
    )


@completes("biz.contact.departmentsPicker")
async def chose_departments(call: Invocation, answer: Any) -> dict[str, Any]:
    """Return departments with the number of members in and below each."""
    eyes = await seeing(call)
    found = await seen_departments(call, eyes, _list(answer, "departments"))
    people: dict[str, Member] = {}
    for each in found:
        people |= await _everybody(call, eyes, each.dept_id)
    return {
        "userCount": len(people),
        "departmentsCount": len(found),
        "departments": [
            await _counted(call, each) | {"corpId": eyes.corp_id, "deptId": str(each.dept_id)}
            for each in found
        ],
    }


@serves("biz.customContact.choose", "biz.customContact.multipleChoose")
async def choose_from_list(call: Invocation) -> Ask:
    """Offer the members the page names, as far as they are seen."""
    given, eyes = call.params, await seeing(call)
    offered = await seen(call, eyes, given["users"])
    if not offered:
        raise unfit(
            "users",
            "里没有你能看到的企业成员",
            "userids of members of the corp whom you see",
        )
    names = {each.userid for each in offered}
    picked = [each for each in given.get("selectedUsers", []) if each in names]
    return Ask(
        {
            "picker": {
                "title": given.get("title") or "选择联系人",
                "people": [card(each) for each in offered],
                "users": True,
                "departments": False,
                "multiple": call.method.endswith("multipleChoose"),
                "max": _most(given.get("max"), MOST_USERS),
                "tips": "",
                "picked": [card(each) for each in offered if each.userid in picked],
                "pickedDepartments": [],
                "disabled": given.get("disabledUsers", []),
                "required": [],
                "disabledDepartments": [],
                "requiredDepartments": [],
                "company": await _company(call) if given.get("isShowCompanyName") else "",
            }
        }
    )


@completes("biz.customContact.choose", "biz.customContact.multipleChoose")
async def chose_from_list(call: Invocation, answer: Any) -> list[dict[str, str]]:
    """Return who was chosen of those the page named."""
    named = set(call.params["users"])
    return [chosen(each) for each in await answered_users(call, answer) if each.userid in named]


@serves("biz.contact.rolesPicker")
async def choose_roles(call: Invocation) -> Ask:
    """Offer the corp's roles."""
    groups, _ = await roles.list_roles(call.core, call.frame.corp_id, offset=0, size=MOST_ROLES)
    return Ask(
        {
            "title": call.params.get("title") or "选择角色",
            "max": _most(call.params.get("maxRoles"), MOST_ROLES),
            "tips": call.params.get("limitTips", ""),
            "roles": [
                {"id": str(role.role_id), "name": role.name, "group": group.name}
                for group in groups
                for role in group.roles
            ],
        }
    )


@completes("biz.contact.rolesPicker")
async def chose_roles(call: Invocation, answer: Any) -> dict[str, Any]:
    """Return names and ids of roles of the corp."""
    groups, _ = await roles.list_roles(call.core, call.frame.corp_id, offset=0, size=MOST_ROLES)
    wanted = {str(each) for each in _list(answer, "roles")}
    return {
        "roles": [
            {"name": role.name, "roleId": str(role.role_id)}
            for group in groups
            for role in group.roles
            if str(role.role_id) in wanted
        ]
    }


@serves("biz.user.get")
async def user(call: Invocation) -> dict[str, Any]:
    """Return who looks at the page, as 2016 did, with the corp and name of later clients."""
    member = await contacts.get_member(call.core, call.frame.corp_id, call.frame.userid)
    return {
        "id": member.unionid,
        "emplId": member.userid,
        "nickName": member.name,
        "avatar": "",
        "corpId": call.frame.corp_id,
        "isManager": member.is_admin,
        "isAuth": True,
    }


async def answered_users(call: Invocation, answer: Any) -> list[Member]:
    """Return the members a picker's answer names, as far as they are seen; fail for no answer."""
    wanted = _list(answer, "users")
    if len(wanted) > MOST_USERS:
        raise Fail(SYSTEM, f"最多选择 {MOST_USERS} 人 / at most {MOST_USERS} members")
    return await seen(call, await seeing(call), [str(each) for each in wanted])


def _list(answer: Any, name: str) -> list[Any]:
    found = answer.get(name, []) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise Fail(SYSTEM, f"the picker's answer lacks {name}")
    return found


def _number(text: object) -> int:
    shown = str(text)
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else 0


def _most(given: object, most: int) -> int:
    return given if isinstance(given, int) and 0 < given < most else most


def _department(found: Department) -> dict[str, object]:
    return {"id": found.dept_id, "name": found.name}


async def _counted(call: Invocation, found: Department) -> dict[str, str]:
    eyes = await seeing(call)
    number = len(await _everybody(call, eyes, found.dept_id))
    return {"id": str(found.dept_id), "name": found.name, "number": str(number)}


async def _with_department(call: Invocation, member: Member) -> dict[str, Any]:
    shown: dict[str, Any] = {**chosen(member), "corpId": call.frame.corp_id}
    if member.departments:
        dept_id = member.departments[0]
        found = await contacts.get_department(call.core, call.frame.corp_id, dept_id)
        shown |= {"selectDeptId": dept_id, "selectDeptName": found.name}
    return shown


async def _everybody(call: Invocation, eyes: Sight, dept_id: int) -> dict[str, Member]:
    """Return the members in and below a department, as far as they are seen; at most 10 000."""
    found: dict[str, Member] = {}
    waiting = [dept_id]
    while waiting and len(found) < contacts.DEPARTMENTS:
        below, members, _ = await sight.branch(call.core, eyes, waiting.pop(), size=10_000)
        found |= {each.userid: each for each in members}
        waiting += [each.dept_id for each in below]
    return found


async def _start(call: Invocation, eyes: Sight) -> int:
    asked = call.params.get("startWithDepartmentId", call.params.get("deptId", 0))
    if asked == _OWN:
        me = await contacts.get_member(call.core, eyes.corp_id, eyes.userid)
        asked = me.departments[0] if me.departments else 0
    if asked > 0 and await sight.sees_department(call.core, eyes, asked):
        return int(asked)
    return ROOT_DEPARTMENT


async def _company(call: Invocation) -> str:
    return (await get_corp(call.core, call.frame.corp_id)).name
