"""Departments, as called in 2016 (``/department/*``)."""

from __future__ import annotations

from typing import Any

from ...domain import contacts
from ...domain.model import Department
from ..handling import Call, handler
from . import sight
from .department_fields import LISTS_2016, given_2016

_IDS = {"id": "integer", "parentid": "integer", "order": "integer"}
_FIELDS = {**_IDS, **LISTS_2016}


@handler("oapi_department_list_get", types=_IDS)
async def department_list(call: Call) -> dict[str, Any]:
    deep = call.args.get("fetch_child")
    dept_id = await sight.department(call, call.args.get("id"))
    found = await contacts.list_departments(
        call.core, call.identity.corp_id, dept_id, fetch_child=True if deep is None else deep
    )
    return {"department": [_brief(each) for each in found]}


@handler("oapi_department_list_ids_get", types=_IDS, optional=("id",))
async def department_list_ids(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args.get("id"))
    ids = await contacts.sub_department_ids(call.core, call.identity.corp_id, dept_id)
    return {"sub_dept_id_list": ids}


@handler("oapi_department_list_parent_depts_get")
async def department_list_parent_depts(call: Call) -> dict[str, Any]:
    member = await sight.member(call, call.need("userId"))
    return {"department": await paths(call, member.departments)}


@handler("oapi_department_list_parent_depts_by_dept_get", types=_IDS)
async def department_list_parent_depts_by_dept(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.need("id"))
    return {"parentIds": await contacts.path_to_root(call.core, call.identity.corp_id, dept_id)}


@handler("oapi_department_get_get", types=_IDS)
async def department_get(call: Call) -> dict[str, Any]:
    core, corp_id = call.core, call.identity.corp_id
    dept_id = await sight.department(call, call.args["id"])
    department = await contacts.get_department(core, corp_id, dept_id)
    return _details(department, await contacts.department_managers(core, corp_id, dept_id))


@handler("oapi_department_create_post", types=_FIELDS)
async def department_create(call: Call) -> dict[str, Any]:
    args = call.args
    parent_id = await sight.department(call, args["parentid"], 40010)
    made = await contacts.create_department(
        *(call.core, call.identity.corp_id, args["name"]),
        parent_id=parent_id,
        order=args.get("order"),
        **await given_2016(call),
    )
    return {"id": made.dept_id}


@handler("oapi_department_update_post", types=_FIELDS)
async def department_update(call: Call) -> dict[str, Any]:
    args = call.args
    parent_id = args.get("parentid")
    await sight.departments(call, [args["id"], *([] if parent_id is None else [parent_id])])
    changed = await contacts.update_department(
        *(call.core, call.identity.corp_id, args["id"]),
        name=args.get("name"),
        parent_id=parent_id,
        order=args.get("order"),
        **await given_2016(call),
    )
    return {"id": changed.dept_id}


@handler("oapi_department_delete_get", types=_IDS)
async def department_delete(call: Call) -> dict[str, Any]:
    dept_id = await sight.department(call, call.args["id"])
    await contacts.delete_department(call.core, call.identity.corp_id, dept_id)
    return {}


async def paths(call: Call, dept_ids: list[int]) -> list[list[int]]:
    """Return the path to the root for each department."""
    corp_id = call.identity.corp_id
    return [await contacts.path_to_root(call.core, corp_id, each) for each in dept_ids]


def _brief(department: Department) -> dict[str, Any]:
    profile = department.profile
    brief: dict[str, Any] = {
        "id": department.dept_id,
        "name": department.name,
        "parentid": department.parent_id,
        "createDeptGroup": profile.create_dept_group,
        "autoAddUser": profile.auto_add_user,
    }
    if profile.source_identifier:
        brief["sourceIdentifier"] = profile.source_identifier
    return brief


def _details(department: Department, managers: list[str]) -> dict[str, Any]:
    profile = department.profile
    return {
        **_brief(department),
        "order": department.order,
        "sourceIdentifier": profile.source_identifier,
        "autoApproveApply": profile.auto_approve_apply,
        "groupContainSubDept": profile.group_contain_sub_dept,
        "deptHiding": profile.hide_dept,
        "deptPermits": _joined(profile.dept_permits),
        "userPermits": _joined(profile.user_permits),
        "deptPerimits": _joined(profile.dept_permits),
        "userPerimits": _joined(profile.user_permits),
        "outerDept": profile.outer_dept,
        "outerPermitDepts": _joined(profile.outer_permit_depts),
        "outerPermitUsers": _joined(profile.outer_permit_users),
        "orgDeptOwner": profile.org_dept_owner,
        "deptManagerUseridList": _joined(managers),
    }


def _joined(values: list[int] | list[str]) -> str:
    return "|".join(map(str, values))
