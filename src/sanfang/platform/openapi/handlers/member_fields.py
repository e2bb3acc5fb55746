"""What calls say of a member and what answers say, under the names of 2016 and of later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import msgspec

from ...domain import member_rules
from ...domain.members import MemberFields
from ...domain.model import Identity, Member, Place
from ...domain.refusals import Refusal
from ..handling import Call
from . import sight

TYPES_2016 = {
    "department": "array of integer",
    "extattr": "object",
    "orderInDepts": "object",
    "positionInDepts": "object",
}
TYPES = {
    "dept_id_list": "array of integer",
    "dept_order_list": "array of object",
    "dept_title_list": "array of object",
    "dept_position_list": "array of object",
    "extension": "object",
    "force_update_fields": "array of string",
}
_NAMES_2016 = {
    "mobile": "mobile",
    "email": "email",
    "position": "position",
    "jobnumber": "jobnumber",
    "department": "departments",
    "tel": "telephone",
    "workPlace": "work_place",
    "remark": "remark",
    "orgEmail": "org_email",
    "managerUserid": "manager_userid",
    "hiredDate": "hired_date",
    "isHide": "hide_mobile",
    "isSenior": "senior",
    "extattr": "extattr",
}
_NAMES = {
    "mobile": "mobile",
    "email": "email",
    "title": "position",
    "job_number": "jobnumber",
    "dept_id_list": "departments",
    "telephone": "telephone",
    "work_place": "work_place",
    "remark": "remark",
    "org_email": "org_email",
    "manager_userid": "manager_userid",
    "nickname": "nickname",
    "hired_date": "hired_date",
    "hide_mobile": "hide_mobile",
    "senior_mode": "senior",
    "extension": "extattr",
}
# 2016 allowed less than later calls do, and has a number for each field.
_LONGEST_2016 = (
    ("name", 64, 60112),
    ("position", 64, 60119),
    ("jobnumber", 64, 60123),
    ("email", 64, 60105),
    ("tel", 50, 40063),
    ("workPlace", 50, 40064),
    ("remark", 1024, 40065),
)
_LONGEST_LATER = (("job_number", 50, 60123), ("email", 50, 60105))
_EMPTIED: dict[str, object] = {"hired_date": None, "extattr": {}}
MOST_DEPARTMENTS, MOST_IN_UPDATE = 100, 300  # in one call
_CHINA = timezone(timedelta(hours=8))


async def given_2016(call: Call) -> MemberFields:
    """Return what a call of 2016 says of a member; refuse what is too long, 50004."""
    args = call.args
    for name, longest, code in _LONGEST_2016:
        if args.get(name) is not None:
            member_rules.limited(name, args[name], longest, code)
    said = _given(args, _NAMES_2016)
    if args.get("orderInDepts") is not None:
        said["orders"] = _by_department(args["orderInDepts"], "orderInDepts", int, 40011)
    if args.get("positionInDepts") is not None:
        said["titles"] = _by_department(args["positionInDepts"], "positionInDepts", str, 60119)
    return await _checked(call, said)


async def given(call: Call, *, departments: int = MOST_DEPARTMENTS) -> MemberFields:
    """Return what a later call says; ``force_update_fields`` empties what it names. Refuse 50004.

    ``departments`` is how many it may name.
    """
    args = call.args
    for name, longest, code in _LONGEST_LATER:
        if args.get(name) is not None:
            member_rules.limited(name, args[name], longest, code)
    said = _given(args, _NAMES)
    orders = _listed(args.get("dept_order_list"), "dept_order_list", "order", int, 40011)
    if orders is not None:
        said["orders"] = orders
    titles = _listed(args.get("dept_title_list"), "dept_title_list", "title", str, 60119)
    places = _listed(args.get("dept_position_list"), "dept_position_list", "title", str, 60119)
    if titles is not None or places is not None:
        said["titles"] = {**(places or {}), **(titles or {})}
    for name in args.get("force_update_fields") or ():
        field = _NAMES.get(name, "")
        if field in MemberFields.__annotations__ and field != "departments":
            flag = field in ("hide_mobile", "senior")
            cast("dict[str, Any]", said).setdefault(field, _EMPTIED.get(field, not flag and ""))
    return await _checked(call, said, departments)


def _given(args: dict[str, Any], names: dict[str, str]) -> MemberFields:
    said = {field: args[name] for name, field in names.items() if args.get(name) is not None}
    if not said.get("departments", True):
        del said["departments"]
    return cast("MemberFields", said)


async def _checked(call: Call, said: MemberFields, most: int = MOST_DEPARTMENTS) -> MemberFields:
    departments = said.get("departments", ())
    if len(departments) > most:
        raise Refusal(
            40066, f"一次最多 {most} 个部门。", f"At most {most} departments in one call."
        )
    await sight.departments(call, departments)
    return said


def _by_department(
    given: Mapping[str, Any], name: str, kind: type[Any], code: int
) -> dict[int, Any]:
    """Read ``{"2": 10}``: values by department."""
    read: dict[int, Any] = {}
    for dept, value in given.items():
        if not (dept.isascii() and dept.isdecimal() and len(dept) < 18):
            raise _misread(name, code)
        read[int(dept)] = _value(value, name, kind, code)
    return read


def _listed(
    given: list[dict[str, Any]] | None, name: str, field: str, kind: type[Any], code: int
) -> dict[int, Any] | None:
    """Read ``[{"dept_id": 2, "order": 10}]``: values by department."""
    if given is None:
        return None
    read: dict[int, Any] = {}
    for row in given:
        dept = row.get("dept_id")
        if isinstance(dept, str) and dept.isascii() and dept.isdecimal() and len(dept) < 18:
            dept = int(dept)
        if type(dept) is not int:
            raise _misread(name, code)
        if row.get(field) is not None:
            read[dept] = _value(row[field], name, kind, code)
    return read


def _value(value: Any, name: str, kind: type[Any], code: int) -> Any:
    if kind is int and isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:19])
    if type(value) is not kind or (kind is int and not -(2**63) <= value < 2**63):
        raise _misread(name, code)
    if kind is str:
        if "\x00" in value:
            raise _misread(name, code)
        member_rules.limited(name, value, 200, code)
    return value


def _misread(name: str, code: int) -> Refusal:
    return Refusal(
        code,
        f"{name} 的键应为部门 id，值类型须正确。",
        f"{name} gives a value of the right type for each department id.",
        facts={"field": name},
    )


def details_2016(member: Member, identity: Identity) -> dict[str, Any]:
    """What ``/user/get`` tells. What an ISV may not see is absent, not empty (F51)."""
    profile = member.profile
    shown: dict[str, Any] = {
        **_in_lists_2016(member, identity),
        "unionid": member.unionid,
        "orderInDepts": _json({str(each.dept_id): each.order for each in member.places}),
        "isLeaderInDepts": _json({str(each.dept_id): each.leader for each in member.places}),
        "isSenior": profile.senior,
        "realAuthed": True,
        "isLeader": any(each.leader for each in member.places),
        "roles": [
            {"id": role.role_id, "name": role.name, "groupName": role.group_name, "type": 0}
            for role in member.roles
        ],
    }
    if profile.manager_userid:
        shown["managerUserid"] = profile.manager_userid
    if member.mobile:
        shown["stateCode"] = state_code(member.mobile)
    return shown


def listed_2016(member: Member, identity: Identity, dept_id: int) -> dict[str, Any]:
    """What ``/user/list`` tells of each member of a department."""
    place = next((each for each in member.places if each.dept_id == dept_id), Place(dept_id))
    return {
        **_in_lists_2016(member, identity),
        "unionid": member.unionid,
        "order": place.order,
        "isLeader": place.leader,
        "position": place.title or member.position,
    }


def _in_lists_2016(member: Member, identity: Identity) -> dict[str, Any]:
    profile = member.profile
    shown: dict[str, Any] = {
        "userid": member.userid,
        "name": member.name,
        "position": member.position,
        "jobnumber": member.jobnumber,
        "department": member.departments,
        "active": member.active,
        "isAdmin": member.is_admin,
        "isBoss": member.is_boss,
        "isHide": profile.hide_mobile,
        "avatar": "",
        "dingId": "",
        "workPlace": profile.work_place,
        "extattr": profile.extattr,
    }
    if identity.kind != "isv_corp":
        shown |= {"tel": profile.telephone, "remark": profile.remark}
    private = {"mobile": member.mobile, "email": member.email, "orgEmail": profile.org_email}
    shown |= {name: text for name, text in private.items() if text}
    if profile.hired_date is not None:
        shown["hiredDate"] = _date(profile.hired_date)
    return shown


def details(member: Member, identity: Identity) -> dict[str, Any]:
    """What ``/topapi/v2/user/get`` tells."""
    profile = member.profile
    shown = {
        **_everywhere(member, identity),
        "dept_order_list": [
            {"dept_id": each.dept_id, "order": each.order} for each in member.places
        ],
        "leader_in_dept": [
            {"dept_id": each.dept_id, "leader": each.leader} for each in member.places
        ],
        "role_list": [
            {"id": role.role_id, "name": role.name, "group_name": role.group_name}
            for role in member.roles
        ],
        "senior": profile.senior,
        "real_authed": True,
    }
    titles = [
        {"dept_id": each.dept_id, "title": each.title} for each in member.places if each.title
    ]
    if titles:
        shown["dept_position_list"] = titles
    if profile.manager_userid:
        shown["manager_userid"] = profile.manager_userid
    return shown


def listed(member: Member, identity: Identity, dept_id: int) -> dict[str, Any]:
    """What ``/topapi/v2/user/list`` tells of each member of a department."""
    place = next((each for each in member.places if each.dept_id == dept_id), Place(dept_id))
    shown = {**_everywhere(member, identity), "dept_order": place.order, "leader": place.leader}
    if place.title:
        shown["title"] = place.title
    return shown


def _everywhere(member: Member, identity: Identity) -> dict[str, Any]:
    """An ISV sees neither the place of work nor the date of hiring, which it does under 2016's names."""
    profile, is_isv = member.profile, identity.kind == "isv_corp"
    shown: dict[str, Any] = {
        "userid": member.userid,
        "unionid": member.unionid,
        "name": member.name,
        "avatar": "",
        "title": member.position,
        "job_number": member.jobnumber,
        "active": member.active,
        "admin": member.is_admin,
        "boss": member.is_boss,
        "hide_mobile": profile.hide_mobile,
        "exclusive_account": False,
        "dept_id_list": member.departments,
    }
    if profile.hired_date is not None and not is_isv:
        shown["hired_date"] = profile.hired_date
    texts = {
        "mobile": member.mobile,
        "state_code": state_code(member.mobile) if member.mobile else "",
        "email": member.email,
        "org_email": profile.org_email,
        "telephone": profile.telephone,
        "work_place": "" if is_isv else profile.work_place,
        "remark": profile.remark,
        "nickname": profile.nickname,
        "extension": _json(profile.extattr) if profile.extattr else "",
    }
    return shown | {name: text for name, text in texts.items() if text}


def state_code(mobile: str) -> str:
    """Return the country's code of a number as it is kept."""
    code, dash, _ = mobile.removeprefix("+").partition("-")
    return code if dash else "86"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _date(moment: int) -> str:
    """Write a time in China as the documents of 2016 do; outside the calendar: the number."""
    try:
        then = datetime.fromtimestamp(moment / 1000, UTC).astimezone(_CHINA)
    except (OverflowError, ValueError, OSError):
        return str(moment)
    return f"{then:%Y-%m-%d %H:%M:%S}"
