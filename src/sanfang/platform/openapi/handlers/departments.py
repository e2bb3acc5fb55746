"""Departments (contacts.md of both generations)."""

from __future__ import annotations

from typing import Any

from ...domain import contacts
from ...domain.model import Department
from ..handling import Call, handler

_IDS = {"id": "integer", "parentid": "integer", "order": "integer"}


@handler("oapi_department_list_get", types=_IDS)
async def department_list(call: Call) -> dict[str, Any]:
    args = call.args
    dept_id, deep = args.get("id"), args.get("fetch_child")
    found = await contacts.list_departments(
        call.core,
        call.identity.corp_id,
        1 if dept_id is None else dept_id,
        fetch_child=True if deep is None else deep,
    )
    return {
        "department": [
            {
                "id": each.dept_id,
                "name": each.name,
                "parentid": each.parent_id,
                "createDeptGroup": False,
                "autoAddUser": False,
            }
            for each in found
        ]
    }


@handler("oapi_department_list_ids_get", types=_IDS, optional=("id",))
async def department_list_ids(call: Call) -> dict[str, Any]:
    dept_id = call.args.get("id")
    corp_id = call.identity.corp_id
    ids = await contacts.sub_department_ids(call.core, corp_id, 1 if dept_id is None else dept_id)
    return {"sub_dept_id_list": ids}


@handler("oapi_department_get_get", types=_IDS)
async def department_get(call: Call) -> dict[str, Any]:
    return _details(
        await contacts.get_department(call.core, call.identity.corp_id, call.args["id"])
    )


@handler("oapi_department_create_post", types=_IDS)
async def department_create(call: Call) -> dict[str, Any]:
    args = call.args
    made = await contacts.create_department(
        call.core,
        call.identity.corp_id,
        args["name"],
        parent_id=args["parentid"],
        order=args.get("order"),
    )
    return {"id": made.dept_id}


@handler("oapi_department_update_post", types=_IDS)
async def department_update(call: Call) -> dict[str, Any]:
    args = call.args
    changed = await contacts.update_department(
        call.core,
        call.identity.corp_id,
        args["id"],
        name=args.get("name"),
        parent_id=args.get("parentid"),
        order=args.get("order"),
    )
    return {"id": changed.dept_id}


@handler("oapi_department_delete_get", types=_IDS)
async def department_delete(call: Call) -> dict[str, Any]:
    await contacts.delete_department(call.core, call.identity.corp_id, call.args["id"])
    return {}


@handler("oapi_topapi_v2_department_listsub_post")
async def v2_department_listsub(call: Call) -> dict[str, Any]:
    dept_id = call.args.get("dept_id")
    found = await contacts.list_departments(
        call.core,
        call.identity.corp_id,
        1 if dept_id is None else dept_id,
        fetch_child=False,
    )
    return {
        "result": [
            {
                "dept_id": each.dept_id,
                "name": each.name,
                "parent_id": each.parent_id,
                "create_dept_group": False,
                "auto_add_user": False,
            }
            for each in found
        ]
    }


def _details(department: Department) -> dict[str, Any]:
    return {
        "id": department.dept_id,
        "name": department.name,
        "parentid": department.parent_id,
        "order": department.order,
        "createDeptGroup": False,
        "autoAddUser": False,
        "deptHiding": False,
        "deptPermits": "",
        "userPermits": "",
        "outerDept": False,
        "outerPermitDepts": "",
        "outerPermitUsers": "",
        "orgDeptOwner": "",
        "deptManagerUseridList": "",
    }
