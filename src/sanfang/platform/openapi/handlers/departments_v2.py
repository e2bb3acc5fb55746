"""Departments, as called since 2020 (``/topapi/v2/department/*``)."""

from __future__ import annotations

from typing import Any

from ...domain import contacts
from ...domain.model import Department
from ..handling import Call, handler
from . import sight
from .department_fields import LISTS, given
from .departments import paths
from .sight import numbered

_LATER = {60008: 60021}  # the number this generation has for a name that is taken


@handler("oapi_topapi_v2_department_listsub_post")
async def listsub(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args.get("dept_id"))
    found = await contacts.list_departments(
        call.core, call.identity.corp_id, dept_id, fetch_child=False
    )
    return {"result": [_brief(each) for each in found]}


@handler("oapi_topapi_v2_department_listsubid_post")
async def listsubid(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args["dept_id"])
    ids = await contacts.sub_department_ids(call.core, call.identity.corp_id, dept_id)
    return {"result": {"dept_id_list": ids}}


@handler("oapi_topapi_v2_department_listparentbydept_post")
async def listparentbydept(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args["dept_id"])
    path = await contacts.path_to_root(call.core, call.identity.corp_id, dept_id)
    return {"result": {"parent_id_list": path}}


@handler("oapi_topapi_v2_department_listparentbyuser_post")
@numbered({60111: 33012})
async def listparentbyuser(call: Call) -> dict[str, Any]:
    member = await sight.member(call, call.args["userid"])
    found = await paths(call, member.departments)
    return {"result": {"parent_list": [{"parent_dept_id_list": path} for path in found]}}


@handler("oapi_topapi_v2_department_get_post")
async def get(call: Call) -> dict[str, Any]:
    core, corp_id = call.core, call.identity.corp_id
    dept_id = await sight.department(call, call.args["dept_id"])
    department = await contacts.get_department(core, corp_id, dept_id)
    managers = await contacts.department_managers(core, corp_id, dept_id)
    size = await contacts.department_size(core, corp_id, dept_id)
    return {"result": _details(department, managers, size)}


@handler("oapi_topapi_v2_department_create_post", types=LISTS)
@numbered(_LATER)
async def create(call: Call) -> dict[str, Any]:
    args = call.args
    made = await contacts.create_department(
        *(call.core, call.identity.corp_id, args["name"]),
        parent_id=await sight.department(call, args["parent_id"], 40010),
        order=args.get("order"),
        **await given(call),
    )
    return {"result": {"dept_id": made.dept_id}}


@handler("oapi_topapi_v2_department_update_post", types=LISTS)
@numbered(_LATER)
async def update(call: Call) -> dict[str, Any]:
    args = call.args
    parent_id = args.get("parent_id")
    await sight.departments(call, [args["dept_id"], *([] if parent_id is None else [parent_id])])
    await contacts.update_department(
        *(call.core, call.identity.corp_id, args["dept_id"]),
        name=args.get("name"),
        parent_id=parent_id,
        order=args.get("order"),
        **await given(call),
    )
    return {}


@handler("oapi_topapi_v2_department_delete_post")
async def delete(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args["dept_id"])
    await contacts.delete_department(call.core, call.identity.corp_id, dept_id)
    return {}


def _brief(department: Department) -> dict[str, Any]:
    profile = department.profile
    brief: dict[str, Any] = {
        "dept_id": department.dept_id,
        "name": department.name,
        "parent_id": department.parent_id,
        "create_dept_group": profile.create_dept_group,
        "auto_add_user": profile.auto_add_user,
    }
    if profile.source_identifier:
        brief["source_identifier"] = profile.source_identifier
    if profile.extension:
        brief["ext"] = profile.extension
    return brief


def _details(department: Department, managers: list[str], size: int) -> dict[str, Any]:
    profile = department.profile
    details = {
        **_brief(department),
        "order": department.order,
        "auto_approve_apply": profile.auto_approve_apply,
        "from_union_org": False,
        "group_contain_sub_dept": profile.group_contain_sub_dept,
        "hide_dept": profile.hide_dept,
        "dept_permits": profile.dept_permits,
        "user_permits": profile.user_permits,
        "outer_dept": profile.outer_dept,
        "outer_permit_depts": profile.outer_permit_depts,
        "outer_permit_users": profile.outer_permit_users,
        "dept_manager_userid_list": managers,
        "member_count": size,
    }
    texts = {
        "org_dept_owner": profile.org_dept_owner,
        "code": profile.code,
        "brief": profile.brief,
        "telephone": profile.telephone,
        "extention": profile.extension,
    }
    return details | {name: text for name, text in texts.items() if text}
