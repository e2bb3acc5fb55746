"""What calls say of a department, under its names of 2016 and of later."""

from __future__ import annotations

from typing import Any, cast

from ...domain.departments import DepartmentFields
from ..handling import Call
from . import sight

LISTS_2016 = {
    "deptPermits": "array of integer",
    "deptPerimits": "array of integer",
    "userPermits": "array of string",
    "userPerimits": "array of string",
    "outerPermitDepts": "array of integer",
    "outerPermitUsers": "array of string",
    "deptManagerUseridList": "array of string",
}
LISTS = {
    "dept_permits": "array of integer",
    "user_permits": "array of string",
    "outer_permit_depts": "array of integer",
    "outer_permit_users": "array of string",
    "dept_manager_userid_list": "array of string",
    "force_update_fields": "array of string",
}
# Of two spellings of one field (the documents of 2016 had both) the later row counts.
_NAMES_2016 = {
    "sourceIdentifier": "source_identifier",
    "createDeptGroup": "create_dept_group",
    "autoAddUser": "auto_add_user",
    "autoApproveApply": "auto_approve_apply",
    "deptHiding": "hide_dept",
    "deptPerimits": "dept_permits",
    "deptPermits": "dept_permits",
    "userPerimits": "user_permits",
    "userPermits": "user_permits",
    "outerDept": "outer_dept",
    "outerDeptOnlySelf": "outer_dept_only_self",
    "outerPermitDepts": "outer_permit_depts",
    "outerPermitUsers": "outer_permit_users",
    "orgDeptOwner": "org_dept_owner",
    "deptManagerUseridList": "managers",
    "groupContainSubDept": "group_contain_sub_dept",
    "groupContainOuterDept": "group_contain_outer_dept",
    "groupContainHiddenDept": "group_contain_hidden_dept",
    "ext": "extension",
}
_NAMES = {
    **{name: name for name in DepartmentFields.__annotations__ if name != "managers"},
    "dept_manager_userid_list": "managers",
}
_EMPTY: dict[str, object] = {"org_dept_owner": "", "managers": []}


async def given_2016(call: Call) -> DepartmentFields:
    """Return what a call of 2016 says; a new manager or owner must be the caller's to see."""
    return await _checked(call, _given(call.args, _NAMES_2016))


async def given(call: Call) -> DepartmentFields:
    """Return what a later call says; ``force_update_fields`` empties what it names."""
    said = _given(call.args, _NAMES)
    for name in call.args.get("force_update_fields") or ():
        field = _NAMES.get(name, "")
        if field in _EMPTY:
            cast("dict[str, Any]", said).setdefault(field, _EMPTY[field])
    return await _checked(call, said)


def _given(args: dict[str, Any], names: dict[str, str]) -> DepartmentFields:
    said = {field: args[name] for name, field in names.items() if args.get(name) is not None}
    return cast("DepartmentFields", said)


async def _checked(call: Call, said: DepartmentFields) -> DepartmentFields:
    await sight.members(call, said.get("managers", ()))
    return said
